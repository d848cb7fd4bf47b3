package storetest

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// suspected is how often a suspect has crashed.
const suspected = limits.Crashes - 1

// save records a step as the store should.
func (r *modelRun) save(s ordinaut.StepResult) {
	if s.Status != ordinaut.StepRunning && s.Status != ordinaut.StepWaiting {
		r.crashes = 0
	}
	r.waited = r.waited || s.Status == ordinaut.StepWaiting
	if s.Wait != nil {
		w := *s.Wait
		s.Wait = &w
	}
	i := slices.IndexFunc(r.steps, func(old ordinaut.StepResult) bool { return old.Path == s.Path })
	switch {
	case i < 0:
		r.steps = append(r.steps, s)
	case !r.steps[i].Done():
		if old := r.steps[i].Wait; old != nil && s.Wait != nil {
			s.Wait.Answer = old.Answer
		}
		r.steps[i] = s
	default:
		return
	}
	if s.Wait == nil {
		r.waits = slices.DeleteFunc(r.waits, func(path string) bool { return path == s.Path })
	} else if !slices.Contains(r.waits, s.Path) {
		r.waits = append(r.waits, s.Path)
	}
}

// settle lets a run go as the store should.
func (r *modelRun) settle(o ordinaut.Outcome, now time.Time) {
	for _, s := range o.Steps {
		r.save(s)
	}
	if o.Failed {
		r.failures++
	}
	answered := slices.ContainsFunc(r.steps, func(s ordinaut.StepResult) bool { return s.Wait != nil && s.Wait.Answer != nil })
	switch {
	case o.Status.Final():
		r.status, r.ending = o.Status, false
		if r.waited {
			r.close()
		}
	case o.Ending != nil:
		r.status, r.due, r.ending, r.cancel = ordinaut.RunQueued, now, true, false
		r.close()
	case r.cancel:
		r.stop(now)
	case o.Status == ordinaut.RunWaiting && answered:
		r.status, r.due = ordinaut.RunQueued, now
	default:
		r.status, r.due = o.Status, o.RunAt
	}
}

// answer answers a step as the store should.
func (r *modelRun) answer(path string, now time.Time) error {
	for _, s := range r.steps {
		switch {
		case s.Path != path || s.Wait == nil:
			continue
		case s.Wait.Answer != nil:
			return ordinaut.ErrAnswered
		case s.Wait.Until != nil && !s.Wait.Until.After(now):
			return ordinaut.ErrNotFound
		}
		s.Wait.Answer = json.RawMessage(`{}`)
		if r.status == ordinaut.RunWaiting {
			r.status, r.due = ordinaut.RunQueued, now
		}
		return nil
	}
	return ordinaut.ErrNotFound
}

// suspect says whether the next crash of the run would be its last.
func (r *modelRun) suspect() bool { return r.crashes >= suspected }

// atWork says whether a step of the run was begun and has no result.
func (r *modelRun) atWork() bool {
	return slices.ContainsFunc(r.steps, func(s ordinaut.StepResult) bool { return s.Status == ordinaut.StepRunning })
}

// isReclaimed takes a run from a worker that is gone, and says whether it returned
// to the queue. The worker may have lost a suspect that is to blame.
func (r *modelRun) isReclaimed(now time.Time, blamed bool) bool {
	if r.cancel {
		r.stop(now)
		return false
	}
	if r.atWork() && (r.suspect() || !blamed) {
		r.crashes++
	}
	if r.crashes >= limits.Crashes {
		r.status, r.ending = ordinaut.RunFailed, false
		r.close()
		return false
	}
	r.status = ordinaut.RunQueued // it keeps its turn
	return true
}

// stop ends a run that no worker holds, or lets it be undone first.
func (r *modelRun) stop(now time.Time) {
	undoable := func(s ordinaut.StepResult) bool { return s.Undoable && s.Status == ordinaut.StepSucceeded }
	r.status, r.cancel = ordinaut.RunCanceled, false
	if slices.ContainsFunc(r.steps, undoable) {
		r.status, r.due, r.ending = ordinaut.RunQueued, now, true
	}
	r.close()
}

// close closes the steps of which nobody says more.
func (r *modelRun) close() {
	for i, s := range r.steps {
		if s.Status == ordinaut.StepRunning || s.Status == ordinaut.StepWaiting {
			r.steps[i].Status, r.steps[i].Wait = ordinaut.StepFailed, nil
		}
	}
	r.waits = nil
}
