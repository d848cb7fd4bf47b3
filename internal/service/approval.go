package service

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// Approval is a decision that a step of a run asks people for.
type Approval struct {
	ID        string             `json:"id" doc:"Its id: that of the run, and the step."`
	Short     string             `json:"short" doc:"What is enough to type of it while no other is like it." example:"5f3c9a1b:review"`
	Kind      ordinaut.WaitKind  `json:"kind" enum:"approval,doubt" doc:"Whether somebody must agree, or say what became of a call that was cut off."`
	State     ApprovalState      `json:"state" enum:"open,decided,closed" doc:"Where it stands; it is closed when its run ended without a decision."`
	RunID     ordinaut.RunID     `json:"run_id" doc:"The run that waits."`
	RunStatus ordinaut.RunStatus `json:"run_status" enum:"queued,parked,running,waiting,succeeded,failed,canceled" doc:"Where the run stands."`
	TaskID    ordinaut.TaskID    `json:"task_id" doc:"The task that it carries out."`
	Task      string             `json:"task" doc:"The key of the task."`
	Title     string             `json:"title" doc:"The title of the task."`
	Step      string             `json:"step" doc:"The step that asks."`
	Message   string             `json:"message" doc:"What is asked."`
	Data      json.RawMessage    `json:"data" doc:"What it is about."`
	Then      []PlannedCall      `json:"then" doc:"The calls that follow, with exactly these arguments; of a doubt, the call that was cut off." nullable:"false"`
	AskedAt   time.Time          `json:"asked_at" doc:"Since when it waits."`
	Deadline  *time.Time         `json:"deadline" doc:"When its time is over; null is never."`
	Default   Verdict            `json:"default,omitempty" enum:"approved,rejected,changes,retry,done,fail" doc:"What holds when its time is over."`
	Decisions []Verdict          `json:"decisions" enum:"approved,rejected,changes,retry,done,fail" doc:"What can be decided." nullable:"false"`
	BackTo    []string           `json:"back_to,omitempty" doc:"The steps that it can be sent back to; shown for a single one." nullable:"false"`
	Digest    string             `json:"digest,omitempty" doc:"Stands for what is asked and what follows while it is open. Sent with a decision, it says that they must still be those."`
	Link      string             `json:"link,omitempty" doc:"Where whoever has this link decides without a token; shown to those who may decide."`
	Decision  *Decision          `json:"decision" doc:"What was decided; null before."`
}

// ApprovalState is where an approval stands.
type ApprovalState string

// The states of an approval.
const (
	ApprovalOpen    ApprovalState = "open"
	ApprovalDecided ApprovalState = "decided"
	ApprovalClosed  ApprovalState = "closed"
)

// Verdict is what can be decided.
type Verdict string

// The verdicts: the first three are those of an approval, the others those of a
// doubt.
const (
	Approved Verdict = "approved"
	Rejected Verdict = "rejected"
	Changes  Verdict = "changes" // an earlier step is to be done again
	Retry    Verdict = "retry"   // the call is to be made again
	Done     Verdict = "done"    // the call was carried out
	Fail     Verdict = "fail"    // the step is to fail
)

// PlannedCall is a call as it will be made.
type PlannedCall struct {
	Step string          `json:"step" doc:"The step that makes it."`
	Tool string          `json:"tool" doc:"The tool it calls."`
	With json.RawMessage `json:"with" doc:"Its arguments, as rendered."`
}

// Decision is what was decided, by whom and when.
type Decision struct {
	Decision Verdict         `json:"decision" enum:"approved,rejected,changes,retry,done,fail" doc:"What was decided."`
	By       string          `json:"by,omitempty" doc:"Who decided; link is whoever followed the link."`
	Comment  string          `json:"comment,omitempty" doc:"What they said about it."`
	At       *time.Time      `json:"at,omitempty" doc:"When they decided."`
	TimedOut bool            `json:"timed_out,omitempty" required:"false" doc:"Nobody decided in time."`
	Items    json.RawMessage `json:"items,omitempty" doc:"The items that were approved, when not all were."`
	To       string          `json:"to,omitempty" doc:"The step that is to be done again."`
	Output   json.RawMessage `json:"output,omitempty" doc:"Of a call that was carried out: its result."`
}

// ApprovalName asks for one approval.
type ApprovalName struct {
	Approval string `json:"approval" doc:"Its id, or as much of it as is like no other: the run's id or its last characters, or the key of the task, and the step behind a colon if it needs one." example:"5f3c9a1b:review"`
}

// GetApproval shows a decision that is asked for, or was.
func (s *Service) GetApproval(ctx context.Context, r ApprovalName) (Approval, error) {
	q, err := s.question(ctx, r.Approval)
	if err != nil {
		return Approval{}, err
	}
	t, err := s.store.Task(ctx, ordinaut.TaskRef{ID: q.run.TaskID})
	if err != nil {
		return Approval{}, err
	}
	shown := s.showApproval(ctx, q, t)
	if shown.State == ApprovalOpen && shown.Kind == ordinaut.WaitApproval {
		shown.BackTo, err = s.backTo(ctx, q)
	}
	return shown, err
}

// showApproval shows a question of a run of the task. Those who may not decide
// are not shown the link by which anybody may.
func (s *Service) showApproval(ctx context.Context, q question, t ordinaut.Task) Approval {
	asked := q.asked()
	shown := Approval{
		ID: q.id(), Short: q.short(), Kind: q.kind(), State: q.state(),
		RunID: q.run.ID, RunStatus: q.run.Status, TaskID: t.ID, Task: t.Key, Title: t.Title, Step: q.step.Path,
		Message: asked.Message, Data: asked.Data, Then: q.then(), AskedAt: q.step.StartedAt,
		Default: q.fallback(asked), Decisions: []Verdict{}, Decision: q.decision(),
	}
	if q.step.Wait != nil {
		shown.Deadline = q.step.Wait.Until
	}
	if shown.State == ApprovalOpen {
		shown.Decisions, shown.Digest, shown.Link = q.verdicts(), q.digest(), s.linkFor(ctx, q)
	}
	if zone, err := schedule.LoadZone(t.Timezone); err == nil {
		shown.tellTimes(zone)
	}
	return shown
}

// tellTimes tells the times of an approval in the zone of its task.
func (a *Approval) tellTimes(zone *time.Location) {
	in := func(t *time.Time) *time.Time {
		if t == nil {
			return nil
		}
		local := t.In(zone)
		return &local
	}
	a.AskedAt, a.Deadline = a.AskedAt.In(zone), in(a.Deadline)
	if a.Decision != nil {
		a.Decision.At = in(a.Decision.At)
	}
}

// linkFor is the link to a question for a caller who may decide about it.
func (s *Service) linkFor(ctx context.Context, q question) string {
	if agent, _ := ordinaut.AgentFrom(ctx); s.link == nil || !agent.May(ordinaut.ScopeRunsControl) {
		return ""
	}
	return s.link(q.run.ID, q.step.Path)
}

// backTo is the steps that a question can be sent back to.
func (s *Service) backTo(ctx context.Context, q question) ([]string, error) {
	d, err := s.store.Definition(ctx, q.run.TaskID, q.run.TaskVersion)
	if err != nil {
		return nil, err
	}
	plan, err := pipeline.Compile(d.Payload, s.catalog())
	if err != nil && plan == nil {
		return nil, nil // its tools are gone, and it would not get far
	}
	return plan.Earlier(q.step.Path), nil
}
