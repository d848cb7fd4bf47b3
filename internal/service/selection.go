package service

import (
	"context"
	"time"

	"github.com/ordinaut/ordinaut"
)

// RunSelection says which runs are meant. What is not sent does not select.
type RunSelection struct {
	TaskID ordinaut.TaskID      `json:"task_id,omitempty" doc:"Only runs of this task; its id or key."`
	Status []ordinaut.RunStatus `json:"status,omitempty" enum:"queued,parked,running,waiting,succeeded,failed,canceled" doc:"Only runs that stand so, in any of these ways."`
	Reason ordinaut.Reason      `json:"reason,omitempty" doc:"Only runs that were withdrawn or canceled for this reason." example:"superseded"`
	Code   ordinaut.Code        `json:"error_code,omitempty" doc:"Only runs that failed, or failed last, with this code." example:"tool.timeout"`
	Class  ordinaut.Class       `json:"error_class,omitempty" enum:"invalid_input,invalid_output,tool_error,timeout,unavailable,rate_limited,denied,canceled,internal" doc:"Only runs that failed, or failed last, in this class."`
	Label  map[string]string    `json:"label,omitempty" doc:"Only runs of tasks that have these labels."`
	From   *time.Time           `json:"from,omitempty" doc:"Only runs made at this time or later."`
	To     *time.Time           `json:"to,omitempty" doc:"Only runs made before this time."`
}

// selecting is what the store is asked for.
func (s *Service) selecting(ctx context.Context, r RunSelection) (ordinaut.RunFilter, error) {
	id, err := s.taskID(ctx, r.TaskID)
	f := ordinaut.RunFilter{TaskID: id, Label: r.Label, Statuses: r.Status, Reason: r.Reason, Code: r.Code, Class: r.Class}
	if r.From != nil {
		f.From = *r.From
	}
	if r.To != nil {
		f.To = *r.To
	}
	return f, err
}
