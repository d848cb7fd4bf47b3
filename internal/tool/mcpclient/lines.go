package mcpclient

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// lines reads lines of bounded length.
type lines struct {
	in *bufio.Reader
}

func newLines(r io.Reader) lines { return lines{bufio.NewReaderSize(r, 64<<10)} }

// next is the next line, without its end, when it has at most so many bytes.
// The bytes are the caller's to keep. At the end of the input, the last line may
// come together with io.EOF.
func (l lines) next(most int) (line []byte, err error) {
	for {
		part, err := l.in.ReadSlice('\n')
		if len(line)+len(part) > most+1 {
			return nil, frameFault()
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), err
		}
	}
}

// looksLikeMessage tells a frame from a banner: a message is an object, or a
// list of objects. A line such as "[INFO] started" or "{ready}" is neither.
func looksLikeMessage(line []byte) bool {
	inside, follows := byte('"'), byte('}')
	if bytes.HasPrefix(line, []byte("[")) {
		inside, follows = '{', ']'
	} else if !bytes.HasPrefix(line, []byte("{")) {
		return false
	}
	rest := bytes.TrimLeft(line[1:], " \t")
	return len(rest) > 0 && (rest[0] == inside || rest[0] == follows)
}

// frameFault is the error about a message that is larger than is read.
func frameFault() *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeToolFrame,
		Message: fmt.Sprintf("sends more than %d bytes at once", limits.ToolFrameBytes),
		Fix:     "ask the tool for less at a time",
	}
}
