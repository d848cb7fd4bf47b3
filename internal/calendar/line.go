package calendar

import "strings"

// A line is one content line: NAME;PARAMETER=value:value (RFC 5545, 3.1).
type line struct {
	name   string // in capitals
	params string // as they are written, without the first semicolon
	value  string
}

// unfold joins the lines that were folded, wherever they were cut: one that
// begins with a blank continues the one before, even inside a character. Line
// ends become \n, and a byte order mark goes.
func unfold(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\r' && i+1 < len(text) && text[i+1] == '\n':
		case c == '\n' && i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t'):
			i++
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// parseLine splits a content line. A semicolon, a colon and a comma inside
// quotes belong to the value of a parameter.
func parseLine(text string) (line, bool) {
	end := strings.IndexAny(text, ";:")
	if end <= 0 {
		return line{}, false
	}
	l := line{name: strings.ToUpper(strings.TrimSpace(text[:end]))}
	colon := indexUnquoted(text[end:], ':')
	if colon < 0 {
		return line{}, false
	}
	l.value = text[end+colon+1:]
	if colon > 0 {
		l.params = text[end+1 : end+colon]
	}
	return l, true
}

// indexUnquoted is where a character stands for the first time outside quotes.
func indexUnquoted(text string, c byte) int {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == c && !quoted:
			return i
		}
	}
	return -1
}

// param is the value of a parameter, or "". Of several values it is the whole
// list. What RFC 6868 escapes with a caret is as it was meant.
func (l line) param(name string) string {
	for rest := l.params; rest != ""; {
		part := rest
		if end := indexUnquoted(rest, ';'); end >= 0 {
			part, rest = rest[:end], rest[end+1:]
		} else {
			rest = ""
		}
		key, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			value = strings.Trim(strings.TrimSpace(value), `"`)
			if !strings.Contains(value, "^") {
				return value
			}
			return strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^").Replace(value)
		}
	}
	return ""
}

// text is a value of type TEXT with its escapes undone.
func (l line) text() string { return unescape(l.value) }

// texts yields the TEXT values of a list: a comma divides them unless it is
// escaped.
func (l line) texts(yield func(string) bool) {
	start := 0
	for i := 0; i < len(l.value); i++ {
		switch l.value[i] {
		case '\\':
			i++
		case ',':
			if !yield(unescape(l.value[start:i])) {
				return
			}
			start = i + 1
		}
	}
	yield(unescape(l.value[start:]))
}

// unescape undoes the escapes of TEXT (RFC 5545, 3.3.11). Bytes that are no
// UTF-8 become U+FFFD, because nothing says what they were.
func unescape(text string) string {
	if strings.Contains(text, `\`) {
		text = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\;`, ";", `\,`, ",", `\:`, ":", `\"`, `"`).Replace(text)
	}
	return strings.TrimSpace(strings.ToValidUTF8(text, "\ufffd"))
}
