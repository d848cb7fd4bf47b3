package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// flow is a task that fires each hour and carries out the steps.
func flow(more, steps string) string {
	return `{"title": "Flow", "schedule_kind": "interval", "schedule_expr": "1h", "timezone": "UTC", ` + more + `"payload": {"params": {"list": [1, 2, 3, 4]}, "pipeline": [` + steps + `]}}`
}

// diary is a tool that takes as long as its arguments say, and fails as often.
// It writes down when each call began, in seconds of the hour.
type diary struct {
	mu    sync.Mutex
	lines []string
	count map[string]int
	most  int // calls at once
	now   int
}

type errand struct {
	Name  string
	Takes float64 // seconds
	Fails int     // so many times
}

func (d *diary) script() *ordinauttest.Script {
	d.count = map[string]int{}
	return new(ordinauttest.Script).On("work", func(ctx context.Context, _ int, args json.RawMessage) (any, error) {
		var e errand
		if err := json.Unmarshal(args, &e); err != nil {
			return nil, err
		}
		n := d.begin(e.Name)
		defer d.end()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(e.Takes * float64(time.Second))):
		}
		if n <= e.Fails {
			return nil, &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "not yet", Fix: "wait"}
		}
		return e.Name, nil
	})
}

func (d *diary) begin(name string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now++
	d.most = max(d.most, d.now)
	d.count[name]++
	at := time.Now().UTC()
	d.lines = append(d.lines, fmt.Sprintf("%02d:%02d %s", at.Minute(), at.Second(), name))
	return d.count[name]
}

func (d *diary) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now--
}

// told is every line, in order of time and name.
func (d *diary) told() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(slices.Sorted(slices.Values(d.lines)), ", ")
}

// errandStep is a step that calls the diary.
func errandStep(id string, takes float64, fails int, more string) string {
	return fmt.Sprintf(`{"id": %q, "uses": "script.work", "timeout_seconds": 3600, "with": {"name": %q, "takes": %g, "fails": %d}%s}`, id, id, takes, fails, more)
}

// newest is the newest run of a task, with its steps by path.
func newest(t *testing.T, w *ordinauttest.World, id ordinaut.TaskID) (ordinaut.Run, map[string]ordinaut.StepResult) {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id, Limit: 1})
	if err != nil || len(runs) == 0 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	steps, err := w.Store.Steps(t.Context(), runs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]ordinaut.StepResult{}
	for _, s := range steps {
		byPath[s.Path] = s
	}
	return runs[0], byPath
}

// happens lives through one run, and checks what the diary says of it.
func happens(t *testing.T, task, want string, check func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult)) {
	t.Helper()
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task)
		ordinauttest.Pass(time.Hour + 50*time.Minute)
		if diff := cmp.Diff(want, d.told()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		run, steps := newest(t, w, id)
		check(t, run, steps)
	})
}

func succeeds(t *testing.T, r ordinaut.Run, _ map[string]ordinaut.StepResult) {
	t.Helper()
	if r.Status != ordinaut.RunSucceeded || r.Failures != 0 {
		t.Errorf("the run is %s after %d failures, want a success without one", r.Status, r.Failures)
	}
}

func TestBranchesGoOnBesideEachOther(t *testing.T) {
	happens(t, flow("", errandStep("a", 60, 0, "")+`,`+errandStep("b", 30, 0, `, "needs": []`)+`,`+errandStep("c", 10, 0, "")+`,`+errandStep("d", 1, 0, `, "needs": ["a", "c"]`)),
		"00:00 a, 00:00 b, 00:30 c, 01:00 d", succeeds)
}

func TestItemsGoOnBesideEachOther(t *testing.T) {
	happens(t, flow("", `{"id": "each", "foreach": "params.list", "max_parallel": 3, "uses": "script.work", "with": {"name": "n${item}", "takes": 10}}`),
		"00:00 n1, 00:00 n2, 00:00 n3, 00:10 n4", succeeds)
}

func TestAShortWaitIsMadeInPlace(t *testing.T) {
	happens(t, flow("", errandStep("a", 0, 2, `, "retry": {"base_seconds": 0.5, "backoff_strategy": "fixed"}`)),
		"00:00 a, 00:00 a, 00:01 a", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			succeeds(t, r, steps)
			if steps["a"].Attempt != 3 || r.ClaimedAt == nil || !r.ClaimedAt.Equal(*r.StartedAt) {
				t.Errorf("attempt %d, claimed at %v, started at %v; want the third, in one go", steps["a"].Attempt, r.ClaimedAt, r.StartedAt)
			}
		})
}

