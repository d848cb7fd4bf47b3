package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// wide is a task of three branches, of which one tries again and asks for approval
// and one goes on from a failure and sleeps, and a list with three steps for each
// item. What it does can be undone.
const wide = `{"title": "Wide", "key": "wide", "schedule_kind": "manual", "timezone": "UTC", "max_retries": 0, "payload": {
	"params": {"list": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]},
	"pipeline": [
		{"id": "a", "needs": [], "uses": "script.work", "with": {"run": "${run.id}", "path": "a"}, "retry": {"base_seconds": 5}, "undo": UNDO},
		{"id": "ask", "needs": ["a"], "uses": "orchestrator.request_approval", "with": {"message": "Go?", "timeout_seconds": 12, "default": "approve"}},
		{"id": "b", "needs": [], "uses": "script.work", "with": {"run": "${run.id}", "path": "b"}, "on_error": {"value": "instead"}},
		{"id": "c", "needs": ["b"], "uses": "script.work", "with": {"run": "${run.id}", "path": "c"}, "undo": UNDO},
		{"id": "nap", "needs": ["c"], "uses": "system.sleep", "with": {"seconds": 7}},
		{"id": "loop", "needs": [], "foreach": "params.list", "max_parallel": 3, "on_error": "continue", "steps": [
			{"id": "draft", "uses": "script.work", "with": {"run": "${run.id}", "path": "loop[${index}].draft"}, "retry": {"base_seconds": 0.3}, "undo": UNDO},
			{"id": "nap", "uses": "system.sleep", "with": {"seconds": 1.5}},
			{"id": "send", "uses": "script.work", "with": {"run": "${run.id}", "path": "loop[${index}].send", "draft": "${steps.draft}"}}
		]},
		{"id": "end", "needs": ["ask", "nap", "loop"], "uses": "script.work", "with": {"run": "${run.id}", "path": "END"}}
	],
	"output": "${[steps.a, steps.b, steps.c, length(steps.loop[?@]), length(errors.loop[?@]), steps.end, steps.ask.approved]}"
}}`

// wideTask is the wide task whose last step is called so.
func wideTask(end string) string {
	undo := `{"uses": "script.work", "with": {"run": "${run.id}", "path": "undo"}}`
	return strings.NewReplacer("UNDO", undo, "END", end).Replace(wide)
}

// witness is the tool of the wide task. It fails where a path says so, and tells
// of a call whose result the store had already.
type witness struct {
	world   *ordinauttest.World
	calls   atomic.Int32
	repeats atomic.Int32
}

func (v *witness) script() *ordinauttest.Script {
	return new(ordinauttest.Script).On("work", func(ctx context.Context, _ int, args json.RawMessage) (any, error) { return v.work(ctx, args) })
}

func (v *witness) work(ctx context.Context, args json.RawMessage) (any, error) {
	var in struct {
		Run  ordinaut.RunID
		Path string
	}
	if err := json.Unmarshal(args, &in); err != nil {
		return nil, err
	}
	v.calls.Add(1)
	steps, err := v.world.Store.Steps(context.WithoutCancel(ctx), in.Run)
	if err != nil {
		return nil, err
	}
	attempt := 1
	for _, s := range steps {
		if s.Path == in.Path && s.Done() {
			v.repeats.Add(1)
		}
		if s.Path == in.Path {
			attempt = s.Attempt
		}
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Duration(len(in.Path)) * 130 * time.Millisecond):
	}
	switch moody := in.Path == "a" || in.Path == "loop[7].draft"; {
	case in.Path == "b", in.Path == "fail", in.Path == "loop[4].send", moody && attempt < 3:
		return nil, &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "no", Fix: "wait"}
	}
	return in.Path, nil
}

// start starts a run of the wide task.
func start(t *testing.T, w *ordinauttest.World) ordinaut.RunID {
	t.Helper()
	var run struct{ ID ordinaut.RunID }
	if err := json.Unmarshal(w.Do("task.run", `{"task": "wide"}`), &run); err != nil {
		t.Fatal(err)
	}
	return run.ID
}

// results is what became of a run and of each of its steps.
func results(t *testing.T, w *ordinauttest.World, id ordinaut.RunID) map[string]string {
	t.Helper()
	run, err := w.Store.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := w.Store.Steps(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"": fmt.Sprintf("%s %s", run.Status, run.Output)}
	if run.Failure != nil {
		all[""] += " " + run.Failure.Message
	}
	for _, s := range steps {
		all[s.Path] = string(s.Status)
		if s.Tool == "script.work" { // the others tell of moments
			all[s.Path] += " " + string(s.Output)
		}
	}
	return all
}

