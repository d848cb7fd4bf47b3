package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Run is a run as it is shown.
type Run struct {
	ID           ordinaut.RunID     `json:"id" doc:"Its id, a UUIDv7."`
	TaskID       ordinaut.TaskID    `json:"task_id" doc:"The task it carries out."`
	TaskVersion  int                `json:"task_version" doc:"The version of the task it follows; 0 until it starts."`
	Trigger      ordinaut.Trigger   `json:"trigger" enum:"schedule,manual,rerun,run,event,condition" doc:"Why it exists."`
	Status       ordinaut.RunStatus `json:"status" enum:"queued,parked,running,waiting,succeeded,failed,canceled" doc:"Where it stands."`
	Reason       ordinaut.Reason    `json:"reason" doc:"Why it was withdrawn or canceled; empty otherwise."`
	Canceling    bool               `json:"canceling,omitempty" required:"false" doc:"Its worker has been told to stop."`
	NominalAt    *time.Time         `json:"nominal_at" doc:"The nominal time it stands for; null when somebody asked for it. A rerun has that of the run it repeats."`
	ScheduledFor time.Time          `json:"scheduled_for" doc:"The nominal time with its jitter."`
	EnqueuedAt   time.Time          `json:"enqueued_at" doc:"When it was made."`
	ClaimedAt    *time.Time         `json:"claimed_at" doc:"When a worker last took it."`
	StartedAt    *time.Time         `json:"started_at" doc:"When it first started; ${now} in its templates."`
	FinishedAt   *time.Time         `json:"finished_at" doc:"When it ended."`
	Attempt      int                `json:"attempt" doc:"1 and the failures it has recovered from."`
	Success      *bool              `json:"success" doc:"null until it has ended."`
	Error        *ordinaut.Failure  `json:"error" doc:"Why it failed, or why its last attempt did."`
	Params       json.RawMessage    `json:"params,omitempty" doc:"What was laid over the task's params."`
	Output       json.RawMessage    `json:"output" doc:"The result of its last step."`
	WorkedMS     int64              `json:"worked_ms" doc:"Milliseconds of work, waiting left out."`
	Event        json.RawMessage    `json:"event,omitempty" doc:"The event that it is about, or a list of them."`
	RerunOf      ordinaut.RunID     `json:"rerun_of,omitempty" required:"false" doc:"The run that it repeats."`
	Reruns       []RunLink          `json:"reruns,omitempty" required:"false" doc:"The runs that repeat it, newest first and no more than ten; shown for a single run." nullable:"false"`
	ParentRunID  ordinaut.RunID     `json:"parent_run_id,omitempty" required:"false" doc:"The run of which a step asked for this one."`
	ParentStep   string             `json:"parent_step,omitempty" required:"false" doc:"That step."`
	Depth        int                `json:"depth,omitempty" required:"false" doc:"How many runs are above it."`
	Crashes      int                `json:"crashes,omitempty" required:"false" doc:"How often it was cut off in the middle of a call, one after the other."`
	Ending       *ordinaut.Ending   `json:"ending,omitempty" required:"false" doc:"How it ends, once its steps are undone."`
	Artifacts    []Artifact         `json:"artifacts,omitempty" doc:"Results that are too large for their steps; shown for a single run." nullable:"false"`
	Steps        []Step             `json:"steps,omitempty" doc:"What its steps did; shown for a single run." nullable:"false"`
}

// Location is the path of the run.
func (r Run) Location() string { return "/v1/runs/" + string(r.ID) }

// Step is what one step of a run did.
type Step struct {
	Path           string              `json:"path" doc:"The id of the step, below its item as in loop[3].draft."`
	Tool           string              `json:"tool" doc:"The tool it called."`
	Status         ordinaut.StepStatus `json:"status" enum:"running,succeeded,failed,skipped,waiting" doc:"Where it stands."`
	Attempt        int                 `json:"attempt" doc:"The attempt of the run that recorded it, or of the step when it has a retry of its own."`
	Input          json.RawMessage     `json:"input" doc:"Its arguments, as rendered."`
	Output         json.RawMessage     `json:"output" doc:"What the tool answered."`
	Error          *ordinaut.Failure   `json:"error" doc:"Why it failed."`
	IdempotencyKey string              `json:"idempotency_key" doc:"The same over all attempts of this step."`
	StartedAt      time.Time           `json:"started_at" doc:"When it was started."`
	FinishedAt     *time.Time          `json:"finished_at" doc:"When it ended."`
	Wait           *Wait               `json:"wait,omitempty" doc:"What it waits for."`
}

