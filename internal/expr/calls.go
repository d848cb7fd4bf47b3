package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// call reads the arguments of the function named by t, which was just taken.
func (p *parser) call(t token) (node, error) {
	piped := p.at-1 == p.pipedAt
	f, err := p.function(t)
	if err != nil {
		return nil, err
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	at := p.since(t.from)
	if piped && len(args)+1 == len(f.params) {
		args = append([]node{&current{t.span}}, args...) // x | round(2) is x | round(@, 2)
	}
	if !f.takes(len(args)) {
		return nil, fault(ordinaut.CodeExprArity, p.text, at,
			fmt.Sprintf("%s takes %s, not %d", f.name, f.arity(), len(args)), "call it as "+f.usage())
	}
	if err := p.checkReferences(f, args); err != nil {
		return nil, err
	}
	return f.node(at, args), nil
}

// checkReferences sees to it that &expressions stand where the function takes
// one, and nowhere else.
func (p *parser) checkReferences(f function, args []node) error {
	for i, arg := range args {
		_, is := arg.(*reference)
		switch wants := f.param(i) == "expression"; {
		case is && !wants:
			return fault(ordinaut.CodeExprType, p.text, arg.place(), f.name+" takes a value here, not an expression", "drop the &")
		case wants && !is:
			return fault(ordinaut.CodeExprType, p.text, arg.place(), f.name+" takes an expression here", "put & before it")
		}
	}
	return nil
}

// function finds the function that t names.
func (p *parser) function(t token) (function, error) {
	all := functions()
	names := make([]string, len(all))
	for i, f := range all {
		if f.name == t.value {
			return f, nil
		}
		names[i] = f.name
	}
	slices.Sort(names)
	near := ordinaut.Nearest(t.value.(string), names)
	fix := "call one of " + strings.Join(names, ", ")
	if near != "" {
		fix = "did you mean " + near + "?"
	}
	return function{}, fault(ordinaut.CodeExprFunction, p.text, t.span, "there is no such function", fix)
}

func (p *parser) arguments() ([]node, error) {
	p.take() // the parenthesis
	if p.peek().kind == ")" {
		p.take()
		return nil, nil
	}
	var args []node
	err := p.items(")", func() error {
		arg, err := p.argument()
		args = append(args, arg)
		return err
	})
	return args, err
}

func (p *parser) argument() (node, error) {
	t := p.peek()
	if t.kind != "&" {
		return p.nested(0)
	}
	p.take()
	body, err := p.nested(0)
	return &reference{p.since(t.from), body}, err
}

// arity says in words how many arguments the function takes.
func (f function) arity() string {
	n := len(f.params)
	switch {
	case f.variadic():
		return fmt.Sprintf("%d or more arguments", n)
	case n == 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// node is the call of the function.
func (f function) node(at span, args []node) node {
	switch f.name {
	case "if":
		return &choice{at, args[0], args[1], args[2]}
	case "default":
		return &either{at, args[0], args[1], true}
	}
	return &call{at, f, args}
}
