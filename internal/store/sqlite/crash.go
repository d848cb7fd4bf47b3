package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Reclaim returns the runs of expired leases to the queue.
func (s *Store) Reclaim(ctx context.Context) (int, error) { return s.reclaim(ctx, 0) }

// reclaim returns to the queue the runs whose leases have ended by the instant,
// or by now.
func (s *Store) reclaim(ctx context.Context, ended int64) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		n, err = t.reclaim(max(ended, micros(t.now)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reclaim runs: %w", err)
	}
	return n, nil
}

func (t *tx) reclaim(ended int64) (n int, err error) {
	canceled, err := changedRows(t, "ReclaimCanceled", scanStopped, ended, micros(t.now))
	if err != nil {
		return 0, err
	}
	if err := t.stopped(canceled...); err != nil {
		return 0, err
	}
	back, err := changedRows(t, "Reclaim", scanReclaimed, ended)
	if err != nil {
		return 0, err
	}
	slots := make([]string, 0, len(back))
	for _, run := range back {
		slots = append(slots, run.slot)
		if run.crashes < limits.Crashes {
			n++
			t.signal(ordinaut.SignalQueue)
			continue
		}
		if err := t.quarantine(run); err != nil {
			return 0, err
		}
	}
	return n, t.unblock(slots)
}

// reclaimed is a run whose worker is gone.
type reclaimed struct {
	id      ordinaut.RunID
	slot    string
	crashes int
}

func scanReclaimed(r *sql.Rows, run *reclaimed) error {
	return r.Scan(&run.id, &run.slot, &run.crashes)
}

// quarantine ends a run that takes its process down with it.
func (t *tx) quarantine(run reclaimed) error {
	failure, err := encoded(ordinaut.Failure{
		Class: ordinaut.ClassInternal, Code: ordinaut.CodeRunQuarantined,
		Message: fmt.Sprintf("the process died %d times in the middle of its calls, one after the other; nothing was undone", run.crashes),
		Fix:     "find out why the process died, mend the task or its tool, and run it again",
	})
	if err != nil {
		return err
	}
	gone, err := changedRow(t, "Quarantine", scanStopped, string(run.id), failure, micros(t.now))
	if err != nil {
		return err
	}
	return t.ended(gone)
}
