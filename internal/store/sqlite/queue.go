package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Claim leases up to n due runs to the worker.
func (s *Store) Claim(ctx context.Context, worker string, n int, lease time.Duration) (ordinaut.Claim, error) {
	var claim ordinaut.Claim
	err := s.write(ctx, func(t *tx) (err error) {
		claim, err = t.claim(worker, n, lease)
		return err
	})
	if err != nil {
		return ordinaut.Claim{}, fmt.Errorf("claim runs: %w", err)
	}
	return claim, nil
}

func (t *tx) claim(worker string, n int, lease time.Duration) (claim ordinaut.Claim, err error) {
	claim.Now = t.now
	priorities, err := seenAll(t, "DuePriorities", scanPriority, micros(t.now))
	if err != nil {
		return claim, err
	}
	take, err := t.taker(worker, lease)
	if err != nil {
		return claim, err
	}
	slices.Sort(priorities)
	for _, priority := range slices.Backward(priorities) {
		if len(claim.Runs) == n {
			break
		}
		rows, err := take(priority, n-len(claim.Runs))
		if err != nil {
			return claim, err
		}
		slices.SortFunc(rows, byDue)
		for _, r := range rows {
			claim.Runs = append(claim.Runs, r.Claimed)
		}
	}
	claim.Next, err = seen(t, "NextRun", scanOptional, micros(t.now))
	return claim, err
}

func scanPriority(rows *sql.Rows, p *int) error { return rows.Scan(p) }

// claimed is a claimed run with the time it was due.
type claimed struct {
	ordinaut.Claimed
	runAt int64
}

func scanClaimed(rows *sql.Rows, c *claimed) error {
	err := scanRun(rows, &c.Run, &c.Lease.Fence, &c.runAt)
	c.Lease.RunID, c.Lease.Worker = c.Run.ID, c.Run.Worker
	return err
}

// byDue orders claimed runs by the time they were due: an UPDATE answers in an
// order of its own.
func byDue(a, b claimed) int {
	return cmp.Or(cmp.Compare(a.runAt, b.runAt), cmp.Compare(a.Run.ID, b.Run.ID))
}

// Renew prolongs the worker's leases and names those that are lost.
func (s *Store) Renew(ctx context.Context, leases []ordinaut.Lease, lease time.Duration) (lost []ordinaut.RunID, err error) {
	err = s.write(ctx, func(t *tx) error {
		lost = nil
		for _, l := range leases {
			held, err := t.changed("Renew", t.proof(l, micros(t.now.Add(lease)))...)
			if err != nil {
				return err
			}
			if !held {
				lost = append(lost, l.RunID)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("renew leases: %w", err)
	}
	return lost, nil
}

// proof are the parameters by which a statement tests a lease, and those that
// follow them.
func (t *tx) proof(l ordinaut.Lease, more ...any) []any {
	return append([]any{string(l.RunID), l.Fence, l.Worker, micros(t.now)}, more...)
}

// SaveStep records steps.
func (s *Store) SaveStep(ctx context.Context, l ordinaut.Lease, steps ...ordinaut.StepResult) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := seen(t, "HoldsLease", scanCount, t.proof(l)...)
		if errors.Is(err, ordinaut.ErrNotFound) {
			return ordinaut.ErrLeaseLost
		}
		if err != nil {
			return err
		}
		return t.saveSteps(l.RunID, steps)
	})
	if err != nil {
		return fmt.Errorf("save steps of run %s: %w", l.RunID, err)
	}
	return nil
}

func (t *tx) saveSteps(id ordinaut.RunID, steps []ordinaut.StepResult) error {
	for _, s := range steps {
		failure, err := encodedOrNull(s.Failure)
		if err != nil {
			return err
		}
		_, err = t.exec("SaveStep", string(id), s.Path, string(s.Status), s.Attempt, s.Tool,
			document(s.Input), document(s.Output), failure,
			s.IdempotencyKey, micros(s.StartedAt), microsOrNull(s.FinishedAt))
		if err != nil {
			return err
		}
	}
	return nil
}

// Settle ends the lease with its outcome and releases what was parked behind
// the run.
func (s *Store) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	err := s.write(ctx, func(t *tx) error { return t.settle(l, o) })
	if err != nil {
		return fmt.Errorf("settle run %s: %w", l.RunID, err)
	}
	return nil
}

