package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// DecideApproval is a decision about what a run waits for.
type DecideApproval struct {
	ApprovalName
	Decision    Verdict         `json:"decision" enum:"approved,rejected,changes,retry,done,fail" doc:"What is decided; of an approval one of the first three, of a doubt one of the others."`
	Comment     string          `json:"comment,omitempty" maxLength:"2000" doc:"What you have to say about it. With changes, the steps that are done again read it as run.feedback."`
	Items       json.RawMessage `json:"items,omitempty" doc:"With approved: the list of the items that are, when it is not all of them."`
	To          string          `json:"to,omitempty" doc:"With changes: the step that is to be done again, and what follows from it." example:"draft"`
	Result      json.RawMessage `json:"result,omitempty" doc:"With done: what the call gave."`
	Digest      string          `json:"digest,omitempty" doc:"The digest that you were shown; when something else is asked meanwhile, nothing is decided."`
	WaitSeconds float64         `json:"wait_seconds,omitempty" minimum:"0" maximum:"60" doc:"Wait this long for the end of the run before answering."`
}

// Decide takes a decision, once, and lets the run go on.
func (s *Service) Decide(ctx context.Context, r DecideApproval) (Run, error) {
	q, err := s.question(ctx, r.Approval)
	if err != nil {
		return Run{}, err
	}
	return s.decide(ctx, q, r)
}

// decide answers a question.
func (s *Service) decide(ctx context.Context, q question, r DecideApproval) (Run, error) {
	now, err := s.now(ctx)
	if err != nil {
		return Run{}, err
	}
	if err := q.stillOpen(r, now); err != nil {
		return Run{}, err
	}
	if err := s.checkDecision(ctx, q, &r); err != nil {
		return Run{}, err
	}
	agent, _ := ordinaut.AgentFrom(ctx)
	answer, err := json.Marshal(Decision{
		Decision: r.Decision, By: agent.Name, Comment: r.Comment, At: &now, Items: r.Items, To: r.To, Output: r.Result,
	})
	if err != nil {
		return Run{}, fmt.Errorf("write the decision: %w", err)
	}
	change := ordinaut.ChangeFrom(ctx).About(string(q.run.ID))
	change.Action, change.Detail = decideAction, auditDetail(q, r, agent.Name)
	err = s.store.Answer(ctx, ordinaut.Answer{RunID: q.run.ID, Path: q.step.Path, Data: answer}, change)
	switch {
	case errors.Is(err, ordinaut.ErrAnswered), errors.Is(err, ordinaut.ErrNotFound):
		return Run{}, s.overtaken(ctx, q, r)
	case err != nil:
		return Run{}, err
	}
	return s.await(ctx, q.run.ID, r.WaitSeconds)
}

// decideAction is under which name decisions stand in the audit, however they
// were sent.
const decideAction = "approval.decide"

// auditDetail says what was decided about which step, by whom.
func auditDetail(q question, r DecideApproval, by string) json.RawMessage {
	detail, _ := json.Marshal(struct { // texts only
		Step     string  `json:"step"`
		Decision Verdict `json:"decision"`
		By       string  `json:"by"`
		Comment  string  `json:"comment,omitempty"`
		To       string  `json:"to,omitempty"`
	}{q.step.Path, r.Decision, by, r.Comment, r.To})
	return detail
}

// overtaken is the error of a decision before which another one came.
func (s *Service) overtaken(ctx context.Context, q question, r DecideApproval) error {
	again, err := s.questionAt(ctx, r.Approval, q.run.ID, q.step.Path)
	if err != nil {
		return err
	}
	now, err := s.now(ctx)
	if err != nil {
		return err
	}
	if err := again.stillOpen(r, now); err != nil {
		return err
	}
	return changedSince(r)
}

// stillOpen says why nothing can be decided any more, or not about what the
// caller has seen.
func (q question) stillOpen(r DecideApproval, now time.Time) error {
	e := &ordinaut.Error{Code: ordinaut.CodeApprovalDecided, At: "/approval", Sent: r.Approval}
	switch d := q.decision(); {
	case q.state() == ApprovalOpen && q.step.Wait.Until != nil && !now.Before(*q.step.Wait.Until):
		e.Message = fmt.Sprintf("the time to decide was over at %s", q.step.Wait.Until.Format(time.RFC3339))
		e.Fix = "run the task again if it is still wanted"
	case q.state() == ApprovalOpen && r.Digest != "" && r.Digest != q.digest():
		return changedSince(r)
	case q.state() == ApprovalOpen:
		return nil
	case d != nil:
		e.Message = "it was decided already: " + d.String()
		e.Fix = "see how the run goes on with ordinaut runs get " + string(q.run.ID)
	case q.run.Status.Final():
		e.Code = ordinaut.CodeRunState
		e.Message = fmt.Sprintf("a run that has ended waits for nothing; it has %s", past(q.run.Status))
		e.Fix = "run the task again if it is still wanted"
	default:
		e.Message = fmt.Sprintf("step %s waits for nothing any more", q.step.Path)
		e.Fix = "see how the run goes on with ordinaut runs get " + string(q.run.ID)
	}
	return e
}

