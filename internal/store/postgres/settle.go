package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ordinaut/ordinaut"
)

// SaveStep records steps.
func (s *Store) SaveStep(ctx context.Context, l ordinaut.Lease, steps ...ordinaut.StepResult) error {
	err := errApart
	if isPlain(steps) {
		err = s.saves.submit(ctx, saving{l, steps})
	}
	if errors.Is(err, errApart) {
		err = s.write(ctx, func(t *tx) error { return t.saveStepsOf(l, steps) })
	}
	if err != nil {
		return fmt.Errorf("save steps of run %s: %w", l.RunID, err)
	}
	return nil
}

func (t *tx) saveStepsOf(l ordinaut.Lease, steps []ordinaut.StepResult) error {
	h, err := t.hold(l, steps)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(steps, final) {
		if err := t.clearCrashes(l.RunID, h.crashes); err != nil {
			return err
		}
	}
	waiting, err := t.saveSteps(l.RunID, steps)
	if err != nil || !waiting && !h.waits {
		return err
	}
	_, err = t.dropWaits(l.RunID)
	return err
}

// held is what is to be known of a run of which steps are saved.
type held struct {
	waits   bool // a step of it has waited
	crashes int
}

func scanHeld(r row, h *held) error { return r.Scan(&h.waits, &h.crashes) }

// hold holds the run of a lease until the commit, and first those for whose end it
// waits.
func (t *tx) hold(l ordinaut.Lease, steps []ordinaut.StepResult) (held, error) {
	if err := t.lockAwaited(l.RunID, steps...); err != nil {
		return held{}, err
	}
	h, err := seen(t, "HoldsLease", scanHeld, t.proof(l)...)
	if errors.Is(err, ordinaut.ErrNotFound) {
		err = ordinaut.ErrLeaseLost
	}
	return h, err
}

// saveSteps records steps and what they wait for, and says whether any of them
// waits. Only of a run in which a step has waited there is anything to forget.
func (t *tx) saveSteps(run ordinaut.RunID, steps []ordinaut.StepResult) (waiting bool, err error) {
	for _, s := range steps {
		if s.Status == ordinaut.StepWaiting {
			waiting = true
			if err := t.saveWait(run, s); err != nil {
				return false, err
			}
		}
		if err := t.saveStep(run, s); err != nil {
			return false, err
		}
	}
	if waiting {
		_, err = t.exec("MarkWaits", id(run))
	}
	return waiting, err
}

// final says whether a step is neither at work nor waits.
func final(s ordinaut.StepResult) bool {
	return s.Status != ordinaut.StepRunning && s.Status != ordinaut.StepWaiting
}

func (t *tx) saveStep(run ordinaut.RunID, s ordinaut.StepResult) error {
	if err := errors.Join(t.appendLog(s.Log), t.keepArtifact(run, s)); err != nil {
		return err
	}
	failure, err := encodedOrNull(s.Failure)
	if err != nil {
		return err
	}
	_, err = t.exec("SaveStep", id(run), s.Path, string(s.Status), s.Attempt, s.Tool,
		document(s.Input), document(s.Output), failure,
		s.IdempotencyKey, s.StartedAt, s.FinishedAt, s.Undoable)
	return err
}

// Settle ends the lease with its outcome and releases what was parked behind
// the run.
func (s *Store) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	err := errApart
	if isEnd(o) {
		err = s.ends.submit(ctx, settling{l, o})
	}
	if errors.Is(err, errApart) {
		err = s.write(ctx, func(t *tx) error { return t.settle(l, o) })
	}
	if err != nil {
		return fmt.Errorf("settle run %s: %w", l.RunID, err)
	}
	return nil
}

// settle records the steps first: in the log of the run, its end stands behind
// theirs.
func (t *tx) settle(l ordinaut.Lease, o ordinaut.Outcome) error {
	h, err := t.hold(l, o.Steps)
	if err != nil {
		return err
	}
	t.suspectGoes(h.crashes)
	if _, err := t.saveSteps(l.RunID, o.Steps); err != nil {
		return err
	}
	switch {
	case o.Status.Final():
		return t.finish(l, o)
	case o.Status == ordinaut.RunQueued, o.Status == ordinaut.RunWaiting:
		return t.requeue(l, o)
	}
	return fmt.Errorf("a worker cannot settle a run as %q", o.Status)
}

