package expr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Template is a parsed template: a JSON value whose strings may hold
// expressions inside ${…}. It never changes, and many goroutines may render it
// at once.
type Template struct {
	root     part
	refs     []Ref
	constant bool
}

// part is one piece of a template.
type part interface {
	render(r *rendering, depth int) (any, error)
}

type (
	constantPart struct{ value any }
	listPart     []part
	objectPart   []fieldPart // in order of name
	fieldPart    struct {
		name  string
		value part
	}
	// textPart is a string that holds expressions. One that is nothing but a single
	// ${…} keeps the type of what it gives.
	textPart struct {
		at       string // JSON Pointer
		whole    string
		segments []segment
	}
	// segment is literal text, followed by an expression when there is one.
	segment struct {
		literal string
		expr    *Expr
	}
)

// ParseTemplate reads the expressions in value, and reports every fault with
// the JSON Pointer of the string it is in. The keys of objects are not rendered.
func ParseTemplate(value any) (*Template, error) {
	p := &templateParser{}
	t := &Template{root: p.part(value, "", 1)}
	_, t.constant = t.root.(constantPart)
	if err := p.faults.Err(); err != nil {
		return nil, err
	}
	t.refs = p.refs
	return t, nil
}

// Refs lists what the template reads from the roots.
func (t *Template) Refs() []Ref { return t.refs }

// Constant says whether the template holds no ${…}, so that it always renders to
// the same value.
func (t *Template) Constant() bool { return t.constant }

// templateParser gathers what is found in a template.
type templateParser struct {
	refs   []Ref
	faults ordinaut.Errors
}

// note adds a fault, up to as many as anyone can use at once.
func note(faults ordinaut.Errors, fault *ordinaut.Error) ordinaut.Errors {
	const most = 100
	return append(faults, fault)[:min(len(faults)+1, most)]
}

// part reads the value at a place. A value without expressions is one constant.
func (p *templateParser) part(value any, at string, depth int) part {
	if depth > limits.JSONDepth {
		p.faults = note(p.faults, tooDeepValue().Under(at))
		return constantPart{value}
	}
	switch v := value.(type) {
	case string:
		return p.text(v, at)
	case []any:
		return p.list(v, at, depth)
	case map[string]any:
		return p.object(v, at, depth)
	}
	return constantPart{value}
}

func (p *templateParser) list(items []any, at string, depth int) part {
	parts, values, fixed := make(listPart, len(items)), make([]any, len(items)), true
	for i, item := range items {
		parts[i] = p.part(item, at+"/"+strconv.Itoa(i), depth+1)
		c, ok := parts[i].(constantPart)
		values[i], fixed = c.value, fixed && ok
	}
	if fixed {
		return constantPart{values}
	}
	return parts
}

func (p *templateParser) object(fields map[string]any, at string, depth int) part {
	parts, values, fixed := make(objectPart, 0, len(fields)), make(map[string]any, len(fields)), true
	for _, name := range sortedKeys(fields) {
		value := p.part(fields[name], at+"/"+ordinaut.PointerToken(name), depth+1)
		parts = append(parts, fieldPart{name, value})
		c, ok := value.(constantPart)
		values[name], fixed = c.value, fixed && ok
	}
	if fixed {
		return constantPart{values}
	}
	return parts
}

// text reads a string. After a fault the rest of it is not looked at.
func (p *templateParser) text(s, at string) part {
	t := textPart{at: at, whole: s}
	for from := 0; ; {
		literal, body := beforeBody(s, from)
		if body < 0 {
			t.segments = append(t.segments, segment{literal: literal})
			break
		}
		e, err := parseAt(s, body, true)
		if err != nil {
			p.faults = note(p.faults, sent(err, s).Under(at))
			return constantPart{s}
		}
		for _, ref := range e.refs {
			ref.At = at
			p.refs = append(p.refs, ref)
		}
		t.segments = append(t.segments, segment{literal, e})
		from = e.end + len("}")
	}
	if len(t.segments) == 1 {
		return constantPart{t.segments[0].literal}
	}
	return t
}

// beforeBody gives the literal text from a place up to the next ${, and where
// the body begins after it; -1 is no body. It turns $${ into a literal ${.
func beforeBody(s string, from int) (string, int) {
	var out strings.Builder
	for {
		i := strings.Index(s[from:], "${")
		switch {
		case i < 0:
			out.WriteString(s[from:])
			return out.String(), -1
		case i > 0 && s[from+i-1] == '$':
			out.WriteString(s[from:from+i] + "{")
			from += i + len("${")
		default:
			out.WriteString(s[from : from+i])
			return out.String(), from + i + len("${")
		}
	}
}

// sole is the only expression of the string, when it is nothing else.
func (t textPart) sole() (*Expr, bool) {
	if len(t.segments) != 2 || slices.ContainsFunc(t.segments, func(s segment) bool { return s.literal != "" }) {
		return nil, false
	}
	return t.segments[0].expr, true
}
