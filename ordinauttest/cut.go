package ordinauttest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ordinaut/ordinaut"
)

// cut stands between an engine and its store. After a crash nothing passes.
type cut struct {
	ordinaut.Store
	crashed atomic.Bool
}

var errCrashed = errors.New("this process has crashed")

func (c *cut) crash() { c.crashed.Store(true) }

func (c *cut) err() error {
	if c.crashed.Load() {
		// A lost lease is what ends a run without a trace.
		return errors.Join(errCrashed, ordinaut.ErrLeaseLost)
	}
	return nil
}

// Due passes unless the process has crashed; so do the others.
func (c *cut) Due(ctx context.Context, limit int) (ordinaut.Due, error) {
	if err := c.err(); err != nil {
		return ordinaut.Due{}, err
	}
	return c.Store.Due(ctx, limit)
}

// Materialize see Due.
func (c *cut) Materialize(ctx context.Context, ms []ordinaut.Materialization) ([]bool, error) {
	if err := c.err(); err != nil {
		return nil, err
	}
	return c.Store.Materialize(ctx, ms)
}

// Claim see Due.
func (c *cut) Claim(ctx context.Context, worker string, n int, lease time.Duration) (ordinaut.Claim, error) {
	if err := c.err(); err != nil {
		return ordinaut.Claim{}, err
	}
	return c.Store.Claim(ctx, worker, n, lease)
}

// Renew see Due.
func (c *cut) Renew(ctx context.Context, ls []ordinaut.Lease, lease time.Duration) ([]ordinaut.RunID, error) {
	if err := c.err(); err != nil {
		return nil, err
	}
	return c.Store.Renew(ctx, ls, lease)
}

// Canceling see Due.
func (c *cut) Canceling(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	if err := c.err(); err != nil {
		return nil, err
	}
	return c.Store.Canceling(ctx, worker)
}

// Answered see Due.
func (c *cut) Answered(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	if err := c.err(); err != nil {
		return nil, err
	}
	return c.Store.Answered(ctx, worker)
}

// Wake see Due.
func (c *cut) Wake(ctx context.Context, limit int) (ordinaut.Woken, error) {
	if err := c.err(); err != nil {
		return ordinaut.Woken{}, err
	}
	return c.Store.Wake(ctx, limit)
}

// SaveStep see Due.
func (c *cut) SaveStep(ctx context.Context, l ordinaut.Lease, steps ...ordinaut.StepResult) error {
	if err := c.err(); err != nil {
		return err
	}
	return c.Store.SaveStep(ctx, l, steps...)
}

// AppendLog see Due.
func (c *cut) AppendLog(ctx context.Context, lines ...ordinaut.LogLine) error {
	if err := c.err(); err != nil {
		return err
	}
	return c.Store.AppendLog(ctx, lines...)
}

// SaveArtifact see Due.
func (c *cut) SaveArtifact(ctx context.Context, l ordinaut.Lease, a ordinaut.Artifact, content []byte) error {
	if err := c.err(); err != nil {
		return err
	}
	return c.Store.SaveArtifact(ctx, l, a, content)
}

// Settle see Due.
func (c *cut) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	if err := c.err(); err != nil {
		return err
	}
	return c.Store.Settle(ctx, l, o)
}

// Reclaim see Due.
func (c *cut) Reclaim(ctx context.Context) (int, error) {
	if err := c.err(); err != nil {
		return 0, err
	}
	return c.Store.Reclaim(ctx)
}

// Prune see Due.
func (c *cut) Prune(ctx context.Context, k ordinaut.Keep, limit int) (bool, error) {
	if err := c.err(); err != nil {
		return false, err
	}
	return c.Store.Prune(ctx, k, limit)
}
