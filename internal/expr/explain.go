package expr

import (
	"fmt"
	"slices"
)

// whatIs says in words what n gave, and for null why.
func (ev *evaluation) whatIs(n node, v, cur any) string {
	source := ev.source(n)
	if _, ok := n.(*current); ok {
		source = "the current value"
	}
	if v != nil {
		return source + " is " + ev.describe(v)
	}
	why, itself := ev.whyNull(n, cur), source+" is null"
	if why == itself {
		return itself
	}
	return itself + ": " + why
}

// whyNull follows the path in n, which gave null on cur, to the place where it
// broke, and says what is there instead. It names fields and types, and shows
// no values.
func (ev *evaluation) whyNull(n node, cur any) string {
	switch n := n.(type) {
	case *then:
		return ev.whyNullAfter(n.left, n.right, cur)
	case *name:
		if n.role == roleField {
			return ev.missing("the current value", cur, n, ev.source(n))
		}
	case *index:
		return ev.whyNoElement(n, cur)
	case *project:
		if v, err := ev.eval(n.source.of(), cur); err == nil && v == nil {
			return ev.whyNull(n.source.of(), cur)
		} else if err == nil {
			return fmt.Sprintf("%s is %s, which has no elements to go through", ev.source(n.source.of()), ev.describe(v))
		}
	case *either:
		return ev.whyNull(n.right, cur)
	case *choice:
		if v, err := ev.eval(n.test, cur); err == nil && Truthy(v) {
			return ev.whyNull(n.yes, cur)
		}
		return ev.whyNull(n.no, cur)
	case *comparison:
		return n.op + " orders nothing but numbers"
	}
	return ev.source(n) + " is null"
}

func (ev *evaluation) whyNullAfter(left, right node, cur any) string {
	v, err := ev.eval(left, cur)
	if err != nil {
		return ev.source(right) + " is null"
	}
	if v == nil {
		return ev.whyNull(left, cur)
	}
	if field, ok := right.(*name); ok {
		return ev.missing(ev.source(left), v, field, ev.between(left, right))
	}
	return ev.whyNull(right, v)
}

func (ev *evaluation) whyNoElement(n *index, cur any) string {
	v, err := ev.eval(n.left, cur)
	of := ev.source(n.left)
	switch items, isList := v.([]any); {
	case err != nil:
		return of + " is null"
	case isList && n.n < len(items) && n.n >= -len(items):
		return ev.source(n) + " is null"
	case isList:
		return fmt.Sprintf("%s has no element %d; its length is %d", of, n.n, len(items))
	case v == nil:
		return ev.whyNull(n.left, cur)
	}
	return fmt.Sprintf("%s is %s, not an array", of, ev.describe(v))
}

// missing says that a value has no such field, and which it has; or, when it
// has the field, that the path to it gives null.
func (ev *evaluation) missing(of string, v any, field *name, path string) string {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprintf("%s is %s and has no fields", of, ev.describe(v))
	}
	if _, found := object[field.text]; found {
		return path + " is null"
	}
	lacks := fmt.Sprintf("%s has no field %s", of, cut(field.text, longestName))
	const most = 100 // more are not worth the sorting
	if len(object) > most {
		return fmt.Sprintf("%s; it has %d others", lacks, len(object))
	}
	return lacks + "; it has: " + listed(sortedKeys(object))
}

// describe says of what type v is, and what an array holds.
func (ev *evaluation) describe(v any) string {
	items, ok := v.([]any)
	if !ok || len(items) == 0 || ev.budget.spend(len(items)) != nil {
		return isA(v)
	}
	first := typeOf(items[0])
	if slices.ContainsFunc(items, func(item any) bool { return typeOf(item) != first }) {
		return "an array of several types"
	}
	return "an array of " + first + "s"
}
