package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// fragile is a tool that works when it is told broken: false, and counts.
func fragile(_ context.Context, n int, args json.RawMessage) (any, error) {
	var told struct{ Broken bool }
	if err := json.Unmarshal(args, &told); err != nil {
		return nil, err
	}
	if told.Broken {
		return nil, &tool.Failure{Class: ordinaut.ClassToolError, Err: &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "it is broken"}}
	}
	return map[string]any{"call": n, "args": args}, nil
}

// liveWith lives through a test with the tools script.fetch and script.send.
func liveWith(t *testing.T, tell func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := (&ordinauttest.Script{}).On("fetch", fragile).On("send", fragile)
		tell(t, ordinauttest.Start(t, ordinauttest.Options{Script: s}), s)
	})
}

// report is a task whose send is broken unless its params say otherwise.
const report = `{"key": "report", "title": "Report", "schedule_kind": "manual", "max_retries": 0, "labels": {"team": "ops"}, "payload": {
	"params": {"broken": true, "city": "Iasi"}, "pipeline": [
	{"id": "fetch", "uses": "script.fetch", "with": {"city": "${params.city}", "at": "${now}"}},
	{"id": "send", "uses": "script.send", "with": {"broken": "${params.broken}", "from": "${steps.fetch.call}", "at": "${now}"}},
	{"id": "note", "uses": "debug.echo", "with": {"sent": "${steps.send.call}"}}]}}`

// run does an operation that gives a run.
func run(t *testing.T, w *ordinauttest.World, name, request string, args ...any) service.Run {
	t.Helper()
	return read[service.Run](t, w.Do(name, fmt.Sprintf(request, args...)))
}

// stepOf is a step of a run.
func stepOf(t *testing.T, r service.Run, path string) service.Step {
	t.Helper()
	i := slices.IndexFunc(r.Steps, func(s service.Step) bool { return s.Path == path })
	if i < 0 {
		t.Fatalf("the run has no step %s: %+v", path, r.Steps)
	}
	return r.Steps[i]
}

// calls is for how many runs each tool was called.
func calls(s *ordinauttest.Script) string {
	return fmt.Sprintf("fetch %d, send %d", len(s.Keys("fetch")), len(s.Keys("send")))
}

func TestARerunGoesOnWhereTheRunFailed(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script) {
		w.Create(report)
		was := run(t, w, "task.run", `{"task": "report", "params": {"city": "Cahul"}, "wait_seconds": 5}`)
		if was.Status != ordinaut.RunFailed {
			t.Fatalf("it %s", was.Status)
		}
		ordinauttest.Pass(time.Hour)
		is := run(t, w, "run.rerun", `{"run": %q, "from_step": "failed", "params": {"broken": false}, "wait_seconds": 5}`, was.ID)
		if is.Status != ordinaut.RunSucceeded || is.Trigger != ordinaut.TriggerRerun || is.RerunOf != was.ID {
			t.Errorf("got %s, trigger %s, of %s: %+v", is.Status, is.Trigger, is.RerunOf, is.Error)
		}
		if got, want := string(is.Params), `{"broken":false,"city":"Cahul"}`; got != want {
			t.Errorf("got params %s, want %s", got, want)
		}
		if got, want := calls(s), "fetch 1, send 2"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if diff := cmp.Diff(stepOf(t, was, "fetch"), stepOf(t, is, "fetch")); diff != "" {
			t.Errorf("what is kept (-was +is):\n%s", diff)
		}
		var told struct{ At string }
		if err := json.Unmarshal(stepOf(t, is, "send").Input, &told); err != nil || !strings.HasPrefix(told.At, was.StartedAt.Format("2006-01-02T15:04")) {
			t.Errorf("what is done anew has now %q, want that of the run %v", told.At, was.StartedAt)
		}
		shown := run(t, w, "run.get", `{"run": %q}`, was.ID)
		if diff := cmp.Diff([]service.RunLink{{ID: is.ID, Status: ordinaut.RunSucceeded}}, shown.Reruns); diff != "" {
			t.Errorf("reruns of the run (-want +got):\n%s", diff)
		}
	})
}