func (t *tx) settle(l ordinaut.Lease, o ordinaut.Outcome) error {
	failure, err := encodedOrNull(o.Failure)
	if err != nil {
		return err
	}
	switch {
	case o.Status.Final():
		err = t.finish(l, o, failure)
	case o.Status == ordinaut.RunQueued:
		err = t.requeue(l, o, failure)
	default:
		err = fmt.Errorf("a worker cannot settle a run as %q", o.Status)
	}
	if err != nil {
		return err
	}
	return t.saveSteps(l.RunID, o.Steps)
}

// finish ends the run.
func (t *tx) finish(l ordinaut.Lease, o ordinaut.Outcome, failure any) error {
	held, err := t.changed("Finish", t.proof(l, string(o.Status), string(o.Reason), o.Failed, failure,
		document(o.Output), int64(o.Worked))...)
	if err != nil {
		return err
	}
	if !held {
		return ordinaut.ErrLeaseLost
	}
	t.signal(ordinaut.SignalRuns)
	return t.releaseBehind(l.RunID)
}

// requeue gives the run back to the queue, to be claimed again when it is time;
// one that is to end, ends.
func (t *tx) requeue(l ordinaut.Lease, o ordinaut.Outcome, failure any) error {
	stand, err := changedRows(t, "Requeue", scanStatus,
		t.proof(l, string(o.Reason), o.Failed, failure, int64(o.Worked), micros(o.RunAt))...)
	switch {
	case err != nil:
		return err
	case len(stand) == 0:
		return ordinaut.ErrLeaseLost
	case stand[0].Final():
		return t.abandoned(l.RunID)
	}
	t.signal(ordinaut.SignalQueue)
	return t.releaseBehind(l.RunID)
}

// releaseBehind releases what waits behind a run that has ended, or has given its
// slot back.
func (t *tx) releaseBehind(id ordinaut.RunID) error {
	if some, err := t.someWait(); err != nil || !some {
		return err
	}
	w, err := seen(t, "WaitedFor", scanWaitedFor, string(id))
	if err != nil {
		return err
	}
	if w.task != "" {
		if err := t.releaseParked(w.task); err != nil {
			return err
		}
	}
	return t.unblock([]string{w.slot})
}

// waitedFor is what a run has for which others wait; each is "" when none does.
type waitedFor struct {
	task ordinaut.TaskID
	slot string
}

func scanWaitedFor(r *sql.Rows, w *waitedFor) error { return r.Scan(&w.task, &w.slot) }

// someWait says whether any run is parked or blocked. Mostly none is, so a group
// of many runs that end asks but once.
func (t *tx) someWait() (bool, error) {
	if t.waits == nil {
		some, err := seen(t, "SomeWait", scanFlag)
		if err != nil {
			return false, err
		}
		t.waits = &some
	}
	return *t.waits, nil
}

func scanFlag(r *sql.Rows, flag *bool) error { return r.Scan(flag) }

// releaseParked queues the oldest parked run of a task that has no other run to
// wait for.
func (t *tx) releaseParked(id ordinaut.TaskID) error {
	released, err := t.changed("ReleaseParked", string(id))
	if released {
		t.signal(ordinaut.SignalQueue)
	}
	return err
}

// Reclaim returns the runs of expired leases to the queue.
func (s *Store) Reclaim(ctx context.Context) (int, error) { return s.reclaim(ctx, 0) }

// reclaim returns to the queue the runs whose leases have ended by the instant,
// or by now.
func (s *Store) reclaim(ctx context.Context, ended int64) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		ended := max(ended, micros(t.now))
		if err := t.reclaimCanceled(ended); err != nil {
			return err
		}
		slots, err := changedRows(t, "Reclaim", scanSlot, ended, micros(t.now))
		if err != nil {
			return err
		}
		if n = len(slots); n > 0 {
			t.signal(ordinaut.SignalQueue)
		}
		return t.unblock(slots)
	})
	if err != nil {
		return 0, fmt.Errorf("reclaim runs: %w", err)
	}
	return n, nil
}

// Backlog says how much waits and is under way.
func (s *Store) Backlog(ctx context.Context) (ordinaut.Backlog, error) {
	at := now()
	b, err := first(ctx, s.read, "Backlog", scanBacklog, micros(at))
	b.Now = at
	return b, err
}

func scanBacklog(r *sql.Rows, b *ordinaut.Backlog) error {
	return r.Scan(&b.Due, &b.Later, &b.Parked, &b.Running, optional{&b.Oldest})
}
