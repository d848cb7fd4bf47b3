package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// BulkRuns asks for the same to be done to many runs.
type BulkRuns struct {
	Action string       `json:"action" enum:"cancel,rerun,rerun_failed_step" doc:"What is to be done: end them, repeat them from the start, or go on where they failed."`
	Filter RunSelection `json:"filter" doc:"Which runs are meant, as for the list of runs. Without a status those that have not ended are canceled, and those that failed are repeated."`
	Again  bool         `json:"again,omitempty" doc:"Repeat also runs that were repeated before."`
	Limit  int          `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"1000" doc:"How many runs at most, the newest first."`
}

// BulkResult is what was done, run by run.
type BulkResult struct {
	Action  string     `json:"action" enum:"cancel,rerun,rerun_failed_step,redrive,dismiss" doc:"What was asked for."`
	DryRun  bool       `json:"dry_run" doc:"Nothing was done; this is what would be."`
	Done    int        `json:"done" doc:"To how many it was done, or would be."`
	Refused int        `json:"refused" doc:"To how many it could not be done."`
	More    bool       `json:"more" doc:"More runs are meant than were looked at; ask again for the next."`
	Items   []BulkItem `json:"items" doc:"The runs, newest first." nullable:"false"`
}

// BulkItem is what was done to one run.
type BulkItem struct {
	RunID   ordinaut.RunID     `json:"run_id" doc:"The run."`
	TaskID  ordinaut.TaskID    `json:"task_id" doc:"Its task."`
	Status  ordinaut.RunStatus `json:"status" enum:"queued,parked,running,waiting,succeeded,failed,canceled" doc:"Where it stood."`
	Outcome string             `json:"outcome" enum:"done,planned,refused" doc:"Whether it was done, would be, or could not be."`
	NewRun  ordinaut.RunID     `json:"new_run_id,omitempty" doc:"The run that repeats it."`
	Code    ordinaut.Code      `json:"code,omitempty" doc:"Why it could not be done, for programs."`
	Message string             `json:"message,omitempty" doc:"Why it could not be done."`
	Fix     string             `json:"fix,omitempty" doc:"What to do about it."`
}

// The actions.
const (
	actionCancel      = "cancel"
	actionRerun       = "rerun"
	actionRerunFailed = "rerun_failed_step"
	actionRedrive     = "redrive"
	actionDismiss     = "dismiss"
)

// BulkRuns does the same to many runs, to each for itself.
func (s *Service) BulkRuns(ctx context.Context, r BulkRuns) (BulkResult, error) {
	f, err := s.meant(ctx, r)
	if err != nil {
		return BulkResult{}, err
	}
	runs, err := s.store.ListRuns(ctx, f)
	if err != nil {
		return BulkResult{}, err
	}
	more := len(runs) == f.Limit
	if more {
		runs = runs[:f.Limit-1]
	}
	do := s.canceler()
	if r.Action != actionCancel {
		rerun := Rerun{}
		if r.Action == actionRerunFailed {
			rerun.FromStep = fromFailed
		}
		do = s.rerunner(rerun)
	}
	result := inBulk(ctx, r.Action, runs, do)
	result.More = more
	return result, nil
}

// meant is which runs a request means: one more than it may, to know whether
// there are more.
func (s *Service) meant(ctx context.Context, r BulkRuns) (ordinaut.RunFilter, error) {
	var faults ordinaut.Errors
	if reflect.ValueOf(r.Filter).IsZero() {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/filter", Message: "the filter is empty, which would mean every run there is",
			Fix: "say which runs are meant", Examples: []string{`{"task_id": "morning-briefing"}`, `{"error_code": "tool.timeout"}`},
		})
	}
	fit := []ordinaut.RunStatus{ordinaut.RunFailed, ordinaut.RunCanceled, ordinaut.RunSucceeded}
	usual := fit[:1]
	if r.Action == actionCancel {
		fit = []ordinaut.RunStatus{ordinaut.RunQueued, ordinaut.RunParked, ordinaut.RunRunning, ordinaut.RunWaiting}
		usual = fit
	}
	for i, status := range r.Filter.Status {
		if !slices.Contains(fit, status) {
			faults.Add(&ordinaut.Error{
				Code: ordinaut.CodeFieldValue, At: fmt.Sprintf("/filter/status/%d", i), Sent: string(status),
				Message: fmt.Sprintf("%s does nothing to a run that is %s", r.Action, status),
				Fix:     fmt.Sprintf("use one of %v", fit), Examples: []string{string(fit[0])},
			})
		}
	}
	f, err := s.selecting(ctx, r.Filter)
	if err != nil {
		faults.Add(ordinaut.AsError(err).Under("/filter"))
	}
	if len(f.Statuses) == 0 {
		f.Statuses = usual
	}
	f.Unrerun = r.Action != actionCancel && !r.Again
	f.Limit = cmp.Or(r.Limit, limits.BulkRuns) + 1
	return f, faults.Err()
}

// deed is what is done to one run of many. It gives the run that was made, if
// one was.
type deed func(context.Context, ordinaut.Run) (ordinaut.RunID, error)

// canceler cancels runs.
func (s *Service) canceler() deed {
	return func(ctx context.Context, run ordinaut.Run) (ordinaut.RunID, error) {
		err := s.store.CancelRun(ctx, run.ID, ordinaut.ReasonCanceled, ordinaut.ChangeFrom(ctx).About(string(run.ID)))
		if errors.Is(err, ordinaut.ErrRunEnded) {
			err = &ordinaut.Error{Code: ordinaut.CodeRunState, Message: "it has ended meanwhile", Fix: "nothing is left to be canceled"}
		}
		return "", err
	}
}

// rerunner repeats runs, as the request for one says.
func (s *Service) rerunner(r Rerun) deed {
	repeater := s.repeater()
	return func(ctx context.Context, run ordinaut.Run) (ordinaut.RunID, error) {
		one := r
		one.Run = string(run.ID)
		made, err := repeater.rerun(ctx, one)
		if err != nil || ordinaut.ChangeFrom(ctx).DryRun {
			return "", err
		}
		return made.ID, nil
	}
}

// bulkAtOnce is how many runs are changed beside each other: those that are
// written at once share what a write costs.
const bulkAtOnce = 16

// inBulk does the same to each of the runs, and tells what came of it.
func inBulk(ctx context.Context, action string, runs []ordinaut.Run, do deed) BulkResult {
	result := BulkResult{Action: action, DryRun: ordinaut.ChangeFrom(ctx).DryRun, Items: make([]BulkItem, len(runs))}
	var all sync.WaitGroup
	turns := make(chan struct{}, bulkAtOnce)
	for i, run := range runs {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			made, err := do(ctx, run)
			result.Items[i] = bulkItem(run, made, err, result.DryRun)
		})
	}
	all.Wait()
	for _, item := range result.Items {
		if item.Outcome == outcomeRefused {
			result.Refused++
		} else {
			result.Done++
		}
	}
	return result
}

// The outcomes of one run of many.
const (
	outcomeDone    = "done"
	outcomePlanned = "planned" // of a dry run
	outcomeRefused = "refused"
)

func bulkItem(run ordinaut.Run, made ordinaut.RunID, err error, dry bool) BulkItem {
	item := BulkItem{RunID: run.ID, TaskID: run.TaskID, Status: run.Status, Outcome: outcomeDone, NewRun: made}
	if dry {
		item.Outcome = outcomePlanned
	}
	if err != nil {
		e := ordinaut.AsError(err).All()[0]
		item.Outcome, item.Code, item.Message, item.Fix = outcomeRefused, e.Code, e.Message, e.Fix
	}
	return item
}
