package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// witnessed is the store at which several processes meet, and what was seen there.
// It knows by itself who holds a run, and what the record must therefore be.
type witnessed struct {
	ordinaut.Store
	deaf bool // the timers of its workers come last

	mu     sync.Mutex
	fences map[ordinaut.RunID]int64 // the newest that was given out
	ended  map[ordinaut.RunID]bool
	record map[ordinaut.RunID]map[string]ordinaut.StepResult
	seen   sightings
}

// sightings are what a witness has seen.
type sightings struct {
	faults []string // of which there may be none

	calls     int
	finished  int // runs that ended
	claims    int // runs that were given out
	expired   int // writes refused because the lease was over, and nobody else had the run
	overtaken int // writes refused because another worker had claimed the run
	late      int // calls of who was overtaken between their record and themselves
}

func (s *sightings) add(more sightings) {
	s.faults = append(s.faults, more.faults...)
	s.calls += more.calls
	s.finished += more.finished
	s.claims += more.claims
	s.expired += more.expired
	s.overtaken += more.overtaken
	s.late += more.late
}

func newWitnessed(store ordinaut.Store, deaf bool) *witnessed {
	return &witnessed{
		Store: store, deaf: deaf,
		fences: map[ordinaut.RunID]int64{},
		ended:  map[ordinaut.RunID]bool{},
		record: map[ordinaut.RunID]map[string]ordinaut.StepResult{},
	}
}

// fault notes what must not be. The lock is held.
func (w *witnessed) fault(format string, args ...any) {
	w.seen.faults = append(w.seen.faults, fmt.Sprintf(format, args...))
}

// caught says whether anything was found at fault.
func (w *witnessed) caught() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen.faults) > 0
}

// called notes a call that a process makes. Only its own clock can keep a worker
// from a call whose beginning is already recorded: a deaf one makes it.
func (w *witnessed) called(process string, c tool.Call, t trust) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen.calls++
	switch late := time.Since(t.until); {
	case late > 0:
		w.fault("%s calls %s of run %s %s after the margin", process, c.Step, c.RunID, late)
	case t.fence < w.fences[c.RunID] && w.deaf:
		w.seen.late++
	case t.fence < w.fences[c.RunID]:
		w.fault("%s calls %s of run %s, which another worker has claimed since", process, c.Step, c.RunID)
	case w.record[c.RunID][c.Step].Done():
		w.fault("%s calls %s of run %s, whose result is recorded", process, c.Step, c.RunID)
	}
}

// Claim notes who holds a run now.
func (w *witnessed) Claim(ctx context.Context, worker string, n int, lease time.Duration) (ordinaut.Claim, error) {
	claim, err := w.Store.Claim(ctx, worker, n, lease)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range claim.Runs {
		w.seen.claims++
		if c.Lease.Fence <= w.fences[c.Run.ID] {
			w.fault("the fence of run %s goes from %d to %d", c.Run.ID, w.fences[c.Run.ID], c.Lease.Fence)
		}
		if w.ended[c.Run.ID] {
			w.fault("run %s is claimed after its end", c.Run.ID)
		}
		w.fences[c.Run.ID] = c.Lease.Fence
	}
	return claim, err
}

// SaveStep notes what was recorded.
func (w *witnessed) SaveStep(ctx context.Context, l ordinaut.Lease, steps ...ordinaut.StepResult) error {
	return w.write(l, steps, func() error { return w.Store.SaveStep(ctx, l, steps...) })
}

// Settle notes what was recorded, and that a run has ended.
func (w *witnessed) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	err := w.write(l, o.Steps, func() error { return w.Store.Settle(ctx, l, o) })
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && o.Status.Final() {
		w.seen.finished++
		if w.ended[l.RunID] {
			w.fault("run %s ends twice", l.RunID)
		}
		w.ended[l.RunID] = true
	}
	return err
}

