package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// CreateTask stores a new task.
func (s *Store) CreateTask(ctx context.Context, task ordinaut.Task, limit int, c ordinaut.Change) error {
	err := s.change(ctx, c, func(t *tx) error { return t.createTask(task, limit) })
	if err != nil {
		return fmt.Errorf("create task %s: %w", task.ID, err)
	}
	return nil
}

func (t *tx) createTask(task ordinaut.Task, limit int) error {
	if err := t.roomForTask(task.CreatedBy, limit); err != nil {
		return err
	}
	definition, snooze, err := encodedPlan(task)
	if err != nil {
		return err
	}
	slot, slots := task.Slot()
	dedupe, window := task.Dedupe()
	_, err = t.exec("InsertTask", string(task.ID), task.Key, string(task.CreatedBy), task.Version, string(task.Status),
		micros(task.CreatedAt), micros(task.UpdatedAt), string(task.ScheduleKind), task.Priority, definition,
		micros(task.Anchor), micros(task.Cursor), task.PlanRev, microsOrNull(task.NextFireAt), snooze, slot, slots, dedupe, window.Microseconds())
	if duplicate(err) {
		return ordinaut.ErrKeyTaken
	}
	if err != nil {
		return err
	}
	t.dedupes = nil // it may be the first with a dedupe key
	if task.NextFireAt != nil {
		t.signal(ordinaut.SignalPlans)
	}
	if task.ScheduleKind == ordinaut.ScheduleCondition {
		t.signal(ordinaut.SignalProbes)
	}
	if task.ScheduleKind == ordinaut.ScheduleEvent {
		if err := t.keepTrigger(task); err != nil {
			return err
		}
	}
	_, err = t.exec("InsertVersion", string(task.ID), task.Version, definition)
	return err
}

// encodedPlan is the definition and the snooze of a task as its columns keep
// them.
func encodedPlan(task ordinaut.Task) (definition string, snooze any, err error) {
	if definition, err = encoded(task.Definition); err == nil {
		snooze, err = encodedOrNull(task.Snooze)
	}
	return definition, snooze, err
}

// roomForTask answers ErrTaskLimit when the agent has limit unfinished tasks.
func (t *tx) roomForTask(agent ordinaut.AgentID, limit int) error {
	have, err := seen(t, "UnfinishedTasks", scanCount, string(agent))
	switch {
	case errors.Is(err, ordinaut.ErrNotFound):
		return fmt.Errorf("its creator %q: %w", agent, err)
	case err == nil && limit > 0 && have >= limit:
		return ordinaut.ErrTaskLimit
	}
	return err
}

// UpdateTask makes the edit, if the task is still as it was read.
func (s *Store) UpdateTask(ctx context.Context, e ordinaut.TaskEdit, c ordinaut.Change) error {
	err := s.change(ctx, c, func(t *tx) error { return t.updateTask(e) })
	if err != nil {
		return fmt.Errorf("update task %s: %w", e.Was.ID, err)
	}
	return nil
}

func (t *tx) updateTask(e ordinaut.TaskEdit) error {
	if err := t.replaceTask(e.Was, e.Task); err != nil {
		return err
	}
	t.dedupes = nil // it may be the first with a dedupe key
	if err := t.insertGaps(e.Was.ID, e.Gaps); err != nil {
		return err
	}
	if e.Task.NextFireAt != nil {
		t.signal(ordinaut.SignalPlans)
	}
	if e.Task.ScheduleKind == ordinaut.ScheduleCondition {
		t.signal(ordinaut.SignalProbes)
	}
	if e.Was.ScheduleKind == ordinaut.ScheduleEvent || e.Task.ScheduleKind == ordinaut.ScheduleEvent {
		if err := t.keepTrigger(e.Task); err != nil {
			return err
		}
	}
	return t.withdraw(e.Was.ID, e.Withdraw)
}

