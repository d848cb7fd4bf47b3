package service

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// What follows answers clients of the project that Ordinaut takes the place of,
// on its paths and in its shapes.

// LegacyTaskQuery asks for tasks by page number.
type LegacyTaskQuery struct {
	Status    ordinaut.TaskStatus   `json:"status,omitempty" enum:"active,paused,canceled,completed" doc:"Only tasks that stand so."`
	Kind      ordinaut.ScheduleKind `json:"schedule_kind,omitempty" enum:"cron,rrule,once,interval,event,condition,manual" doc:"Only tasks with this kind of schedule."`
	CreatedBy ordinaut.AgentID      `json:"created_by,omitempty" doc:"Only tasks of this agent."`
	Limit     int                   `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	Offset    int                   `json:"offset,omitempty" minimum:"0" doc:"How many to leave out first."`
}

// LegacyTaskPage is a page of tasks by number.
type LegacyTaskPage struct {
	Items   []Task `json:"items" doc:"The tasks, newest first." nullable:"false"`
	Total   int    `json:"total" doc:"How many there are on all pages."`
	Limit   int    `json:"limit" doc:"How many were asked for."`
	Offset  int    `json:"offset" doc:"How many were left out first."`
	HasMore bool   `json:"has_more" doc:"Whether more follow."`
}

// LegacyTasks lists tasks by page number.
func (s *Service) LegacyTasks(ctx context.Context, r LegacyTaskQuery) (LegacyTaskPage, error) {
	f := ordinaut.TaskFilter{
		Status: r.Status, Kind: r.Kind, CreatedBy: r.CreatedBy,
		Limit: pageLimit(r.Limit), Offset: r.Offset,
	}
	tasks, err := s.store.ListTasks(ctx, f)
	if err != nil {
		return LegacyTaskPage{}, err
	}
	page := LegacyTaskPage{Items: make([]Task, 0, len(tasks)), Limit: f.Limit, Offset: f.Offset}
	for _, t := range tasks {
		page.Items = append(page.Items, s.show(t))
	}
	page.Total, err = s.store.CountTasks(ctx, f)
	page.HasMore = f.Offset+len(tasks) < page.Total
	return page, err
}

// LegacyRun is a run in the shape of the original, in which an error is a text.
type LegacyRun struct {
	ID         ordinaut.RunID     `json:"id" doc:"Its id."`
	TaskID     ordinaut.TaskID    `json:"task_id" doc:"The task it carries out."`
	Status     ordinaut.RunStatus `json:"status" doc:"Where it stands."`
	Trigger    ordinaut.Trigger   `json:"trigger" doc:"Why it exists."`
	Reason     ordinaut.Reason    `json:"reason" doc:"Why it was withdrawn."`
	NominalAt  *time.Time         `json:"nominal_at" doc:"The nominal time it stands for."`
	StartedAt  *time.Time         `json:"started_at" doc:"When it first started."`
	FinishedAt *time.Time         `json:"finished_at" doc:"When it ended."`
	Success    *bool              `json:"success" doc:"null until it has ended."`
	Error      *string            `json:"error" doc:"Why it failed; only with include_errors."`
	Attempt    int                `json:"attempt" doc:"1 and the failures it has recovered from."`
	Output     json.RawMessage    `json:"output" doc:"The result of its last step."`
	CreatedAt  time.Time          `json:"created_at" doc:"When it was made."`
}

// LegacyRunQuery asks for runs by page number.
type LegacyRunQuery struct {
	TaskID        ordinaut.TaskID `json:"task_id,omitempty" doc:"Only runs of this task; its id or key."`
	Success       *bool           `json:"success,omitempty" doc:"Only runs that ended so."`
	IncludeErrors bool            `json:"include_errors,omitempty" doc:"Show why runs failed."`
	StartTime     *time.Time      `json:"start_time,omitempty" doc:"Only runs made at this time or later."`
	EndTime       *time.Time      `json:"end_time,omitempty" doc:"Only runs made up to this time."`
	Limit         int             `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	Offset        int             `json:"offset,omitempty" minimum:"0" doc:"How many to leave out first."`
}

// LegacyRunPage is a page of runs by number.
type LegacyRunPage struct {
	Items   []LegacyRun `json:"items" doc:"The runs, newest first." nullable:"false"`
	Total   int         `json:"total" doc:"How many there are on all pages."`
	Limit   int         `json:"limit" doc:"How many were asked for."`
	Offset  int         `json:"offset" doc:"How many were left out first."`
	HasMore bool        `json:"has_more" doc:"Whether more follow."`
}

