package httpcall

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// address is the template of a URL: literal text with a place between each two
// pieces.
type address struct {
	literals []string
	places   []string       // the source of each ${…}
	values   *expr.Template // a list of the places
	inPath   int            // how many of them stand in the path; the others in the query
}

// address reads a URL. No argument may decide where the request goes, and none
// may stand where it is never sent.
func (c *compiler) address(at, text string, roots []string) address {
	if _, err := expr.ParseTemplate(text); err != nil {
		c.note(at, err)
		return address{}
	}
	a := newAddress(text)
	for _, ref := range a.values.Refs() {
		ref.At = "" // the list of the places is ours
		c.known(at, []expr.Ref{ref}, roots)
	}
	_, rest, _ := strings.Cut(a.literals[0], "://")
	switch fixed := strings.ContainsAny(rest, "/?#"); {
	case len(a.places) > 0 && !fixed:
		c.note(at, &ordinaut.Error{
			Code:     ordinaut.CodeFieldValue,
			Message:  "the scheme and the host of a URL cannot come from an argument",
			Fix:      "write them out, up to the / that begins the path, and make a tool for each host",
			Examples: []string{"https://api.example.com/items/${id}"},
		})
	case strings.Contains(strings.Join(a.literals, ""), "#"):
		c.note(at, &ordinaut.Error{
			Code:    ordinaut.CodeFieldValue,
			Message: "what stands after a # is never sent",
			Fix:     "leave it out, or write the # as %23",
		})
	default:
		_, err := egress.ParseURL(strings.Join(a.literals, "x"))
		c.note(at, err)
	}
	return a
}

func newAddress(text string) address {
	a := address{}
	a.literals, a.places = split(text)
	sources := make([]any, len(a.places))
	for i, place := range a.places {
		sources[i] = place
	}
	a.values, _ = expr.ParseTemplate(sources) // each was parsed as a part of the text
	a.inPath = slices.IndexFunc(a.literals, func(l string) bool { return strings.Contains(l, "?") })
	if a.inPath < 0 {
		a.inPath = len(a.places)
	}
	return a
}

// render fills in the places, each escaped for where it stands.
func (a address) render(env *expr.Env) (string, error) {
	rendered, err := a.values.Render(env)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for i, v := range rendered.([]any) {
		escape := url.QueryEscape
		if i < a.inPath {
			escape = url.PathEscape
		}
		out.WriteString(a.literals[i])
		if v == nil || v == "" {
			return "", refuse(a.places[i], "is empty, which would make another URL of it")
		}
		out.WriteString(escape(egress.Text(v)))
	}
	out.WriteString(a.literals[len(a.places)])
	return out.String(), a.stays(out.String())
}

// stays makes sure that no argument has made a dot segment, which servers take
// for a step to another path, some of them also when its slash is encoded.
func (a address) stays(rendered string) error {
	path, _, _ := strings.Cut(rendered, "?")
	plain, err := url.PathUnescape(path)
	if err != nil {
		return fmt.Errorf("read the rendered URL: %w", err)
	}
	segments := strings.FieldsFunc(plain, func(r rune) bool { return r == '/' || r == '\\' })
	if a.inPath > 0 && (slices.Contains(segments, ".") || slices.Contains(segments, "..")) {
		return refuse(strings.Join(a.places[:a.inPath], " and "), "would lead to another path")
	}
	return nil
}

func refuse(place, why string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeExprValue,
		At:      "/url",
		Message: place + " " + why,
		Fix:     "send another value",
	}
}

// split cuts a sound template into literal text and places.
func split(text string) (literals, places []string) {
	literal := ""
	for {
		i := strings.Index(text, "${")
		switch {
		case i < 0:
			return append(literals, literal+text), places
		case i > 0 && text[i-1] == '$': // $${ is a literal ${
			literal += text[:i] + "{"
			text = text[i+len("${"):]
		default:
			end := i + length(text[i:])
			literals, places = append(literals, literal+text[:i]), append(places, text[i:end])
			literal, text = "", text[end:]
		}
	}
}

// length is that of the ${…} with which a text begins. It ends at the first }
// that makes an expression of it: one inside of braces or quotes leaves them
// open.
func length(text string) int {
	for i := range len(text) {
		if text[i] != '}' {
			continue
		}
		if _, err := expr.Parse(text[:i+1]); err == nil {
			return i + 1
		}
	}
	return len(text)
}
