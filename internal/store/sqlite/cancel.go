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
	runs, err := changedRows(t, "CancelRun", scanStopped, string(id), string(why), micros(t.now))
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		if _, err := seen(t, "Run", scanOneRun, string(id)); err != nil {
			return err
		}
		return ordinaut.ErrRunEnded
	}
	return t.stopped(runs...)
}

// supersede cancels every run of a task that has not ended.
func (t *tx) supersede(id ordinaut.TaskID) error {
	runs, err := changedRows(t, "CancelRunsOfTask", scanStopped, string(id), string(ordinaut.ReasonSuperseded), micros(t.now))
	if err != nil {
		return err
	}
	return t.stopped(runs...)
}

// Canceling names the runs that the worker holds and is asked to end.
func (s *Store) Canceling(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	return all(ctx, s.read, "Canceling", scanRunID, worker)
}

func scanRunID(r *sql.Rows, id *ordinaut.RunID) error { return r.Scan(id) }
