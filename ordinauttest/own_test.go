package ordinauttest_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// TestATaskMakesATask carries out the example of the page about tools: a run makes
// a task, which fires three days later with what the run knew.
func TestATaskMakesATask(t *testing.T) {
	page, err := os.ReadFile("../docs/learn/tools.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)## Tasks that make tasks.*?```json\n(.*?)```").FindSubmatch(page)
	if example == nil {
		t.Fatal("the page has no example of a task that makes a task")
	}
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.run", `{"task": "`+string(w.Create(string(example[1])))+`"}`)
		ordinauttest.Pass(time.Minute)
		made := tasksOf(t, w)
		if len(made) != 2 || made[0].Title != "Ask Ana how it goes" {
			t.Fatalf("got %+v, want the task and the one that it made", made)
		}
		ordinauttest.Pass(3 * 24 * time.Hour)
		runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: made[0].ID})
		if err != nil || len(runs) != 1 || !strings.Contains(string(runs[0].Output), "Call Ana") {
			t.Fatalf("got %+v and %v, want one run that says Call Ana", runs, err)
		}
	})
}

func tasksOf(t *testing.T, w *ordinauttest.World) []ordinaut.Task {
	t.Helper()
	tasks, err := w.Store.ListTasks(t.Context(), ordinaut.TaskFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return tasks
}

// forgetful is a store that loses its leases after some more writes.
type forgetful struct {
	ordinaut.Store
	left *atomic.Int64
}

// SaveStep records steps, if it still does.
func (f forgetful) SaveStep(ctx context.Context, l ordinaut.Lease, steps ...ordinaut.StepResult) error {
	if f.left.Add(-1) < 0 {
		return ordinaut.ErrLeaseLost
	}
	return f.Store.SaveStep(ctx, l, steps...)
}

// Settle ends a lease, if it still does.
func (f forgetful) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	if f.left.Add(-1) < 0 {
		return ordinaut.ErrLeaseLost
	}
	return f.Store.Settle(ctx, l, o)
}

// TestAStepThatIsCutOffMakesItsTaskAndItsRunOnce ends the process at each of the
// writes by which a run records what its steps have asked for.
func TestAStepThatIsCutOffMakesItsTaskAndItsRunOnce(t *testing.T) {
	var left atomic.Int64
	var worked atomic.Int64
	script := new(ordinauttest.Script).On("work", func(context.Context, int, json.RawMessage) (any, error) {
		worked.Add(1)
		return "done", nil
	})
	options := ordinauttest.Options{Script: script, Tune: func(o *engine.Options) { o.Store = forgetful{o.Store, &left} }}
	story(t, options, func(t *testing.T, w *ordinauttest.World) {
		child := w.Create(task(`{"schedule_kind": "manual", "payload": {"pipeline": [{"uses": "script.work"}]}}`))
		parent := w.Create(task(`{"schedule_kind": "manual", "payload": {"pipeline": [
			{"id": "make", "uses": "task.create", "with": {"title": "A child", "schedule_kind": "manual", "schedule_expr": "", "payload": {"pipeline": [{"uses": "debug.echo"}]}}},
			{"id": "run", "uses": "flow.run_task", "with": {"task": "` + string(child) + `"}}]}}`))
		for write := range int64(10) {
			tasks, runs := len(tasksOf(t, w)), worked.Load()
			left.Store(write)
			w.Do("task.run", `{"task": "`+string(parent)+`"}`)
			ordinauttest.Pass(time.Second)
			w.Crash()
			left.Store(1 << 40)
			w.Restart()
			ordinauttest.Pass(time.Hour)
			if got := len(tasksOf(t, w)) - tasks; got != 1 {
				t.Errorf("cut off at write %d: got %d tasks, want 1", write, got)
			}
			if got := worked.Load() - runs; got < 1 || got > 2 { // its own call may be cut off, too
				t.Errorf("cut off at write %d: the child called %d times, want once, or twice when that was cut off", write, got)
			}
			last, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: parent, Limit: 1})
			if err != nil || last[0].Status != ordinaut.RunSucceeded {
				t.Errorf("cut off at write %d: got %+v and %v, want success", write, last, err)
			}
			made, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{Parent: last[0].ID})
			if err != nil || len(made) != 1 {
				t.Errorf("cut off at write %d: got %d runs of the child and %v, want 1", write, len(made), err)
			}
		}
	})
}
