package expr

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
)

func TestTemplatesRenderWhole(t *testing.T) {
	t.Parallel()
	got, err := render(t, decode(t, `{
		"chat": "${params.chat}",
		"text": "Hello from ${params.city}",
		"${params.n}": {"list": ["${steps.numbers}", "$${x}", 1.50, true, null]},
		"fixed": {"a": [1, "b"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := decode(t, `{
		"chat": -1001234567890123,
		"text": "Hello from Chișinău",
		"${params.n}": {"list": [[3, 1, 2], "${x}", 1.50, true, null]},
		"fixed": {"a": [1, "b"]}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAllFaultsAreToldWithTheirPlaces(t *testing.T) {
	t.Parallel()
	places := func(err error) (at []string) {
		for _, f := range ordinaut.AsError(err).All() {
			at = append(at, f.At+" "+string(f.Code))
		}
		return at
	}
	t.Run("when it is read", func(t *testing.T) {
		t.Parallel()
		_, err := ParseTemplate(decode(t, `{"b": ["${a b}", "fine ${a}", {"c/d": "${frob(1)}"}], "a": "${"}`))
		want := []string{"/a expression.syntax", "/b/0 expression.syntax", "/b/2/c~1d expression.unknown_function"}
		if diff := cmp.Diff(want, places(err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("when it is rendered", func(t *testing.T) {
		t.Parallel()
		_, err := render(t, decode(t, `{"b": ["${gone}", "fine", "x ${params.none}"], "a": "${steps.gone.x}"}`))
		want := []string{"/a expression.null_value", "/b/0 expression.unknown_root", "/b/2 expression.null_value"}
		if diff := cmp.Diff(want, places(err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("one alone stands for itself", func(t *testing.T) {
		t.Parallel()
		_, err := render(t, "${gone}")
		if f := ordinaut.AsError(err); f.At != "" || f.Sent != "${gone}" || len(f.Faults) != 0 {
			t.Errorf("got %#v", f)
		}
	})
}

func TestConstantTemplates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`null`: true, `5`: true, `"x"`: true, `"$"`: true, `"{}"`: true, `[1, {"a": "b"}]`: true, `{"${a}": 1}`: true, `[]`: true,
		`"${1}"`: false, `["x", "${a}"]`: false, `{"a": {"b": "x${a}"}}`: false, `"$${a}"`: true, `["$${a}"]`: true,
	} {
		tmpl, err := ParseTemplate(decode(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if got := tmpl.Constant(); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestConstantTemplatesRenderToThemselves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := jsonValue(rapid.StringMatching(`[^$]*`), 3).Draw(t, "value")
		tmpl, err := ParseTemplate(value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tmpl.Render(&Env{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(value, got); diff != "" || !tmpl.Constant() {
			t.Errorf("constant %v (-want +got):\n%s", tmpl.Constant(), diff)
		}
	})
}

func TestTextFromValuesIsNeverExpandedAgain(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"$", "{", "}", "${", "$${", "${params.x}", "a", "'", "`", "é"})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, p := range rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces") {
			text += p
		}
		env := &Env{Roots: map[string]any{"params": map[string]any{"x": text}}}
		for template, want := range map[string]any{
			"${params.x}":                  text,
			"<${params.x}>":                "<" + text + ">",
			"${params.x}${params.x}":       text + text,
			"${join('', [params.x, '!'])}": text + "!",
		} {
			tmpl, err := ParseTemplate(template)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tmpl.Render(env)
			if err != nil || got != want {
				t.Errorf("%s: got %q, %v, want %q", template, got, err, want)
			}
		}
	})
}

func TestEveryTextCanBeWrittenLiterally(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a{}']*(\$?[a{}' ])*`).Draw(t, "text")
		literal, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Parse("`" + string(literal) + "`")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Eval(&Env{}); err != nil || got != text {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	})
}

func TestValuesPassThroughUntouched(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := jsonValue(rapid.String(), 3).Draw(t, "value")
		env := &Env{Roots: map[string]any{"params": map[string]any{"v": value}}}
		for _, template := range []string{"${params.v}", "${ params | v }", "${[params.v] | [0]}", "${params.v == params.v ? params.v : 'odd'}"} {
			tmpl, err := ParseTemplate(template)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tmpl.Render(env)
			if diff := cmp.Diff(value, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", template, err, diff)
			}
		}
	})
}

func TestJSONWrittenAndReadIsTheSame(t *testing.T) {
	t.Parallel()
	e, err := Parse("parse_json(json(@))")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		value := jsonValue(rapid.String(), 3).Draw(t, "value")
		got, err := e.Search(&Env{}, value)
		if diff := cmp.Diff(value, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// jsonValue draws JSON values that are at most depth levels deep.
func jsonValue(text *rapid.Generator[string], depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		text.AsAny(),
		rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,3})?(e[0-9]{1,2})?`), func(s string) any { return json.Number(s) }),
	)
	if depth == 0 {
		return leaf
	}
	deeper := jsonValue(text, depth-1)
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(deeper, 0, 4), func(items []any) any { return items }),
		rapid.Map(rapid.MapOfN(text, deeper, 0, 4), func(fields map[string]any) any { return fields }))
}

func TestNumbersOfGoAreNumbers(t *testing.T) {
	t.Parallel()
	env := &Env{Roots: map[string]any{"a": 2, "b": int64(3), "c": 0.5, "d": json.Number("4")}}
	for template, want := range map[string]any{
		"${a}":                             2,
		"${b}":                             int64(3),
		"${c}":                             0.5,
		"${a + b + c + d}":                 json.Number("9.5"),
		"${a}, ${b}, ${c}, ${d}":           "2, 3, 0.5, 4",
		"${a < b and c < a and b < d}":     true,
		"${max([a, b, c, d])}":             json.Number("4"),
		"${[a, b, c, d] == `[2,3,0.5,4]`}": true,
	} {
		tmpl, err := ParseTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tmpl.Render(env); err != nil || got != want {
			t.Errorf("%s: got %#v, %v, want %#v", template, got, err, want)
		}
	}
}

func TestValuesThatAreNotJSONAreOurFault(t *testing.T) {
	t.Parallel()
	env := &Env{Roots: map[string]any{"a": struct{}{}}}
	for _, template := range []any{"${a}", "x ${a}", "${[a]}", "${ {a: a} }", struct{}{}, "${json(a)}"} {
		tmpl, err := ParseTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tmpl.Render(env); ordinaut.AsError(err).Code != ordinaut.CodeInternal {
			t.Errorf("%v: got %v, %v, want an internal error", template, got, err)
		}
	}
}
