package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// faults are promises of a store that are broken. A nil function keeps its
// promise.
type faults struct {
	due        func() error
	claim      func() error
	materials  func() error
	renew      func([]ordinaut.Lease) ([]ordinaut.RunID, error)
	canceling  func() error
	answered   func() error
	wake       func() error
	save       func() error
	settle     func() error
	reclaim    func() error
	prune      func() error
	definition func() error
	write      func(do func() error) error
	spoil      func(*ordinaut.Task)
}

// faulty is a store in which promises can be broken while it works.
type faulty struct {
	ordinaut.Store
	mu     sync.Mutex
	broken faults
}

// have breaks, or mends, promises from now on.
func (f *faulty) have(change func(*faults)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.broken)
}

// now is what is broken at this moment.
func (f *faulty) now() faults {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.broken
}

func (f *faulty) Due(ctx context.Context, limit int) (ordinaut.Due, error) {
	if err := call(f.now().due); err != nil {
		return ordinaut.Due{}, err
	}
	due, err := f.Store.Due(ctx, limit)
	for i := range due.Tasks {
		if spoil := f.now().spoil; spoil != nil {
			spoil(&due.Tasks[i].Task)
		}
	}
	return due, err
}

func (f *faulty) Materialize(ctx context.Context, ms []ordinaut.Materialization) ([]bool, error) {
	if err := call(f.now().materials); err != nil {
		return nil, err
	}
	return f.Store.Materialize(ctx, ms)
}

func (f *faulty) Claim(ctx context.Context, worker string, n int, lease time.Duration) (ordinaut.Claim, error) {
	if err := call(f.now().claim); err != nil {
		return ordinaut.Claim{}, err
	}
	return f.Store.Claim(ctx, worker, n, lease)
}

func (f *faulty) Renew(ctx context.Context, ls []ordinaut.Lease, lease time.Duration) ([]ordinaut.RunID, error) {
	if renew := f.now().renew; renew != nil {
		return renew(ls)
	}
	return f.Store.Renew(ctx, ls, lease)
}

func (f *faulty) Canceling(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	if err := call(f.now().canceling); err != nil {
		return nil, err
	}
	return f.Store.Canceling(ctx, worker)
}

func (f *faulty) Answered(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	if err := call(f.now().answered); err != nil {
		return nil, err
	}
	return f.Store.Answered(ctx, worker)
}

func (f *faulty) Wake(ctx context.Context, limit int) (ordinaut.Woken, error) {
	if err := call(f.now().wake); err != nil {
		return ordinaut.Woken{}, err
	}
	return f.Store.Wake(ctx, limit)
}

func (f *faulty) SaveStep(ctx context.Context, l ordinaut.Lease, steps ...ordinaut.StepResult) error {
	if err := call(f.now().save); err != nil {
		return err
	}
	return f.written(func() error { return f.Store.SaveStep(ctx, l, steps...) })
}

// written writes, or does to the write what the test wants.
func (f *faulty) written(do func() error) error {
	if write := f.now().write; write != nil {
		return write(do)
	}
	return do()
}

func (f *faulty) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	if err := call(f.now().settle); err != nil {
		return err
	}
	return f.written(func() error { return f.Store.Settle(ctx, l, o) })
}

func (f *faulty) Reclaim(ctx context.Context) (int, error) {
	if err := call(f.now().reclaim); err != nil {
		return 0, err
	}
	return f.Store.Reclaim(ctx)
}

func (f *faulty) Prune(ctx context.Context, k ordinaut.Keep, limit int) (bool, error) {
	if err := call(f.now().prune); err != nil {
		return false, err
	}
	return f.Store.Prune(ctx, k, limit)
}

func (f *faulty) Definition(ctx context.Context, id ordinaut.TaskID, version int) (ordinaut.Definition, error) {
	if err := call(f.now().definition); err != nil {
		return ordinaut.Definition{}, err
	}
	return f.Store.Definition(ctx, id, version)
}

func call(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

var errDisk = errors.New("the disk is away")

// until fails up to a moment.
func until(t time.Time) func() error {
	return func() error {
		if time.Now().Before(t) {
			return errDisk
		}
		return nil
	}
}

// story lives through a test in virtual time, with the faults in front of the
// store.
func story(t *testing.T, f *faulty, script *ordinauttest.Script, tune func(*engine.Options), tell func(t *testing.T, w *ordinauttest.World)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tell(t, ordinauttest.Start(t, ordinauttest.Options{Script: script, Tune: func(o *engine.Options) {
			f.Store, o.Store = o.Store, f
			if tune != nil {
				tune(o)
			}
		}}))
	})
}

