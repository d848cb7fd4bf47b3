package ordinauttest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// goroutines is how many goroutines live in the bubble of the test.
func goroutines() int {
	own := make([]byte, 200)
	bubble := regexp.MustCompile(`synctest bubble \d+`).Find(own[:runtime.Stack(own, false)])
	all := make([]byte, 16<<20)
	return bytes.Count(all[:runtime.Stack(all, true)], append(bubble, ']'))
}

// waits are tasks that wait for thirty days, each in another way, and what becomes
// of them.
func waits() map[string]string {
	return map[string]string{
		"sleep": `{"id": "wait", "uses": "system.sleep", "with": {"seconds": 2592000}},
			{"id": "then", "uses": "debug.echo", "with": {"message": "${steps.wait.waited}"}}`,
		"until": `{"id": "wait", "uses": "system.sleep", "with": {"until": "${now + 30d}"}},
			{"id": "then", "uses": "debug.echo", "with": {"message": "${steps.wait.waited}"}}`,
		"approval": `{"id": "wait", "uses": "orchestrator.request_approval", "with": {"message": "Go?", "timeout_hours": 720, "default": "approve"}},
			{"id": "then", "uses": "debug.echo", "with": {"message": "${steps.wait.timed_out}"}}`,
		"run": `{"id": "wait", "uses": "flow.run_task", "with": {"task": "sleep"}},
			{"id": "then", "uses": "debug.echo", "with": {"message": "${steps.wait.status == 'succeeded'}"}}`,
		"branches": `{"id": "other", "uses": "debug.echo", "with": {"message": "here"}},
			{"id": "items", "needs": [], "foreach": "params.list", "max_parallel": 3, "uses": "system.sleep", "with": {"seconds": 2592000}},
			{"id": "then", "uses": "debug.echo", "with": {"message": "${length(steps.items) == 3}"}}`,
	}
}

// TestAWaitOfThirtyDaysCostsNothing lets runs wait while the process is killed,
// aborted and stopped a hundred times: no goroutine stands for them, and nothing in
// the queue. They end at the very moment at which they are to.
func TestAWaitOfThirtyDaysCostsNothing(t *testing.T) {
	const days, each = 30, 10
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		ids := map[string]ordinaut.TaskID{}
		for name, steps := range waits() {
			ids[name] = w.Create(task(fmt.Sprintf(`{"title": %q, "key": %q, "schedule_kind": "manual", "payload": {"params": {"list": [1, 2, 3]}, "pipeline": [%s], "output": "${steps.then.message}"}}`, name, name, steps)))
		}
		ordinauttest.Pass(time.Minute)
		idle := goroutines()
		began := time.Now()
		for range each {
			for name := range ids {
				w.Do("task.run", fmt.Sprintf(`{"task": %q}`, name))
			}
		}
		ordinauttest.Pass(100 * time.Millisecond)
		for i := range restarts {
			nothingIsHeld(t, w, idle, each*(len(ids)+1)) // a run of run asks for one of sleep
			ordinauttest.Pass(days * 24 * time.Hour / (restarts + 1))
			[]func(){w.Crash, w.Abort, w.Stop}[i%3]()
			w.Restart()
			ordinauttest.Pass(time.Millisecond)
		}
		nothingIsHeld(t, w, idle, each*(len(ids)+1))
		ordinauttest.Pass(time.Until(began.Add(days*24*time.Hour)) + time.Second)
		for name, id := range ids {
			runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id})
			if err != nil || len(runs) < each {
				t.Fatalf("%s: %d runs, %v", name, len(runs), err)
			}
			for _, r := range runs {
				took := r.FinishedAt.Sub(*r.StartedAt)
				if r.Status != ordinaut.RunSucceeded || string(r.Output) != `true` || took != days*24*time.Hour {
					t.Fatalf("%s: a run is %s with %s after %v, want true after %d days: %+v", name, r.Status, r.Output, took, days, r.Failure)
				}
				if r.Worked > time.Second {
					t.Errorf("%s: waiting counts as %v of working time", name, r.Worked)
				}
			}
		}
	})
}

// nothingIsHeld checks that so many runs wait, and that this costs nothing.
func nothingIsHeld(t *testing.T, w *ordinauttest.World, idle, waiting int) {
	t.Helper()
	if n := goroutines(); n != idle {
		t.Fatalf("%d goroutines while %d runs wait, want %d as when there are none", n, waiting, idle)
	}
	b, err := w.Store.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b.Waiting != waiting || b.Due+b.Later+b.Parked+b.Running != 0 {
		t.Fatalf("the backlog is %+v, want %d that wait and nothing else", b, waiting)
	}
}

// answer answers a wait, and says whether that was still possible.
func answer(t *testing.T, w *ordinauttest.World, run ordinaut.RunID, path string, said any) error {
	t.Helper()
	data, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	return w.Store.Answer(t.Context(), ordinaut.Answer{RunID: run, Path: path, Data: data}, ordinaut.Change{Actor: "test", Action: "approval.decide"})
}
