package service

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// LegacyCleanup asks for old events to be forgotten.
type LegacyCleanup struct {
	MaxAgeHours int `json:"max_age_hours,omitempty" minimum:"1" maximum:"8760" default:"24" doc:"Events that are older are forgotten."`
}

// LegacyCleaned says what was forgotten.
type LegacyCleaned struct {
	Deleted     int64     `json:"deleted_count" doc:"How many positions of the log are gone."`
	MaxAgeHours int       `json:"max_age_hours" doc:"What was asked for."`
	Cutoff      time.Time `json:"cutoff_timestamp" doc:"Events before it are gone."`
}

// LegacyCleanUp forgets old events; the rest of the history is kept as it always
// is.
func (s *Service) LegacyCleanUp(ctx context.Context, r LegacyCleanup) (LegacyCleaned, error) {
	const day = 24
	done := LegacyCleaned{MaxAgeHours: cmp.Or(r.MaxAgeHours, day)}
	age := time.Duration(done.MaxAgeHours) * time.Hour
	now, err := s.now(ctx)
	if err != nil {
		return done, err
	}
	done.Cutoff = now.Add(-age)
	before, _, err := s.store.EventEnds(ctx)
	if err != nil {
		return done, fmt.Errorf("find the beginning of the log: %w", err)
	}
	keep := ordinaut.Keep{Runs: limits.KeepRuns, Steps: limits.KeepSteps, Ledger: limits.KeepLedger, Events: age}
	for more := true; more; {
		if more, err = s.store.Prune(ctx, keep, cleanupBatch); err != nil {
			return done, fmt.Errorf("forget events: %w", err)
		}
	}
	after, _, err := s.store.EventEnds(ctx)
	done.Deleted = after - before
	return done, err
}

// cleanupBatch is how many rows are forgotten in one commit.
const cleanupBatch = 1_000
