package service

import (
	"cmp"
	"context"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// LogLine is a line of a run's log as it is shown.
type LogLine struct {
	Seq     int64             `json:"seq" doc:"Its position; send it as after for what follows."`
	RunID   ordinaut.RunID    `json:"run_id" doc:"The run it is about."`
	At      time.Time         `json:"at" doc:"When."`
	Kind    ordinaut.LogKind  `json:"kind" enum:"run,step,said,full" doc:"What it tells: where the run or a step stands from now on, what a tool said, or that the log keeps no more."`
	Step    string            `json:"step" doc:"The path of the step; empty for the run itself."`
	Attempt int               `json:"attempt" doc:"Of the run or the step."`
	Tool    string            `json:"tool" doc:"The tool that the step calls."`
	Status  string            `json:"status" doc:"Where the run or the step stands; empty for what was said."`
	Text    string            `json:"text" doc:"The line in words."`
	Error   *ordinaut.Failure `json:"error,omitempty" required:"false" doc:"Why the attempt has failed."`
	Until   *time.Time        `json:"until,omitempty" required:"false" doc:"When it goes on."`
}

func showLogLine(l ordinaut.LogLine) LogLine {
	return LogLine{
		Seq: l.Seq, RunID: l.RunID, At: l.At, Kind: l.Kind, Step: l.Step, Attempt: l.Attempt,
		Tool: l.Tool, Status: l.Status, Text: l.Words(), Error: l.Failure, Until: l.Until,
	}
}

// RunLog asks for the log of a run.
type RunLog struct {
	Run   string    `json:"run" doc:"The id of the run."`
	Step  string    `json:"step,omitempty" doc:"Only lines about this step, and what is below it." example:"loop[3]"`
	Since time.Time `json:"since,omitempty" doc:"Only lines of this time or later."`
	After int64     `json:"after,omitempty" minimum:"0" doc:"Only lines behind this position: next_after of the page before."`
	Limit int       `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"200" doc:"How many at most."`
}

// LogPage is one page of a log.
type LogPage struct {
	Items     []LogLine `json:"items" doc:"The lines, oldest first." nullable:"false"`
	NextAfter *int64    `json:"next_after" doc:"Send it as after for the next page; null on the last."`
}

// GetRunLog shows the log of a run: what became of it and of its steps, and what
// its tools said.
func (s *Service) GetRunLog(ctx context.Context, r RunLog) (LogPage, error) {
	if _, err := s.findRun(ctx, ordinaut.RunID(r.Run)); err != nil {
		return LogPage{}, err
	}
	limit := cmp.Or(r.Limit, limits.LogPage)
	lines, err := s.store.ListLog(ctx, ordinaut.LogFilter{
		RunID: ordinaut.RunID(r.Run), Step: r.Step, From: r.Since, After: r.After, Limit: limit + 1,
	})
	if err != nil {
		return LogPage{}, err
	}
	page := LogPage{Items: []LogLine{}}
	if len(lines) > limit {
		lines = lines[:limit]
		page.NextAfter = &lines[limit-1].Seq
	}
	for _, l := range lines {
		page.Items = append(page.Items, showLogLine(l))
	}
	return page, nil
}
