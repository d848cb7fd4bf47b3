package postgres

import (
	"cmp"
	"context"
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

// claim takes what is due. Where no run needs care, which is mostly so, one
// statement does it.
func (t *tx) claim(worker string, n int, lease time.Duration) (claim ordinaut.Claim, err error) {
	claim.Now = t.now
	rows, err := changedRows(t, "Claim", scanClaimed, t.now.Add(lease), worker, t.now, n)
	if err != nil {
		return claim, err
	}
	slices.SortFunc(rows, byTurn)
	claim.Runs = runsOf(rows)
	after, err := seen(t, "AfterClaim", scanAfterClaim, t.now)
	if err != nil {
		return claim, err
	}
	if after.care && len(claim.Runs) == 0 {
		if claim.Runs, err = t.claimWithCare(worker, n, lease); err != nil {
			return claim, err
		}
	}
	claim.Next = after.next
	return claim, nil
}

// claimed is a claimed run with the time it was due.
type claimed struct {
	ordinaut.Claimed
	runAt time.Time
}

func scanClaimed(r row, c *claimed) error {
	err := scanRun(r, &c.Run, &c.Lease.Fence, &c.runAt)
	c.Lease.RunID, c.Lease.Worker = c.Run.ID, c.Run.Worker
	return err
}

// byTurn orders claimed runs as they stood in the queue: an UPDATE answers in an
// order of its own.
func byTurn(a, b claimed) int {
	return cmp.Or(cmp.Compare(b.Run.Priority, a.Run.Priority), a.runAt.Compare(b.runAt), cmp.Compare(a.Run.ID, b.Run.ID))
}

func runsOf(rows []claimed) []ordinaut.Claimed {
	var runs []ordinaut.Claimed
	for _, r := range rows {
		runs = append(runs, r.Claimed)
	}
	return runs
}

// afterClaim is what a claim has left in the queue.
type afterClaim struct {
	next *time.Time
	care bool // a run that is due needs care
}

func scanAfterClaim(r row, a *afterClaim) error { return r.Scan(&a.next, &a.care) }

// Renew prolongs the worker's leases and names those that are lost.
func (s *Store) Renew(ctx context.Context, leases []ordinaut.Lease, lease time.Duration) (lost []ordinaut.RunID, err error) {
	err = s.write(ctx, func(t *tx) error {
		proofs := proofsOf(leases)
		held, err := changedRows(t, "Renew", scanRunID, proofs.runs, proofs.fences, proofs.workers, t.now, t.now.Add(lease))
		lost = nil
		for _, l := range leases {
			if !slices.Contains(held, l.RunID) {
				lost = append(lost, l.RunID)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("renew leases: %w", err)
	}
	return lost, nil
}

// proofs are leases as parameters: lists of the same length.
type proofs struct {
	runs    []string
	fences  []int64
	workers []string
}

func proofsOf(leases []ordinaut.Lease) (p proofs) {
	for _, l := range leases {
		p.runs = append(p.runs, oneID(l.RunID))
		p.fences = append(p.fences, l.Fence)
		p.workers = append(p.workers, l.Worker)
	}
	return p
}

// oneID is an id as an element of a uuid[].
func oneID[T ~string](v T) string { return ids([]T{v})[0] }

// proof are the parameters by which a statement tests a lease, and those that
// follow them.
func (t *tx) proof(l ordinaut.Lease, more ...any) []any {
	return append([]any{id(l.RunID), l.Fence, l.Worker, t.now}, more...)
}

// lock runs a statement that locks and changes nothing.
func (t *tx) lock(name string, args ...any) error {
	_, err := t.stmts.exec(t.ctx, t.conn, name, args...)
	return err
}

// releaseParked queues the oldest parked run of each task that has no other run to
// wait for.
func (t *tx) releaseParked(tasks ...ordinaut.TaskID) error {
	parked, err := seenAll(t, "LockParked", scanTaskID, ids(tasks))
	if err != nil || len(parked) == 0 {
		return err
	}
	released, err := t.changed("ReleaseParked", ids(tasks))
	if released {
		t.signal(ordinaut.SignalQueue)
	}
	return err
}

func scanTaskID(r row, id *ordinaut.TaskID) error { return r.Scan(id) }

// Backlog says how much waits and is under way.
func (s *Store) Backlog(ctx context.Context) (ordinaut.Backlog, error) {
	return first(ctx, s, "Backlog", scanBacklog)
}

func scanBacklog(r row, b *ordinaut.Backlog) error {
	return r.Scan(&b.Now, &b.Due, &b.Later, &b.Parked, &b.Running, &b.Waiting, &b.Oldest)
}