// past is how a run's end is told.
func past(s ordinaut.RunStatus) string {
	if s == ordinaut.RunCanceled {
		return "been canceled"
	}
	return string(s)
}

// changedSince is the error of a decision about something else than is asked.
func changedSince(r DecideApproval) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeApprovalChanged, At: "/digest", Sent: r.Digest,
		Message: "something else is asked now than what you were shown",
		Fix:     "look at it again, and decide then",
	}
}

// String tells a decision in words.
func (d Decision) String() string {
	text := string(d.Decision)
	if d.TimedOut {
		return text + ", as nobody decided in time"
	}
	if d.By != "" {
		text += " by " + d.By
	}
	if d.At != nil {
		text += " at " + d.At.Format(time.RFC3339)
	}
	return text
}

// checkDecision finds everything that is wrong with a decision, and adds the
// step that it goes back to when there is only one.
func (s *Service) checkDecision(ctx context.Context, q question, r *DecideApproval) error {
	allowed := q.verdicts()
	if !slices.Contains(allowed, r.Decision) {
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/decision", Sent: r.Decision,
			Message: fmt.Sprintf("%s cannot be said of %s", r.Decision, askedAs(q.kind())),
			Fix:     "say " + oneOf(allowed), Examples: texts(allowed),
		}
	}
	var faults ordinaut.Errors
	only := func(field string, sent json.RawMessage, with Verdict) {
		if len(sent) > 0 && r.Decision != with {
			faults.Add(&ordinaut.Error{
				Code: ordinaut.CodeFieldValue, At: "/" + field, Sent: sent,
				Message: fmt.Sprintf("%s is sent with %s, and this is %s", field, with, r.Decision),
				Fix:     "leave it out",
			})
		}
	}
	only("items", r.Items, Approved)
	only("result", r.Result, Done)
	var list []json.RawMessage
	if r.Decision == Approved && len(r.Items) > 0 && json.Unmarshal(r.Items, &list) != nil {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldType, At: "/items", Sent: r.Items,
			Message: "items must be a list", Fix: "send those of the items in data that are approved",
		})
	}
	faults.Add(s.checkTo(ctx, q, r))
	return faults.Err()
}

// checkTo refuses a step that the question cannot be sent back to.
func (s *Service) checkTo(ctx context.Context, q question, r *DecideApproval) error {
	e := &ordinaut.Error{Code: ordinaut.CodeFieldValue, At: "/to", Sent: r.To}
	if r.Decision != Changes {
		if r.To == "" {
			return nil
		}
		e.Message, e.Fix = fmt.Sprintf("to is sent with changes, and this is %s", r.Decision), "leave it out"
		return e
	}
	steps, err := s.backTo(ctx, q)
	if err != nil {
		return err
	}
	if r.To == "" && len(steps) == 1 {
		r.To = steps[0]
	}
	switch {
	case slices.Contains(steps, r.To):
		return nil
	case len(steps) == 0:
		e.Code, e.At, e.Sent = ordinaut.CodeFieldValue, "/decision", r.Decision
		e.Message, e.Fix = "there is no earlier step that could be done again", "approve it or reject it"
	case r.To == "":
		e.Code, e.Sent = ordinaut.CodeFieldRequired, nil
		e.Message, e.Fix, e.Examples = "the step that is to be done again is missing", "name "+oneOf(steps), steps
	default:
		e.Message = fmt.Sprintf("it cannot be sent back to %q", r.To)
		e.Fix, e.Examples = "name "+oneOf(steps), steps
		if near := ordinaut.Nearest(r.To, steps); near != "" {
			e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
		}
	}
	return e
}

// askedAs is what a kind of question is called.
func askedAs(kind ordinaut.WaitKind) string {
	if kind == ordinaut.WaitDoubt {
		return "a call that was cut off"
	}
	return "an approval"
}

// oneOf lists words to choose from.
func oneOf[T ~string](words []T) string {
	all := texts(words)
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}

func texts[T ~string](words []T) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return all
}
