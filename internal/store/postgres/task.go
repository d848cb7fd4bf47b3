package postgres

import (
	"context"
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
	onEvents := task.ScheduleKind == ordinaut.ScheduleEvent
	if onEvents {
		if err := t.lockMatching(); err != nil {
			return err
		}
	}
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
		task.CreatedAt, task.UpdatedAt, string(task.ScheduleKind), task.Priority, definition,
		task.Anchor, task.Cursor, task.PlanRev, task.NextFireAt, snooze, textOrNull(slot), slots, textOrNull(dedupe), window)
	switch {
	case duplicate(err):
		return ordinaut.ErrKeyTaken
	case orphan(err):
		return fmt.Errorf("its creator %q: %w", task.CreatedBy, ordinaut.ErrNotFound)
	case err != nil:
		return err
	}
	if task.NextFireAt != nil {
		t.signal(ordinaut.SignalPlans)
	}
	if task.ScheduleKind == ordinaut.ScheduleCondition {
		t.signal(ordinaut.SignalProbes)
	}
	if onEvents {
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
	if limit == 0 {
		return nil
	}
	if _, err := seen(t, "HoldAgent", scanText, id(agent)); err != nil {
		return fmt.Errorf("its creator %q: %w", agent, err)
	}
	have, err := seen(t, "UnfinishedTasks", scanCount, id(agent), limit)
	if err == nil && have >= limit {
		err = ordinaut.ErrTaskLimit
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
	onEvents := e.Was.ScheduleKind == ordinaut.ScheduleEvent || e.Task.ScheduleKind == ordinaut.ScheduleEvent
	if onEvents {
		if err := t.lockMatching(); err != nil {
			return err
		}
	}
	if err := t.replaceTask(e.Was, e.Task); err != nil {
		return err
	}
	if onEvents {
		if err := t.keepTrigger(e.Task); err != nil {
			return err
		}
	}
	if err := t.insertGaps(e.Was.ID, e.Gaps); err != nil {
		return err
	}
	if e.Task.NextFireAt != nil {
		t.signal(ordinaut.SignalPlans)
	}
	if e.Task.ScheduleKind == ordinaut.ScheduleCondition {
		t.signal(ordinaut.SignalProbes)
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
	swapped, err := t.changed("UpdateTask", task.Key, task.Version, string(task.Status), task.UpdatedAt,
		string(task.ScheduleKind), task.Priority, definition,
		task.Anchor, task.Cursor, task.PlanRev, task.NextFireAt, snooze, textOrNull(slot), slots, textOrNull(dedupe), window,
		id(was.ID), was.Version, was.PlanRev, was.Cursor, string(was.Status))
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
func (t *tx) withdraw(of ordinaut.TaskID, w ordinaut.Withdrawal) error {
	if w.Reason == "" {
		return nil
	}
	runs, err := changedRows(t, "WithdrawRuns", scanStopped, id(of), string(w.Reason), t.now, w.Started, w.Manual)
	if err != nil {
		return err
	}
	return t.stopped(runs...)
}

// Task finds a task by its id, or by the key that its creator gave it.
func (s *Store) Task(ctx context.Context, ref ordinaut.TaskRef) (ordinaut.Task, error) {
	if ref.ID != "" {
		return first(ctx, s, "TaskByID", scanTask, id(ref.ID))
	}
	return first(ctx, s, "TaskByKey", scanTask, id(ref.Creator), ref.Key)
}

// ListTasks finds tasks, newest first.
func (s *Store) ListTasks(ctx context.Context, f ordinaut.TaskFilter) ([]ordinaut.Task, error) {
	labels, err := labels(f.Label)
	if err != nil {
		return nil, err
	}
	return all(ctx, s, "ListTasks", scanTask, id(f.CreatedBy), string(f.Status), string(f.Kind), labels,
		id(f.Before), page(f.Limit), f.Offset)
}

// CountTasks says how many tasks a filter finds on all its pages.
func (s *Store) CountTasks(ctx context.Context, f ordinaut.TaskFilter) (int, error) {
	labels, err := labels(f.Label)
	if err != nil {
		return 0, err
	}
	return first(ctx, s, "CountTasks", scanCount, id(f.CreatedBy), string(f.Status), string(f.Kind), labels)
}

// labels are the labels a filter asks for, as one parameter.
func labels(asked map[string]string) (string, error) {
	if asked == nil {
		return "{}", nil
	}
	return encoded(asked)
}

// Definition is the definition of a task as it was in a version.
func (s *Store) Definition(ctx context.Context, of ordinaut.TaskID, version int) (ordinaut.Definition, error) {
	return first(ctx, s, "Definition",
		func(r row, d *ordinaut.Definition) error { return r.Scan(decoded{d}) }, id(of), version)
}

func scanTask(r row, t *ordinaut.Task) error { return r.Scan(taskColumns(t)...) }

// taskColumns are where the columns of a task go.
func taskColumns(t *ordinaut.Task) []any {
	return []any{&t.ID, &t.Key, &t.CreatedBy, &t.Version, &t.Status, &t.CreatedAt, &t.UpdatedAt,
		decoded{&t.Definition}, &t.Anchor, &t.Cursor, &t.PlanRev, &t.NextFireAt, decoded{&t.Snooze}}
}

func scanCount(r row, n *int) error { return r.Scan(n) }

func scanText(r row, text *string) error { return r.Scan(text) }
