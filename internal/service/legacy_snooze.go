package service

import (
	"context"
	"time"
)

// LegacySnoozeTask asks for the next occurrence of a task to run later.
type LegacySnoozeTask struct {
	Task         string `json:"task" doc:"The id or key of the task."`
	DelaySeconds int    `json:"delay_seconds" minimum:"1" maximum:"604800" doc:"Run it so many seconds after it would fire by itself."`
	Reason       string `json:"reason,omitempty" maxLength:"200" doc:"Why."`
}

// LegacySnooze puts the next occurrence of a task off.
func (s *Service) LegacySnooze(ctx context.Context, r LegacySnoozeTask) (LegacyDone, error) {
	t, err := s.SnoozeTask(ctx, SnoozeTask{Task: r.Task, DelaySeconds: r.DelaySeconds, Reason: r.Reason})
	if err != nil {
		return LegacyDone{}, err
	}
	return LegacyDone{
		Success: true, Message: "the next occurrence was put off until " + t.Snooze.Until.Format(time.RFC3339),
		Details: map[string]any{
			"task_id": t.ID, "delay_seconds": r.DelaySeconds, "affected_work_items": 1,
			"nominal_at": t.Snooze.Nominal, "until": t.Snooze.Until,
		},
	}, nil
}
