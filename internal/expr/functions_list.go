package expr

import (
	"slices"
	"strings"
	"unicode/utf8"
)

func listFunctions() []function {
	return []function{
		{"contains", types("string|array", "any"), contains},
		{"keys", types("object"), keys},
		{"length", types("string|array|object"), length},
		{"map", types("expression", "array"), mapEach},
		{"merge", types("object..."), merge},
		{"reverse", types("string|array"), reverse},
		{"values", types("object"), func(ev *evaluation, args []any) (any, error) {
			return asValue(valuesOf(ev.budget, args[0].(map[string]any)))
		}},
	}
}

func contains(ev *evaluation, args []any) (any, error) {
	items, isList := args[0].([]any)
	if !isList {
		s := args[0].(string)
		part, ok := args[1].(string)
		return ok && strings.Contains(s, part), ev.budget.spendText(len(s))
	}
	for _, item := range items {
		if same, err := equal(ev.budget, item, args[1], 1); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func keys(ev *evaluation, args []any) (any, error) {
	object := args[0].(map[string]any)
	if err := ev.budget.spend(2 * len(object)); err != nil {
		return nil, err
	}
	list := make([]any, 0, len(object))
	for _, key := range sortedKeys(object) {
		list = append(list, key)
	}
	return list, nil
}

// length counts the characters of a string, or the parts of an array or object.
func length(ev *evaluation, args []any) (any, error) {
	n := 0
	switch v := args[0].(type) {
	case string:
		if err := ev.budget.spendText(len(v)); err != nil {
			return nil, err
		}
		n = utf8.RuneCountInString(v)
	case []any:
		n = len(v)
	case map[string]any:
		n = len(v)
	}
	return wholeNumber(int64(n)).value(), nil
}

func mapEach(ev *evaluation, args []any) (any, error) {
	return asValue(ev.each(args[0].(*reference), args[1].([]any)))
}

// each evaluates the body of a reference on every item.
func (ev *evaluation) each(ref *reference, items []any) ([]any, error) {
	if err := ev.budget.spend(len(items)); err != nil {
		return nil, err
	}
	list := make([]any, len(items))
	for i, item := range items {
		var err error
		if list[i], err = ev.eval(ref.body, item); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// merge puts objects together; of two fields with one name the later stays.
func merge(ev *evaluation, args []any) (any, error) {
	merged := map[string]any{}
	for _, arg := range args {
		object := arg.(map[string]any)
		if err := ev.budget.spend(2 * len(object)); err != nil {
			return nil, err
		}
		for key, v := range object {
			merged[key] = v
		}
	}
	return merged, nil
}

func reverse(ev *evaluation, args []any) (any, error) {
	if s, ok := args[0].(string); ok {
		return reverseText(ev.budget, s)
	}
	items := args[0].([]any)
	if err := ev.budget.spend(len(items)); err != nil {
		return nil, err
	}
	list := slices.Clone(items)
	slices.Reverse(list)
	return list, nil
}
