package service

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// LegacyApprove is a decision about what a run waits for.
type LegacyApprove struct {
	Run           string          `json:"run" doc:"The id of the run."`
	Step          string          `json:"step,omitempty" doc:"The step that asks, when several do."`
	Approved      bool            `json:"approved,omitempty" default:"true" doc:"false rejects."`
	Comment       string          `json:"comment,omitempty" maxLength:"2000" doc:"What you have to say about it."`
	ApprovedItems json.RawMessage `json:"approved_items,omitempty" doc:"The list of the items that are approved, when it is not all of them."`
}

// SetDefaults approves.
func (r *LegacyApprove) SetDefaults() { r.Approved = true }

// LegacyApprove approves what a run waits for, or rejects it.
func (s *Service) LegacyApprove(ctx context.Context, r LegacyApprove) (LegacyDone, error) {
	if _, err := s.findRun(ctx, ordinaut.RunID(r.Run)); err != nil {
		return LegacyDone{}, err
	}
	name := r.Run
	if r.Step != "" {
		name += ":" + r.Step
	}
	q, err := s.question(ctx, name)
	if err != nil {
		return LegacyDone{}, ordinaut.AsError(err).Moved("/run")
	}
	verdict := Approved
	if !r.Approved {
		verdict = Rejected
	}
	run, err := s.decide(ctx, q, DecideApproval{ApprovalName: ApprovalName{Approval: q.id()}, Decision: verdict, Comment: r.Comment, Items: r.ApprovedItems})
	if err != nil {
		return LegacyDone{}, err
	}
	return LegacyDone{
		Success: true, Message: fmt.Sprintf("the step was %s", verdict),
		Details: map[string]any{"run_id": run.ID, "task_id": run.TaskID, "step": q.step.Path, "decision": verdict, "status": run.Status},
	}, nil
}
