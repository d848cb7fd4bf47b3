package expr

import (
	"encoding/json"
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// budget is what one evaluation, or one rendering of a whole template, may
// still use. It counts and never looks at a clock, so that a retry gets exactly
// as far as the first attempt.
type budget struct {
	steps, nodes, bytes int
}

func newBudget() *budget {
	return &budget{steps: limits.ExprSteps, nodes: limits.ExprNodesOut, bytes: limits.ExprBytesOut}
}

// spend takes n steps: one for each node evaluated, value visited or list
// element made.
func (b *budget) spend(n int) error {
	if b.steps < n {
		b.steps = 0
		return overBudget("takes more than %d steps", limits.ExprSteps)
	}
	b.steps -= n
	return nil
}

// spendText takes the steps of reading n bytes of text.
func (b *budget) spendText(n int) error { return b.spend(1 + n/16) }

// makeText takes the steps of making a text of n bytes, and refuses one that
// could not be given out anyway. It is asked before the text is made.
func (b *budget) makeText(n int) error {
	if n > limits.ExprBytesOut {
		return overBudget("makes a text of more than %d bytes", limits.ExprBytesOut)
	}
	return b.spend(1 + n/8)
}

// giveText takes n bytes of output.
func (b *budget) giveText(n int) error {
	if b.bytes < n {
		return overBudget("gives more than %d bytes", limits.ExprBytesOut)
	}
	b.bytes -= n
	return nil
}

// giveNode takes one value of output that lies depth levels deep.
func (b *budget) giveNode(depth int) error {
	if depth > limits.JSONDepth {
		return tooDeepValue()
	}
	if b.nodes == 0 {
		return overBudget("gives more than %d values", limits.ExprNodesOut)
	}
	b.nodes--
	return nil
}

// give takes the output of v, as large as it is when written out: a part that
// is shared counts each time it appears.
func (b *budget) give(v any, depth int) error {
	if err := b.giveNode(depth); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil, bool, float64, int, int64:
		return b.giveText(4)
	case string:
		return b.giveText(len(v) + 2)
	case json.Number:
		return b.giveText(len(v))
	case []any:
		for _, item := range v {
			if err := b.give(item, depth+1); err != nil {
				return err
			}
		}
		return b.giveText(len(v) + 2)
	case map[string]any:
		for name, item := range v {
			if err := b.giveText(len(name) + 4); err != nil {
				return err
			}
			if err := b.give(item, depth+1); err != nil {
				return err
			}
		}
		return b.giveText(2)
	}
	return foreign(v)
}

func overBudget(format string, limit int) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeExprBudget,
		Message: fmt.Sprintf("the evaluation "+format, limit),
		Fix:     "read or build less at once: filter before you combine, or split the work over several steps",
	}
}

func tooDeepValue() *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeExprTooDeep,
		Message: fmt.Sprintf("a value is nested more than %d levels deep", limits.JSONDepth),
		Fix:     "take the part that is needed, or flatten lists with []",
	}
}

// foreign reports a value that is no JSON: a mistake of the program that filled
// the roots, not of the user.
func foreign(v any) error { return fmt.Errorf("expr: a %T is not a JSON value", v) }