// hourly is a task that fires each hour and calls script.work.
func hourly(more string) string {
	return `{"title": "Work", "schedule_kind": "interval", "schedule_expr": "1h", "timezone": "UTC", "backoff_strategy": "fixed", ` +
		more + `"payload": {"pipeline": [{"id": "work", "uses": "script.work", "timeout_seconds": 3600}]}}`
}

// working is a tool that takes its time and counts its calls.
func working(d time.Duration, calls *atomic.Int32) *ordinauttest.Script {
	return new(ordinauttest.Script).On("work", func(ctx context.Context, _ int, _ json.RawMessage) (any, error) {
		calls.Add(1)
		select {
		case <-time.After(d):
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
}

// outcomes are the last statuses of a task's runs, newest first.
func outcomes(t *testing.T, w *ordinauttest.World, id ordinaut.TaskID) string {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, r := range runs {
		line := string(r.Status)
		if r.Failure != nil {
			line += " " + string(r.Failure.Code)
		}
		told = append(told, line)
	}
	return strings.Join(told, ", ")
}

func TestAStoreThatIsAwayIsWaitedFor(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{}
	story(t, f, working(time.Second, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		back := time.Now().Add(time.Hour + 10*time.Second)
		ordinauttest.Pass(59 * time.Minute)
		f.have(func(b *faults) {
			b.due, b.materials = until(back), until(back)
			b.claim, b.settle = until(back.Add(5*time.Second)), until(back.Add(12*time.Second))
		})
		ordinauttest.Pass(2 * time.Minute)
		if got := outcomes(t, w, id); got != "succeeded" || calls.Load() != 1 {
			t.Errorf("got %q after %d calls, want one success after one call", got, calls.Load())
		}
	})
}

func TestARunThatUsesUpItsTimeIsNotTriedAgain(t *testing.T) {
	var calls atomic.Int32
	story(t, &faulty{}, working(30*time.Minute, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(`"timeout_seconds": 60, "max_retries": 5, `))
		ordinauttest.Pass(time.Hour + 10*time.Minute)
		if got := outcomes(t, w, id); got != "failed run.timeout" || calls.Load() != 1 {
			t.Errorf("got %q after %d calls, want a timeout after one", got, calls.Load())
		}
	})
}

func TestAToolThatPanicsFailsItsRun(t *testing.T) {
	script := new(ordinauttest.Script).On("work", func(_ context.Context, n int, _ json.RawMessage) (any, error) {
		if n == 1 {
			panic("a bug in a tool")
		}
		return "done", nil
	})
	story(t, &faulty{}, script, nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		ordinauttest.Pass(time.Hour + time.Minute)
		if got := outcomes(t, w, id); got != "succeeded" {
			t.Errorf("got %q, want a success at the second attempt", got)
		}
	})
}

func TestAPanicOfOursFailsOneRun(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{broken: faults{definition: func() error { panic("a bug of ours") }}}
	story(t, f, working(time.Second, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(`"max_retries": 1, `))
		ordinauttest.Pass(time.Hour + time.Minute)
		if got := outcomes(t, w, id); got != "failed internal" {
			t.Errorf("got %q, want an internal failure", got)
		}
		f.have(func(b *faults) { b.definition = nil })
		ordinauttest.Pass(time.Hour)
		if got := outcomes(t, w, id); got != "succeeded, failed internal" {
			t.Errorf("got %q, want that the next run succeeds", got)
		}
	})
}

func TestAWorkerThatCannotRenewLetsGo(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{}
	tune := func(o *engine.Options) { o.Reclaim = time.Second }
	story(t, f, working(2*time.Minute, &calls), tune, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		ordinauttest.Pass(time.Hour + time.Second)
		f.have(func(b *faults) {
			b.renew = func([]ordinaut.Lease) ([]ordinaut.RunID, error) { return nil, errDisk }
		})
		ordinauttest.Pass(24 * time.Second)
		if got := outcomes(t, w, id); got != "running" {
			t.Errorf("before the margin: got %q, want running", got)
		}
		f.have(func(b *faults) { b.renew = nil })
		ordinauttest.Pass(5 * time.Minute)
		if got := outcomes(t, w, id); got != "succeeded" || calls.Load() != 2 {
			t.Errorf("got %q after %d calls, want a success at the second", got, calls.Load())
		}
		run, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id, Limit: 1})
		if err != nil || run[0].Failures != 0 {
			t.Errorf("a lost lease counted as %d failures (%v), want none", run[0].Failures, err)
		}
	})
}

