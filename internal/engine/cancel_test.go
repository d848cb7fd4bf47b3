package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// onlyRun is the one run of a task, with its steps as "path status code".
func onlyRun(t *testing.T, w *ordinauttest.World, id ordinaut.TaskID) (ordinaut.Run, string) {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id, Limit: 2})
	if err != nil || len(runs) != 1 {
		t.Fatalf("got %d runs and error %v, want one run", len(runs), err)
	}
	steps, err := w.Store.Steps(t.Context(), runs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, s := range steps {
		line := fmt.Sprintf("%s %s", s.Path, s.Status)
		if s.Failure != nil {
			line += " " + string(s.Failure.Code)
		}
		told = append(told, line)
	}
	return runs[0], strings.Join(told, ", ")
}

func cancelRun(w *ordinauttest.World, id ordinaut.RunID) {
	w.Do("run.cancel", fmt.Sprintf(`{"run": %q}`, id))
}

func TestACanceledRunEndsAtOnce(t *testing.T) {
	var calls atomic.Int32
	story(t, &faulty{}, working(30*time.Minute, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		ordinauttest.Pass(time.Hour + 3*time.Second)
		run, _ := onlyRun(t, w, id)
		cancelRun(w, run.ID)
		ordinauttest.Pass(time.Millisecond)
		run, steps := onlyRun(t, w, id)
		if run.Status != ordinaut.RunCanceled || run.Reason != ordinaut.ReasonCanceled || run.Failures != 0 {
			t.Errorf("got %+v, want a run that was canceled and blames nobody", run)
		}
		if steps != "work failed tool.canceled" {
			t.Errorf("got steps %q, want one that was canceled", steps)
		}
		ordinauttest.Pass(10 * time.Minute)
		if calls.Load() != 1 {
			t.Errorf("got %d calls, want one", calls.Load())
		}
	})
}

func TestACanceledRunMakesNoFurtherCall(t *testing.T) {
	var second atomic.Int32
	script := new(ordinauttest.Script).
		On("deaf", func(context.Context, int, json.RawMessage) (any, error) {
			<-time.After(5 * time.Second) // it does not look at its context, and succeeds
			return "done", nil
		}).
		On("next", func(context.Context, int, json.RawMessage) (any, error) {
			second.Add(1)
			return "done", nil
		})
	story(t, &faulty{}, script, nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(`{"title": "Work", "schedule_kind": "interval", "schedule_expr": "1h", "timezone": "UTC", "payload": {"pipeline": [
			{"id": "a", "uses": "script.deaf"}, {"id": "b", "uses": "script.next"}]}}`)
		ordinauttest.Pass(time.Hour + time.Second)
		run, _ := onlyRun(t, w, id)
		cancelRun(w, run.ID)
		ordinauttest.Pass(10 * time.Second)
		run, steps := onlyRun(t, w, id)
		if run.Status != ordinaut.RunCanceled || steps != "a succeeded" || second.Load() != 0 {
			t.Errorf("got %s with steps %q and %d further calls, want canceled after the first step", run.Status, steps, second.Load())
		}
	})
}

func TestAToolThatDoesNotAnswerLosesItsLease(t *testing.T) {
	script := new(ordinauttest.Script).On("work", func(context.Context, int, json.RawMessage) (any, error) {
		<-time.After(5 * time.Minute)
		return "too late", nil
	})
	tune := func(o *engine.Options) { o.Reclaim = time.Second }
	story(t, &faulty{}, script, tune, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		ordinauttest.Pass(time.Hour + 15*time.Second)
		run, _ := onlyRun(t, w, id)
		cancelRun(w, run.ID)
		ordinauttest.Pass(31 * time.Second)
		if run, _ = onlyRun(t, w, id); run.Status != ordinaut.RunCanceled {
			t.Errorf("got %s after the lease, want canceled", run.Status)
		}
		ordinauttest.Pass(10 * time.Minute)
		if run, _ = onlyRun(t, w, id); run.Status != ordinaut.RunCanceled || run.Output != nil {
			t.Errorf("got %s with output %s after the tool has answered, want canceled without", run.Status, run.Output)
		}
	})
}

func TestARequestToEndIsSeenWithoutASignal(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{}
	story(t, f, working(30*time.Minute, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		ordinauttest.Pass(time.Hour + time.Second)
		run, _ := onlyRun(t, w, id)
		f.have(func(b *faults) { b.canceling = func() error { return errDisk } })
		cancelRun(w, run.ID)
		ordinauttest.Pass(3 * time.Second)
		if run, _ = onlyRun(t, w, id); run.Status != ordinaut.RunRunning {
			t.Errorf("got %s while the store cannot say, want running", run.Status)
		}
		f.have(func(b *faults) { b.canceling = nil })
		ordinauttest.Pass(10 * time.Second)
		if run, _ = onlyRun(t, w, id); run.Status != ordinaut.RunCanceled {
			t.Errorf("got %s after a heartbeat, want canceled", run.Status)
		}
	})
}

func TestARequestOutlivesItsWorker(t *testing.T) {
	var calls atomic.Int32
	story(t, &faulty{}, working(30*time.Minute, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		ordinauttest.Pass(time.Hour + time.Second)
		run, _ := onlyRun(t, w, id)
		change := ordinaut.Change{Actor: "test", Action: "run.cancel"}
		if err := w.Store.CancelRun(t.Context(), run.ID, ordinaut.ReasonCanceled, change); err != nil {
			t.Fatal(err)
		}
		w.Crash()
		w.Restart()
		ordinauttest.Pass(time.Minute)
		if run, _ = onlyRun(t, w, id); run.Status != ordinaut.RunCanceled || calls.Load() != 1 {
			t.Errorf("got %s after %d calls, want canceled after one", run.Status, calls.Load())
		}
	})
}

func TestACanceledRunEndsAllItsBranches(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", `
			{"id": "a", "uses": "script.work", "needs": [], "on_error": "continue", "with": {"name": "a", "takes": 600}},
			{"id": "b", "uses": "script.work", "needs": [], "retry": {"max_retries": 5}, "with": {"name": "b", "takes": 600}},
			{"id": "list", "uses": "script.work", "needs": [], "foreach": "params.list", "max_parallel": 2, "with": {"name": "l${index}", "takes": 600}},
			{"id": "c", "uses": "script.work", "needs": ["a"], "with": {"name": "c", "takes": 1}}`))
		ordinauttest.Pass(time.Hour + 3*time.Second)
		run, _ := onlyRun(t, w, id)
		cancelRun(w, run.ID)
		ordinauttest.Pass(10 * time.Minute)
		run, steps := onlyRun(t, w, id)
		if run.Status != ordinaut.RunCanceled || run.Failures != 0 {
			t.Errorf("got %+v, want it canceled", run)
		}
		if strings.Count(steps, "failed tool.canceled") != 4 || strings.Contains(steps, "running") || d.count["c"] != 0 || d.count["b"] != 1 {
			t.Errorf("got steps %q and calls %v, want four cut short and none begun after", steps, d.count)
		}
	})
}
