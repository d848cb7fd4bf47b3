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

// reclaim reads first who has lost a suspect: one that was to be canceled is none
// any more when its end is written.
func (t *tx) reclaim(ended int64) (n int, err error) {
	workers, err := seen(t, "SuspectWorkers", scanWorkers, ended, suspected)
	if err != nil {
		return 0, err
	}
	canceled, err := changedRows(t, "ReclaimCanceled", scanStopped, ended, micros(t.now))
	if err != nil {
		return 0, err
	}
	if err := t.stopped(canceled...); err != nil {
		return 0, err
	}
	back, err := changedRows(t, "Reclaim", scanReclaimed, ended, suspected, workers)
	if err != nil {
		return 0, err
	}
	if len(canceled)+len(back) > 0 {
		t.signal(ordinaut.SignalQueue) // also when all have ended: the place of a suspect may be free
	}
	slots := make([]string, 0, len(back))
	for _, run := range back {
		slots = append(slots, run.slot)
		if run.crashes < limits.Crashes {
			n++
			continue
		}
		if err := t.quarantine(run); err != nil {
			return 0, err
		}
	}
	return n, t.unblock(slots)
}

func scanWorkers(r *sql.Rows, workers *string) error { return r.Scan(workers) }

// suspectGoes signals the queue when a run that is settled is a suspect: another may
// wait for its place.
func (t *tx) suspectGoes(id ordinaut.RunID) error {
	if some, err := t.someSuspects(); err != nil || !some {
		return err
	}
	suspect, err := seen(t, "IsSuspect", scanFlag, string(id), suspected)
	if suspect {
		t.signal(ordinaut.SignalQueue)
	}
	return err
}

// clearCrashes clears a run that has a result: it is a suspect no more.
func (t *tx) clearCrashes(id ordinaut.RunID) error {
	if err := t.suspectGoes(id); err != nil {
		return err
	}
	_, err := t.exec("ClearCrashes", string(id))
	return err
}

// someSuspects says whether any run of the queue is a suspect. One that is settled was
// claimed by an earlier transaction, so a group asks but once.
func (t *tx) someSuspects() (bool, error) {
	if t.suspects == nil {
		some, err := seen(t, "SomeSuspects", scanFlag, suspected)
		if err != nil {
			return false, err
		}
		t.suspects = &some
	}
	return *t.suspects, nil
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