// write judges a write by who held the run when it set out.
func (w *witnessed) write(l ordinaut.Lease, steps []ordinaut.StepResult, do func() error) error {
	w.mu.Lock()
	stale := l.Fence < w.fences[l.RunID] || w.ended[l.RunID]
	w.mu.Unlock()
	err := do()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil && stale:
		w.fault("a write of %s to run %s with fence %d is heard, when %d is given out", l.Worker, l.RunID, l.Fence, w.fences[l.RunID])
	case err == nil:
		w.keep(l.RunID, steps)
	case !errors.Is(err, ordinaut.ErrLeaseLost):
		w.fault("a write to run %s fails: %v", l.RunID, err)
	case stale:
		w.seen.overtaken++
	default:
		w.seen.expired++
	}
	return err
}

// keep is what a store does with the steps of a lease that holds. The lock is held.
func (w *witnessed) keep(id ordinaut.RunID, steps []ordinaut.StepResult) {
	if w.record[id] == nil {
		w.record[id] = map[string]ordinaut.StepResult{}
	}
	for _, s := range steps {
		if !w.record[id][s.Path].Done() {
			w.record[id][s.Path] = s
		}
	}
}

// judge compares every run of a task with the record, and with how it had to end.
func (w *witnessed) judge(t *testing.T, world *ordinauttest.World, id ordinaut.TaskID, output string) {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id})
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	fires := 0
	for _, e := range world.Entries(id) {
		switch {
		case e.Gap == nil:
			fires++
		case e.Gap.Reason != ordinaut.ReasonPaused: // which is how the winter ends
			w.fault("task %s left %d fires out, from %s: %s", id, e.Gap.Count, e.Gap.First, e.Gap.Reason)
		}
	}
	if fires != len(runs) {
		w.fault("%d fires have %d runs", fires, len(runs))
	}
	for _, r := range runs {
		if r.Status != ordinaut.RunSucceeded || r.Failures != 0 || string(r.Output) != output {
			w.fault("run %s is %s after %d failures with %s, want %s", r.ID, r.Status, r.Failures, r.Output, output)
		}
		if !w.ended[r.ID] {
			w.fault("run %s is %s, and nobody said so", r.ID, r.Status)
		}
		steps, err := w.Store.Steps(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]ordinaut.StepResult{}
		for _, s := range steps {
			got[s.Path] = s
		}
		if diff := cmp.Diff(w.record[r.ID], got, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(time.Microsecond)); diff != "" {
			w.fault("the steps of run %s (-want +got):\n%s", r.ID, diff)
		}
	}
}

// unfenced is a store without the fence: a write of a lease that is lost is taken
// for one of whoever holds the run now. Each kind of write has its own flaw.
type unfenced struct {
	ordinaut.Store
	steps, ends bool

	mu   sync.Mutex
	last map[ordinaut.RunID]ordinaut.Lease
}

func (u *unfenced) Claim(ctx context.Context, worker string, n int, lease time.Duration) (ordinaut.Claim, error) {
	claim, err := u.Store.Claim(ctx, worker, n, lease)
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, c := range claim.Runs {
		u.last[c.Run.ID] = c.Lease
	}
	return claim, err
}

func (u *unfenced) SaveStep(ctx context.Context, l ordinaut.Lease, steps ...ordinaut.StepResult) error {
	return u.forge(u.steps, l, func(l ordinaut.Lease) error { return u.Store.SaveStep(ctx, l, steps...) })
}

func (u *unfenced) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	return u.forge(u.ends, l, func(l ordinaut.Lease) error { return u.Store.Settle(ctx, l, o) })
}

// forge writes with the lease that holds, when the own one does not.
func (u *unfenced) forge(flawed bool, l ordinaut.Lease, write func(ordinaut.Lease) error) error {
	err := write(l)
	if !flawed || !errors.Is(err, ordinaut.ErrLeaseLost) {
		return err
	}
	u.mu.Lock()
	current := u.last[l.RunID]
	u.mu.Unlock()
	return write(current)
}
