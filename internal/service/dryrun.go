package service

import (
	"context"
	"errors"

	"github.com/ordinaut/ordinaut"
)

// sparing is a store that leaves out the writes of a dry run, and refuses what
// the store would refuse. What is only decided is the same in both, as it is
// decided before. The operations that can be run dry write by these methods.
type sparing struct{ ordinaut.Store }

// CreateTask stores a new task, or says why it could not be stored.
func (s sparing) CreateTask(ctx context.Context, t ordinaut.Task, limit int, c ordinaut.Change) error {
	if !c.DryRun {
		return s.Store.CreateTask(ctx, t, limit, c)
	}
	was, err := s.Task(ctx, ordinaut.TaskRef{Creator: t.CreatedBy, Key: t.Key})
	switch {
	case err == nil && was.Status != ordinaut.TaskCanceled:
		return ordinaut.ErrKeyTaken
	case err != nil && !errors.Is(err, ordinaut.ErrNotFound):
		return err
	}
	unfinished := 0
	for _, status := range []ordinaut.TaskStatus{ordinaut.TaskActive, ordinaut.TaskPaused} {
		n, err := s.CountTasks(ctx, ordinaut.TaskFilter{CreatedBy: t.CreatedBy, Status: status})
		if err != nil {
			return err
		}
		unfinished += n
	}
	if limit > 0 && unfinished >= limit {
		return ordinaut.ErrTaskLimit
	}
	return nil
}

// UpdateTask makes an edit. In a dry run nobody can have moved the task.
func (s sparing) UpdateTask(ctx context.Context, e ordinaut.TaskEdit, c ordinaut.Change) error {
	if c.DryRun {
		return nil
	}
	return s.Store.UpdateTask(ctx, e, c)
}

// CancelRun ends a run. In a dry run it was seen not to have ended.
func (s sparing) CancelRun(ctx context.Context, id ordinaut.RunID, why ordinaut.Reason, c ordinaut.Change) error {
	if c.DryRun {
		return nil
	}
	return s.Store.CancelRun(ctx, id, why, c)
}

// Rerun queues a run that repeats another. In a dry run its results were seen.
func (s sparing) Rerun(ctx context.Context, r ordinaut.Rerun, c ordinaut.Change) error {
	if c.DryRun {
		return nil
	}
	return s.Store.Rerun(ctx, r, c)
}

// Dismiss notes that somebody has dealt with failed runs. In a dry run they were
// seen to be dead letters.
func (s sparing) Dismiss(ctx context.Context, runs []ordinaut.RunID, c ordinaut.Change) ([]ordinaut.RunID, error) {
	if c.DryRun {
		return runs, nil
	}
	return s.Store.Dismiss(ctx, runs, c)
}