// RunTask asks for a run now.
type RunTask struct {
	Task        string          `json:"task" doc:"The id or key of the task."`
	Params      json.RawMessage `json:"params,omitempty" doc:"An object laid over the task's params for this run." example:"{\"city\":\"Chisinau\"}"`
	Event       *TrialEvent     `json:"event,omitempty" doc:"The event that the run is about, to try out what becomes of one."`
	Force       bool            `json:"force,omitempty" doc:"Also when the task is paused."`
	WaitSeconds float64         `json:"wait_seconds,omitempty" minimum:"0" maximum:"60" doc:"Wait this long for the end before answering."`
}

// RunTask queues a run of a task, whatever its schedule says.
func (s *Service) RunTask(ctx context.Context, r RunTask) (Run, error) {
	if err := checkParams(r.Params); err != nil {
		return Run{}, err
	}
	t, err := s.find(ctx, r.Task)
	if err != nil {
		return Run{}, err
	}
	if err := mayRun(t, r.Force); err != nil {
		return Run{}, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return Run{}, err
	}
	run := ordinaut.Run{
		ID: ordinaut.RunID(newID()), TaskID: t.ID, Trigger: ordinaut.TriggerManual,
		ScheduledFor: now, EnqueuedAt: now, Status: ordinaut.RunQueued,
		Priority: t.Priority, Params: r.Params, PlanRev: t.PlanRev,
	}
	if run.Event, err = s.trial(ctx, t, r.Event, run.ID, now); err != nil {
		return Run{}, err
	}
	if err := asked(ctx, &run); err != nil {
		return Run{}, err
	}
	err = s.store.CreateRun(ctx, run, ordinaut.ChangeFrom(ctx).About(string(run.ID)))
	switch {
	case errors.Is(err, ordinaut.ErrRunMade):
		return s.madeBefore(ctx)
	case errors.Is(err, ordinaut.ErrDuplicate):
		return Run{}, duplicateRun(t)
	case err != nil:
		return Run{}, err
	}
	if r.WaitSeconds > 0 {
		return s.await(ctx, run.ID, r.WaitSeconds)
	}
	return showRun(run), nil
}

// checkParams refuses params that are not an object.
func checkParams(raw json.RawMessage) error {
	if len(raw) > limits.ParamsBytes {
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/params",
			Message: fmt.Sprintf("params have %d bytes, and %d are allowed", len(raw), limits.ParamsBytes),
			Fix:     "keep large texts elsewhere and have a step read them",
		}
	}
	var object map[string]json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &object) == nil {
		return nil
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeFieldType, At: "/params", Sent: raw,
		Message: "params must be an object", Fix: "send names and values", Examples: []string{`{"city": "Chisinau"}`},
	}
}

// RunName asks for one run.
type RunName struct {
	Run         string  `json:"run" doc:"The id of the run."`
	WaitSeconds float64 `json:"wait_seconds,omitempty" minimum:"0" maximum:"60" doc:"Wait this long for the end before answering."`
}

// GetRun shows a run with its steps.
func (s *Service) GetRun(ctx context.Context, r RunName) (Run, error) {
	return s.await(ctx, ordinaut.RunID(r.Run), r.WaitSeconds)
}

// await shows a run when it has ended, or when the time is over.
func (s *Service) await(ctx context.Context, id ordinaut.RunID, seconds float64) (Run, error) {
	ended, stop := s.store.Watch(ordinaut.SignalRuns)
	defer stop()
	limit := time.NewTimer(time.Duration(seconds * float64(time.Second)))
	defer limit.Stop()
	for {
		run, err := s.findRun(ctx, id)
		if err != nil {
			return Run{}, err
		}
		if run.Status.Final() || seconds == 0 {
			return s.withSteps(ctx, run)
		}
		select {
		case <-ended:
		case <-limit.C:
			seconds = 0
		case <-ctx.Done():
			return Run{}, context.Cause(ctx)
		}
	}
}

// findRun reads a run.
func (s *Service) findRun(ctx context.Context, id ordinaut.RunID) (ordinaut.Run, error) {
	run, err := s.store.Run(ctx, id)
	if errors.Is(err, ordinaut.ErrNotFound) {
		err = &ordinaut.Error{
			Code: ordinaut.CodeRunNotFound, At: "/run", Sent: string(id),
			Message: fmt.Sprintf("there is no run %q", id),
			Fix:     "list the runs and use an id from there",
		}
	}
	return run, err
}