func TestALongWaitFreesTheWorker(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", errandStep("a", 0, 2, `, "retry": {"base_seconds": 60, "backoff_strategy": "fixed"}`)))
		ordinauttest.Pass(time.Hour + 30*time.Second)
		run, steps := newest(t, w, id)
		if run.Status != ordinaut.RunQueued || steps["a"].Status != ordinaut.StepFailed || steps["a"].Attempt != 1 {
			t.Errorf("while it waits the run is %s and its step %s, want queued and failed once", run.Status, steps["a"].Status)
		}
		w.Crash()
		w.Restart()
		ordinauttest.Pass(5 * time.Minute)
		if got := d.told(); got != "00:00 a, 01:00 a, 02:00 a" {
			t.Errorf("calls: %s", got)
		}
		run, steps = newest(t, w, id)
		if run.Status != ordinaut.RunSucceeded || run.Failures != 0 || steps["a"].Attempt != 3 {
			t.Errorf("the run is %s after %d failures, its step in attempt %d; want a success without one, in the third", run.Status, run.Failures, steps["a"].Attempt)
		}
	})
}

func TestAStepThatSpentItsOwnBudgetHasNoOther(t *testing.T) {
	happens(t, flow(`"max_retries": 5, `, errandStep("a", 0, 9, `, "retry": {"max_retries": 1, "base_seconds": 60, "backoff_strategy": "fixed"}`)),
		"00:00 a, 01:00 a", func(t *testing.T, r ordinaut.Run, _ map[string]ordinaut.StepResult) {
			if r.Status != ordinaut.RunFailed || r.Failure == nil || r.Failure.Step != "a" {
				t.Errorf("the run is %s with %+v, want the failure of a", r.Status, r.Failure)
			}
		})
}

func TestOneBranchWaitsWhileAnotherWorks(t *testing.T) {
	happens(t, flow("", errandStep("a", 0, 1, `, "retry": {"base_seconds": 20, "backoff_strategy": "fixed"}`)+`,`+errandStep("b", 60, 0, `, "needs": []`)),
		"00:00 a, 00:00 b, 00:20 a", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			succeeds(t, r, steps)
			if !r.ClaimedAt.Equal(*r.StartedAt) {
				t.Error("the run was given back while a branch could move")
			}
		})
}

func TestAFailedBranchLetsTheOthersFinish(t *testing.T) {
	happens(t, flow(`"backoff_strategy": "fixed", "backoff_base_seconds": 60, `,
		errandStep("a", 10, 1, "")+`,`+errandStep("b", 30, 0, `, "needs": []`)+`,`+errandStep("c", 1, 0, "")),
		"00:00 a, 00:00 b, 01:30 a, 01:30 c", func(t *testing.T, r ordinaut.Run, _ map[string]ordinaut.StepResult) {
			if r.Status != ordinaut.RunSucceeded || r.Failures != 1 {
				t.Errorf("the run is %s after %d failures, want a success after one", r.Status, r.Failures)
			}
		})
}

func TestARunGoesOnFromAFailure(t *testing.T) {
	happens(t, flow("", errandStep("a", 1, 9, `, "on_error": "continue"`)+`,`+errandStep("b", 1, 9, `, "on_error": {"value": "instead"}`)+
		`,{"id": "c", "uses": "debug.echo", "with": {"a": "${steps.a}", "b": "${steps.b}", "why": "${errors.a.message}"}}`),
		"00:00 a, 00:01 b", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			succeeds(t, r, steps)
			if got := string(r.Output); got != `{"a":null,"b":"instead","why":"not yet"}` {
				t.Errorf("output %s", got)
			}
			if b := steps["b"]; b.Status != ordinaut.StepFailed || b.Failure == nil || string(b.Output) != `"instead"` {
				t.Errorf("what was gone over is recorded as %+v", b)
			}
		})
}

func TestTheWorkingTimeEndsEveryBranch(t *testing.T) {
	happens(t, flow(`"timeout_seconds": 60, `, errandStep("a", 600, 0, "")+`,`+errandStep("b", 600, 0, `, "needs": [], "on_error": "continue"`)+`,`+errandStep("c", 1, 0, "")),
		"00:00 a, 00:00 b", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			if r.Status != ordinaut.RunFailed || r.Failure.Code != ordinaut.CodeRunTimeout || steps["a"].Status != ordinaut.StepFailed || steps["b"].Status != ordinaut.StepFailed {
				t.Errorf("the run is %s with %+v, its steps %s and %s", r.Status, r.Failure, steps["a"].Status, steps["b"].Status)
			}
		})
}

func TestTheWorkingTimeEndsAWaitInPlace(t *testing.T) {
	happens(t, flow(`"timeout_seconds": 2, `, errandStep("a", 0, 9, `, "retry": {"max_retries": 9, "base_seconds": 0.9, "backoff_strategy": "fixed"}`)),
		"00:00 a, 00:00 a, 00:01 a", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			if r.Status != ordinaut.RunFailed || r.Failure.Code != ordinaut.CodeRunTimeout || steps["a"].Attempt != 3 {
				t.Errorf("the run is %s with %+v, its step in attempt %d", r.Status, r.Failure, steps["a"].Attempt)
			}
		})
}

func TestAnAbortEndsAWaitInPlace(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", errandStep("a", 0, 1, `, "retry": {"base_seconds": 1, "backoff_strategy": "fixed"}`)))
		ordinauttest.Pass(time.Hour + 500*time.Millisecond)
		w.Abort()
		w.Restart()
		ordinauttest.Pass(time.Minute)
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if got := d.told(); got != "00:00 a, 00:01 a" || steps["a"].Attempt != 2 {
			t.Errorf("calls: %s; the step is in attempt %d, want the second, after its wait", got, steps["a"].Attempt)
		}
	})
}

