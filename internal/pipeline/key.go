package pipeline

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// keyField reads the template of a step's own idempotency key.
func (k *checker) keyField(d *draft, r reader) {
	text := k.text(*d, "idempotency_key")
	if text == "" {
		if d.fields["idempotency_key"] == "" {
			k.fault(ordinaut.CodeFieldValue, r.at, "", "an empty key keeps nothing apart", "leave it out, or name what the call is about").
				Examples = []string{"invoice-${steps.invoice.number}"}
		}
		return
	}
	t, err := expr.ParseTemplate(text)
	if err != nil {
		k.faults.Add(ordinaut.AsError(err).Under(r.at))
		return
	}
	d.whole = k.refs(r, t.Refs()) || d.whole
	d.step.key = t
}

// key is the idempotency key of a step: the one that it was begun with, its own,
// or one of its run and path. A step that is done again in another round has
// another.
func (g *Progress) key(p place, env *expr.Env) (string, error) {
	path := p.path()
	if r, recorded := g.past[path]; recorded && r.IdempotencyKey != "" {
		return r.IdempotencyKey, nil
	}
	round := ""
	if n := g.rounds[top(path)]; n > 0 {
		round = "~" + strconv.Itoa(n)
	}
	if p.of().key == nil {
		first := top(path)
		return string(g.run.ID) + "/" + first + round + path[len(first):], nil
	}
	value, err := p.of().key.Render(env)
	if err != nil {
		return "", err
	}
	text, ok := value.(string)
	if n := utf8.RuneCountInString(text); !ok || n == 0 || n > limits.IdempotencyChars {
		return "", &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, Message: fmt.Sprintf("the idempotency key must be a text of 1 to %d characters", limits.IdempotencyChars),
			Fix: "make it of something short that names what the call is about, such as the number of an invoice",
		}
	}
	return text + round, nil
}
