package expr

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// token is one word of an expression. Its kind is the punctuation mark itself,
// such as "[?" or "==", or one of the kinds below.
type token struct {
	kind string
	span
	value any // the text of a name or duration, the value of a literal
}

const (
	kindName     = "name"     // foo
	kindQuoted   = "quoted"   // "foo"
	kindLiteral  = "literal"  // 'text' or `json`
	kindNumber   = "number"   // 3.5
	kindDuration = "duration" // 1h30m
	kindEnd      = "end"
)

// span is a stretch of the text an expression stands in, in bytes.
type span struct{ from, to int }

func (s span) place() span { return s }

// cover widens the stretch, to take in the parentheses around it.
func (s *span) cover(wider span) { *s = wider }

// scanner cuts an expression into tokens.
type scanner struct {
	text   string
	pos    int
	tokens []token
}

// scan reads the tokens of an expression that begins at from. With inBody the
// expression is the body of a ${…} and ends before the brace that closes it,
// otherwise it ends with the text. The last token is always an end.
func scan(text string, from int, inBody bool) ([]token, error) {
	s := &scanner{text: text[:min(len(text), from+limits.ExprBytes+1)], pos: from}
	open := 0
	for s.skipSpace(); s.pos < len(s.text); s.skipSpace() {
		t, err := s.next()
		if err != nil {
			if s.pos == len(s.text) && len(s.text) < len(text) {
				return nil, tooLong(text, from) // the token is broken only because the text was cut
			}
			return nil, err
		}
		switch t.kind {
		case "{":
			open++
		case "}":
			open--
		}
		if inBody && open < 0 {
			return append(s.tokens, token{kind: kindEnd, span: span{t.from, t.from}}), nil
		}
		s.tokens = append(s.tokens, t)
	}
	switch {
	case s.pos-from > limits.ExprBytes:
		return nil, tooLong(text, from)
	case inBody:
		return nil, syntax(text, span{from - 2, len(text)}, "the ${ is never closed",
			"close it with }, or write $${ for a literal ${")
	}
	return append(s.tokens, token{kind: kindEnd, span: span{s.pos, s.pos}}), nil
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.pos]) >= 0 {
		s.pos++
	}
}

// next reads the token that begins at pos.
func (s *scanner) next() (token, error) {
	switch c := s.text[s.pos]; {
	case isNameStart(c):
		return s.name(), nil
	case isDigit(c):
		return s.number()
	case c == '\'':
		return s.quotedBy('\'', rawString)
	case c == '`':
		return s.quotedBy('`', jsonLiteral)
	case c == '"':
		t, err := s.quotedBy('"', jsonString)
		t.kind = kindQuoted
		return t, err
	}
	return s.mark()
}

// mark reads a punctuation mark, the longest that fits.
func (s *scanner) mark() (token, error) {
	from := s.pos
	for _, mark := range []string{"===", "[]", "[?", "&&", "||", "==", "!=", "<=", ">="} {
		if strings.HasPrefix(s.text[from:], mark) {
			s.pos += len(mark)
			return token{kind: strings.Replace(mark, "===", "==", 1), span: span{from, s.pos}}, nil
		}
	}
	if strings.IndexByte(".*[](){},:?@$&|!<>+-/%", s.text[from]) < 0 {
		return token{}, s.strange(from)
	}
	s.pos++
	return token{kind: s.text[from:s.pos], span: span{from, s.pos}}, nil
}

// strange reports a character that begins no token.
func (s *scanner) strange(from int) error {
	_, size := utf8.DecodeRuneInString(s.text[from:])
	at := span{from, from + size}
	if s.text[from] == '=' {
		return syntax(s.text, at, "a single = means nothing here", "compare with ==")
	}
	return syntax(s.text, at, "this character means nothing in an expression",
		`write text inside 'single quotes', a name with such characters inside "double quotes"`)
}

// name reads a name. A hyphen between two name characters belongs to it, as in
// steps.send-mail, unless what follows is a duration, as in now-24h.
func (s *scanner) name() token {
	from := s.pos
	for s.pos < len(s.text) && (isNameChar(s.text[s.pos]) || s.hyphenInName()) {
		s.pos++
	}
	return token{kind: kindName, span: span{from, s.pos}, value: s.text[from:s.pos]}
}

func (s *scanner) hyphenInName() bool {
	rest := s.text[s.pos:]
	return continuesName(rest) && !beginsDurations(rest[1:])
}

func continuesName(s string) bool {
	return len(s) > 1 && s[0] == '-' && isNameChar(s[1])
}

// beginsDurations says whether s begins with one or more durations joined by
// hyphens after which no name goes on: 24h, 1d-30m, but not 24h-report.
func beginsDurations(s string) bool {
	for {
		n := durationLength(s)
		if n == 0 {
			return false
		}
		s = s[n:]
		if !continuesName(s) {
			return true
		}
		s = s[1:]
	}
}

// number reads 3, 3.5, 1e3, or a duration such as 1h30m.
func (s *scanner) number() (token, error) {
	from := s.pos
	if n := durationLength(s.text[from:]); n > 0 {
		s.pos += n
		return token{kind: kindDuration, span: span{from, s.pos}, value: s.text[from:s.pos]}, nil
	}
	s.pos += numberLength(s.text[from:])
	end := s.pos
	for end < len(s.text) && isNameChar(s.text[end]) {
		end++
	}
	n, _ := toNumber(json.Number(s.text[from:s.pos]))
	value, err := n.result()
	if err != nil || end > s.pos {
		return token{}, syntax(s.text, span{from, end}, "this is neither a number nor a duration",
			"write numbers as 3 or 3.5, durations as 90s, 24h, 7d or 1h30m, and names that begin with a digit inside double quotes")
	}
	return token{kind: kindNumber, span: span{from, s.pos}, value: value}, nil
}

// numberLength is the length of the JSON number, without a sign, that s begins with.
func numberLength(s string) int {
	n := digits(s)
	if n < len(s) && s[n] == '.' && digits(s[n+1:]) > 0 {
		n += 1 + digits(s[n+1:])
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		exponent := strings.TrimLeft(s[n+1:], "+-")
		if sign := len(s) - n - 1 - len(exponent); sign <= 1 && digits(exponent) > 0 {
			n += 1 + sign + digits(exponent)
		}
	}
	return n
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool     { return '0' <= c && c <= '9' }
func isNameStart(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isNameChar(c byte) bool  { return isNameStart(c) || isDigit(c) }
