package expr

import (
	"strings"

	"github.com/ordinaut/ordinaut"
)

// Render evaluates the expressions of the template, all of them within one
// budget. It reports every string that fails with its JSON Pointer. Text that
// comes out of an expression is never read as a template again.
func (t *Template) Render(env *Env) (any, error) {
	r := &rendering{env: env, budget: newBudget()}
	v, err := t.root.render(r, 1)
	if err != nil {
		r.faults = note(r.faults, ordinaut.AsError(err))
	}
	if err := r.faults.Err(); err != nil {
		return nil, err
	}
	return v, nil
}

// rendering is one walk over one template. A fault of a string is noted and the
// walk goes on; an error that a part returns ends it.
type rendering struct {
	env    *Env
	budget *budget
	faults ordinaut.Errors
}

func (c constantPart) render(r *rendering, depth int) (any, error) {
	return c.value, r.budget.give(c.value, depth)
}

func (l listPart) render(r *rendering, depth int) (any, error) {
	if err := r.budget.giveNode(depth); err != nil {
		return nil, err
	}
	items := make([]any, len(l))
	for i, p := range l {
		var err error
		if items[i], err = p.render(r, depth+1); err != nil {
			return nil, err
		}
	}
	return items, r.budget.giveText(len(l) + 2)
}

func (o objectPart) render(r *rendering, depth int) (any, error) {
	if err := r.budget.giveNode(depth); err != nil {
		return nil, err
	}
	fields := make(map[string]any, len(o))
	for _, f := range o {
		if err := r.budget.giveText(len(f.name) + 4); err != nil {
			return nil, err
		}
		v, err := f.value.render(r, depth+1)
		if err != nil {
			return nil, err
		}
		fields[f.name] = v
	}
	return fields, nil
}

func (t textPart) render(r *rendering, depth int) (any, error) {
	v, err := t.value(r, depth)
	if err == nil {
		return v, nil
	}
	fault := sent(err, t.whole).Under(t.at)
	if fault.Code == ordinaut.CodeExprBudget {
		return nil, fault
	}
	r.faults = note(r.faults, fault)
	return nil, nil
}

func (t textPart) value(r *rendering, depth int) (any, error) {
	ev := &evaluation{env: r.env, text: t.whole, strict: true, budget: r.budget}
	if e, ok := t.sole(); ok {
		v, err := ev.eval(e.node, scope{})
		if err != nil {
			return nil, err
		}
		return v, r.budget.give(v, depth)
	}
	var out strings.Builder
	for _, s := range t.segments {
		part, err := ev.segment(s)
		if err != nil {
			return nil, err
		}
		if err := r.budget.giveText(len(part)); err != nil {
			return nil, err
		}
		out.WriteString(part)
	}
	return out.String(), r.budget.giveNode(depth)
}

// segment is the text of one segment. An expression that finds nothing is an
// error here, unless it ends with "?".
func (ev *evaluation) segment(s segment) (string, error) {
	if s.expr == nil {
		return s.literal, nil
	}
	n := s.expr.node
	v, err := ev.eval(n, scope{})
	if err != nil {
		return "", err
	}
	if v == nil && !s.expr.optional {
		instead := ev.source(n)
		if _, ok := n.(*choice); ok {
			instead = "(" + instead + ")"
		}
		return "", ev.fail(ordinaut.CodeExprNull, n, "null cannot stand inside a text: "+ev.whyNull(n, scope{}),
			"read something that is there, or say what to write instead, as in "+instead+" || 'none'")
	}
	part, err := asText(ev.budget, v)
	return s.literal + part, err
}