func TestARerunBeginsWhereItIsTold(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script) {
		w.Create(report)
		was := run(t, w, "task.run", `{"task": "report", "params": {"broken": false}, "wait_seconds": 5}`)
		ordinauttest.Pass(time.Hour)
		for _, c := range []struct {
			request, calls string
			newNow         bool
		}{
			{`{"run": %q, "from_step": "note", "wait_seconds": 5}`, "fetch 1, send 1", false},
			{`{"run": %q, "from_step": "send", "wait_seconds": 5}`, "fetch 1, send 2", false},
			{`{"run": %q, "from_step": "send", "now": "new", "wait_seconds": 5}`, "fetch 1, send 3", true},
			{`{"run": %q, "wait_seconds": 5}`, "fetch 2, send 4", true},
			{`{"run": %q, "now": "same", "wait_seconds": 5}`, "fetch 3, send 5", false},
		} {
			is := run(t, w, "run.rerun", c.request, was.ID)
			if is.Status != ordinaut.RunSucceeded || calls(s) != c.calls {
				t.Errorf("%s: it %s with %s, want %s", c.request, is.Status, calls(s), c.calls)
			}
			kept := strings.Contains(string(stepOf(t, is, "send").Input), was.StartedAt.Format("T15:04"))
			if kept == c.newNow {
				t.Errorf("%s: send was given %s", c.request, stepOf(t, is, "send").Input)
			}
		}
	})
}

func TestARerunFollowsTheVersionItIsTold(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script) {
		w.Create(report)
		was := run(t, w, "task.run", `{"task": "report", "wait_seconds": 5}`)
		w.Do("task.update", `{"task": "report", "payload": {"pipeline": [
			{"id": "fetch", "uses": "script.fetch"}, {"id": "mended", "uses": "script.send", "with": {"from": "${steps.fetch.call}"}}]}}`)
		same := run(t, w, "run.rerun", `{"run": %q, "from_step": "failed", "wait_seconds": 5}`, was.ID)
		latest := run(t, w, "run.rerun", `{"run": %q, "from_step": "mended", "version": "latest", "wait_seconds": 5}`, was.ID)
		if same.TaskVersion != 1 || same.Status != ordinaut.RunFailed || latest.TaskVersion != 2 || latest.Status != ordinaut.RunSucceeded {
			t.Errorf("got version %d that %s, and version %d that %s", same.TaskVersion, same.Status, latest.TaskVersion, latest.Status)
		}
		if got, want := calls(s), "fetch 1, send 3"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		w.Do("task.update", `{"task": "report", "payload": {"pipeline": [{"id": "get", "uses": "script.fetch"}]}}`)
		e := refused(t, w, "run.rerun", fmt.Sprintf(`{"run": %q, "from_step": "failed", "version": "latest"}`, was.ID), ordinaut.CodeRunState)
		if want := "version 3 has no place for the results of fetch: it has no such step, or calls another tool there"; e.Message != want {
			t.Errorf("got %q, want %q", e.Message, want)
		}
	})
}

func TestARerunThatCannotBeIsRefused(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(report)
		good := run(t, w, "task.run", `{"task": "report", "params": {"broken": false}, "wait_seconds": 5}`)
		w.Do("task.pause", `{"task": "report"}`)
		waiting := run(t, w, "task.run", `{"task": "report", "force": true}`)
		for _, c := range []struct {
			request, message string
			code             ordinaut.Code
		}{
			{`{"run": "none"}`, `there is no run "none"`, ordinaut.CodeRunNotFound},
			{fmt.Sprintf(`{"run": %q}`, good.ID), "a paused task is not run; report is paused", ordinaut.CodeTaskState},
			{fmt.Sprintf(`{"run": %q, "force": true}`, waiting.ID), "a run is repeated when it has ended; this one is queued", ordinaut.CodeRunState},
			{fmt.Sprintf(`{"run": %q, "force": true, "from_step": "failed"}`, good.ID), "the run has succeeded, so there is no step at which it failed", ordinaut.CodeRunState},
			{fmt.Sprintf(`{"run": %q, "force": true, "from_step": "sent"}`, good.ID), `the pipeline has no step "sent"`, ordinaut.CodePipelineReference},
			{fmt.Sprintf(`{"run": %q, "force": true, "params": [1]}`, good.ID), "params must be an object", ordinaut.CodeFieldType},
		} {
			if e := refused(t, w, "run.rerun", c.request, c.code); e.Message != c.message {
				t.Errorf("%s: got %q, want %q", c.request, e.Message, c.message)
			}
		}
		dry := run(t, w, "run.rerun", `{"run": %q, "force": true, "dry_run": true}`, good.ID)
		refused(t, w, "run.get", fmt.Sprintf(`{"run": %q}`, dry.ID), ordinaut.CodeRunNotFound)
		w.Do("task.cancel", `{"task": "report"}`)
		refused(t, w, "run.rerun", fmt.Sprintf(`{"run": %q, "force": true}`, good.ID), ordinaut.CodeTaskState)
	})
}

