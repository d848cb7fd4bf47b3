package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Task is a task as it is shown.
type Task struct {
	ID        ordinaut.TaskID     `json:"id" doc:"Its id, a UUIDv7; empty when a dry run would create it."`
	Key       string              `json:"key" doc:"Its human name; accepted wherever an id is."`
	CreatedBy ordinaut.AgentID    `json:"created_by" doc:"The agent whose task it is."`
	Version   int                 `json:"version" doc:"Grows with each change of the definition."`
	Status    ordinaut.TaskStatus `json:"status" enum:"active,paused,canceled,completed" doc:"Where it stands."`
	ordinaut.Definition
	Canonical  string           `json:"canonical" doc:"The one spelling of its schedule."`
	Sentence   string           `json:"sentence" doc:"When it fires, in English."`
	NextFireAt *time.Time       `json:"next_fire_at" doc:"When it fires next."`
	Snooze     *ordinaut.Snooze `json:"snooze" doc:"The occurrence that is put off; null when none is."`
	Warnings   []Warning        `json:"warnings,omitempty" doc:"What could not be checked, and what has changed since it was."`
	Probe      *Probe           `json:"probe,omitempty" doc:"How its condition stands; shown for a single task of kind condition."`
	LastRun    *Run             `json:"last_run,omitempty" doc:"Its newest run."`
	CreatedAt  time.Time        `json:"created_at" doc:"When it was made."`
	UpdatedAt  time.Time        `json:"updated_at" doc:"When it was last changed."`

	created bool
}

// Location is the path of the task, when there is one.
func (t Task) Location() string {
	if t.ID == "" {
		return ""
	}
	return "/v1/tasks/" + string(t.ID)
}

// ETag changes with each change of the task.
func (t Task) ETag() string { return fmt.Sprintf(`"%d"`, t.Version) }

// StatusCode is 201 for a task that was made by this call.
func (t Task) StatusCode() int {
	if t.created {
		return 201
	}
	return 200
}

// CreateTask asks for a new task. With a key that one of the caller's tasks
// already has, it asks for that task to become this one.
type CreateTask struct {
	Key       string `json:"key,omitempty" doc:"Its human name. A key that is sent again changes the task that has it." example:"morning-briefing"`
	CreatedBy string `json:"created_by,omitempty" doc:"The caller; it may be left out."`
	ordinaut.Definition
}

// SetDefaults gives every field that is not sent its default.
func (r *CreateTask) SetDefaults() { r.Definition = ordinaut.NewDefinition() }

// TaskName asks for one task.
type TaskName struct {
	Task string `json:"task" doc:"The id or key of the task."`
}

// GetTask shows a task with its newest run.
func (s *Service) GetTask(ctx context.Context, r TaskName) (Task, error) {
	t, err := s.find(ctx, r.Task)
	if err != nil {
		return Task{}, err
	}
	shown := s.show(t)
	runs, err := s.store.ListRuns(ctx, ordinaut.RunFilter{TaskID: t.ID, Limit: 1})
	if err != nil {
		return Task{}, err
	}
	if len(runs) > 0 {
		last := showRun(runs[0])
		shown.LastRun = &last
	}
	shown.Probe, err = s.probeOf(ctx, t)
	return shown, err
}

// CheckTask finds what is wrong with a task that is to be made.
func (s *Service) CheckTask(ctx context.Context, r CreateTask) error {
	now, err := s.now(ctx)
	if err != nil {
		return err
	}
	_, err = s.prepare(ctx, r, now)
	return err
}

// CreateTask makes a task, or changes the one that has its key.
func (s *Service) CreateTask(ctx context.Context, r CreateTask) (Task, error) {
	now, err := s.now(ctx)
	if err != nil {
		return Task{}, err
	}
	c, err := s.prepare(ctx, r, now)
	if err != nil {
		return Task{}, err
	}
	agent, _ := ordinaut.AgentFrom(ctx)
	origin, byStep := ordinaut.OriginFrom(ctx)
	if byStep = byStep && r.Key == ""; byStep {
		r.Key = ownKey(r.Title, origin)
	}
	if r.Key != "" {
		was, err := s.store.Task(ctx, ordinaut.TaskRef{Creator: agent.ID, Key: r.Key})
		switch {
		case errors.Is(err, ordinaut.ErrNotFound):
		case err != nil:
			return Task{}, err
		case byStep:
			return s.show(was), nil
		case was.Status != ordinaut.TaskCanceled:
			return s.replace(ctx, was.ID, r)
		}
	}
	t := ordinaut.Task{
		ID: ordinaut.TaskID(newID()), Key: r.Key, CreatedBy: agent.ID,
		Version: 1, Status: ordinaut.TaskActive, CreatedAt: now, UpdatedAt: now,
		Definition: c.definition, Plan: c.plan,
	}
	if err := s.startPlan(&t, c.rule); err != nil {
		return Task{}, err
	}
	if err := s.insert(ctx, &t, r.Key == ""); err != nil {
		return Task{}, err
	}
	shown := s.show(t)
	shown.created, shown.Warnings = true, c.warnings
	if ordinaut.ChangeFrom(ctx).DryRun {
		shown.created, shown.ID = false, ""
	}
	return shown, nil
}

