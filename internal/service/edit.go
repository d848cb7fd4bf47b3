package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// UpdateTask asks for fields of a task to change. Fields that are not sent stay
// as they are; null sets a field to its default.
type UpdateTask struct {
	Task string `json:"task" doc:"The id or key of the task."`
	ordinaut.Definition

	sent map[string]json.RawMessage
}

// KeepSent remembers which fields were sent.
func (r *UpdateTask) KeepSent(fields map[string]json.RawMessage) { r.sent = fields }

// edited is the definition with the fields that were sent laid over it.
func (r UpdateTask) edited(d ordinaut.Definition) (ordinaut.Definition, error) {
	was, err := json.Marshal(d)
	if err != nil {
		return d, err
	}
	standard, err := json.Marshal(ordinaut.NewDefinition())
	if err != nil {
		return d, err
	}
	var fields, defaults map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(was, &fields), json.Unmarshal(standard, &defaults)); err != nil {
		return d, err
	}
	if r.sent["payload"] != nil {
		delete(fields, "tool_fingerprints") // they are those of the payload that goes
	}
	for name, value := range r.sent {
		if name == "task" {
			continue
		}
		fields[name] = value
		if string(value) == "null" {
			fields[name] = defaults[name]
			if defaults[name] == nil {
				delete(fields, name)
			}
		}
	}
	whole, err := json.Marshal(fields)
	if err != nil {
		return d, err
	}
	var edited ordinaut.Definition
	return edited, json.Unmarshal(whole, &edited)
}

// UpdateTask changes a task.
func (s *Service) UpdateTask(ctx context.Context, r UpdateTask) (Task, error) {
	t, err := s.find(ctx, r.Task)
	if err != nil {
		return Task{}, err
	}
	return s.redefine(ctx, t.ID, r.edited)
}

// replace makes a task's definition the one that was sent with its key.
func (s *Service) replace(ctx context.Context, id ordinaut.TaskID, r CreateTask) (Task, error) {
	return s.redefine(ctx, id, func(ordinaut.Definition) (ordinaut.Definition, error) { return r.Definition, nil })
}

// redefine changes the definition of a task. Only a change of when it fires
// touches its plan: what was due until now and has not run is then recorded, and
// runs that nobody has started yet are withdrawn, so that nothing planned before
// the change can overtake it.
func (s *Service) redefine(ctx context.Context, id ordinaut.TaskID, change func(ordinaut.Definition) (ordinaut.Definition, error)) (Task, error) {
	return s.edit(ctx, id, func(e *ordinaut.TaskEdit, old *schedule.Rule, now time.Time) error {
		t := &e.Task
		if t.Status == ordinaut.TaskCanceled {
			return wrongState(*t, "a canceled task cannot be changed", "make a new task")
		}
		d, err := change(t.Definition)
		if err != nil {
			return err
		}
		c, err := s.compile(ctx, d, t.Definition, now)
		if err != nil {
			return err
		}
		was := t.Definition
		was.Payload = compact(was.Payload) // a store may spell it in another way
		if reflect.DeepEqual(was, c.definition) {
			return nil
		}
		t.Definition = c.definition
		t.Version++
		if !moved(was, t.Definition) {
			return nil
		}
		if err := checkFuture(c, now); err != nil {
			return err
		}
		reason := ordinaut.ReasonScheduleChanged
		if t.Status == ordinaut.TaskPaused {
			reason = ordinaut.ReasonPaused
		}
		if err := elapse(e, old, now, reason); err != nil {
			return err
		}
		e.Withdraw = ordinaut.Withdrawal{Reason: ordinaut.ReasonScheduleChanged}
		t.Snooze = nil // the occurrence that was put off may be no more
		if reanchored(was, t.Definition) {
			t.Anchor = c.plan.Anchor
		}
		if t.Status == ordinaut.TaskPaused {
			return nil
		}
		t.Status = ordinaut.TaskActive
		rule, err := compileStored(*t)
		if err != nil {
			return err
		}
		return s.startPlan(t, rule)
	})
}

// moved says whether the change alters when the task fires.
func moved(a, b ordinaut.Definition) bool {
	return reanchored(a, b) || !sameTime(a.EndsAt, b.EndsAt) || a.JitterSeconds != b.JitterSeconds ||
		a.Gap != b.Gap || a.Repeat != b.Repeat || a.RunIfPast != b.RunIfPast
}

// reanchored says whether the recurrence begins anew.
func reanchored(a, b ordinaut.Definition) bool {
	return a.ScheduleKind != b.ScheduleKind || a.ScheduleExpr != b.ScheduleExpr ||
		a.Timezone != b.Timezone || !sameTime(a.StartsAt, b.StartsAt)
}

func sameTime(a, b *time.Time) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}

// PauseTask stops a task from firing until it is resumed.
func (s *Service) PauseTask(ctx context.Context, r TaskName) (Task, error) {
	return s.change(ctx, r.Task, func(e *ordinaut.TaskEdit, old *schedule.Rule, now time.Time) error {
		switch e.Task.Status {
		case ordinaut.TaskPaused:
			return nil
		case ordinaut.TaskActive:
		default:
			return wrongState(e.Task, "only an active task can be paused", "")
		}
		e.Task.Status, e.Task.NextFireAt = ordinaut.TaskPaused, nil
		e.Withdraw = ordinaut.Withdrawal{Reason: ordinaut.ReasonPaused}
		return elapse(e, old, now, ordinaut.ReasonPaused)
	})
}

