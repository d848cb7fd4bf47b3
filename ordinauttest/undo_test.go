package ordinauttest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// books is a tool that books things, and cancels what it has booked. It keeps
// account of both by the run and the thing.
type books struct {
	mu       sync.Mutex
	random   *rand.Rand
	booked   map[string]bool
	canceled map[string]int
}

func (b *books) chance(n int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.random.IntN(n)
}

func (b *books) script() *ordinauttest.Script {
	return new(ordinauttest.Script).On("book", b.do(func(thing string) error {
		if b.chance(25) == 0 {
			return &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "sold out", Fix: "take another"}
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.booked[thing] = true
		return nil
	})).On("cancel", b.do(func(thing string) error {
		if strings.HasSuffix(thing, "7/car") {
			return &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "no refunds", Fix: "write to them"}
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.canceled[thing]++
		return nil
	}))
}

// do takes a moment, and is interrupted when its context is.
func (b *books) do(work func(thing string) error) ordinauttest.Act {
	return func(ctx context.Context, _ int, args json.RawMessage) (any, error) {
		var in struct{ Thing string }
		if err := json.Unmarshal(args, &in); err != nil {
			return nil, err
		}
		select {
		case <-time.After(time.Duration(1+b.chance(2_000)) * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return in.Thing, work(in.Thing)
	}
}

const journey = `{"title": "Journey", "key": "journey", "schedule_kind": "manual", "max_retries": 1, "backoff_strategy": "fixed", "backoff_base_seconds": 2, "payload": {"pipeline": [
	{"id": "flight", "uses": "script.book", "with": {"thing": "${run.id}/flight"}, "undo": {"uses": "script.cancel", "with": {"thing": "${steps.flight}"}}},
	{"id": "nap", "uses": "system.sleep", "with": {"seconds": 2}},
	{"id": "hotel", "uses": "script.book", "with": {"thing": "${run.id}/hotel"}, "undo": {"uses": "script.cancel", "with": {"thing": "${steps.hotel}"}}},
	{"id": "car", "needs": ["flight"], "uses": "script.book", "with": {"thing": "${run.id}/car"},
		"undo": {"uses": "script.cancel", "with": {"thing": "${steps.car}"}, "retry": {"max_retries": 1, "base_seconds": 1}}},
	{"id": "sure", "needs": ["hotel", "car"], "uses": "orchestrator.request_approval", "with": {"message": "Sure?", "timeout_seconds": 3, "default": "approve"}},
	{"id": "visa", "uses": "script.book", "with": {"thing": "${run.id}/visa"}}]}}`

// TestEveryStepOfACanceledRunIsUndoneOnce cancels runs at random instants, while the
// process is killed now and then. Of each that does not succeed, every step that has
// succeeded is undone once, or it is recorded that this has failed.
func TestEveryStepOfACanceledRunIsUndoneOnce(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	b := &books{random: rand.New(rand.NewPCG(seed, 2)), booked: map[string]bool{}, canceled: map[string]int{}}
	story(t, ordinauttest.Options{Script: b.script()}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(journey))
		var open []ordinaut.RunID
		for made := 0; made < cancels || len(open) > 0; {
			for range min(10, cancels-made) {
				var run struct{ ID ordinaut.RunID }
				if err := json.Unmarshal(w.Do("task.run", `{"task": "journey"}`), &run); err != nil {
					t.Fatal(err)
				}
				open = append(open, run.ID)
				made++
			}
			ordinauttest.Pass(time.Duration(random.IntN(1500)) * time.Millisecond)
			if made < cancels && len(open) < 90 {
				continue // so that some come to their end
			}
			for range min(10, len(open)) {
				i := random.IntN(len(open))
				_, _ = w.Call("run.cancel", fmt.Sprintf(`{"run": %q}`, open[i])) // some have ended before
				open[i] = open[len(open)-1]
				open = open[:len(open)-1]
			}
			if random.IntN(25) == 0 {
				w.Crash()
				w.Restart()
			}
		}
		ordinauttest.Pass(time.Hour)
		accounts(t, w, id, b)
	})
}

// accounts checks the records of all runs, and the books.
func accounts(t *testing.T, w *ordinauttest.World, id ordinaut.TaskID, b *books) {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id})
	if err != nil || len(runs) != cancels {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	tally := map[string]int{}
	for _, r := range runs {
		if !r.Status.Final() || r.Ending != nil {
			t.Fatalf("run %s is %s", r.ID, r.Status)
		}
		tally[string(r.Status)]++
		steps, err := w.Store.Steps(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		byPath := map[string]ordinaut.StepResult{}
		for _, s := range steps {
			byPath[s.Path] = s
			if s.Status == ordinaut.StepRunning || s.Status == ordinaut.StepWaiting {
				t.Errorf("run %s is %s, and its step %s is %s", r.ID, r.Status, s.Path, s.Status)
			}
		}
		for _, thing := range []string{"flight", "hotel", "car"} {
			undo, tried := byPath[thing+".undo"]
			name := string(r.ID) + "/" + thing
			canceled := b.canceled[name]
			switch due := r.Status != ordinaut.RunSucceeded && byPath[thing].Status == ordinaut.StepSucceeded; {
			case due != tried && r.Reason != ordinaut.ReasonQuarantined:
				t.Errorf("run %s is %s; of %s, which %s, the undo was tried: %t", r.ID, r.Status, thing, byPath[thing].Status, tried)
			case !tried && canceled > 0:
				t.Errorf("%s was canceled for nothing", name)
			case r.Reason == ordinaut.ReasonQuarantined:
				tally["of a run that was given up"]++
			case undo.Status == ordinaut.StepFailed:
				tally["not undone"]++
				if r.Failure == nil || !strings.Contains(r.Failure.Message, undo.Failure.Message) {
					t.Errorf("run %s is %s and says nothing of what was not undone, %+v: %+v", r.ID, r.Status, undo, r.Failure)
				}
			case tried && undo.Status != ordinaut.StepSucceeded, tried && canceled == 0:
				t.Errorf("%s was canceled %d times, and its undo is %s", name, canceled, undo.Status)
			case canceled > 1:
				tally["undone again after a crash"]++
			case tried:
				tally["undone"]++
			}
		}
	}
	t.Logf("%v", tally)
	if again := tally["undone again after a crash"]; again > tally["undone"]/10 {
		t.Errorf("%d steps were undone again", again)
	}
}
