package expr

import (
	"encoding/json"
	"strings"
)

func typeFunctions() []function {
	return []function{
		{"json", types("any"), func(ev *evaluation, args []any) (any, error) { return asValue(encode(ev.budget, args[0])) }},
		{"not_null", types("any..."), notNull},
		{"parse_json", types("string"), parseJSON},
		{"to_array", types("any"), func(_ *evaluation, args []any) (any, error) {
			if typeOf(args[0]) == "array" {
				return args[0], nil
			}
			return args, nil
		}},
		{"to_number", types("any"), convertToNumber},
		{"to_string", types("any"), func(ev *evaluation, args []any) (any, error) { return asValue(asText(ev.budget, args[0])) }},
		{"type", types("any"), func(_ *evaluation, args []any) (any, error) { return typeOf(args[0]), nil }},
	}
}

// asText is v inside a longer text: a string as it is, anything else as compact
// JSON.
func asText(b *budget, v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return encode(b, v)
}

func notNull(_ *evaluation, args []any) (any, error) {
	for _, arg := range args {
		if arg != nil {
			return arg, nil
		}
	}
	return nil, nil
}

// convertToNumber reads a string as JSON reads a number; what is none gives null.
func convertToNumber(ev *evaluation, args []any) (any, error) {
	s, ok := args[0].(string)
	if !ok {
		if typeOf(args[0]) == "number" {
			return args[0], nil
		}
		return nil, nil
	}
	if err := ev.budget.spendText(len(s)); err != nil {
		return nil, err
	}
	if s == "" || s[0] != '-' && !isDigit(s[0]) || s[len(s)-1] == ' ' || !json.Valid([]byte(s)) {
		return nil, nil
	}
	n, ok := toNumber(json.Number(s))
	if !ok {
		return nil, nil
	}
	return n.result()
}

// parseJSON takes a step for each value it makes, counted by the marks that
// stand before one.
func parseJSON(ev *evaluation, args []any) (any, error) {
	s := args[0].(string)
	values := strings.Count(s, ",") + strings.Count(s, "[") + strings.Count(s, "{")
	if err := ev.budget.spend(1 + len(s)/4 + values); err != nil {
		return nil, err
	}
	v, err := decodeJSON(s)
	if err != nil {
		return nil, badValue("the string is not JSON", "give it one whole JSON value")
	}
	return v, nil
}