// insert stores a new task. A key that nobody sent is made from the title, and
// made unique by a suffix when that is taken.
func (s *Service) insert(ctx context.Context, t *ordinaut.Task, derive bool) error {
	if derive {
		t.Key = deriveKey(t.Title, t.ID, false)
	}
	change := ordinaut.ChangeFrom(ctx).About(string(t.ID))
	err := s.store.CreateTask(ctx, *t, limits.TasksPerAgent, change)
	if errors.Is(err, ordinaut.ErrKeyTaken) && derive {
		t.Key = deriveKey(t.Title, t.ID, true)
		err = s.store.CreateTask(ctx, *t, limits.TasksPerAgent, change)
	}
	switch {
	case errors.Is(err, ordinaut.ErrKeyTaken):
		return &ordinaut.Error{
			Code: ordinaut.CodeTaskChanged, At: "/key", Sent: t.Key,
			Message: "another task took this key at the same moment",
			Fix:     "send it again to change that task, or choose another key",
		}
	case errors.Is(err, ordinaut.ErrTaskLimit):
		return &ordinaut.Error{
			Code:    ordinaut.CodeTaskLimit,
			Message: fmt.Sprintf("you have %d tasks, which is as many as an agent may have", limits.TasksPerAgent),
			Fix:     "cancel tasks that are no longer needed",
		}
	}
	return err
}

// find reads a task by id or by the caller's key.
func (s *Service) find(ctx context.Context, name string) (ordinaut.Task, error) {
	ref := ordinaut.TaskRef{ID: ordinaut.TaskID(name)}
	if uuid.Validate(name) != nil {
		agent, _ := ordinaut.AgentFrom(ctx)
		ref = ordinaut.TaskRef{Creator: agent.ID, Key: name}
	}
	t, err := s.store.Task(ctx, ref)
	if errors.Is(err, ordinaut.ErrNotFound) {
		err = &ordinaut.Error{
			Code: ordinaut.CodeTaskNotFound, At: "/task", Sent: name,
			Message: fmt.Sprintf("there is no task %q", name),
			Fix:     "list the tasks and use an id or key from there",
		}
	}
	return t, err
}

// show is the task as users see it.
func (s *Service) show(t ordinaut.Task) Task {
	shown := Task{
		ID: t.ID, Key: t.Key, CreatedBy: t.CreatedBy, Version: t.Version, Status: t.Status,
		Definition: t.Definition, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
		Warnings: s.drift(t.Definition),
	}
	if rule, err := compileStored(t); err == nil {
		shown.Canonical, shown.Sentence = rule.Canonical(), sentenceOf(rule, t.Definition)
		shown.NextFireAt = in(t.NextFireAt, rule.Location())
		shown.Snooze = showSnooze(t.Snooze, rule.Location())
	}
	return shown
}

// in is the instant as it reads in a zone.
func in(t *time.Time, zone *time.Location) *time.Time {
	if t == nil {
		return nil
	}
	local := t.In(zone)
	return &local
}

// ListTasks asks for tasks, newest first.
type ListTasks struct {
	Status ordinaut.TaskStatus   `json:"status,omitempty" enum:"active,paused,canceled,completed" doc:"Only tasks that stand so."`
	Kind   ordinaut.ScheduleKind `json:"schedule_kind,omitempty" enum:"cron,rrule,once,interval,event,condition,manual" doc:"Only tasks with this kind of schedule."`
	Limit  int                   `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	Cursor string                `json:"cursor,omitempty" doc:"next_cursor of the page before."`
}

// TaskPage is one page of tasks.
type TaskPage struct {
	Items      []Task  `json:"items" doc:"The tasks, newest first." nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"Send it as cursor for the next page; null on the last."`
}

// ListTasks lists tasks, newest first.
func (s *Service) ListTasks(ctx context.Context, r ListTasks) (TaskPage, error) {
	before, err := readCursor(r.Cursor)
	if err != nil {
		return TaskPage{}, err
	}
	limit := pageLimit(r.Limit)
	tasks, err := s.store.ListTasks(ctx, ordinaut.TaskFilter{
		Status: r.Status, Kind: r.Kind, Before: ordinaut.TaskID(before), Limit: limit + 1,
	})
	if err != nil {
		return TaskPage{}, err
	}
	tasks, next := cutPage(tasks, limit, func(t ordinaut.Task) string { return string(t.ID) })
	page := TaskPage{Items: make([]Task, 0, len(tasks)), NextCursor: next}
	for _, t := range tasks {
		page.Items = append(page.Items, s.show(t))
	}
	return page, nil
}
