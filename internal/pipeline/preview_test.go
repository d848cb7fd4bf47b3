package pipeline_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

func TestTheOutlineSaysWhatStepsRead(t *testing.T) {
	t.Parallel()
	p := compile(t, `{"pipeline": [
		{"uses": "debug.echo", "save_as": "one"},
		{"id": "b", "uses": "debug.echo", "if": "steps.one", "with": {"x": "${params.y || 1}"}, "timeout": 2},
		{"id": "c", "uses": "debug.echo", "with": {"all": "${steps}"}},
		{"id": "d", "uses": "debug.echo", "with": {"x": "${steps.step_0.x} ${steps.c.all}"}}]}`)
	want := []pipeline.Outline{
		{Path: "step_0", Names: []string{"step_0", "one"}, Tool: "debug.echo", Timeout: 30 * time.Second},
		{Path: "b", Names: []string{"b"}, Tool: "debug.echo", Needs: []string{"step_0"}, Reads: []string{"step_0"}, Conditional: true, Timeout: 2 * time.Second},
		{Path: "c", Names: []string{"c"}, Tool: "debug.echo", Needs: []string{"b"}, Reads: []string{"step_0", "b"}, Timeout: 30 * time.Second},
		{Path: "d", Names: []string{"d"}, Tool: "debug.echo", Needs: []string{"c"}, Reads: []string{"step_0", "c"}, Timeout: 30 * time.Second},
	}
	if diff := cmp.Diff(want, p.Outline()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPreviewNeedsSamplesOnlyOfWhatIsRead(t *testing.T) {
	t.Parallel()
	p := compile(t, `{"pipeline": [
		{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "save_as": "bee", "with": {"x": "${steps.a.n}"}},
		{"id": "c", "uses": "debug.echo", "if": "steps.bee.n > 1", "with": {"x": "of ${steps.b.m}"}}, {"id": "d", "uses": "debug.echo", "with": {"c": "${steps.c}", "now": "${now}"}}]}`)
	for name, c := range map[string]struct {
		samples string
		want    []string
	}{
		"none":                {`{}`, []string{"a call {}", "b missing [a]", "c missing [b]", `d missing [c]`}},
		"all":                 {`{"a": {"n": 1}, "b": {"n": 2, "m": 3}, "c": {"z": null}}`, []string{"a call {}", `b call {"x":1}`, `c call {"x":"of 3"}`, `d call {"c":{"z":null},"now":"2026-03-27T08:30:00+02:00"}`}},
		"by the second name":  {`{"bee": {"n": 1}}`, []string{"a call {}", "b missing [a]", "c skip", `d call {"c":null,"now":"2026-03-27T08:30:00+02:00"}`}},
		"one does not render": {`{"a": 1, "b": {"n": 2}, "c": 4}`, []string{"a call {}", `b call {"x":null}`, "c failed /with/x", `d call {"c":4,"now":"2026-03-27T08:30:00+02:00"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var samples map[string]json.RawMessage
			if err := json.Unmarshal([]byte(c.samples), &samples); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range p.Preview(env(t), samples) {
				got = append(got, v.Path+" "+said(v))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func said(v pipeline.Preview) string {
	switch {
	case v.Missing != nil:
		return fmt.Sprint("missing ", v.Missing)
	case v.Skipped:
		return "skip"
	case v.Failure != nil:
		return "failed " + v.Failure.At
	case v.Foreach:
		return fmt.Sprintf("%d items, the first %s", v.Items, v.Args)
	}
	return "call " + string(v.Args)
}

func TestAPreviewKnowsBranchesAndLists(t *testing.T) {
	t.Parallel()
	p := compile(t, `{"params": {"names": ["ann", "bob"]}, "pipeline": [
		{"id": "last", "uses": "debug.echo", "needs": ["each", "body"], "with": {"x": "${steps.each}"}},
		{"id": "each", "uses": "debug.echo", "needs": [], "foreach": "params.names", "with": {"n": "${index} ${item}"}},
		{"id": "body", "needs": ["each"], "foreach": "steps.each", "steps": [{"id": "in", "uses": "debug.echo"}, {"id": "out", "uses": "debug.log", "with": {"message": "${steps.in.x} ${steps.each}"}}]}]}`)
	for samples, want := range map[string][]string{
		`{}`:                       {"last missing [each]", `each 2 items, the first {"n":"0 ann"}`, "body missing [each]"},
		`{"each": ["a"]}`:          {`last call {"x":["a"]}`, `each 2 items, the first {"n":"0 ann"}`, "body 1 items, the first "},
		`{"each": 5, "body": [1]}`: {`last call {"x":5}`, `each 2 items, the first {"n":"0 ann"}`, "body failed /foreach"},
	} {
		var given map[string]json.RawMessage
		if err := json.Unmarshal([]byte(samples), &given); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range p.Preview(env(t), given) {
			got = append(got, v.Path+" "+said(v))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", samples, diff)
		}
	}
	var reads []string
	for _, o := range p.Outline() {
		reads = append(reads, fmt.Sprint(o.Path, " ", o.Tool, " ", o.Needs, " ", o.Reads))
	}
	if diff := cmp.Diff([]string{"last debug.echo [each body] [each]", "each debug.echo [] []", "body debug.echo, debug.log [each] [each]"}, reads); diff != "" {
		t.Errorf("outline (-want +got):\n%s", diff)
	}
}

// TestTheDictionaryKnowsTheFieldsOfSteps holds the tags that files are described
// by against the fields that the checks accept.
func TestTheDictionaryKnowsTheFieldsOfSteps(t *testing.T) {
	t.Parallel()
	for of, c := range map[reflect.Type]string{
		reflect.TypeFor[ordinaut.Payload](): `{"pipeline": [{"uses": "debug.echo"}], "%s": null, "surely not": 1}`,
		reflect.TypeFor[ordinaut.Step]():    `{"pipeline": [{"uses": "debug.echo", "%s": null, "surely not": 1}]}`,
	} {
		var described []string
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			described = append(described, name)
			if faults := check(strings.Replace(c, "%s", name, 1), newShelf(t)); len(faults) == 0 || strings.Contains(fmt.Sprint(told(faults)), fmt.Sprintf("no field %q", name)) {
				t.Errorf("%s: the field %s is described, and the checks say %v", of, name, told(faults))
			}
		}
		faults := check(strings.Replace(c, "%s", "description", 1), newShelf(t))
		_, list, _ := strings.Cut(faults[len(faults)-1].Fix, "use one of ")
		for name := range strings.SplitSeq(list, ", ") {
			if !strings.Contains(","+strings.Join(described, ",")+",", ","+name+",") {
				t.Errorf("%s: the checks accept %s, which is not described", of, name)
			}
		}
	}
}
