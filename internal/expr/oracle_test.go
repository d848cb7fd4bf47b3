package expr

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmespath/go-jmespath"
	"pgregory.net/rapid"
)

// TestAgreesWithAnotherJMESPath compares random standard expressions on a
// random document with go-jmespath. Left out is what that library does by
// chance or against the specification: it panics on some searches, wildcards over objects come in random
// order, and a path goes on after "!" and after a multiselect in a projection.
func TestAgreesWithAnotherJMESPath(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := standard(3).Draw(t, "expression")
		doc := jsonValue(rapid.SampledFrom([]string{"a", "b", "c", ""}), 4).Draw(t, "document")
		e, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := e.Search(&Env{}, doc)
		if err != nil {
			return // it drops errors inside projections
		}
		want, err := jmespath.Search(text, withFloats(doc))
		if err != nil {
			t.Fatalf("%s on %v: got %v, want the error %v", text, doc, got, err)
		}
		if diff := cmp.Diff(want, withFloats(got)); diff != "" {
			t.Errorf("%s on %v (-want +got):\n%s", text, doc, diff)
		}
	})
}

// standard draws expressions of the standard grammar.
func standard(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		if depth == 0 {
			return rapid.SampledFrom([]string{"a", "b", "c", "@", "'a'", "`1`", "`true`", "`[1, [2], null]`", `"a"`}).Draw(t, "leaf")
		}
		x := standard(depth-1).Draw(t, "x")
		y := standard(depth-1).Draw(t, "y")
		form := rapid.SampledFrom([]string{
			"(%[1]s).a", "(%[1]s).b.c", "%[1]s | %[2]s", "(%[1]s)[0]", "(%[1]s)[-1]", "(%[1]s)[*]", "(%[1]s)[*].a", "(%[1]s)[*].b[0]",
			"(%[1]s)[]", "(%[1]s)[].a[]", "(%[1]s)[1:]", "(%[1]s)[::-1]", "(%[1]s)[:2].a", "(%[1]s)[?%[2]s]", "(%[1]s)[?a == `1`].b",
			"%[1]s || %[2]s", "%[1]s && %[2]s", "!(%[1]s)", "(%[1]s) == (%[2]s)", "(%[1]s) != (%[2]s)", "(%[1]s) < (%[2]s)", "(%[1]s) >= (%[2]s)",
			"[%[1]s, %[2]s]", "{a: %[1]s, b: %[2]s}", "(%[1]s).[a, b]", "(%[1]s).{c: a}",
			"type(%[1]s)", "to_array(%[1]s)", "not_null(%[1]s, %[2]s)", "length(to_array(%[1]s))", "contains(to_array(%[1]s), 'a')",
			"map(&a, to_array(%[1]s))", "reverse(to_array(%[1]s))", "sort(to_array(%[1]s)[?type(@) == 'string'])",
			"max(to_array(%[1]s)[].to_number(@))", "sum(to_array(%[1]s)[?type(@) == 'number'])",
			"sort_by(to_array(%[1]s)[?type(@) == 'number'], &@)", "length(%[1]s)", "keys(%[1]s) | length(@)", "abs(%[1]s)", "join(',', to_array(%[1]s))",
		}).Draw(t, "form")
		return fmt.Sprintf(form+"%.0[1]s%.0[2]s", x, y)
	})
}

// withFloats is the value with all its numbers as floats, which is all that
// go-jmespath knows.
func withFloats(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = withFloats(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, item := range v {
			object[key] = withFloats(item)
		}
		return object
	case json.Number:
		n, _ := toNumber(v)
		return n.float
	}
	return v
}