// replaceTask compares the task and swaps it, keeping its new version.
func (t *tx) replaceTask(was, task ordinaut.Task) error {
	definition, snooze, err := encodedPlan(task)
	if err != nil {
		return err
	}
	slot, slots := task.Slot()
	dedupe, window := task.Dedupe()
	swapped, err := t.changed("UpdateTask", task.Key, task.Version, string(task.Status), micros(task.UpdatedAt),
		string(task.ScheduleKind), task.Priority, definition,
		micros(task.Anchor), micros(task.Cursor), task.PlanRev, microsOrNull(task.NextFireAt), snooze, slot, slots, dedupe, window.Microseconds(),
		string(was.ID), was.Version, was.PlanRev, micros(was.Cursor), string(was.Status))
	switch {
	case duplicate(err):
		return ordinaut.ErrKeyTaken
	case err != nil:
		return err
	case !swapped:
		return ordinaut.ErrTaskMoved
	}
	if task.Version > was.Version {
		_, err = t.exec("InsertVersion", string(was.ID), task.Version, definition)
	}
	return err
}

// withdraw ends the runs that an edit overtook.
func (t *tx) withdraw(id ordinaut.TaskID, w ordinaut.Withdrawal) error {
	if w.Reason == "" {
		return nil
	}
	runs, err := changedRows(t, "WithdrawRuns", scanStopped, string(id), string(w.Reason), micros(t.now), w.Started, w.Manual)
	if err != nil {
		return err
	}
	return t.stopped(runs...)
}

// Task finds a task by its id, or by the key that its creator gave it.
func (s *Store) Task(ctx context.Context, ref ordinaut.TaskRef) (ordinaut.Task, error) {
	if ref.ID != "" {
		return first(ctx, s.read, "TaskByID", scanTask, string(ref.ID))
	}
	return first(ctx, s.read, "TaskByKey", scanTask, string(ref.Creator), ref.Key)
}

// ListTasks finds tasks, newest first.
func (s *Store) ListTasks(ctx context.Context, f ordinaut.TaskFilter) ([]ordinaut.Task, error) {
	labels, err := labels(f.Label)
	if err != nil {
		return nil, err
	}
	return all(ctx, s.read, "ListTasks", scanTask, string(f.CreatedBy), string(f.Status), string(f.Kind), labels,
		string(f.Before), page(f.Limit), f.Offset)
}

// CountTasks says how many tasks a filter finds on all its pages.
func (s *Store) CountTasks(ctx context.Context, f ordinaut.TaskFilter) (int, error) {
	labels, err := labels(f.Label)
	if err != nil {
		return 0, err
	}
	return first(ctx, s.read, "CountTasks", scanCount, string(f.CreatedBy), string(f.Status), string(f.Kind), labels)
}

// labels are the labels a filter asks for, as one parameter.
func labels(asked map[string]string) (string, error) {
	if asked == nil {
		return "{}", nil
	}
	return encoded(asked)
}

// page is the LIMIT of a filter; without one it is everything.
func page(limit int) int {
	if limit == 0 {
		return -1
	}
	return limit
}

// Definition is the definition of a task as it was in a version.
func (s *Store) Definition(ctx context.Context, id ordinaut.TaskID, version int) (ordinaut.Definition, error) {
	return first(ctx, s.read, "Definition",
		func(r *sql.Rows, d *ordinaut.Definition) error { return r.Scan(decoded{d}) }, string(id), version)
}

func scanTask(r *sql.Rows, t *ordinaut.Task) error { return r.Scan(taskColumns(t)...) }

// taskColumns are where the columns of a task go.
func taskColumns(t *ordinaut.Task) []any {
	return []any{&t.ID, &t.Key, &t.CreatedBy, &t.Version, &t.Status, (*instant)(&t.CreatedAt), (*instant)(&t.UpdatedAt),
		decoded{&t.Definition}, (*instant)(&t.Anchor), (*instant)(&t.Cursor), &t.PlanRev, optional{&t.NextFireAt}, decoded{&t.Snooze}}
}

func scanCount(r *sql.Rows, n *int) error { return r.Scan(n) }
