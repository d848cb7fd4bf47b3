package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// CancelRun ends a run, or asks the worker that holds it to end it.
func (s *Store) CancelRun(ctx context.Context, id ordinaut.RunID, why ordinaut.Reason, c ordinaut.Change) error {
	err := s.change(ctx, c, func(t *tx) error { return t.cancelRun(id, why) })
	if err != nil {
		return fmt.Errorf("cancel run %s: %w", id, err)
	}
	return nil
}

func (t *tx) cancelRun(id ordinaut.RunID, why ordinaut.Reason) error {
	stand, err := changedRows(t, "CancelRun", scanStatus, string(id), string(why), micros(t.now))
	if err != nil {
		return err
	}
	if len(stand) == 0 {
		if _, err := seen(t, "Run", scanOneRun, string(id)); err != nil {
			return err
		}
		return ordinaut.ErrRunEnded
	}
	t.tellCanceled(stand[0])
	if stand[0] == ordinaut.RunRunning {
		return nil
	}
	return t.releaseBehind(id)
}

// supersede cancels every run of a task that has not ended.
func (t *tx) supersede(id ordinaut.TaskID) error {
	gone, err := changedRows(t, "CancelRunsOfTask", scanCanceled, string(id), string(ordinaut.ReasonSuperseded), micros(t.now))
	if err != nil {
		return err
	}
	slots := make([]string, 0, len(gone))
	for _, c := range gone {
		t.tellCanceled(c.stands)
		slots = append(slots, c.slot)
	}
	return t.unblock(slots)
}

// canceled is where a run stands after it was canceled, and the slot it may have
// waited for.
type canceled struct {
	stands ordinaut.RunStatus
	slot   string
}

func scanCanceled(r *sql.Rows, c *canceled) error { return r.Scan(&c.stands, &c.slot) }

func scanStatus(r *sql.Rows, s *ordinaut.RunStatus) error { return r.Scan(s) }

// tellCanceled signals that a run was canceled: that it has ended, or that its
// worker is asked.
func (t *tx) tellCanceled(stands ordinaut.RunStatus) {
	if stands == ordinaut.RunRunning {
		t.signal(ordinaut.SignalCancels)
		return
	}
	t.signal(ordinaut.SignalRuns)
}

// Canceling names the runs that the worker holds and is asked to end.
func (s *Store) Canceling(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	return all(ctx, s.read, "Canceling", scanRunID, worker)
}

func scanRunID(r *sql.Rows, id *ordinaut.RunID) error { return r.Scan(id) }

// reclaimCanceled ends the runs that were to end and whose leases have ended by
// the instant.
func (t *tx) reclaimCanceled(ended int64) error {
	gone, err := changedRows(t, "ReclaimCanceled", scanRunID, ended, micros(t.now))
	if err != nil {
		return err
	}
	for _, id := range gone {
		if err := t.abandoned(id); err != nil {
			return err
		}
	}
	return nil
}

// abandoned closes a run that was to end and has ended without a word of its
// worker about the steps it had begun.
func (t *tx) abandoned(id ordinaut.RunID) error {
	failure, err := encoded(ordinaut.Failure{
		Class: ordinaut.ClassCanceled, Code: ordinaut.CodeToolCanceled,
		Message: "the run was canceled, and nobody knows how far the call had come",
		Fix:     "look at what the tool has done before you run the task again",
	})
	if err != nil {
		return err
	}
	if _, err := t.exec("EndSteps", string(id), failure, micros(t.now)); err != nil {
		return err
	}
	t.signal(ordinaut.SignalRuns)
	return t.releaseBehind(id)
}
