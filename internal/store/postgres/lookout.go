package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Lookouts gives those whose number is greater than known.
func (s *Store) Lookouts(ctx context.Context, known int64) ([]ordinaut.Lookout, error) {
	return all(ctx, s, "Lookouts", scanLookout, known)
}

func scanLookout(r row, l *ordinaut.Lookout) error {
	var key, by, status string
	var version, rev *int64
	var definition ordinaut.Definition
	err := r.Scan(&l.Number, &l.Expr, &l.Since, &l.Behind, orNone(&l.TaskID), orNone(&l.RunID), orNone(&l.Path), &l.Until,
		orNone(&key), orNone(&by), &version, orNone(&status), &rev, decoded{&definition})
	if l.TaskID == "" || version == nil || rev == nil {
		return err
	}
	l.Task = &ordinaut.Task{
		ID: l.TaskID, Key: key, CreatedBy: ordinaut.AgentID(by), Version: int(*version),
		Status: ordinaut.TaskStatus(status), Definition: definition, Plan: ordinaut.Plan{PlanRev: *rev},
	}
	return err
}

// lockMatching holds the one row that whoever begins to look out, and whoever
// matches, holds until the commit. It is taken before everything else.
func (t *tx) lockMatching() error { return t.lock("LockMatching") }

// lockLookouts does so when steps are about to look out for events.
func (t *tx) lockLookouts(steps []ordinaut.StepResult) error {
	looksOut := func(s ordinaut.StepResult) bool { return s.Wait != nil && s.Wait.Kind == ordinaut.WaitEvent }
	if !slices.ContainsFunc(steps, looksOut) {
		return nil
	}
	return t.lockMatching()
}

// numbered is what a new lookout is given.
type numbered struct{ number, cursor int64 }

func scanNumbered(r row, n *numbered) error { return r.Scan(&n.number, &n.cursor) }

// lookOut gives a lookout its number and its position: the end of the log, or
// what lies before a time. It is behind when something after that was matched.
func (t *tx) lookOut(from *time.Time) (number, since int64, behind *int64, err error) {
	if err := t.stamp(); err != nil { // what was told before has its position
		return 0, 0, nil, err
	}
	end, err := seen(t, "LogEnd", scanSeq)
	if err != nil {
		return 0, 0, nil, err
	}
	n, err := changedRow(t, "NextLookout", scanNumbered, end)
	if err != nil {
		return 0, 0, nil, err
	}
	since = end
	if from != nil {
		if since, err = seen(t, "EventBefore", scanSeq, *from); err != nil {
			return 0, 0, nil, err
		}
	}
	if since < n.cursor {
		behind = &since
	}
	t.signal(ordinaut.SignalLog)
	return n.number, since, behind, nil
}

func scanSeq(r row, seq *int64) error { return r.Scan(seq) }

// keepTrigger has a task look out for events for as long as its schedule says so
// and it may run, or will again.
func (t *tx) keepTrigger(task ordinaut.Task) error {
	stands := task.Status == ordinaut.TaskActive || task.Status == ordinaut.TaskPaused
	if task.ScheduleKind != ordinaut.ScheduleEvent || !stands {
		_, err := t.exec("DropTrigger", id(task.ID))
		return err
	}
	number, since, behind, err := t.lookOut(nil)
	if err != nil {
		return err
	}
	_, err = t.exec("SaveTrigger", number, task.ScheduleExpr, since, behind, id(task.ID))
	return err
}

// keepEventWait has a step look out for an event.
func (t *tx) keepEventWait(run ordinaut.RunID, path string, w ordinaut.Wait) error {
	number, since, behind, err := t.lookOut(w.From)
	if err != nil {
		return err
	}
	_, err = t.exec("SaveEventWait", number, w.Key, since, behind, id(run), path)
	return err
}