// ResumeTask lets a paused task fire again, from now on. What it missed while it
// was paused is recorded and not caught up.
func (s *Service) ResumeTask(ctx context.Context, r TaskName) (Task, error) {
	return s.change(ctx, r.Task, func(e *ordinaut.TaskEdit, old *schedule.Rule, now time.Time) error {
		switch e.Task.Status {
		case ordinaut.TaskActive:
			return nil
		case ordinaut.TaskPaused:
		default:
			return wrongState(e.Task, "only a paused task can be resumed", "make a new task")
		}
		if err := elapse(e, old, now, ordinaut.ReasonPaused); err != nil {
			return err
		}
		e.Task.Status = ordinaut.TaskActive
		return s.startPlan(&e.Task, old)
	})
}

// CancelTask ends a task for good. Its queued runs are withdrawn; a run that is
// at work finishes.
func (s *Service) CancelTask(ctx context.Context, r TaskName) (Task, error) {
	return s.change(ctx, r.Task, func(e *ordinaut.TaskEdit, old *schedule.Rule, now time.Time) error {
		reason := ordinaut.ReasonCanceled
		switch e.Task.Status {
		case ordinaut.TaskCanceled:
			return nil
		case ordinaut.TaskPaused:
			reason = ordinaut.ReasonPaused
		}
		e.Task.Status, e.Task.NextFireAt = ordinaut.TaskCanceled, nil
		e.Withdraw = ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Started: true, Manual: true}
		if err := elapse(e, old, now, reason); err != nil {
			return err
		}
		e.Task.Snooze = nil
		return nil
	})
}

// elapse moves the cursor to now and records what the old rule would have fired
// since, which now never will.
func elapse(e *ordinaut.TaskEdit, old *schedule.Rule, now time.Time, reason ordinaut.Reason) error {
	e.Task.PlanRev++
	if !now.After(e.Task.Cursor) {
		return nil
	}
	gaps, err := schedule.Elapse(old, e.Task, now, reason)
	if err != nil {
		return err
	}
	e.Gaps = gaps
	e.Task.Cursor = now
	if e.Task.Snooze != nil && !e.Task.Snooze.Nominal.After(now) {
		e.Task.Snooze = nil // its occurrence has its outcome now
	}
	return nil
}

// change edits the task of that name.
func (s *Service) change(ctx context.Context, name string, decide func(*ordinaut.TaskEdit, *schedule.Rule, time.Time) error) (Task, error) {
	t, err := s.find(ctx, name)
	if err != nil {
		return Task{}, err
	}
	return s.edit(ctx, t.ID, decide)
}

// edits is how often an edit is decided anew because the scheduler or somebody
// else moved the task meanwhile.
const edits = 10

// edit reads a task, decides what it is to become, and writes it if it has not
// moved meanwhile; otherwise it begins anew. A decision that changes nothing
// writes nothing.
func (s *Service) edit(ctx context.Context, id ordinaut.TaskID, decide func(*ordinaut.TaskEdit, *schedule.Rule, time.Time) error) (Task, error) {
	for range edits {
		now, err := s.now(ctx)
		if err != nil {
			return Task{}, err
		}
		was, err := s.find(ctx, string(id))
		if err != nil {
			return Task{}, err
		}
		rule, err := compileStored(was)
		if err != nil {
			return Task{}, fmt.Errorf("compile the schedule of task %s: %w", id, err)
		}
		e := ordinaut.TaskEdit{Was: was, Task: was}
		if err := decide(&e, rule, now); err != nil {
			return Task{}, err
		}
		if reflect.DeepEqual(e.Was, e.Task) {
			return s.show(was), nil
		}
		e.Task.UpdatedAt = now
		err = s.store.UpdateTask(ctx, e, editChange(ctx, id))
		if err == nil {
			return s.show(e.Task), nil
		}
		if !errors.Is(err, ordinaut.ErrTaskMoved) {
			return Task{}, err
		}
	}
	return Task{}, &ordinaut.Error{
		Code:    ordinaut.CodeTaskChanged,
		Message: "the task was changed by others again and again meanwhile",
		Fix:     "send it again",
	}
}

// editChange is the change of an edit. Who creates a task with the key of another
// edits that one.
func editChange(ctx context.Context, id ordinaut.TaskID) ordinaut.Change {
	change := ordinaut.ChangeFrom(ctx).About(string(id))
	if change.Action == "task.create" {
		change.Action = "task.update"
	}
	return change
}

func wrongState(t ordinaut.Task, message, fix string) error {
	if fix == "" {
		fix = fmt.Sprintf("it is %s", t.Status)
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeTaskState, At: "/task", Sent: t.Key,
		Message: fmt.Sprintf("%s; %s is %s", message, t.Key, t.Status), Fix: fix,
	}
}
