package service_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// compared compares two runs, and tells the differences, a line each.
func compared(t *testing.T, w *ordinauttest.World, a, b service.Run) (service.RunComparison, []string) {
	t.Helper()
	c := read[service.RunComparison](t, w.Do("run.compare", fmt.Sprintf(`{"run": %q, "other": %q}`, a.ID, b.ID)))
	lines := []string{}
	for _, d := range c.Differences {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s%s: %s -> %s", d.Step, d.Of, d.Path, d.Was, d.Is)))
	}
	return c, lines
}

// echo gives back what it was sent.
const echo = `{"key": "echo", "title": "Echo", "schedule_kind": "manual", "payload": {"pipeline": [
	{"id": "say", "uses": "debug.echo", "with": {"message": "${params}"}},
	{"id": "more", "if": "params.more", "uses": "debug.echo"}]}}`

func TestTwoRunsAreCompared(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(report)
		was := run(t, w, "task.run", `{"task": "report", "wait_seconds": 5}`)
		is := run(t, w, "run.rerun", `{"run": %q, "from_step": "failed", "params": {"broken": false}, "wait_seconds": 5}`, was.ID)
		got, lines := compared(t, w, was, is)
		const broken = `{"class":"tool_error","code":"tool.failed","message":"it is broken","step":"send"}`
		want := []string{
			`params:  -> {"broken":false}`, `error: ` + broken + ` ->`, `send input/broken: true -> false`,
			`send output:  -> {"args":{"at":"2000-01-01T00:00:00Z","broken":false,"from":1},"call":2}`, `send error: ` + broken + ` ->`,
			`output:  -> {"sent":2}`,
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("differences (-want +got):\n%s", diff)
		}
		if got.Run.Status != ordinaut.RunFailed || got.Other.Status != ordinaut.RunSucceeded || got.Other.Trigger != ordinaut.TriggerRerun || got.More {
			t.Errorf("got %+v and %+v", got.Run, got.Other)
		}
		var steps []string
		for _, s := range got.Steps {
			steps = append(steps, fmt.Sprintf("%s %s %s %d %d", s.Path, s.Status, s.OtherStatus, s.Input, s.Output))
		}
		if diff := cmp.Diff([]string{"fetch succeeded succeeded 0 0", "send failed succeeded 1 1", "note  succeeded 0 0"}, steps); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
	})
}

func TestValuesAreComparedWhereTheyStand(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(echo)
		ask := func(params string) service.Run {
			return run(t, w, "task.run", `{"task": "echo", "wait_seconds": 5, "params": %s}`, params)
		}
		a := ask(`{"n": 1, "same": [{"x": 1}], "list": [1, 2], "gone": null, "a/b": {"~": 1}, "shape": [1]}`)
		_, lines := compared(t, w, a, ask(`{"n": 2, "same": [{"x": 1}], "list": [1, 3, 4], "a/b": {"~": 2}, "shape": {"0": 1}}`))
		want := []string{
			`params/a~1b/~0: 1 -> 2`, `params/gone: null ->`, `params/list/1: 2 -> 3`, `params/list/2:  -> 4`,
			`params/n: 1 -> 2`, `params/shape: [1] -> {"0":1}`,
		}
		if diff := cmp.Diff(want, lines[:len(want)]); diff != "" {
			t.Errorf("differences (-want +got):\n%s", diff)
		}
		if _, lines := compared(t, w, a, a); len(lines) > 0 {
			t.Errorf("a run differs from itself: %v", lines)
		}
		refused(t, w, "run.compare", fmt.Sprintf(`{"run": "none", "other": %q}`, a.ID), ordinaut.CodeRunNotFound)
		if e := refused(t, w, "run.compare", fmt.Sprintf(`{"run": %q, "other": "none"}`, a.ID), ordinaut.CodeRunNotFound); e.At != "/other" {
			t.Errorf("the fault is at %s", e.At)
		}
	})
}

func TestAComparisonIsBounded(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(echo)
		ask := func(params any) service.Run {
			text, err := json.Marshal(params)
			if err != nil {
				t.Fatal(err)
			}
			return run(t, w, "task.run", `{"task": "echo", "wait_seconds": 5, "params": %s}`, text)
		}
		long := ask(map[string]any{"list": make([]int, limits.Differences+1), "more": strings.Repeat("é", limits.ShownBytes)})
		got, _ := compared(t, w, long, ask(map[string]any{"list": []int{}}))
		if len(got.Differences) != limits.Differences || !got.More {
			t.Errorf("got %d differences, more %v", len(got.Differences), got.More)
		}
		got, _ = compared(t, w, ask(map[string]any{"more": strings.Repeat("é", limits.ShownBytes)}), ask(map[string]any{}))
		if was := got.Differences[0].Was; len(was) > limits.ShownBytes || !strings.HasSuffix(string(was), `… (2050 bytes)"`) {
			t.Errorf("a long value is shown as %s", was)
		}
	})
}
