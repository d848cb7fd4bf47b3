package ordinauttest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// moods is a tool that takes some seconds, fails now and then, and sometimes
// does not look at its context. It tells of each call as it begins.
func moods(random func(int) int, begins func(run ordinaut.RunID)) *ordinauttest.Script {
	return new(ordinauttest.Script).On("work", func(ctx context.Context, n int, args json.RawMessage) (any, error) {
		var in struct{ Run ordinaut.RunID }
		if err := json.Unmarshal(args, &in); err != nil {
			return nil, err
		}
		begins(in.Run)
		done := ctx.Done()
		if n%7 == 0 {
			done = nil
		}
		select {
		case <-time.After(time.Duration(random(4_000)) * time.Millisecond):
		case <-done:
			return nil, ctx.Err()
		}
		if n%5 == 0 {
			return nil, &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "not now", Fix: "try again"}
		}
		return "done", nil
	})
}

// TestACanceledRunNeverWorksAgain cancels runs at random instants while they wait,
// work, fail and are tried again, and while the process is killed: ten thousand in
// the long form (ORDINAUT_CHAOS=long).
func TestACanceledRunNeverWorksAgain(t *testing.T) {
	many := canceledRuns
	if os.Getenv("ORDINAUT_CHAOS") == "long" {
		many = 10_000
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	ended := &endings{seen: map[ordinaut.RunID]ending{}}
	script := moods(func(n int) int { return 1 + int(time.Now().UnixNano()/1000*7919%int64(n)) }, func(run ordinaut.RunID) {
		ended.begins(t, run)
	})
	story(t, ordinauttest.Options{Script: script}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"schedule_kind": "manual", "backoff_strategy": "fixed", "backoff_base_seconds": 5, "concurrency_key": "all", "concurrency_limit": 40, "payload": {"pipeline": [
			{"id": "a", "uses": "script.work", "with": {"run": "${run.id}"}, "timeout_seconds": 120},
			{"id": "b", "uses": "script.work", "with": {"run": "${run.id}"}, "timeout_seconds": 120}]}}`))
		var open []ordinaut.RunID
		canceled, late, kills := 0, 0, 0
		for made := 0; made < many || len(open) > 0; {
			for range min(10, many-made) {
				var run struct{ ID ordinaut.RunID }
				if err := json.Unmarshal(w.Do("task.run", fmt.Sprintf(`{"task": %q}`, id)), &run); err != nil {
					t.Fatal(err)
				}
				open = append(open, run.ID)
				made++
			}
			ordinauttest.Pass(time.Duration(random.IntN(3000)) * time.Millisecond)
			for range min(12, len(open)) {
				i := random.IntN(len(open))
				switch _, err := w.Call("run.cancel", fmt.Sprintf(`{"run": %q}`, open[i])); {
				case err == nil:
					canceled++
				case ordinaut.AsError(err).Code == ordinaut.CodeRunState:
					late++
				default:
					t.Fatal(err)
				}
				open[i] = open[len(open)-1]
				open = open[:len(open)-1]
			}
			if random.IntN(40) == 0 {
				kills++
				w.Crash()
				w.Restart()
			}
			ordinauttest.Pass(time.Millisecond)
			ended.note(t, w, id, lately)
		}
		// Runs whose tools were deaf end when their leases are looked for.
		ordinauttest.Pass(2 * time.Hour)
		ended.note(t, w, id, many)
		if len(ended.seen) != many {
			t.Errorf("%d of %d runs have ended", len(ended.seen), many)
		}
		t.Logf("%d runs: %d canceled, %d had ended before; %d calls, %d kills; each has ended once", many, canceled, late, ended.calls, kills)
	})
}

// lately is how many of the newest runs are looked at each time; all of them are at
// the end.
const lately = 300

// endings are the runs of which it was seen that they have ended, and how.
type endings struct {
	mu    sync.Mutex
	seen  map[ordinaut.RunID]ending
	calls int
}

// An ending is what never changes again.
type ending struct {
	status ordinaut.RunStatus
	at     time.Time
}

// begins notes a call. A run that has ended makes none.
func (e *endings) begins(t *testing.T, run ordinaut.RunID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls++
	if _, ended := e.seen[run]; ended {
		t.Errorf("run %s has ended, and makes a call", run)
	}
}

// note looks which of the newest runs have ended: none of them ends again or is
// open again, was canceled without a reason, or has left a step open.
func (e *endings) note(t *testing.T, w *ordinauttest.World, id ordinaut.TaskID, newest int) {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id, Limit: newest})
	if err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range runs {
		switch was, known := e.seen[r.ID]; {
		case known && (r.Status != was.status || r.FinishedAt == nil || !r.FinishedAt.Equal(was.at)):
			t.Fatalf("run %s had ended as %s at %s, and is %s", r.ID, was.status, was.at, r.Status)
		case !known && r.Status.Final():
			closed(t, w, r)
			e.seen[r.ID] = ending{r.Status, *r.FinishedAt}
		}
	}
}

func closed(t *testing.T, w *ordinauttest.World, r ordinaut.Run) {
	t.Helper()
	steps, err := w.Store.Steps(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Status == ordinaut.StepRunning {
			t.Errorf("run %s is %s, and its step %s is running", r.ID, r.Status, s.Path)
		}
	}
	if r.Status == ordinaut.RunCanceled && r.Reason != ordinaut.ReasonCanceled {
		t.Errorf("run %s was canceled for the reason %q", r.ID, r.Reason)
	}
}