func TestAnAbortHandsEveryBranchBack(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", errandStep("a", 5, 0, "")+`,`+errandStep("b", 600, 0, `, "needs": []`)+`,`+errandStep("c", 600, 0, "")))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		w.Abort()
		w.Restart()
		ordinauttest.Pass(30 * time.Minute)
		if got := d.told(); got != "00:00 a, 00:00 b, 00:10 b, 10:10 c" {
			t.Errorf("calls: %s", got)
		}
		run, _ := newest(t, w, id)
		succeeds(t, run, nil)
	})
}

func TestAResultDoesNotWaitForOtherBranches(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", errandStep("a", 5, 0, "")+`,`+errandStep("b", 600, 0, `, "needs": []`)+`,`+errandStep("c", 1, 0, `, "needs": ["a", "b"]`)))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		w.Crash()
		w.Restart()
		ordinauttest.Pass(30 * time.Minute)
		if got := d.told(); got != "00:00 a, 00:00 b, 00:10 b, 10:10 c" {
			t.Errorf("calls: %s", got)
		}
		run, _ := newest(t, w, id)
		succeeds(t, run, nil)
	})
}

func TestItemsResumeOneByOne(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", `{"id": "loop", "foreach": "params.list", "max_parallel": 2, "steps": [`+
			`{"id": "a", "uses": "script.work", "with": {"name": "a${item}", "takes": 10}}, {"id": "b", "uses": "script.work", "with": {"name": "b${item}", "takes": 10}}]}`))
		ordinauttest.Pass(time.Hour + 35*time.Second)
		w.Crash()
		w.Restart()
		ordinauttest.Pass(30 * time.Minute)
		want := "00:00 a1, 00:00 a2, 00:10 b1, 00:10 b2, 00:20 a3, 00:20 a4, 00:30 b3, 00:30 b4, 00:35 b3, 00:35 b4"
		if diff := cmp.Diff(want, d.told()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if d.most != 2 {
			t.Errorf("%d calls at once, want 2", d.most)
		}
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if got := string(run.Output); got != `["b1","b2","b3","b4"]` || len(steps) != 9 {
			t.Errorf("output %s, %d steps", got, len(steps))
		}
	})
}

func TestALostLeaseEndsEveryBranch(t *testing.T) {
	d, f := &diary{}, &faulty{}
	story(t, f, d.script(), func(o *engine.Options) { o.Reclaim = time.Minute }, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", errandStep("a", 20, 0, "")+`,`+errandStep("b", 20, 0, `, "needs": []`)))
		ordinauttest.Pass(time.Hour + 5*time.Second)
		f.have(func(b *faults) {
			b.renew = func(ls []ordinaut.Lease) ([]ordinaut.RunID, error) { return []ordinaut.RunID{ls[0].RunID}, nil }
		})
		ordinauttest.Pass(6 * time.Second)
		f.have(func(b *faults) { b.renew = nil })
		ordinauttest.Pass(5 * time.Minute)
		run, _ := newest(t, w, id)
		succeeds(t, run, nil)
		if d.count["a"] != 2 || d.count["b"] != 2 {
			t.Errorf("calls: %s", d.told())
		}
	})
}

func TestABranchThatCannotBeSavedEndsTheOthers(t *testing.T) {
	d, f := &diary{}, &faulty{}
	story(t, f, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow(`"max_retries": 0, `, errandStep("a", 10, 0, "")+`,`+errandStep("b", 600, 0, `, "needs": []`)+`,`+errandStep("c", 1, 0, `, "needs": ["a"]`)))
		ordinauttest.Pass(time.Hour + 5*time.Second)
		f.have(func(b *faults) { b.save = func() error { return errDisk } })
		ordinauttest.Pass(5 * time.Minute)
		run, steps := newest(t, w, id)
		if run.Status != ordinaut.RunFailed || run.Failure.Code != ordinaut.CodeInternal || steps["a"].Status != ordinaut.StepSucceeded || steps["b"].Status != ordinaut.StepRunning {
			t.Errorf("the run is %s with %+v, its steps %s and %s", run.Status, run.Failure, steps["a"].Status, steps["b"].Status)
		}
	})
}

func TestAToolThatPanicsBesideOthersFailsItsStep(t *testing.T) {
	script := new(ordinauttest.Script).On("bad", func(context.Context, int, json.RawMessage) (any, error) { panic("a bug in a tool") }).
		On("good", func(context.Context, int, json.RawMessage) (any, error) { return 1, nil })
	story(t, &faulty{}, script, nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", `{"id": "a", "uses": "script.bad", "on_error": "continue"}, {"id": "b", "uses": "script.good", "needs": []}`))
		ordinauttest.Pass(time.Hour + time.Minute)
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if steps["a"].Status != ordinaut.StepFailed || steps["b"].Status != ordinaut.StepSucceeded {
			t.Errorf("the steps are %s and %s", steps["a"].Status, steps["b"].Status)
		}
	})
}