// finish ends the run.
func (t *tx) finish(l ordinaut.Lease, o ordinaut.Outcome) error {
	failure, err := encodedOrNull(o.Failure)
	if err != nil {
		return err
	}
	run, err := changedRow(t, "Finish", scanStopped, t.proof(l, string(o.Status), string(o.Reason), failures(o), failure,
		document(o.Output), int64(o.Worked), slices.ContainsFunc(o.Steps, final))...)
	if errors.Is(err, ordinaut.ErrNotFound) {
		return ordinaut.ErrLeaseLost
	}
	if err != nil {
		return err
	}
	return t.ended(run)
}

// failures is how often a run has failed once more.
func failures(o ordinaut.Outcome) int {
	if o.Failed {
		return 1
	}
	return 0
}

// requeue gives the run back to the queue, or lets it wait; one that is to end,
// ends.
func (t *tx) requeue(l ordinaut.Lease, o ordinaut.Outcome) error {
	failure, err := encodedOrNull(o.Failure)
	if err != nil {
		return err
	}
	ending, err := encodedOrNull(o.Ending)
	if err != nil {
		return err
	}
	at := &o.RunAt
	if o.Status == ordinaut.RunWaiting && at.IsZero() {
		at = nil
	}
	run, err := changedRow(t, "Requeue", scanStopped, t.proof(l, string(o.Status), string(o.Reason), failures(o), failure,
		int64(o.Worked), at, ending, slices.ContainsFunc(o.Steps, final))...)
	switch {
	case errors.Is(err, ordinaut.ErrNotFound):
		return ordinaut.ErrLeaseLost
	case err != nil:
		return err
	case run.stands.Final():
		return t.stopped(run)
	}
	return t.goesOn(run, o)
}

// goesOn gives a run that has not ended to the queue, or lets it wait.
func (t *tx) goesOn(run stopped, o ordinaut.Outcome) error {
	for _, path := range o.Redo {
		if err := t.putAside(run.id, path); err != nil {
			return err
		}
	}
	if o.Ending != nil {
		if err := t.endSteps(run.id); err != nil {
			return err
		}
	}
	if err := t.settleWaits(run, o); err != nil {
		return err
	}
	if err := t.unblock([]string{run.slot}); err != nil {
		return err
	}
	if run.stands == ordinaut.RunWaiting {
		return t.waitsOn(run.id, !o.RunAt.IsZero())
	}
	t.signal(ordinaut.SignalQueue)
	return nil
}

// settleWaits forgets the waits that are over. Who waits for a run in vain, because
// its step is put aside or undone, has that run canceled.
func (t *tx) settleWaits(run stopped, o ordinaut.Outcome) error {
	switch {
	case !run.waits:
		return nil
	case o.Ending != nil, len(o.Redo) > 0:
		return t.forsake(run.id)
	}
	_, err := t.dropWaits(run.id)
	return err
}

// waitsOn lets a run wait, unless one of its waits was answered before its worker
// let go.
func (t *tx) waitsOn(run ordinaut.RunID, wakes bool) error {
	answered, err := seen(t, "SomeAnswer", scanFlag, id(run))
	switch {
	case err != nil:
		return err
	case answered:
		return t.goOn(run)
	case wakes:
		t.signal(ordinaut.SignalWaits)
	}
	return nil
}

// putAside renames the results of a step for the round that they were of, so
// that the step is done again.
func (t *tx) putAside(run ordinaut.RunID, path string) error {
	failure, err := endedFirst()
	if err != nil {
		return err
	}
	round, err := seen(t, "NextRound", scanCount, id(run), path)
	if err != nil {
		return err
	}
	if _, err := t.exec("PutAside", id(run), path, round, failure, t.now); err != nil {
		return err
	}
	_, err = t.exec("PutRunsAside", id(run), path, round)
	return err
}