// LegacyRuns lists runs by page number.
func (s *Service) LegacyRuns(ctx context.Context, r LegacyRunQuery) (LegacyRunPage, error) {
	id, err := s.taskID(ctx, r.TaskID)
	if err != nil {
		return LegacyRunPage{}, err
	}
	f := ordinaut.RunFilter{TaskID: id, Limit: pageLimit(r.Limit), Offset: r.Offset}
	if r.StartTime != nil {
		f.From = *r.StartTime
	}
	if r.EndTime != nil {
		f.To = r.EndTime.Add(time.Microsecond) // this very instant too
	}
	if r.Success != nil {
		f.Statuses = []ordinaut.RunStatus{ordinaut.RunFailed}
		if *r.Success {
			f.Statuses = []ordinaut.RunStatus{ordinaut.RunSucceeded}
		}
	}
	runs, err := s.store.ListRuns(ctx, f)
	if err != nil {
		return LegacyRunPage{}, err
	}
	page := LegacyRunPage{Items: make([]LegacyRun, 0, len(runs)), Limit: f.Limit, Offset: f.Offset}
	for _, run := range runs {
		page.Items = append(page.Items, showLegacyRun(run, r.IncludeErrors))
	}
	page.Total, err = s.store.CountRuns(ctx, f)
	page.HasMore = f.Offset+len(runs) < page.Total
	return page, err
}

func showLegacyRun(r ordinaut.Run, errors bool) LegacyRun {
	shown := LegacyRun{
		ID: r.ID, TaskID: r.TaskID, Status: r.Status, Trigger: r.Trigger, Reason: r.Reason, NominalAt: r.Nominal,
		StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, Success: r.Success(), Attempt: r.Attempt(),
		Output: r.Output, CreatedAt: r.EnqueuedAt,
	}
	if r.Failure != nil {
		text := "it failed; ask with include_errors=true to see why"
		if errors {
			text = r.Failure.Message
		}
		shown.Error = &text
	}
	return shown
}

// LegacyDone is the original's answer of an operation.
type LegacyDone struct {
	Success bool           `json:"success" doc:"Always true; faults are problems."`
	Message string         `json:"message" doc:"What was done."`
	Details map[string]any `json:"details" doc:"What it was done to."`
}

// LegacyRunNow queues a run; details.due_work_id is its id.
func (s *Service) LegacyRunNow(ctx context.Context, r TaskName) (LegacyDone, error) {
	run, err := s.RunTask(ctx, RunTask{Task: r.Task})
	if err != nil {
		return LegacyDone{}, err
	}
	return LegacyDone{
		Success: true, Message: "the task was queued to run now",
		Details: map[string]any{"task_id": run.TaskID, "due_work_id": run.ID, "run_id": run.ID},
	}, nil
}

// LegacyPause pauses a task.
func (s *Service) LegacyPause(ctx context.Context, r TaskName) (LegacyDone, error) {
	return legacyMove(ctx, s, r, s.PauseTask)
}

// LegacyResume resumes a task.
func (s *Service) LegacyResume(ctx context.Context, r TaskName) (LegacyDone, error) {
	return legacyMove(ctx, s, r, s.ResumeTask)
}

// LegacyCancel cancels a task.
func (s *Service) LegacyCancel(ctx context.Context, r TaskName) (LegacyDone, error) {
	return legacyMove(ctx, s, r, s.CancelTask)
}

// legacyMove tells from which status to which a task went.
func legacyMove(ctx context.Context, s *Service, r TaskName, move func(context.Context, TaskName) (Task, error)) (LegacyDone, error) {
	was, err := s.find(ctx, r.Task)
	if err != nil {
		return LegacyDone{}, err
	}
	t, err := move(ctx, r)
	if err != nil {
		return LegacyDone{}, err
	}
	done := LegacyDone{
		Success: true, Message: fmt.Sprintf("the task is %s", t.Status),
		Details: map[string]any{"task_id": t.ID, "old_status": was.Status, "new_status": t.Status},
	}
	if was.Status == t.Status {
		done.Message = fmt.Sprintf("the task is already %s", t.Status)
	}
	return done, nil
}
