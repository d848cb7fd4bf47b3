package toolfile

import (
	"bytes"
	"errors"

	"github.com/tailscale/hujson"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

// parseJSON reads JSON in which comments and trailing commas are allowed.
// Nothing at all is an empty object.
func parseJSON(name string, data []byte) (hujson.Value, error) {
	plain := standard(data)
	if len(bytes.TrimSpace(plain)) == 0 { // only comments, which stay
		data, plain = append(bytes.Clone(bytes.TrimSpace(data)), "\n{}"...), []byte("{}")
		data = bytes.TrimLeft(data, "\n")
	}
	// The reader of a file bounds its size, and so what is in it. Settings of
	// other clients may hold much more than servers.
	roomy := jsonguard.Limits{Nodes: len(plain), StringBytes: len(plain)}
	if err := jsonguard.Check(plain, roomy); err != nil {
		return hujson.Value{}, unreadable(name, err)
	}
	v, err := hujson.Parse(data)
	if err != nil {
		return v, unreadable(name, err)
	}
	if _, ok := v.Value.(*hujson.Object); !ok {
		return v, unreadable(name, errors.New("the file is not a JSON object"))
	}
	return v, nil
}

// unreadable is the fault of a file that is no JSON or TOML.
func unreadable(name string, err error) *ordinaut.Error {
	e := &ordinaut.Error{
		Code:    ordinaut.CodeToolsFile,
		Message: err.Error(),
		Fix:     "mend the text of the file; comments and trailing commas are allowed in JSON",
	}
	if fault, ok := errors.AsType[*ordinaut.Error](err); ok {
		e.At, e.Sent, e.Message, e.Fix = fault.At, fault.Sent, fault.Message, fault.Fix
	}
	e.Message = name + ": " + e.Message
	return e
}

// standard blanks what JSON with comments has beyond JSON, so that every byte
// that is left stays in its place, and the guard can read it.
func standard(data []byte) []byte {
	out := bytes.Clone(data)
	comma := -1       // of one behind a value, after which nothing but space has come
	last := byte('{') // the last byte that is no space
	for i := 0; i < len(out); i++ {
		c := out[i]
		if c == '/' {
			i = blank(out, i, endOfComment(out, i)) - 1
			continue
		}
		if c <= ' ' {
			continue
		}
		if (c == '}' || c == ']') && comma >= 0 {
			out[comma] = ' '
		}
		comma = -1
		switch {
		case c == '"':
			i = endOfString(out, i)
		case c == ',' && !bytes.ContainsRune([]byte("{[,:"), rune(last)):
			comma = i
		}
		last = c
	}
	return out
}

// endOfString is the closing quote of the string that opens at i, or the last
// byte.
func endOfString(text []byte, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return min(i, len(text)-1)
}

// endOfComment is the byte behind a comment that begins at i. What looks like
// one and is none ends one byte on, and what is not closed, too, so that the
// guard finds it.
func endOfComment(text []byte, i int) int {
	rest := text[i:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			return i + n
		}
		return len(text)
	case bytes.HasPrefix(rest, []byte("/*")):
		if n := bytes.Index(rest[2:], []byte("*/")); n >= 0 {
			return i + n + 4
		}
	}
	return i
}

// blank writes spaces over a part, but keeps its lines, and gives the place
// behind it; at least one byte on.
func blank(text []byte, from, to int) int {
	for i := from; i < to; i++ {
		if text[i] != '\n' {
			text[i] = ' '
		}
	}
	return max(to, from+1)
}
