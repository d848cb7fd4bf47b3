package expr

import (
	"encoding/json"
	"strconv"
)

// path reads the part of a path that begins with t and stands after left.
func (p *parser) path(left node, t token) (node, error) {
	switch t.kind {
	case ".":
		return p.dot(left)
	case "*":
		return p.projection(&fields{p.reading(left)}, bindStar)
	case "[]":
		return p.projection(&flatten{p.reading(left)}, bindFlatten)
	case "[?":
		condition, err := p.nested(0)
		if err != nil {
			return nil, err
		}
		if _, err := p.expect("]"); err != nil {
			return nil, err
		}
		return p.projection(&filter{p.reading(left), condition}, bindFilter)
	}
	return p.bracket(left)
}

// reading is the stretch from left to the last token taken.
func (p *parser) reading(left node) reads { return reads{p.since(left.place().from), left} }

func (p *parser) dot(left node) (node, error) {
	if p.peek().kind == "*" {
		p.take()
		return p.projection(&fields{p.reading(left)}, bindStar)
	}
	right, err := p.member()
	if err != nil {
		return nil, err
	}
	return &then{p.since(left.place().from), left, right}, nil
}

// member reads what may follow a dot: a name, a call, or a multiselect.
func (p *parser) member() (node, error) {
	switch t := p.peek(); t.kind {
	case kindName:
		p.take()
		if p.peek().kind == "(" {
			return p.call(t)
		}
		return &name{span: t.span, text: t.value.(string)}, nil
	case kindQuoted:
		return p.quotedName()
	case "[":
		return p.multiList()
	case "{":
		return p.multiHash()
	default:
		return nil, p.unexpected(t)
	}
}

// projection reads what is done to each element of source.
func (p *parser) projection(source source, bound int) (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	each, err := p.each(bound)
	if err != nil {
		return nil, err
	}
	return &project{p.since(source.place().from), source, each}, nil
}

func (p *parser) each(bound int) (node, error) {
	switch p.peek().kind {
	case ".":
		p.take()
		if p.peek().kind == "*" {
			return p.expression(bound)
		}
		n, err := p.member()
		if err != nil {
			return nil, err
		}
		return p.operators(n, bound)
	case "[?":
		return p.expression(bound)
	case "[":
		if p.selects(p.at + 1) {
			return p.expression(bound)
		}
	}
	return nil, nil
}

// selects says whether a bracket, after which the i-th token stands, picks
// elements ([0], [1:2], [*]), and does not make a list.
func (p *parser) selects(i int) bool {
	switch p.kindAt(i) {
	case kindNumber, ":":
		return true
	case "-":
		return p.kindAt(i+1) == kindNumber
	case "*":
		return p.kindAt(i+1) == "]"
	}
	return false
}

// bracket reads what follows "[" after left.
func (p *parser) bracket(left node) (node, error) {
	t := p.peek()
	if !p.selects(p.at) {
		return nil, syntax(p.text, t.span, "brackets after a value take a number, a slice, * or ?",
			`write list[0], list[1:3], list[*] or list[?price > 3]; a field is written object.name or object."any name"`)
	}
	if t.kind == "*" {
		p.take()
		p.take()
		return p.projection(&elements{p.reading(left)}, bindStar)
	}
	var parts [3]*int
	colons := 0
	for p.peek().kind != "]" {
		switch {
		case p.peek().kind == ":" && colons < 2:
			p.take()
			colons++
		case parts[colons] == nil:
			n, err := p.integer()
			if err != nil {
				return nil, err
			}
			parts[colons] = &n
		default:
			_, err := p.expect("]")
			return nil, err
		}
	}
	p.take()
	if colons == 0 {
		return &index{p.since(left.place().from), left, *parts[0]}, nil
	}
	return p.slice(left, parts)
}

// integer reads a whole number, with its sign.
func (p *parser) integer() (int, error) {
	t := p.take()
	sign := ""
	if t.kind == "-" {
		sign, t = "-", p.take()
	}
	if t.kind == kindNumber {
		if n, err := strconv.Atoi(sign + string(t.value.(json.Number))); err == nil {
			return n, nil
		}
	}
	return 0, syntax(p.text, t.span, "a whole number is expected here", "write list[0] or list[1:3]")
}

func (p *parser) slice(left node, parts [3]*int) (node, error) {
	s := &slice{reads: p.reading(left), start: parts[0], stop: parts[1], step: 1}
	if parts[2] != nil {
		s.step = *parts[2]
	}
	if s.step == 0 {
		return nil, syntax(p.text, s.span, "the step of a slice cannot be 0", "leave it out, or write 1 or -1")
	}
	return p.projection(s, bindStar)
}
