package calendar

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// warnings tell what was left out or had to be guessed, in sentences.
type warnings []string

// maxWarnings is how many are told.
const maxWarnings = 100

func (w *warnings) warn(format string, args ...any) {
	if len(*w) < maxWarnings {
		*w = append(*w, fmt.Sprintf(format, args...))
	} else if len(*w) == maxWarnings {
		*w = append(*w, "there are more warnings than are told")
	}
}

// excerpt is the beginning of a text from elsewhere, fit to be shown.
func excerpt(text string) string {
	const most = 60
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text[:min(len(text), 4*most)], "\ufffd")), " ")
	if utf8.RuneCountInString(text) > most {
		return string([]rune(text)[:most]) + "…"
	}
	return text
}
