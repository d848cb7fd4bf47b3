package ordinauttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// decisions are what was decided, by run: who was told that his answer counts, and
// what the run made of it.
type decisions struct {
	mu    sync.Mutex
	taken map[ordinaut.RunID][]string
	made  map[ordinaut.RunID][]string
}

func (d *decisions) script() *ordinauttest.Script {
	return new(ordinauttest.Script).On("note", func(_ context.Context, _ int, args json.RawMessage) (any, error) {
		var in struct {
			Run ordinaut.RunID
			By  string
		}
		if err := json.Unmarshal(args, &in); err != nil {
			return nil, err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if !slices.Contains(d.made[in.Run], in.By) { // a crash may have it noted twice
			d.made[in.Run] = append(d.made[in.Run], in.By)
		}
		return nil, nil
	})
}

// TestAnApprovalIsDecidedOnce lets several people answer the same approvals at
// random instants around their deadlines, while branches work beside them and the
// process is killed. Each has one outcome: the answer of whoever was told that his
// counts, or the deadline's when nobody was.
func TestAnApprovalIsDecidedOnce(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	d := &decisions{taken: map[ordinaut.RunID][]string{}, made: map[ordinaut.RunID][]string{}}
	script := d.script().On("work", func(ctx context.Context, n int, _ json.RawMessage) (any, error) {
		select {
		case <-time.After(time.Duration(n%9000) * time.Millisecond):
			return n, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	story(t, ordinauttest.Options{Script: script}, func(t *testing.T, w *ordinauttest.World) {
		w.Create(task(`{"title": "Ask", "key": "ask", "schedule_kind": "manual", "payload": {"pipeline": [
			{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Go?", "timeout_seconds": 10, "on_reject": "continue"}},
			{"id": "note", "uses": "script.note", "with": {"run": "${run.id}", "by": "${steps.ask.by || 'deadline'}"}},
			{"id": "beside", "needs": [], "uses": "script.work"}]}}`))
		for made := 0; made < approvals; made += 20 {
			var runs []ordinaut.RunID
			for range 20 {
				var run struct{ ID ordinaut.RunID }
				if err := json.Unmarshal(w.Do("task.run", `{"task": "ask"}`), &run); err != nil {
					t.Fatal(err)
				}
				runs = append(runs, run.ID)
			}
			ordinauttest.Pass(time.Millisecond) // all of them ask
			d.decide(t, w, runs, random)
			ordinauttest.Pass(time.Minute)
			d.check(t, w, runs)
		}
	})
}

// decide has three people answer each approval, many at the same instant and many at
// the very deadline, and kills the process in between.
func (d *decisions) decide(t *testing.T, w *ordinauttest.World, runs []ordinaut.RunID, random *rand.Rand) {
	t.Helper()
	type try struct {
		after time.Duration
		run   ordinaut.RunID
		by    string
	}
	var tries []try
	for _, run := range runs {
		at := 7*time.Second + time.Duration(random.IntN(5000))*time.Millisecond
		if random.IntN(3) == 0 {
			at = 10*time.Second - time.Millisecond + time.Duration(random.IntN(3)-1)*time.Millisecond
		}
		for i := range 3 {
			tries = append(tries, try{at + time.Duration(random.IntN(2))*time.Millisecond, run, fmt.Sprint("person ", i)})
		}
	}
	slices.SortStableFunc(tries, func(a, b try) int { return int(a.after - b.after) })
	began, killed := time.Now(), 0
	for len(tries) > 0 {
		ordinauttest.Pass(tries[0].after - time.Since(began))
		if killed < 2 && random.IntN(10) == 0 {
			killed++
			w.Crash()
			w.Restart()
		}
		var answering sync.WaitGroup
		for at := tries[0].after; len(tries) > 0 && tries[0].after == at; tries = tries[1:] {
			a := tries[0]
			answering.Go(func() {
				said := map[string]string{"decision": "approved", "by": a.by, "at": time.Now().Format(time.RFC3339)}
				switch err := answer(t, w, a.run, "ask", said); {
				case err == nil:
					d.mu.Lock()
					d.taken[a.run] = append(d.taken[a.run], a.by)
					d.mu.Unlock()
				case !errors.Is(err, ordinaut.ErrAnswered) && !errors.Is(err, ordinaut.ErrNotFound):
					t.Errorf("%s was told %v", a.by, err)
				}
			})
		}
		answering.Wait()
	}
}

func (d *decisions) check(t *testing.T, w *ordinauttest.World, runs []ordinaut.RunID) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range runs {
		run, err := w.Store.Run(t.Context(), id)
		if err != nil || run.Status != ordinaut.RunSucceeded {
			t.Fatalf("run %s is %s with %+v, %v", id, run.Status, run.Failure, err)
		}
		want := d.taken[id]
		if len(want) == 0 {
			want = []string{"deadline"}
		}
		if got := d.made[id]; len(want) != 1 || !slices.Equal(got, want) {
			t.Errorf("run %s: it was told that %q have decided, and it noted %q", id, want, got)
		}
	}
}
