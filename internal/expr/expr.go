package expr

import (
	"strings"

	"github.com/ordinaut/ordinaut"
)

// Expr is a parsed expression. It never changes, and many goroutines may
// evaluate it at once.
type Expr struct {
	text     string // what it stands in
	node     node
	end      int  // where it ends in text
	optional bool // it ends with "?"
	refs     []Ref
}

// Parse reads an expression. The whole may stand inside ${…}, since people
// write conditions either way.
func Parse(text string) (*Expr, error) {
	e, err := parseWhole(text)
	if err != nil {
		return nil, sent(err, text)
	}
	return e, nil
}

func parseWhole(text string) (*Expr, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "${") {
		return parseAt(text, 0, false)
	}
	e, err := parseAt(text, strings.Index(text, "${")+2, true)
	if err != nil {
		return nil, err
	}
	if after := e.end + len("}"); strings.TrimSpace(text[after:]) != "" {
		return nil, syntax(text, span{after, len(text)}, "this follows a whole ${…}",
			"write everything inside one ${…}, or all of it without")
	}
	return e, nil
}

// parseAt reads the expression that begins at from: the body of a ${…}, or all
// of text.
func parseAt(text string, from int, inBody bool) (*Expr, error) {
	tokens, err := scan(text, from, inBody)
	if err != nil {
		return nil, err
	}
	e := &Expr{text: text, end: tokens[len(tokens)-1].from}
	if e.node, e.optional, err = parse(text, tokens); err != nil {
		return nil, err
	}
	e.refs = survey(e)
	return e, nil
}

// Refs lists what the expression reads from the roots.
func (e *Expr) Refs() []Ref { return e.refs }

// Eval evaluates the expression strictly: a root, or a step under steps, that
// does not exist is an error unless the expression says that null is meant.
func (e *Expr) Eval(env *Env) (any, error) {
	return e.alone(&evaluation{env: env, strict: true}, scope{})
}

// Search evaluates the expression as standard JMESPath does on a document: its
// names are the fields of doc, and null where there is none.
func (e *Expr) Search(env *Env, doc any) (any, error) {
	return e.alone(&evaluation{env: env, doc: doc}, doc)
}

// alone evaluates the expression with a budget of its own.
func (e *Expr) alone(ev *evaluation, cur any) (any, error) {
	ev.budget, ev.text = newBudget(), e.text
	v, err := ev.eval(e.node, cur)
	if err == nil {
		err = ev.budget.give(v, 1)
	}
	if err != nil {
		return nil, sent(err, e.text)
	}
	return v, nil
}

// sent adds to an error what was sent, cut to a readable length.
func sent(err error, text string) *ordinaut.Error {
	const most = 1000
	fault := ordinaut.AsError(err)
	fault.Sent = cut(text, most)
	return fault
}
