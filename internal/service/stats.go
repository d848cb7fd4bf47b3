package service

import (
	"cmp"
	"context"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Stats is what became of the runs of the last days.
type Stats struct {
	Days      int       `json:"days" doc:"How many days are looked at."`
	Since     time.Time `json:"since" doc:"Runs made from here on are counted."`
	Runs      int       `json:"runs" doc:"How many there are."`
	More      bool      `json:"more,omitempty" required:"false" doc:"There may be more; only the newest were counted."`
	Tasks     int       `json:"tasks" doc:"How many tasks they belong to."`
	Succeeded int       `json:"succeeded" doc:"How many succeeded."`
	Failed    int       `json:"failed" doc:"How many failed."`
	Canceled  int       `json:"canceled" doc:"How many were withdrawn or stopped."`
	Open      int       `json:"open" doc:"How many have not ended yet."`

	SuccessRate    *float64   `json:"success_rate" doc:"The part that succeeded of those that succeeded or failed, from 0 to 1; null while there are none."`
	AverageSeconds float64    `json:"average_seconds" doc:"How long they took, from start to end."`
	LastRunAt      *time.Time `json:"last_run_at" doc:"When the newest was made."`
	LastSuccessAt  *time.Time `json:"last_success_at" doc:"When the newest that succeeded was made."`
	LastFailureAt  *time.Time `json:"last_failure_at" doc:"When the newest that failed was made."`
}

// AskStats asks what became of the runs of the last days.
type AskStats struct {
	Days int `json:"days,omitempty" minimum:"1" maximum:"365" default:"30" doc:"How many days to look at."`
}

// AskTaskStats asks what became of a task's runs of the last days.
type AskTaskStats struct {
	Task string `json:"task" doc:"The id or key of the task."`
	Days int    `json:"days,omitempty" minimum:"1" maximum:"365" default:"30" doc:"How many days to look at."`
}

// statsDays is how many days are looked at when nobody says how many.
const statsDays = 30

// GetStats says what became of all runs of the last days.
func (s *Service) GetStats(ctx context.Context, r AskStats) (Stats, error) {
	return s.stats(ctx, "", cmp.Or(r.Days, statsDays))
}

// GetTaskStats says what became of a task's runs of the last days.
func (s *Service) GetTaskStats(ctx context.Context, r AskTaskStats) (Stats, error) {
	t, err := s.find(ctx, r.Task)
	if err != nil {
		return Stats{}, err
	}
	return s.stats(ctx, t.ID, cmp.Or(r.Days, statsDays))
}

// stats counts the runs of one task, or of all.
func (s *Service) stats(ctx context.Context, id ordinaut.TaskID, days int) (Stats, error) {
	now, err := s.now(ctx)
	if err != nil {
		return Stats{}, err
	}
	since := now.Add(-time.Duration(days) * 24 * time.Hour)
	found, err := s.store.RunStats(ctx, id, since, limits.StatsRuns)
	if err != nil {
		return Stats{}, err
	}
	return showStats(found, since, days), nil
}

func showStats(found ordinaut.RunStats, since time.Time, days int) Stats {
	shown := Stats{
		Days: days, Since: since, Runs: found.Runs, More: found.More, Tasks: found.Tasks,
		Succeeded: found.Succeeded, Failed: found.Failed, Canceled: found.Canceled,
		Open:           found.Runs - found.Succeeded - found.Failed - found.Canceled,
		AverageSeconds: found.Average.Seconds(),
		LastRunAt:      found.LastRun, LastSuccessAt: found.LastSuccess, LastFailureAt: found.LastFailure,
	}
	if ended := found.Succeeded + found.Failed; ended > 0 {
		rate := float64(found.Succeeded) / float64(ended)
		shown.SuccessRate = &rate
	}
	return shown
}