func TestALostLeaseEndsTheWork(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{broken: faults{renew: func(ls []ordinaut.Lease) ([]ordinaut.RunID, error) {
		return []ordinaut.RunID{ls[0].RunID}, nil
	}}}
	tune := func(o *engine.Options) { o.Reclaim = time.Second }
	story(t, f, working(15*time.Second, &calls), tune, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		ordinauttest.Pass(time.Hour + 11*time.Second)
		f.have(func(b *faults) { b.renew = nil })
		ordinauttest.Pass(time.Minute)
		if got := outcomes(t, w, id); got != "succeeded" || calls.Load() != 2 {
			t.Errorf("got %q after %d calls, want a success at the second", got, calls.Load())
		}
	})
}

func TestADefinitionThatCannotBeReadIsWaitedFor(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{}
	story(t, f, working(time.Second, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		f.have(func(b *faults) { b.definition = until(time.Now().Add(time.Hour + 10*time.Second)) })
		id := w.Create(hourly(`"max_retries": 0, `))
		ordinauttest.Pass(time.Hour + 20*time.Second)
		if got := outcomes(t, w, id); got != "succeeded" {
			t.Errorf("got %q, want a success without a retry", got)
		}
	})
}

func TestAStepThatCannotBeSavedIsNotCalled(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{broken: faults{save: func() error { return errDisk }}}
	story(t, f, working(time.Second, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(`"max_retries": 0, `))
		ordinauttest.Pass(time.Hour + 2*time.Minute)
		if got := outcomes(t, w, id); got != "failed internal" || calls.Load() != 0 {
			t.Errorf("got %q after %d calls, want a failure and no call", got, calls.Load())
		}
	})
}

func TestATaskThatCannotBeComputedHoldsNobodyUp(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{}
	story(t, f, working(time.Second, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		bad, good := w.Create(hourly("")), w.Create(hourly(`"key": "good", `))
		f.have(func(b *faults) {
			b.spoil = func(task *ordinaut.Task) {
				if task.ID == bad {
					task.ScheduleExpr, task.Version = "no longer known", 99
				}
			}
		})
		ordinauttest.Pass(2*time.Hour + time.Minute)
		if got := outcomes(t, w, good); got != "succeeded, succeeded" {
			t.Errorf("the good task has %q, want two successes", got)
		}
		if got := outcomes(t, w, bad); got != "" {
			t.Errorf("the bad task has %q, want nothing", got)
		}
		f.have(func(b *faults) { b.spoil = nil })
		ordinauttest.Pass(15 * time.Minute)
		if got := outcomes(t, w, bad); got != "succeeded" {
			t.Errorf("when it can be computed again it has %q, want one success", got)
		}
	})
}

func TestOldHistoryIsForgotten(t *testing.T) {
	var calls atomic.Int32
	f := &faulty{}
	tune := func(o *engine.Options) {
		o.Keep = ordinaut.Keep{Runs: 3 * time.Hour, Steps: 3 * time.Hour, Ledger: 5 * time.Hour}
		o.Prune = time.Hour
	}
	story(t, f, working(time.Second, &calls), tune, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(""))
		back := time.Now().Add(4 * time.Hour)
		f.have(func(b *faults) { b.reclaim, b.prune = until(back), until(back) })
		ordinauttest.Pass(24*time.Hour + 30*time.Minute)
		runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(runs); n < 3 || n > 5 {
			t.Errorf("%d runs are kept, want those of 3 hours", n)
		}
		if n := len(w.Entries(id)); n < 5 || n > 7 {
			t.Errorf("%d outcomes are kept, want those of 5 hours", n)
		}
	})
}

func TestAnAbortEndsTheGrace(t *testing.T) {
	var calls atomic.Int32
	story(t, &faulty{}, working(time.Hour, &calls), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hourly(`"timeout_seconds": 7200, `))
		ordinauttest.Pass(time.Hour + time.Second)
		before := time.Now()
		w.Abort()
		if took := time.Since(before); took > time.Second {
			t.Errorf("the abort took %s, want none of the grace", took)
		}
		w.Restart()
		if got := outcomes(t, w, id); got != "running" && got != "queued" {
			t.Errorf("got %q, want that the run goes on", got)
		}
	})
}
