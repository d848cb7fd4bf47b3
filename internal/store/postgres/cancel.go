package postgres

import (
	"context"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// CancelRun ends a run, or asks the worker that holds it to end it.
func (s *Store) CancelRun(ctx context.Context, run ordinaut.RunID, why ordinaut.Reason, c ordinaut.Change) error {
	err := s.change(ctx, c, func(t *tx) error { return t.cancelRun(run, why) })
	if err != nil {
		return fmt.Errorf("cancel run %s: %w", run, err)
	}
	return nil
}

func (t *tx) cancelRun(run ordinaut.RunID, why ordinaut.Reason) error {
	if err := t.lockAwaited(run); err != nil {
		return err
	}
	runs, err := changedRows(t, "CancelRun", scanStopped, id(run), string(why), t.now)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		if _, err := seen(t, "Run", scanOneRun, id(run)); err != nil {
			return err
		}
		return ordinaut.ErrRunEnded
	}
	return t.stopped(runs...)
}

// supersede cancels every run of a task that has not ended.
func (t *tx) supersede(task ordinaut.TaskID) error {
	runs, err := changedRows(t, "CancelRunsOfTask", scanStopped, id(task), string(ordinaut.ReasonSuperseded), t.now)
	if err != nil {
		return err
	}
	return t.stopped(runs...)
}

// Canceling names the runs that the worker holds and is asked to end.
func (s *Store) Canceling(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	return all(ctx, s, "Canceling", scanRunID, worker)
}
