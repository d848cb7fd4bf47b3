package jsonguard

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/ordinaut/ordinaut"
)

// fault is what is wrong, and the byte at which it is. Its place is written
// while the reader returns through the containers, so that a good document does
// not pay for it.
type fault struct {
	at      int
	place   string // JSON Pointer
	code    ordinaut.Code
	message string
	fix     string
	key     string // the key that is there twice
}

func malformed(at int, message, fix string) *fault {
	return &fault{at: at, code: ordinaut.CodeRequestMalformed, message: message, fix: fix}
}

func excessive(at int, format string, limit int, fix string) *fault {
	return &fault{at: at, code: ordinaut.CodeRequestTooDeep, message: fmt.Sprintf(format, limit), fix: fix}
}

func duplicate(at int, key string) *fault {
	f := &fault{
		at:      at,
		code:    ordinaut.CodeRequestDuplicate,
		message: fmt.Sprintf("the key %q stands twice in one object", key),
		fix:     "keep one of the two",
		key:     key,
	}
	return f.inside(key)
}

// unexpected tells what was to come, and what stands there instead.
func (g *guard) unexpected(want string) *fault {
	if g.at >= len(g.data) {
		return malformed(g.at, "the JSON ends where "+want+" is expected", "send the whole document")
	}
	r, _ := utf8.DecodeRune(g.data[g.at:])
	return malformed(g.at, fmt.Sprintf("%s is expected, not %q", want, r), "send valid JSON (RFC 8259)")
}

// inside moves the place below a key.
func (f *fault) inside(key string) *fault {
	f.place = "/" + ordinaut.PointerToken(key) + f.place
	return f
}

// insideIndex moves the place below an item of an array.
func (f *fault) insideIndex(i int) *fault {
	f.place = "/" + strconv.Itoa(i) + f.place
	return f
}

// err is the fault for whoever sent the document.
func (f *fault) err(data []byte) *ordinaut.Error {
	before := data[:f.at]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	e := &ordinaut.Error{
		Code:    f.code,
		At:      f.place,
		Message: fmt.Sprintf("%s (line %d, column %d)", f.message, line, column),
		Fix:     f.fix,
	}
	if f.key != "" {
		e.Sent = f.key
	}
	return e
}
