package ordinauttest

import (
	"context"

	"github.com/ordinaut/ordinaut"
)

// Lookouts see Due.
func (c *cut) Lookouts(ctx context.Context, known int64) ([]ordinaut.Lookout, error) {
	if err := c.err(); err != nil {
		return nil, err
	}
	return c.Store.Lookouts(ctx, known)
}

// Unmatched see Due.
func (c *cut) Unmatched(ctx context.Context, topics []string, limit int) (ordinaut.Unmatched, error) {
	if err := c.err(); err != nil {
		return ordinaut.Unmatched{}, err
	}
	return c.Store.Unmatched(ctx, topics, limit)
}

// Match see Due.
func (c *cut) Match(ctx context.Context, m ordinaut.Match) (bool, error) {
	if err := c.err(); err != nil {
		return false, err
	}
	return c.Store.Match(ctx, m)
}
