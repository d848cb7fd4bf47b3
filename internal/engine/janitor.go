package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

const pruneBatch = 1000 // rows forgotten in one commit

// janitor takes back runs whose worker has died, and forgets old history.
type janitor struct {
	store   ordinaut.Store
	log     *slog.Logger
	keep    ordinaut.Keep
	reclaim time.Duration
	prune   time.Duration
}

func (j *janitor) run(stop context.Context) error {
	pruned := time.Now()
	for pause(stop, after(j.reclaim), nil) {
		if n, err := j.store.Reclaim(stop); err != nil {
			j.complain(stop, "expired leases could not be taken back", err)
		} else if n > 0 {
			j.log.Warn("took back runs whose lease had expired", telemetry.KeyCount, n)
		}
		if time.Since(pruned) < j.prune {
			continue
		}
		if err := j.forget(stop); err != nil {
			j.complain(stop, "old history could not be forgotten", err)
		}
		pruned = time.Now()
	}
	return nil
}

// forget deletes what is older than is kept, in commits small enough that
// nobody waits long behind one.
func (j *janitor) forget(ctx context.Context) error {
	for {
		more, err := j.store.Prune(ctx, j.keep, pruneBatch)
		if err != nil {
			return fmt.Errorf("prune: %w", err)
		}
		if !more {
			return nil
		}
	}
}

func (j *janitor) complain(stop context.Context, what string, err error) {
	if stop.Err() == nil {
		j.log.Error(what, telemetry.KeyError, err)
	}
}
