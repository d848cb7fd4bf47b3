package service

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"github.com/ordinaut/ordinaut"
)

// LegacyRunName asks for one run.
type LegacyRunName struct {
	Run string `json:"run" doc:"The id of the run."`
}

// LegacyRunOf shows a run in the shape of the original.
func (s *Service) LegacyRunOf(ctx context.Context, r LegacyRunName) (LegacyRun, error) {
	run, err := s.findRun(ctx, ordinaut.RunID(r.Run))
	return showLegacyRun(run, true), err
}

// LegacyLatest shows the newest run of a task; null when there is none.
func (s *Service) LegacyLatest(ctx context.Context, r TaskName) (*LegacyRun, error) {
	run, err := s.latest(ctx, r.Task)
	if errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeRunNotFound}) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	shown := showLegacyRun(run, true)
	return &shown, nil
}

// LegacyTaskStats is the original's account of a task's runs. Its rates are of
// all runs, also of those that have not ended.
type LegacyTaskStats struct {
	TaskID      ordinaut.TaskID `json:"task_id" doc:"The task."`
	Days        int             `json:"period_days" doc:"How many days are looked at."`
	Runs        int             `json:"total_runs" doc:"How many runs there are."`
	Succeeded   int             `json:"successful_runs" doc:"How many succeeded."`
	Failed      int             `json:"failed_runs" doc:"How many failed."`
	SuccessRate float64         `json:"success_rate" doc:"The part that succeeded, from 0 to 1."`
	FailureRate float64         `json:"failure_rate" doc:"The part that failed, from 0 to 1."`
	Average     float64         `json:"avg_execution_time_seconds" doc:"How long they took."`
	LastRun     *time.Time      `json:"last_run" doc:"When the newest was made."`
	LastSuccess *time.Time      `json:"last_success" doc:"When the newest that succeeded was made."`
	LastFailure *time.Time      `json:"last_failure" doc:"When the newest that failed was made."`
}

// LegacyStatsOf says what became of a task's runs.
func (s *Service) LegacyStatsOf(ctx context.Context, r AskTaskStats) (LegacyTaskStats, error) {
	t, err := s.find(ctx, r.Task)
	if err != nil {
		return LegacyTaskStats{}, err
	}
	found, err := s.stats(ctx, t.ID, cmp.Or(r.Days, statsDays))
	return LegacyTaskStats{
		TaskID: t.ID, Days: found.Days, Runs: found.Runs, Succeeded: found.Succeeded, Failed: found.Failed,
		SuccessRate: part(found.Succeeded, found.Runs), FailureRate: part(found.Failed, found.Runs),
		Average: rounded(found.AverageSeconds, 2),
		LastRun: found.LastRunAt, LastSuccess: found.LastSuccessAt, LastFailure: found.LastFailureAt,
	}, err
}

// LegacySummaryQuery asks for the original's account of all runs.
type LegacySummaryQuery struct {
	Days int `json:"days,omitempty" minimum:"1" maximum:"365" default:"7" doc:"How many days to look at."`
}

// LegacySummary is the original's account of all runs.
type LegacySummary struct {
	Days        int     `json:"period_days" doc:"How many days are looked at."`
	Runs        int     `json:"total_runs" doc:"How many runs there are."`
	Tasks       int     `json:"total_tasks_executed" doc:"How many tasks they belong to."`
	Succeeded   int     `json:"successful_runs" doc:"How many succeeded."`
	Failed      int     `json:"failed_runs" doc:"How many failed."`
	SuccessRate float64 `json:"success_rate" doc:"The part that succeeded, from 0 to 1."`
	FailureRate float64 `json:"failure_rate" doc:"The part that failed, from 0 to 1."`
	Average     float64 `json:"avg_execution_time_seconds" doc:"How long they took."`
	PerDay      float64 `json:"runs_per_day" doc:"How many there were on a day."`
}

// LegacySummaryOf says what became of all runs.
func (s *Service) LegacySummaryOf(ctx context.Context, r LegacySummaryQuery) (LegacySummary, error) {
	const week = 7
	found, err := s.stats(ctx, "", cmp.Or(r.Days, week))
	if err != nil {
		return LegacySummary{}, err
	}
	return LegacySummary{
		Days: found.Days, Runs: found.Runs, Tasks: found.Tasks, Succeeded: found.Succeeded, Failed: found.Failed,
		SuccessRate: part(found.Succeeded, found.Runs), FailureRate: part(found.Failed, found.Runs),
		Average: rounded(found.AverageSeconds, 2), PerDay: rounded(float64(found.Runs)/float64(found.Days), 1),
	}, nil
}

// part is what n is of all, to three places; 0 of nothing.
func part(n, all int) float64 { return rounded(float64(n)/float64(max(all, 1)), 3) }

func rounded(x float64, places int) float64 {
	scale := math.Pow10(places)
	return math.Round(x*scale) / scale
}
