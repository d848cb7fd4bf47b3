package expr

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// fault is an error about the part of text that lies in at. What was sent is
// added where the whole of it is known.
func fault(code ordinaut.Code, text string, at span, message, fix string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    code,
		Message: fmt.Sprintf("column %d, %s: %s", column(text, at.from), quote(text, at), message),
		Fix:     fix,
	}
}

func syntax(text string, at span, message, fix string) *ordinaut.Error {
	return fault(ordinaut.CodeExprSyntax, text, at, message, fix)
}

func tooLong(text string, from int) *ordinaut.Error {
	return fault(ordinaut.CodeExprTooLong, text, span{from, len(text)},
		fmt.Sprintf("an expression has at most %d bytes", limits.ExprBytes),
		"split it over several steps, or keep long texts outside ${…}")
}

// column is the place of a byte offset as people count: in characters, from 1.
func column(text string, offset int) int { return utf8.RuneCountInString(text[:offset]) + 1 }

// quote shows the part of text that lies in at, cut to a readable length.
func quote(text string, at span) string {
	if at.from == at.to {
		return "at the end"
	}
	return "“" + cut(text[at.from:at.to], longestName) + "”"
}

// longestName is how much of a name is shown, in characters.
const longestName = 60

// listed names the things that are there, as much as a sentence can bear.
func listed(names []string) string {
	const most = 12
	if len(names) == 0 {
		return "nothing"
	}
	var shown []string
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, cut(name, longestName))
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// cut shortens a text to so many characters, for showing it.
func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) > most {
		return string([]rune(text)[:most-1]) + "…"
	}
	return text
}
