package expr

import (
	"bytes"
	"encoding/json"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// encode writes v as compact JSON, with the fields of objects in order of name.
func encode(b *budget, v any) (string, error) {
	e := &encoder{budget: b}
	e.leaves = json.NewEncoder(&e.out)
	e.leaves.SetEscapeHTML(false)
	if err := e.write(v, 1); err != nil {
		return "", err
	}
	return e.out.String(), nil
}

type encoder struct {
	budget *budget
	out    bytes.Buffer
	leaves *json.Encoder // writes to out
}

func (e *encoder) write(v any, depth int) error {
	if depth > limits.JSONDepth {
		return tooDeepValue()
	}
	if err := e.budget.spend(1); err != nil {
		return err
	}
	switch v := v.(type) {
	case []any:
		return e.array(v, depth)
	case map[string]any:
		return e.object(v, depth)
	case string:
		return e.leaf(v, len(v))
	case json.Number:
		return e.leaf(v, len(v))
	case nil, bool, float64, int, int64:
		return e.leaf(v, 0)
	}
	return foreign(v)
}

// leaf writes a value without parts that has size bytes of text. The JSON
// encoder ends it with a newline, which is cut off again.
func (e *encoder) leaf(v any, size int) error {
	if e.out.Len()+size > limits.ExprBytesOut {
		return overBudget("makes a text of more than %d bytes", limits.ExprBytesOut)
	}
	if err := e.budget.spendText(size); err != nil {
		return err
	}
	if n, ok := v.(json.Number); ok {
		e.out.WriteString(string(n))
		return nil
	}
	if err := e.leaves.Encode(v); err != nil {
		return err
	}
	e.out.Truncate(e.out.Len() - 1)
	return nil
}

func (e *encoder) array(items []any, depth int) error {
	e.out.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			e.out.WriteByte(',')
		}
		if err := e.write(item, depth+1); err != nil {
			return err
		}
	}
	e.out.WriteByte(']')
	return nil
}

func (e *encoder) object(fields map[string]any, depth int) error {
	if err := e.budget.spend(len(fields)); err != nil {
		return err
	}
	e.out.WriteByte('{')
	for i, name := range sortedKeys(fields) {
		if i > 0 {
			e.out.WriteByte(',')
		}
		if err := e.leaf(name, len(name)); err != nil {
			return err
		}
		e.out.WriteByte(':')
		if err := e.write(fields[name], depth+1); err != nil {
			return err
		}
	}
	e.out.WriteByte('}')
	return nil
}