// undisturbed is what becomes of the wide run when nobody disturbs it.
func undisturbed(t *testing.T, w *ordinauttest.World, v *witness, end string) map[string]string {
	t.Helper()
	id := start(t, w)
	ordinauttest.Pass(10 * time.Minute)
	got := results(t, w, id)
	undos := 0
	for path := range maps.Keys(got) {
		if strings.HasSuffix(path, ".undo") {
			undos++
		}
	}
	want, undone := `succeeded ["a","instead","c",19,1,"end",true]`, 0
	if end == "fail" {
		want, undone = "failed  no", 22
	}
	if got[""] != want || undos != undone || len(got) != 68+undone || v.calls.Load() != int32(48+undone) {
		t.Fatalf("got %s with %d steps and %d undos after %d calls, want %s and %d undos", got[""], len(got), undos, v.calls.Load(), want, undone)
	}
	return got
}

// A run that is crashed, aborted or stopped again and again ends as one that
// nobody disturbs, and what it did is undone all the same.
func TestARunThatIsCutOffAgainAndAgainEndsTheSame(t *testing.T) {
	// So few, since the race detector makes each of them slow; test/chaos kills the
	// server itself more often.
	for _, end := range []string{"end", "fail"} {
		t.Run(end, func(t *testing.T) {
			v := &witness{}
			tune := func(o *engine.Options) { o.Grace = 300 * time.Millisecond }
			story(t, &faulty{}, v.script(), tune, func(t *testing.T, w *ordinauttest.World) {
				v.world = w
				w.Create(wideTask(end))
				want := undisturbed(t, w, v, end)
				for _, times := range disturbances() {
					id := start(t, w)
					disturb(t, w, id, rand.New(rand.NewPCG(1, uint64(times))), times)
					ordinauttest.Pass(10 * time.Minute)
					if diff := cmp.Diff(want, results(t, w, id)); diff != "" {
						t.Errorf("disturbed %d times (-undisturbed +got):\n%s", times, diff)
					}
				}
				if n := v.repeats.Load(); n > 0 {
					t.Errorf("%d of %d calls had their result already", n, v.calls.Load())
				}
			})
		})
	}
}

// disturb ends the world so many times, each time in another way. One more crash of a
// run that is suspected already would be its end.
func disturb(t *testing.T, w *ordinauttest.World, id ordinaut.RunID, random *rand.Rand, times int) {
	t.Helper()
	for range times {
		ordinauttest.Pass(time.Duration(random.IntN(3000)) * time.Millisecond)
		run, err := w.Store.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		switch way := random.IntN(3); {
		case way == 0 && run.Crashes < limits.Crashes-1:
			w.Crash()
		case way == 1:
			w.Abort()
		default:
			w.Stop()
		}
		w.Restart()
	}
}

var errDead = errors.New("the process is dead")

// deadly lets a process die at its n-th write, which is done or not; the channel is
// closed then.
func deadly(n int, done bool) (write func(do func() error) error, died chan struct{}) {
	var count atomic.Int32
	died = make(chan struct{})
	return func(do func() error) error {
		switch c := int(count.Add(1)); {
		case c < n:
			return do()
		case c == n:
			defer close(died)
			if done {
				_ = do() // of which the dead hear nothing
			}
		}
		return errors.Join(errDead, ordinaut.ErrLeaseLost)
	}, died
}

// A run whose process dies at one of its writes, whichever it is, and whether it was
// still done or not, ends as one that nobody disturbs.
func TestARunThatIsCutOffAtAnyWriteEndsTheSame(t *testing.T) {
	// Up to its last step, the run that fails is the one that does not.
	for end, first := range map[string]int{"end": 1, "fail": 50} {
		t.Run(end, func(t *testing.T) {
			v, f := &witness{}, &faulty{}
			story(t, f, v.script(), nil, func(t *testing.T, w *ordinauttest.World) {
				v.world = w
				w.Create(wideTask(end))
				want := undisturbed(t, w, v, end)
				deaths := 0
				for n := first; ; n += everyWrite {
					write, died := deadly(n, deaths%2 == 0)
					f.have(func(b *faults) { b.write = write })
					id := start(t, w)
					select {
					case <-died:
					case <-time.After(10 * time.Minute):
						f.have(func(b *faults) { b.write = nil })
						t.Logf("%d deaths, the last one at write %d", deaths, n-everyWrite)
						return
					}
					f.have(func(b *faults) { b.write = nil })
					w.Crash()
					w.Restart()
					ordinauttest.Pass(5 * time.Minute)
					if diff := cmp.Diff(want, results(t, w, id)); diff != "" {
						t.Fatalf("dead at write %d (-undisturbed +got):\n%s", n, diff)
					}
					if n := v.repeats.Load(); n > 0 {
						t.Fatalf("%d calls had their result already", n)
					}
					deaths++
				}
			})
		})
	}
}
