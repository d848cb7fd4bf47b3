package rehearsal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// forbidden is a server that must not be called.
type forbidden struct{ t *testing.T }

func (f forbidden) Tools(context.Context) ([]ordinaut.Tool, error) {
	f.t.Error("the server was asked for its tools")
	return nil, nil
}

func (f forbidden) Call(context.Context, tool.Call) (tool.Result, error) {
	f.t.Error("the server was called")
	return tool.Result{}, nil
}

// anyJSON draws JSON, a few levels deep.
func anyJSON(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 4
		if depth > 0 {
			kinds = 6
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "boolean")
		case 2:
			return rapid.StringMatching(`[a-z äß/~]{0,5}`).Draw(t, "text")
		case 3:
			return rapid.IntRange(-9, 9).Draw(t, "number")
		case 4:
			return rapid.SliceOfN(anyJSON(depth-1), 0, 3).Draw(t, "list")
		}
		return rapid.MapOfN(rapid.StringMatching(`[a-c/~]{1,2}`), anyJSON(depth-1), 0, 3).Draw(t, "object")
	})
}

// TestWhatWasGivenIsWhatIsExpected finds no difference between a value and
// itself, nor, unless it is to be exact, between it and less of it.
func TestWhatWasGivenIsWhatIsExpected(t *testing.T) {
	t.Parallel()
	rehearse := func(t *rapid.T, outer *testing.T, output, expected any, exact bool) bool {
		script, err := json.Marshal(map[string]any{
			"mocks": map[string]any{"x.y": map[string]any{"output": output}},
			"cases": []any{map[string]any{"expect": map[string]any{"output": expected, "exact": exact}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := prepare(outer, `{"pipeline": [{"uses": "x.y"}]}`).Run(outer.Context(), script)
		if err != nil {
			t.Fatalf("%s: %v", script, told(err))
		}
		return got.Passed
	}
	rapid.Check(t, func(r *rapid.T) {
		value := anyJSON(3).Draw(r, "value")
		if !rehearse(r, t, value, value, true) {
			r.Error("a value differs from itself")
		}
		object, ok := value.(map[string]any)
		if !ok {
			return
		}
		for name := range object {
			less := map[string]any{}
			for other, v := range object {
				if other != name {
					less[other] = v
				}
			}
			if !rehearse(r, t, object, less, false) {
				r.Errorf("without %q it differs", name)
			}
			if rehearse(r, t, object, less, true) || rehearse(r, t, less, object, false) {
				r.Errorf("that %q is missing goes unnoticed", name)
			}
			return
		}
	})
}

// FuzzAScriptIsPlayedOrRefused throws anything at the reader of scripts: it must
// answer, and refuse with faults that say where they are.
func FuzzAScriptIsPlayedOrRefused(f *testing.F) {
	for _, script := range []string{
		`{}`, `[]`, `null`, `{"mocks": {` + sunny + `}}`, `{"cases": [{"expect": {"calls": ["a", {}], "steps": {"warn": {"called": true}}}}]}`,
		`{"mocks": {"warn": [{"match": {"text": 1e999}, "output": "${args.text}"}, {"error": {"class": "timeout"}}]}}`,
		`{"now": "2027-01-01T00:00:00Z", "mocks": {"x/y~": {"output": "${"}}}`,
	} {
		f.Add(script)
	}
	r := prepare(f, report)
	f.Fuzz(func(t *testing.T, script string) {
		got, err := r.Run(t.Context(), json.RawMessage(script))
		if err != nil {
			for _, fault := range ordinaut.AsError(err).All() {
				if fault.Code == ordinaut.CodeInternal || fault.Message == "" || fault.Fix == "" {
					t.Errorf("%q: %v", script, fmt.Sprint(fault, fault.Err))
				}
			}
			return
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%q: %v", script, err)
		}
	})
}
