package expr

import (
	"strings"

	"github.com/ordinaut/ordinaut/internal/limits"
)

func (n *comparison) eval(ev *evaluation, cur any) (any, error) {
	left, err := ev.eval(n.left, cur)
	if err != nil {
		return nil, err
	}
	right, err := ev.eval(n.right, cur)
	if err != nil {
		return nil, err
	}
	switch n.op {
	case "==":
		return asValue(equal(ev.budget, left, right, 1))
	case "!=":
		same, err := equal(ev.budget, left, right, 1)
		return asValue(!same, err)
	}
	a, aIsNumber := toNumber(left)
	b, bIsNumber := toNumber(right)
	if !aIsNumber || !bIsNumber {
		return nil, nil // JMESPath orders nothing but numbers
	}
	return holds(n.op, a.compare(b)), nil
}

// asValue passes an answer on as a JSON value.
func asValue[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// holds says whether an order that came out as sign fits the operator.
func holds(op string, sign int) bool {
	switch op {
	case "<":
		return sign < 0
	case "<=":
		return sign <= 0
	case ">":
		return sign > 0
	}
	return sign >= 0
}

// equal compares two values part by part. Numbers are equal by value, however
// they are written.
func equal(b *budget, v, w any, depth int) (bool, error) {
	if depth > limits.JSONDepth {
		return false, tooDeepValue()
	}
	if err := b.spend(1); err != nil {
		return false, err
	}
	switch v := v.(type) {
	case nil, bool:
		return v == w, nil
	case string:
		other, ok := w.(string)
		if !ok || len(v) != len(other) {
			return false, nil
		}
		return v == other, b.spendText(len(v))
	case []any:
		other, ok := w.([]any)
		if !ok || len(v) != len(other) {
			return false, nil
		}
		return equalItems(b, v, other, depth)
	case map[string]any:
		other, ok := w.(map[string]any)
		if !ok || len(v) != len(other) {
			return false, nil
		}
		return equalFields(b, v, other, depth)
	}
	n, isNumber := toNumber(v)
	m, areNumbers := toNumber(w)
	return isNumber && areNumbers && n.compare(m) == 0, nil
}

func equalItems(b *budget, v, w []any, depth int) (bool, error) {
	for i := range v {
		if same, err := equal(b, v[i], w[i], depth+1); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

// equalFields looks at every field even after a difference: the order of a map
// is random, and the steps taken must not be.
func equalFields(b *budget, v, w map[string]any, depth int) (bool, error) {
	all := true
	for key, item := range v {
		other, found := w[key]
		if !found {
			all = false
			continue
		}
		same, err := equal(b, item, other, depth+1)
		if err != nil {
			return false, err
		}
		all = all && same
	}
	return all, nil
}

// compareText orders two strings, by their bytes, which is the order of their
// code points.
func compareText(b *budget, v, w string) (int, error) {
	return strings.Compare(v, w), b.spendText(min(len(v), len(w)))
}
