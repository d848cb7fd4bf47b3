package sqlite

import (
	"cmp"
	"context"
	"database/sql"
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
	queue, err := t.taker(worker, lease)
	if err != nil {
		return claim, err
	}
	slices.Sort(priorities)
	for _, priority := range slices.Backward(priorities) {
		if len(claim.Runs) == n {
			break
		}
		rows, err := queue.take(priority, n-len(claim.Runs))
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

// releaseBehind releases what waits behind a run that has ended, or has given its
// slot back.
func (t *tx) releaseBehind(id ordinaut.RunID) error {
	if some, err := t.someBehind(); err != nil || !some {
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

// someBehind says whether any run is parked or blocked. Mostly none is, so a group
// of many runs that end asks but once.
func (t *tx) someBehind() (bool, error) {
	if t.behind == nil {
		some, err := seen(t, "SomeBehind", scanFlag)
		if err != nil {
			return false, err
		}
		t.behind = &some
	}
	return *t.behind, nil
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

// Backlog says how much waits and is under way.
func (s *Store) Backlog(ctx context.Context) (ordinaut.Backlog, error) {
	at := now()
	b, err := first(ctx, s.read, "Backlog", scanBacklog, micros(at))
	b.Now = at
	return b, err
}

func scanBacklog(r *sql.Rows, b *ordinaut.Backlog) error {
	return r.Scan(&b.Due, &b.Later, &b.Parked, &b.Running, &b.Waiting, optional{&b.Oldest})
}
