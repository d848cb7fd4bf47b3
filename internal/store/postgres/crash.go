package postgres

import (
	"context"
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Reclaim returns the runs of expired leases to the queue.
func (s *Store) Reclaim(ctx context.Context) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		n, err = t.reclaim()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reclaim runs: %w", err)
	}
	return n, nil
}

// reclaim reads first who has lost a suspect: one that was to be canceled is none
// any more when its end is written.
func (t *tx) reclaim() (n int, err error) {
	workers, err := seenAll(t, "SuspectWorkers", scanWorkerName, t.now, suspected)
	if err != nil {
		return 0, err
	}
	canceled, err := changedRows(t, "ReclaimCanceled", scanStopped, t.now)
	if err != nil {
		return 0, err
	}
	if err := t.stopped(canceled...); err != nil {
		return 0, err
	}
	back, err := changedRows(t, "Reclaim", scanReclaimed, t.now, suspected, append([]string{}, workers...))
	if err != nil {
		return 0, err
	}
	if len(canceled)+len(back) > 0 {
		t.signal(ordinaut.SignalQueue) // also when all have ended: the place of a suspect may be free
	}
	slots, err := seenAll(t, "BlockedSlots", scanWorkerName) // what a lost commit may have left behind, too
	if err != nil {
		return 0, err
	}
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

func scanWorkerName(r row, worker *string) error { return r.Scan(worker) }

// suspectGoes signals the queue when a run that is settled is a suspect: another may
// wait for its place.
func (t *tx) suspectGoes(crashes int) {
	if crashes >= suspected {
		t.signal(ordinaut.SignalQueue)
	}
}

// clearCrashes clears a run that has a result: it is a suspect no more.
func (t *tx) clearCrashes(run ordinaut.RunID, crashes int) error {
	if crashes == 0 {
		return nil
	}
	t.suspectGoes(crashes)
	_, err := t.exec("ClearCrashes", id(run))
	return err
}

// reclaimed is a run whose worker is gone.
type reclaimed struct {
	id      ordinaut.RunID
	slot    string
	crashes int
}

func scanReclaimed(r row, run *reclaimed) error { return r.Scan(&run.id, &run.slot, &run.crashes) }

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
	gone, err := changedRow(t, "Quarantine", scanStopped, id(run.id), failure, t.now)
	if err != nil {
		return err
	}
	return t.ended(gone)
}