func TestARerunRefusesResultsThatAreGone(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(report)
		was := run(t, w, "task.run", `{"task": "report", "wait_seconds": 5}`)
		ordinauttest.Pass(time.Hour)
		if _, err := w.Store.Prune(t.Context(), ordinaut.Keep{Runs: 24 * time.Hour, Steps: time.Minute, Ledger: 24 * time.Hour}, 100); err != nil {
			t.Fatal(err)
		}
		e := refused(t, w, "run.rerun", fmt.Sprintf(`{"run": %q, "from_step": "failed"}`, was.ID), ordinaut.CodeRunState)
		if want := "the results of the run are not kept any more"; e.Message != want {
			t.Errorf("got %q, want %q", e.Message, want)
		}
		w.Do("run.rerun", fmt.Sprintf(`{"run": %q}`, was.ID))
	})
}

func TestWhatWasUndoneIsDoneAgain(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script) {
		w.Create(`{"key": "order", "title": "Order", "schedule_kind": "manual", "max_retries": 0, "payload": {"params": {"broken": true}, "pipeline": [
			{"id": "look", "uses": "script.fetch"},
			{"id": "reserve", "uses": "script.fetch", "undo": {"uses": "debug.echo"}},
			{"id": "pay", "uses": "script.send", "with": {"broken": "${params.broken}"}}]}}`)
		was := run(t, w, "task.run", `{"task": "order", "wait_seconds": 5}`)
		stepOf(t, was, "reserve.undo")
		is := run(t, w, "run.rerun", `{"run": %q, "from_step": "failed", "params": {"broken": false}, "wait_seconds": 5}`, was.ID)
		if got, want := calls(s), "fetch 3, send 2"; is.Status != ordinaut.RunSucceeded || got != want {
			t.Errorf("it %s with %s, want %s: look is kept, and reserve done again", is.Status, got, want)
		}
	})
}

func TestARerunSkipsNoItemAndRepeatsNone(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script) {
		w.Create(`{"key": "mail", "title": "Mail", "schedule_kind": "manual", "max_retries": 0, "payload": {"pipeline": [
			{"id": "people", "uses": "debug.echo", "with": {"all": [1, 2, 3]}},
			{"id": "mail", "foreach": "steps.people.all", "uses": "script.send", "with": {"broken": "${item == 2 && run.trigger != 'rerun'}", "to": "${item}"}}]}}`)
		was := run(t, w, "task.run", `{"task": "mail", "wait_seconds": 5}`)
		is := run(t, w, "run.rerun", `{"run": %q, "from_step": "failed", "wait_seconds": 5}`, was.ID)
		if got, want := calls(s), "fetch 0, send 4"; is.Status != ordinaut.RunSucceeded || got != want {
			t.Errorf("it %s with %s, want %s: %s", is.Status, got, want, s.Calls())
		}
		one := run(t, w, "run.rerun", `{"run": %q, "from_step": "mail[0]", "wait_seconds": 5}`, is.ID)
		if got, want := calls(s), "fetch 0, send 5"; one.Status != ordinaut.RunSucceeded || got != want {
			t.Errorf("it %s with %s, want %s: %s", one.Status, got, want, s.Calls())
		}
	})
}

func TestACanceledRunGoesOnWhereItWas(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script) {
		w.Create(`{"key": "slow", "title": "Slow", "schedule_kind": "manual", "payload": {"pipeline": [
			{"id": "first", "uses": "script.fetch"}, {"id": "nap", "uses": "system.sleep", "with": {"seconds": 3600}}, {"id": "last", "uses": "script.send"}]}}`)
		was := run(t, w, "task.run", `{"task": "slow", "wait_seconds": 5}`)
		run(t, w, "run.cancel", `{"run": %q}`, was.ID)
		again := run(t, w, "run.rerun", `{"run": %q, "from_step": "failed"}`, was.ID)
		ordinauttest.Pass(2 * time.Hour)
		is := run(t, w, "run.get", `{"run": %q}`, again.ID)
		if got, want := calls(s), "fetch 1, send 1"; is.Status != ordinaut.RunSucceeded || got != want {
			t.Errorf("it is %s with %s, want %s", is.Status, got, want)
		}
	})
}
