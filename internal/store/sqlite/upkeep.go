package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Prune deletes up to limit rows that are older than is kept.
func (s *Store) Prune(ctx context.Context, k ordinaut.Keep, limit int) (more bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		left, err := t.prune(k, limit)
		more = left <= 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("prune: %w", err)
	}
	return more, nil
}

// prune says how many rows it might still have deleted. Steps go before their
// runs and runs before their occurrences, because each outlives the one before.
func (t *tx) prune(k ordinaut.Keep, left int) (int, error) {
	before := func(d time.Duration) int64 { return micros(t.now.Add(-d)) }
	left, err := t.pruneSteps(before(min(k.Runs, k.Steps)), left)
	if err != nil {
		return left, err
	}
	for _, sweep := range []struct {
		name   string
		before int64
	}{
		{"PruneOrphans", before(limits.ArtifactOrphan)},
		{"PruneRuns", before(k.Runs)},
		{"PruneOccurrences", before(k.Ledger)},
		{"PruneGaps", before(k.Ledger)},
		{"PruneGivenUp", before(k.Events)},
	} {
		deleted, err := t.exec(sweep.name, sweep.before, max(left, 0))
		if err != nil {
			return left, err
		}
		left -= int(deleted)
	}
	return t.pruneEvents(before(k.Events), left)
}

// pruneSteps deletes the steps of runs that ended before the instant, all steps
// of a run or none: so it may pass the bound by the steps of one run.
func (t *tx) pruneSteps(before int64, left int) (int, error) {
	old, err := seenAll(t, "RunsWithOldSteps", scanStepCount, before, left)
	if err != nil || len(old) == 0 {
		return left, err
	}
	var pruned []ordinaut.RunID
	for _, r := range old {
		if left <= 0 {
			break
		}
		pruned = append(pruned, r.run)
		left -= max(r.steps, 1)
	}
	runs, err := list(pruned)
	if err != nil {
		return left, err
	}
	if _, err := t.exec("PruneSteps", runs); err != nil {
		return left, err
	}
	if err := t.pruneLog(runs); err != nil {
		return left, err
	}
	if _, err := t.exec("PruneArtifacts", runs); err != nil {
		return left, err
	}
	_, err = t.exec("MarkPruned", runs)
	return left, err
}

// stepCount is how many steps are recorded of a run.
type stepCount struct {
	run   ordinaut.RunID
	steps int
}

func scanStepCount(r *sql.Rows, c *stepCount) error { return r.Scan(&c.run, &c.steps) }

// Secret gives the bytes of the name, and makes them when there are none.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	value, err := s.secret(ctx, name)
	if !errors.Is(err, ordinaut.ErrNotFound) {
		return value, err
	}
	err = s.write(ctx, func(t *tx) error {
		made := make([]byte, 32)
		_, _ = rand.Read(made) // it never fails
		_, err := t.exec("InsertSecret", name, made)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store secret %s: %w", name, err)
	}
	return s.secret(ctx, name)
}

func (s *Store) secret(ctx context.Context, name string) ([]byte, error) {
	return first(ctx, s.read, "Secret", func(r *sql.Rows, value *[]byte) error { return r.Scan(value) }, name)
}
