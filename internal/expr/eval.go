package expr

import (
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// evaluation is one walk over one expression.
type evaluation struct {
	env    *Env
	text   string // what the expression stands in
	strict bool   // names at the top are roots and have to exist
	doc    any    // otherwise they are fields of this
	budget *budget
}

// scope is the current value at the top of a strict evaluation: the roots,
// which can only be read by name, so that no expression takes in all of them.
type scope struct{}

// eval evaluates n on the current value.
func (ev *evaluation) eval(n node, cur any) (any, error) {
	if err := ev.budget.spend(1); err != nil {
		return nil, err
	}
	return n.eval(ev, cur)
}

// fail is an error about the part of the expression that n is.
func (ev *evaluation) fail(code ordinaut.Code, n node, message, fix string) error {
	return fault(code, ev.text, n.place(), message, fix)
}

// source is the text of n, as much as a sentence can bear.
func (ev *evaluation) source(n node) string { return ev.between(n, n) }

// between is the text from the beginning of first to the end of last.
func (ev *evaluation) between(first, last node) string {
	return cut(ev.text[first.place().from:last.place().to], 2*longestName)
}

func (n *literal) eval(*evaluation, any) (any, error) { return n.value, nil }

func (n *reference) eval(*evaluation, any) (any, error) { return n, nil }

func (n *current) eval(ev *evaluation, cur any) (any, error) {
	if _, ok := cur.(scope); ok {
		return nil, ev.fail(ordinaut.CodeExprRoot, n, "the roots cannot be read all at once", "begin with the name of one, such as params")
	}
	return cur, nil
}

func (n *then) eval(ev *evaluation, cur any) (any, error) {
	v, err := ev.eval(n.left, cur)
	if err != nil {
		return nil, err
	}
	return ev.eval(n.right, v)
}

func (n *index) eval(ev *evaluation, cur any) (any, error) {
	v, err := ev.eval(n.left, cur)
	if err != nil {
		return nil, err
	}
	items, _ := v.([]any)
	i := n.n
	if i < 0 {
		i += len(items)
	}
	if i < 0 || i >= len(items) {
		return nil, nil
	}
	return items[i], nil
}

func (n *multiList) eval(ev *evaluation, cur any) (any, error) {
	if cur == nil {
		return nil, nil
	}
	list := make([]any, len(n.items))
	for i, item := range n.items {
		var err error
		if list[i], err = ev.eval(item, cur); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (n *multiHash) eval(ev *evaluation, cur any) (any, error) {
	if cur == nil {
		return nil, nil
	}
	if err := ev.budget.spend(2 * len(n.items)); err != nil {
		return nil, err
	}
	hash := make(map[string]any, len(n.items))
	for i, item := range n.items {
		v, err := ev.eval(item, cur)
		if err != nil {
			return nil, err
		}
		hash[n.keys[i]] = v
	}
	return hash, nil
}

func (n *either) eval(ev *evaluation, cur any) (any, error) {
	v, err := ev.eval(n.left, cur)
	if err != nil || Truthy(v) || n.onlyNull && v != nil {
		return v, err
	}
	return ev.eval(n.right, cur)
}

func (n *and) eval(ev *evaluation, cur any) (any, error) {
	v, err := ev.eval(n.left, cur)
	if err != nil || !Truthy(v) {
		return v, err
	}
	return ev.eval(n.right, cur)
}

func (n *not) eval(ev *evaluation, cur any) (any, error) {
	v, err := ev.eval(n.operand, cur)
	return !Truthy(v), err
}

func (n *choice) eval(ev *evaluation, cur any) (any, error) {
	v, err := ev.eval(n.test, cur)
	if err != nil {
		return nil, err
	}
	if Truthy(v) {
		return ev.eval(n.yes, cur)
	}
	return ev.eval(n.no, cur)
}

func (n *call) eval(ev *evaluation, cur any) (any, error) {
	args := make([]any, len(n.args))
	for i, arg := range n.args {
		var err error
		if args[i], err = ev.eval(arg, cur); err != nil {
			return nil, err
		}
		ok, err := accepts(ev.budget, n.function.param(i), args[i])
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, ev.fail(ordinaut.CodeExprType, n,
				fmt.Sprintf("argument %d has to be %s, and %s", i+1, inWords(n.function.param(i)), ev.whatIs(arg, args[i], cur)),
				"call it as "+n.function.usage())
		}
	}
	v, err := n.function.do(ev, args)
	return v, ev.placed(err, n)
}

// placed turns a complaint about values into an error about the part of the
// expression that n is; other errors stay as they are.
func (ev *evaluation) placed(err error, n node) error {
	if c, ok := err.(*complaint); ok {
		return ev.fail(c.code, n, c.message, c.fix)
	}
	return err
}

// complaint is an error about values, from a place that does not know where in
// the expression they came from.
type complaint struct {
	code         ordinaut.Code
	message, fix string
}

func (c *complaint) Error() string { return c.message }

func badValue(message, fix string) error {
	return &complaint{ordinaut.CodeExprValue, message, fix}
}
