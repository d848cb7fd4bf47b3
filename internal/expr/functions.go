package expr

import (
	"slices"
	"strings"
)

// function is one that expressions may call.
type function struct {
	name   string
	params []string // the types each argument may have; "..." at the end of the last says that it repeats
	do     func(ev *evaluation, args []any) (any, error)
}

// functions lists all of them. The two without a body are made into nodes of
// their own by the parser, since they do not evaluate all of their arguments.
func functions() []function {
	return slices.Concat(numberFunctions(), textFunctions(), listFunctions(), orderFunctions(), typeFunctions(), timeFunctions(),
		[]function{
			{"default", types("any", "any"), nil},
			{"if", types("any", "any", "any"), nil},
		})
}

func types(params ...string) []string { return params }

// usage shows how the function is called: round(number, number).
func (f function) usage() string { return f.name + "(" + strings.Join(f.params, ", ") + ")" }

// variadic says whether the last argument may repeat.
func (f function) variadic() bool {
	return strings.HasSuffix(f.params[len(f.params)-1], "...")
}

// takes says whether the function can be called with n arguments.
func (f function) takes(n int) bool {
	return n == len(f.params) || f.variadic() && n > len(f.params)
}

// param is what the i-th argument may be.
func (f function) param(i int) string {
	return strings.TrimSuffix(f.params[min(i, len(f.params)-1)], "...")
}

// inWords says what a param is, as in "a string or an array of numbers".
func inWords(param string) string {
	var words []string
	for one := range strings.SplitSeq(param, "|") {
		outer, inner, isList := strings.Cut(strings.TrimSuffix(one, "]"), "[")
		word := withArticle(outer)
		if isList {
			word += " of " + inner + "s"
		}
		words = append(words, word)
	}
	return strings.Join(words, " or ")
}

// accepts says whether v is of one of the types of param, such as
// "string|array[number]".
func accepts(b *budget, param string, v any) (bool, error) {
	for want := range strings.SplitSeq(param, "|") {
		outer, inner, isList := strings.Cut(strings.TrimSuffix(want, "]"), "[")
		if outer != "any" && outer != typeOf(v) {
			continue
		}
		if !isList {
			return true, nil
		}
		items := v.([]any)
		if err := b.spend(len(items)); err != nil {
			return false, err
		}
		if !slices.ContainsFunc(items, func(item any) bool { return typeOf(item) != inner }) {
			return true, nil
		}
	}
	return false, nil
}
