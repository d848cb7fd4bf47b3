package expr

import (
	"strings"
	"unicode/utf8"
)

func textFunctions() []function {
	return []function{
		{"ends_with", types("string", "string"), func(ev *evaluation, args []any) (any, error) {
			return strings.HasSuffix(args[0].(string), args[1].(string)), ev.budget.spendText(len(args[1].(string)))
		}},
		{"join", types("string", "array[string]"), join},
		{"lower", types("string"), mapped(strings.ToLower)},
		{"replace", types("string", "string", "string"), replace},
		{"split", types("string", "string"), split},
		{"starts_with", types("string", "string"), func(ev *evaluation, args []any) (any, error) {
			return strings.HasPrefix(args[0].(string), args[1].(string)), ev.budget.spendText(len(args[1].(string)))
		}},
		{"trim", types("string"), mapped(strings.TrimSpace)},
		{"upper", types("string"), mapped(strings.ToUpper)},
	}
}

// mapped applies f, which makes a text of about the same length.
func mapped(f func(string) string) func(*evaluation, []any) (any, error) {
	return func(ev *evaluation, args []any) (any, error) {
		s := args[0].(string)
		if err := ev.budget.makeText(len(s)); err != nil {
			return nil, err
		}
		return f(s), nil
	}
}

func join(ev *evaluation, args []any) (any, error) {
	glue, items := args[0].(string), args[1].([]any)
	if err := ev.budget.spend(len(items)); err != nil {
		return nil, err
	}
	size := 0
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = item.(string)
		size += len(parts[i]) + len(glue)
	}
	if err := ev.budget.makeText(size); err != nil {
		return nil, err
	}
	return strings.Join(parts, glue), nil
}

// replace puts the third argument in every place of the second.
func replace(ev *evaluation, args []any) (any, error) {
	s, old, with := args[0].(string), args[1].(string), args[2].(string)
	if old == "" {
		return nil, badValue("the text to replace is empty", "name the text that is to be replaced")
	}
	if err := ev.budget.spendText(len(s)); err != nil {
		return nil, err
	}
	if err := ev.budget.makeText(len(s) + strings.Count(s, old)*(len(with)-len(old))); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s, old, with), nil
}

// split cuts a text at each place of the second argument; an empty one cuts it
// into its characters.
func split(ev *evaluation, args []any) (any, error) {
	s, separator := args[0].(string), args[1].(string)
	if err := ev.budget.spendText(len(s)); err != nil {
		return nil, err
	}
	if err := ev.budget.spend(strings.Count(s, separator) + 1); err != nil {
		return nil, err
	}
	parts := strings.Split(s, separator)
	list := make([]any, len(parts))
	for i, part := range parts {
		list[i] = part
	}
	return list, nil
}

func reverseText(b *budget, s string) (any, error) {
	if err := b.makeText(len(s)); err != nil {
		return nil, err
	}
	reversed := make([]byte, 0, len(s))
	for s != "" {
		_, size := utf8.DecodeLastRuneInString(s)
		reversed = append(reversed, s[len(s)-size:]...)
		s = s[:len(s)-size]
	}
	return string(reversed), nil
}
