package expr

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"github.com/ordinaut/ordinaut"
)

func orderFunctions() []function {
	return []function{
		{"max", types("array[number]|array[string]"), extreme(1)},
		{"max_by", types("array", "expression"), extremeBy(1)},
		{"min", types("array[number]|array[string]"), extreme(-1)},
		{"min_by", types("array", "expression"), extremeBy(-1)},
		{"sort", types("array[number]|array[string]"), sort},
		{"sort_by", types("array", "expression"), sortBy},
	}
}

// keyed is a list whose items are ordered by keys, all numbers or all strings.
type keyed struct {
	items, keys []any
	budget      *budget
	err         error
}

// compare orders two items by their keys. Sorting cannot be broken off, so that
// after an error everything is equal and the rest goes quickly.
func (k *keyed) compare(i, j int) int {
	if k.err != nil {
		return 0
	}
	if s, ok := k.keys[i].(string); ok {
		sign, err := compareText(k.budget, s, k.keys[j].(string))
		k.err = err
		return sign
	}
	n, _ := toNumber(k.keys[i])
	m, _ := toNumber(k.keys[j])
	k.err = k.budget.spend(1)
	return n.compare(m)
}

// sorted lists the items in order; equal ones keep theirs.
func (k *keyed) sorted() (any, error) {
	if err := k.budget.spend(len(k.items) * bits.Len(uint(len(k.items)))); err != nil {
		return nil, err
	}
	order := make([]int, len(k.items))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(k.compare(i, j), i-j) })
	list := make([]any, len(order))
	for i, at := range order {
		list[i] = k.items[at]
	}
	return asValue(list, k.err)
}

// extreme is the first of the greatest items when sign is 1, of the least when
// it is -1, and null when there are none.
func (k *keyed) extreme(sign int) (any, error) {
	if len(k.items) == 0 {
		return nil, nil
	}
	best := 0
	for i := range k.items {
		if k.compare(i, best)*sign > 0 {
			best = i
		}
	}
	return asValue(k.items[best], k.err)
}

func sort(ev *evaluation, args []any) (any, error) {
	items := args[0].([]any)
	return (&keyed{items: items, keys: items, budget: ev.budget}).sorted()
}

func sortBy(ev *evaluation, args []any) (any, error) {
	k, err := ev.keyedBy(args)
	if err != nil {
		return nil, err
	}
	return k.sorted()
}

func extreme(sign int) func(*evaluation, []any) (any, error) {
	return func(ev *evaluation, args []any) (any, error) {
		items := args[0].([]any)
		return (&keyed{items: items, keys: items, budget: ev.budget}).extreme(sign)
	}
}

func extremeBy(sign int) func(*evaluation, []any) (any, error) {
	return func(ev *evaluation, args []any) (any, error) {
		k, err := ev.keyedBy(args)
		if err != nil {
			return nil, err
		}
		return k.extreme(sign)
	}
}

// keyedBy evaluates the key of every item, and checks that they can be ordered.
func (ev *evaluation) keyedBy(args []any) (*keyed, error) {
	items, ref := args[0].([]any), args[1].(*reference)
	keys, err := ev.each(ref, items)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		if t := typeOf(key); t != "number" && t != "string" || t != typeOf(keys[0]) {
			return nil, &complaint{ordinaut.CodeExprType,
				fmt.Sprintf("the keys have to be all numbers or all strings, and item %d has %s", i, isA(key)),
				"filter the list first, or convert the key, as in &to_number(price)"}
		}
	}
	return &keyed{items: items, keys: keys, budget: ev.budget}, nil
}
