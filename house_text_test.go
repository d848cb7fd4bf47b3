package ordinaut_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"

	"github.com/ordinaut/ordinaut"
)

func textRules() []rule {
	return []rule{
		{"SQLite is told the time", "bind the time as a parameter: SQL date functions do not know virtual time", sqlClocks},
		{"every error code is registered once", "give each Code constant one row in Codes()", codesOutsideRegistry},
		{"nothing is left for later", "do it, or write it into an issue", unfinished},
		{"nothing names one machine", "use a path inside the repository, a flag or a temporary folder", machinePaths},
	}
}

func sqlClocks(h *house) []string {
	clock := regexp.MustCompile(`(?i)\b(datetime|date|time|strftime|julianday|unixepoch|timediff)\s*\(|\bcurrent_(timestamp|date|time)\b|'now'`)
	comment := regexp.MustCompile(`--.*`)
	return h.grep(clock, func(name, line string) (string, bool) {
		sqlite := strings.HasPrefix(name, "internal/store/sqlite/") && path.Ext(name) == ".sql"
		return comment.ReplaceAllString(line, ""), sqlite
	})
}

func unfinished(h *house) []string {
	return h.grep(regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`), everyLine)
}

func machinePaths(h *house) []string {
	return h.grep(regexp.MustCompile(`(^|[^A-Za-z0-9_.])/(home|Users|root)/[A-Za-z]|[A-Z]:\\Users\\`), everyLine)
}

// everyLine is every line of every text, but for the sums of modules and the
// rules themselves.
func everyLine(name, line string) (string, bool) {
	return line, path.Ext(name) != ".sum" && !strings.HasPrefix(name, "house_")
}

// grep lists the lines in which pattern is found. choose says which lines are
// looked at, and what of them.
func (h *house) grep(pattern *regexp.Regexp, choose func(name, line string) (string, bool)) (offences []string) {
	for _, name := range sortedKeys(h.texts) {
		number := 0
		for line := range strings.Lines(h.texts[name]) {
			number++
			if looked, ok := choose(name, line); ok && pattern.MatchString(looked) {
				offences = append(offences, fmt.Sprintf("%s:%d: %s", name, number, strings.TrimSpace(line)))
			}
		}
	}
	return offences
}

// codesOutsideRegistry compares the Code constants of codes.go with the rows of
// the registry.
func codesOutsideRegistry(h *house) (offences []string) {
	rows := make(map[string]int)
	for _, info := range ordinaut.Codes() {
		rows[string(info.Code)]++
	}
	for name, value := range codeConstants(h) {
		if n := rows[value]; n != 1 {
			offences = append(offences, fmt.Sprintf("codes.go: %s (%q) has %d rows in Codes()", name, value, n))
		}
	}
	return offences
}

// codeConstants maps the name of each Code constant to its text.
func codeConstants(h *house) map[string]string {
	codes := make(map[string]string)
	for _, f := range h.sources {
		if f.path != "codes.go" {
			continue
		}
		each(f, func(v *ast.ValueSpec) {
			if t, ok := v.Type.(*ast.Ident); !ok || t.Name != "Code" || len(v.Values) != 1 {
				return
			}
			if text, ok := v.Values[0].(*ast.BasicLit); ok && text.Kind == token.STRING {
				codes[v.Names[0].Name] = strings.Trim(text.Value, `"`)
			}
		})
	}
	return codes
}
