package service

import (
	"context"
	"errors"

	"github.com/ordinaut/ordinaut"
)

// sparing is a store that leaves out the writes of a dry run, and refuses what
// the store would refuse. What is only decided is the same in both, as it is
// decided before. The operations that can be run dry write by these two methods.
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
