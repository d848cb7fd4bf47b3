package expr

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

// checkFault fails when err is not an error that a user can mend.
func checkFault(t *testing.T, text string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, f := range ordinaut.AsError(err).All() {
		if f.Code == ordinaut.CodeInternal || f.Message == "" || f.Fix == "" || utf8.ValidString(text) && !utf8.ValidString(f.Message) {
			t.Errorf("%q: %#v is not an error a user can mend", text, f)
		}
	}
}

// FuzzExpr: no text panics or breaks out of the budget, and what evaluates does
// so twice to the same JSON.
func FuzzExpr(f *testing.F) {
	for _, group := range [][][2]string{timeCases(), typeCases(), logicCases(), arithmeticCases(), pathCases(), nullCases()} {
		for _, c := range group {
			f.Add(c[0])
		}
	}
	for _, text := range []string{
		"a[?b == `1`].{c: d, e: [f, g]} | sort_by(@, &c)[-1:0:-1]", "not a and !b or c ? d : e?", "*.*[*][]", "a-1h-b-2d", "$.a.\"b\\n\"",
		"'a\\'b' == `\"\\`\"`", "-(-1) % .5e-3", "((((((", "!!!!", "[@,@]|[@,@]|to_string(@)",
	} {
		f.Add(text)
	}
	e := env(f)
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := Parse(text)
		checkFault(t, text, err)
		if err != nil {
			return
		}
		for _, eval := range []func() (any, error){
			func() (any, error) { return parsed.Eval(e) },
			func() (any, error) { return parsed.Search(e, e.Roots["steps"]) },
		} {
			first, err := eval()
			checkFault(t, text, err)
			again, againErr := eval()
			if (err == nil) != (againErr == nil) {
				t.Errorf("%q: first %v, then %v", text, err, againErr)
			}
			if diff := cmp.Diff(first, again); diff != "" {
				t.Errorf("%q: evaluated again (-first +then):\n%s", text, diff)
			}
			if _, err := json.Marshal(first); err != nil {
				t.Errorf("%q: the value is not JSON: %v", text, err)
			}
		}
	})
}

// FuzzTemplate: no template panics, and a value that is read is never expanded.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{"", "x", "${params.city}", "a ${params.n} b $${c} ${steps.items[?ok].name}", "${ {a: '}'} }", "${", "$${", "$", "${`}`}", "${\"}\"?}"} {
		f.Add(text, "${params.n}")
	}
	e := env(f)
	f.Fuzz(func(t *testing.T, text, value string) {
		e := &Env{Roots: map[string]any{"params": e.Roots["params"], "steps": e.Roots["steps"], "value": value}, Now: e.Now, Zone: e.Zone}
		tmpl, err := ParseTemplate(map[string]any{"a": []any{text}, text: "<${value}>"})
		checkFault(t, text, err)
		if err != nil {
			return
		}
		got, err := tmpl.Render(e)
		checkFault(t, text, err)
		if err != nil {
			return
		}
		if inner := got.(map[string]any)[text]; text != "a" && inner != "<"+value+">" {
			t.Errorf("%q: the value became %q", value, inner)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%q: the value is not JSON: %v", text, err)
		}
	})
}
