package telemetry

import (
	"bytes"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
)

// asciiControls writes JSON on to w with the control and format characters
// above ASCII as \u escapes. JSON allows them bare, and slog leaves them so, but
// a terminal that shows the log obeys U+009B as it obeys ESC [. They stand only
// inside strings, so the meaning of the JSON stays the same.
type asciiControls struct{ w io.Writer }

// Write writes p, which is one whole record.
func (a asciiControls) Write(p []byte) (int, error) {
	if bytes.IndexFunc(p, obeyed) < 0 {
		return a.w.Write(p)
	}
	var out bytes.Buffer
	for _, r := range string(p) {
		if !obeyed(r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	if _, err := a.w.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

func obeyed(r rune) bool { return r > '~' && !unicode.IsPrint(r) }
