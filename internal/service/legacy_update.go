package service

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/ordinaut/ordinaut"
)

// LegacyUpdate asks for fields of a task to change, of which one is its status.
type LegacyUpdate struct {
	UpdateTask
	Status ordinaut.TaskStatus `json:"status,omitempty" enum:"active,paused,canceled" doc:"Pause, resume or cancel it."`
}

// KeepSent remembers which fields of the definition were sent.
func (r *LegacyUpdate) KeepSent(fields map[string]json.RawMessage) {
	fields = maps.Clone(fields)
	delete(fields, "status")
	r.UpdateTask.KeepSent(fields)
}

// LegacyUpdate changes a task, and then its status.
func (s *Service) LegacyUpdate(ctx context.Context, r LegacyUpdate) (Task, error) {
	t, err := s.UpdateTask(ctx, r.UpdateTask)
	if err != nil || r.Status == t.Status {
		return t, err
	}
	name := TaskName{Task: string(t.ID)}
	switch r.Status {
	case ordinaut.TaskActive:
		return s.ResumeTask(ctx, name)
	case ordinaut.TaskPaused:
		return s.PauseTask(ctx, name)
	case ordinaut.TaskCanceled:
		return s.CancelTask(ctx, name)
	}
	return t, nil
}
