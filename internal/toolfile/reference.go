package toolfile

import (
	"regexp"
	"strings"
)

// reference is one ${…} in a text, which stands for something outside the file.
type reference struct {
	kind     string // env, input, file, and the bare names of clients
	name     string // of a variable or an input; the path of a file
	fallback string // what stands behind :-
	given    bool   // whether there is one
	bare     bool   // written without braces
	text     string // as it is written
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	gemini       = regexp.MustCompile(`^((?:(?i:bearer|basic|token) )?)\$([A-Za-z_][A-Za-z0-9_]*)$`)
)

// Where a reference is read from.
const (
	fromEnv   = "env"
	fromInput = "input"
	fromFile  = "file"
	fromDir   = "workspaceFolder"
	fromHome  = "userHome"
)

// parseReference reads what stands between the braces. Other forms of ${…} are
// none: a shell or another client may know them, and they are kept as they are
// only where they are escaped.
func parseReference(body string) (reference, bool) {
	r := reference{kind: fromEnv, name: body, text: "${" + body + "}"}
	if kind, rest, found := strings.Cut(body, ":"); found {
		switch {
		case kind == fromInput || kind == fromFile:
			r.kind, r.name = kind, rest
			return r, rest != ""
		case kind == fromEnv:
			r.name = rest
		}
	}
	r.name, r.fallback, r.given = strings.Cut(r.name, ":-")
	if !r.given && (r.name == fromDir || r.name == fromHome) {
		r.kind = r.name
	}
	return r, variableName.MatchString(r.name)
}

// expand replaces the references of a text. $${ writes a literal ${, and a $
// without a brace is itself, but for a whole value $VAR, or a word before it as
// in "Bearer $VAR", which is how Gemini writes a reference. unknown is asked
// about a ${…} that is no reference, and escaped is written for $${.
func expand(text, escaped string, known func(reference) string, unknown func(body string) string) string {
	if m := gemini.FindStringSubmatch(text); m != nil {
		return m[1] + known(reference{kind: fromEnv, name: m[2], bare: true, text: "$" + m[2]})
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		if found && strings.HasSuffix(before, "$") { // $${
			b.WriteString(before[:len(before)-1] + escaped)
			text = rest
			continue
		}
		body, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		if r, ok := parseReference(body); ok {
			b.WriteString(known(r))
		} else {
			b.WriteString(unknown(body))
		}
		text = after
	}
}

// expandTemplate replaces the references of a text that is a template of an HTTP
// tool. There ${x} is an argument, so a reference is spelt with its kind:
// ${env:VAR}, ${input:id}, ${file:/path}. What it stands for is escaped, so that
// it is not read as a template again.
func expandTemplate(text string, known func(reference) string) string {
	return spelt.ReplaceAllStringFunc(text, func(found string) string {
		if found == "$$" {
			return found
		}
		r, ok := parseReference(found[2 : len(found)-1])
		if !ok {
			return found
		}
		return strings.ReplaceAll(known(r), "${", "$${")
	})
}

// spelt finds references with their kind. That of $$ comes first, so that one
// which is escaped is passed over.
var spelt = regexp.MustCompile(`\$\$|\$\{(?:env|input|file):[^}]*\}`)

// eachText is a decoded JSON value with all its texts replaced.
func eachText(value any, replace func(string) string) any {
	switch v := value.(type) {
	case string:
		return replace(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = eachText(item, replace)
		}
		return items
	case map[string]any:
		fields := make(map[string]any, len(v))
		for name, inner := range v {
			fields[name] = eachText(inner, replace)
		}
		return fields
	}
	return value
}
