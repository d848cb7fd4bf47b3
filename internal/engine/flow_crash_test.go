package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// wide is a task of three branches, of which one tries again and one goes on from
// a failure, and a list with two steps for each item.
const wide = `{"title": "Wide", "schedule_kind": "interval", "schedule_expr": "1h", "timezone": "UTC", "payload": {
	"params": {"list": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]},
	"pipeline": [
		{"id": "a", "needs": [], "uses": "script.work", "with": {"run": "${run.id}", "path": "a"}, "retry": {"base_seconds": 5}},
		{"id": "b", "needs": [], "uses": "script.work", "with": {"run": "${run.id}", "path": "b"}, "on_error": {"value": "instead"}},
		{"id": "c", "needs": ["b"], "uses": "script.work", "with": {"run": "${run.id}", "path": "c"}},
		{"id": "loop", "needs": [], "foreach": "params.list", "max_parallel": 3, "on_error": "continue", "steps": [
			{"id": "draft", "uses": "script.work", "with": {"run": "${run.id}", "path": "loop[${index}].draft"}, "retry": {"base_seconds": 0.3}},
			{"id": "send", "uses": "script.work", "with": {"run": "${run.id}", "path": "loop[${index}].send", "draft": "${steps.draft}"}}
		]},
		{"id": "end", "needs": ["a", "c", "loop"], "uses": "script.work", "with": {"run": "${run.id}", "path": "end"}}
	],
	"output": "${[steps.a, steps.b, steps.c, length(steps.loop[?@]), length(errors.loop[?@]), steps.end]}"
}}`

// witness is the tool of the wide task. It fails where a path says so, and tells
// of a call whose result the store had already.
type witness struct {
	world   *ordinauttest.World
	calls   atomic.Int32
	repeats atomic.Int32
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
	case in.Path == "b", in.Path == "loop[4].send", moody && attempt < 3:
		return nil, &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "no", Fix: "wait"}
	}
	return in.Path, nil
}

// A run that is crashed, aborted or stopped again and again ends as one that
// nobody disturbs.
func TestARunThatIsCutOffAgainAndAgainEndsTheSame(t *testing.T) {
	// So few, since the race detector makes each of them slow; test/chaos kills the
	// server itself more often.
	for _, times := range []int{0, 6, 18} {
		t.Run(fmt.Sprint(times, " times"), func(t *testing.T) {
			v := &witness{}
			script := new(ordinauttest.Script).On("work", func(ctx context.Context, _ int, args json.RawMessage) (any, error) { return v.work(ctx, args) })
			tune := func(o *engine.Options) { o.Grace = 300 * time.Millisecond }
			story(t, &faulty{}, script, tune, func(t *testing.T, w *ordinauttest.World) {
				v.world = w
				id := w.Create(wide)
				ordinauttest.Pass(time.Hour)
				disturb(w, rand.New(rand.NewPCG(1, uint64(times))), times)
				ordinauttest.Pass(10 * time.Minute)
				run, steps := newest(t, w, id)
				if got := string(run.Output); got != `["a","instead","c",19,1,"end"]` || run.Status != ordinaut.RunSucceeded || run.Failures != 0 {
					t.Errorf("the run is %s after %d failures with %s", run.Status, run.Failures, got)
				}
				if n := v.repeats.Load(); n > 0 || len(steps) != 45 || times == 0 && v.calls.Load() != 48 {
					t.Errorf("%d of %d calls had their result already, %d steps are recorded", n, v.calls.Load(), len(steps))
				}
			})
		})
	}
}

// disturb ends the world so many times, each time in another way.
func disturb(w *ordinauttest.World, random *rand.Rand, times int) {
	for range times {
		ordinauttest.Pass(time.Duration(random.IntN(2500)) * time.Millisecond)
		switch random.IntN(3) {
		case 0:
			w.Crash()
		case 1:
			w.Abort()
		case 2:
			w.Stop()
		}
		w.Restart()
	}
}
