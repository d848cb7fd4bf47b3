package expr

import (
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// How tightly operators bind, loosest first.
const (
	bindPipe = iota + 1
	bindChoice
	bindOr
	bindAnd
	bindNotWord
	bindCompare
	bindAdd
	bindMultiply
	bindPrefix
	bindFlatten
	bindStar
	bindFilter
	bindDot
	bindBracket
)

// parser turns tokens into nodes, by the binding strength of operators.
type parser struct {
	text    string
	tokens  []token
	at      int  // the next token
	depth   int  // brackets, prefixes and projections around it
	pipedAt int  // the token that follows a pipe directly
	meant   bool // the whole ended with "?"
}

// parse reads the expression made of tokens, which end with an end token.
func parse(text string, tokens []token) (node, bool, error) {
	p := &parser{text: text, tokens: tokens, pipedAt: -1}
	n, err := p.expression(0)
	if err != nil {
		return nil, false, err
	}
	if t := p.peek(); t.kind != kindEnd {
		return nil, false, p.unexpected(t)
	}
	return n, p.meant, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

// kindAt is the kind of the i-th token.
func (p *parser) kindAt(i int) string { return p.tokens[min(i, len(p.tokens)-1)].kind }

// take hands out the next token; the end stays.
func (p *parser) take() token {
	t := p.tokens[p.at]
	p.at = min(p.at+1, len(p.tokens)-1)
	return t
}

func (p *parser) expect(kind string) (token, error) {
	t := p.take()
	if t.kind != kind {
		return t, syntax(p.text, t.span, "expected "+kind+" here", expectFix(kind))
	}
	return t, nil
}

func expectFix(kind string) string {
	switch kind {
	case "]":
		return "close the bracket after one index or slice; `[1, 2]` in backticks is a list of numbers"
	case ":":
		return "write {name: expression}, or condition ? this : that"
	case ".":
		return "write $.params, for example"
	case ",":
		return "close what was opened, or put a comma between two items"
	}
	return "close what was opened"
}

// since is the stretch from a place to the last token taken.
func (p *parser) since(from int) span { return span{from, max(from, p.tokens[max(p.at-1, 0)].to)} }

// expression reads operators as long as they bind tighter than bound.
func (p *parser) expression(bound int) (node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	return p.operators(left, bound)
}

// operators reads what follows left, as long as it binds tighter than bound.
func (p *parser) operators(left node, bound int) (node, error) {
	for binding(p.peek()) > bound {
		var err error
		if left, err = p.operator(left); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// nested reads an expression one level deeper.
func (p *parser) nested(bound int) (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.expression(bound)
}

func (p *parser) enter() error {
	if p.depth == limits.ExprNesting {
		return fault(ordinaut.CodeExprTooDeep, p.text, p.peek().span,
			fmt.Sprintf("the expression is nested more than %d levels deep", limits.ExprNesting),
			"split it over several steps")
	}
	p.depth++
	return nil
}

func (p *parser) leave() { p.depth-- }

// binding is how tightly the operator that begins with t binds to what stands
// before it; 0 is no operator.
func binding(t token) int {
	switch t.kind {
	case "|":
		return bindPipe
	case "?":
		return bindChoice
	case "||":
		return bindOr
	case "&&":
		return bindAnd
	case "==", "!=", "<", "<=", ">", ">=":
		return bindCompare
	case "+", "-":
		return bindAdd
	case "*", "/", "%":
		return bindMultiply
	case "[]":
		return bindFlatten
	case "[?":
		return bindFilter
	case ".":
		return bindDot
	case "[":
		return bindBracket
	case kindName:
		return bindingOfWord(t)
	}
	return 0
}

func bindingOfWord(t token) int {
	switch t.value {
	case "or":
		return bindOr
	case "and":
		return bindAnd
	}
	return 0
}

// operator reads the operator that stands after left, with its right side.
func (p *parser) operator(left node) (node, error) {
	from := left.place().from
	t := p.take()
	bound := binding(t)
	switch bound {
	case bindChoice:
		return p.choice(left)
	case bindFlatten, bindFilter, bindDot, bindBracket:
		return p.path(left, t)
	case bindPipe:
		p.pipedAt = p.at
	case bindAdd:
		if d := p.peek(); d.kind == kindDuration {
			p.take()
			return &arithmetic{p.since(from), t.kind, left, &literal{d.span, d.value}}, nil
		}
	}
	right, err := p.expression(bound)
	if err != nil {
		return nil, err
	}
	at := p.since(from)
	switch bound {
	case bindPipe:
		return &then{at, left, right}, nil
	case bindOr:
		return &either{at, left, right, false}, nil
	case bindAnd:
		return &and{at, left, right}, nil
	case bindCompare:
		return &comparison{at, t.kind, left, right}, nil
	}
	return &arithmetic{at, t.kind, left, right}, nil
}

// choice reads what follows "test ?". At the very end, the question mark says
// that null is meant.
func (p *parser) choice(test node) (node, error) {
	if p.peek().kind == kindEnd {
		p.meant = true
		return test, nil
	}
	yes, err := p.nested(bindPipe)
	if err != nil {
		return nil, err
	}
	if _, err := p.expect(":"); err != nil {
		return nil, err
	}
	no, err := p.nested(bindPipe)
	if err != nil {
		return nil, err
	}
	return &choice{p.since(test.place().from), test, yes, no}, nil
}
