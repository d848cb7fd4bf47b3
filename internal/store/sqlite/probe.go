package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// ClaimProbes gives probes to be made. When none is due nothing is written.
func (s *Store) ClaimProbes(ctx context.Context, n int, lease time.Duration) (ordinaut.ProbeClaim, error) {
	c, err := s.dueProbes(ctx)
	if err != nil || c.Next == nil || c.Next.After(c.Now) {
		return c, err
	}
	err = s.write(ctx, func(t *tx) error {
		c = ordinaut.ProbeClaim{Now: t.now}
		var err error
		c.Probes, err = t.claimProbes(n, lease)
		return err
	})
	if err != nil {
		return ordinaut.ProbeClaim{}, fmt.Errorf("claim probes: %w", err)
	}
	rest, err := s.dueProbes(ctx)
	c.Next = rest.Next
	return c, err
}

// dueProbes says when the next probe is to be made.
func (s *Store) dueProbes(ctx context.Context) (c ordinaut.ProbeClaim, err error) {
	c.Now = now()
	c.Next, err = first(ctx, s.read, "NextProbe", scanMoment)
	if err != nil {
		err = fmt.Errorf("find the next probe: %w", err)
	}
	return c, err
}

func scanMoment(r *sql.Rows, at **time.Time) error { return r.Scan(optional{at}) }

func (t *tx) claimProbes(n int, lease time.Duration) ([]ordinaut.ClaimedProbe, error) {
	claimed, err := changedRows(t, "ClaimProbes", scanClaimedProbe, micros(t.now), micros(t.now.Add(lease)), n)
	if err != nil {
		return nil, err
	}
	for i := range claimed {
		if claimed[i].Task, err = seen(t, "TaskByID", scanTask, string(claimed[i].TaskID)); err != nil {
			return nil, err
		}
	}
	return claimed, nil
}

// SettleProbe writes down what became of a probe, with the run that it makes.
func (s *Store) SettleProbe(ctx context.Context, l ordinaut.Look) (done bool, err error) {
	failure, err := encodedOrNull(l.Failure)
	if err != nil {
		return false, err
	}
	err = s.write(ctx, func(t *tx) error {
		var err error
		done, err = t.changed("SettleProbe", string(l.TaskID), l.Fence, l.Version, l.Basis, l.Holds,
			microsOrNull(l.Since), microsOrNull(l.LookedAt), micros(l.NextAt), l.Failures, failure)
		switch {
		case err != nil:
			return err
		case !done:
			_, err = t.exec("DropProbe", string(l.TaskID), l.Fence)
			return err
		case l.Run != nil:
			return t.trigger(*l.Run)
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("settle the probe of task %s: %w", l.TaskID, err)
	}
	return done, nil
}

// Probe is how the condition of a task stands.
func (s *Store) Probe(ctx context.Context, id ordinaut.TaskID) (ordinaut.Probe, error) {
	c, err := first(ctx, s.read, "Probe", scanClaimedProbe, string(id))
	return c.Probe, err
}

func scanClaimedProbe(r *sql.Rows, c *ordinaut.ClaimedProbe) error {
	return r.Scan(&c.TaskID, &c.Version, &c.Basis, &c.Holds, optional{&c.Since}, optional{&c.LookedAt}, (*instant)(&c.NextAt),
		&c.Failures, decoded{&c.Failure}, &c.Fence)
}
