package expr

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// quotedBy reads a token between two quotes; a backslash keeps the character
// after it from ending the token.
func (s *scanner) quotedBy(quote byte, decode func(string) (any, error)) (token, error) {
	from := s.pos
	end := from + 1
	for end < len(s.text) && s.text[end] != quote {
		if s.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s.text) {
		s.pos = len(s.text)
		return token{}, syntax(s.text, span{from, s.pos},
			"the quote "+string(quote)+" is never closed", "close it with another "+string(quote))
	}
	s.pos = end + 1
	at := span{from, s.pos}
	value, err := decode(s.text[from+1 : end])
	if err != nil {
		return token{}, syntax(s.text, at, "the text between the quotes is not valid JSON",
			"write text inside 'single quotes' and JSON inside `backticks`")
	}
	return token{kind: kindLiteral, span: at, value: value}, nil
}

func rawString(s string) (any, error) { return strings.ReplaceAll(s, `\'`, `'`), nil }

func jsonLiteral(s string) (any, error) { return decodeJSON(strings.ReplaceAll(s, "\\`", "`")) }

func jsonString(s string) (any, error) { return decodeJSON(`"` + s + `"`) }

// decodeJSON reads one JSON value, keeping its numbers as they are written.
func decodeJSON(s string) (any, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}