// LatestRun shows the newest run of a task with its steps.
func (s *Service) LatestRun(ctx context.Context, r TaskName) (Run, error) {
	run, err := s.latest(ctx, r.Task)
	if err != nil {
		return Run{}, err
	}
	return s.withSteps(ctx, run)
}

// latest reads the newest run of a task.
func (s *Service) latest(ctx context.Context, name string) (ordinaut.Run, error) {
	t, err := s.find(ctx, name)
	if err != nil {
		return ordinaut.Run{}, err
	}
	runs, err := s.store.ListRuns(ctx, ordinaut.RunFilter{TaskID: t.ID, Limit: 1})
	if err != nil {
		return ordinaut.Run{}, err
	}
	if len(runs) == 0 {
		return ordinaut.Run{}, &ordinaut.Error{
			Code: ordinaut.CodeRunNotFound, At: "/task", Sent: name,
			Message: fmt.Sprintf("%s has not run yet", t.Key),
			Fix:     "run it now, or look at its next_fire_at and ask again then",
		}
	}
	return runs[0], nil
}

func (s *Service) withSteps(ctx context.Context, run ordinaut.Run) (Run, error) {
	steps, err := s.store.Steps(ctx, run.ID)
	if err != nil {
		return Run{}, err
	}
	shown := showRun(run)
	if shown.Reruns, err = s.rerunsOf(ctx, run.ID); err != nil {
		return Run{}, err
	}
	if shown.Artifacts, err = s.artifactsOf(ctx, run.ID); err != nil {
		return Run{}, err
	}
	for _, step := range steps {
		shown.Steps = append(shown.Steps, Step{
			Path: step.Path, Tool: step.Tool, Status: step.Status, Attempt: step.Attempt,
			Input: step.Input, Output: step.Output, Error: step.Failure,
			IdempotencyKey: step.IdempotencyKey, StartedAt: step.StartedAt, FinishedAt: step.FinishedAt,
			Wait: s.showWait(ctx, run, step),
		})
	}
	return shown, nil
}

func showRun(r ordinaut.Run) Run {
	return Run{
		ID: r.ID, TaskID: r.TaskID, TaskVersion: r.TaskVersion, Trigger: r.Trigger,
		Status: r.Status, Reason: r.Reason, Canceling: r.Cancel != "" && !r.Status.Final(), NominalAt: r.Nominal, ScheduledFor: r.ScheduledFor,
		EnqueuedAt: r.EnqueuedAt, ClaimedAt: r.ClaimedAt, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt,
		Attempt: r.Attempt(), Success: r.Success(), Error: r.Failure, Params: r.Params, Output: r.Output,
		WorkedMS: r.Worked.Milliseconds(), Event: r.Event,
		RerunOf: r.RerunOf, ParentRunID: r.Parent, ParentStep: r.ParentStep, Depth: r.Depth, Crashes: r.Crashes, Ending: r.Ending,
	}
}

// ListRuns asks for runs, newest first.
type ListRuns struct {
	RunSelection
	Limit  int    `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	Cursor string `json:"cursor,omitempty" doc:"next_cursor of the page before."`
}

// RunPage is one page of runs.
type RunPage struct {
	Items      []Run   `json:"items" doc:"The runs, newest first." nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"Send it as cursor for the next page; null on the last."`
}

// ListRuns lists runs, newest first.
func (s *Service) ListRuns(ctx context.Context, r ListRuns) (RunPage, error) {
	before, err := readCursor(r.Cursor)
	if err != nil {
		return RunPage{}, err
	}
	f, err := s.selecting(ctx, r.RunSelection)
	if err != nil {
		return RunPage{}, err
	}
	limit := pageLimit(r.Limit)
	f.Before, f.Limit = ordinaut.RunID(before), limit+1
	runs, err := s.store.ListRuns(ctx, f)
	if err != nil {
		return RunPage{}, err
	}
	runs, next := cutPage(runs, limit, func(r ordinaut.Run) string { return string(r.ID) })
	return RunPage{Items: showRuns(runs), NextCursor: next}, nil
}

func showRuns(runs []ordinaut.Run) []Run {
	shown := make([]Run, 0, len(runs))
	for _, r := range runs {
		shown = append(shown, showRun(r))
	}
	return shown
}

// taskID is the id of a task that a filter names by id or key.
func (s *Service) taskID(ctx context.Context, name ordinaut.TaskID) (ordinaut.TaskID, error) {
	if name == "" {
		return "", nil
	}
	t, err := s.find(ctx, string(name))
	if err != nil {
		return "", ordinaut.AsError(err).Moved("/task_id")
	}
	return t.ID, nil
}
