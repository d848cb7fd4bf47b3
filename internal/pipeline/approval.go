package pipeline

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// approval is what orchestrator.request_approval is given.
type approval struct {
	Data           json.RawMessage `json:"data"`
	TimeoutHours   *float64        `json:"timeout_hours"`
	TimeoutSeconds *float64        `json:"timeout_seconds"`
	Deadline       *time.Time      `json:"deadline"`
	Default        string          `json:"default"`   // what the deadline decides: reject, or approve
	OnReject       string          `json:"on_reject"` // fail or continue; "" is decided by whether anybody looks
}

func approvalOf(args json.RawMessage) (a approval, err error) {
	if err := json.Unmarshal(args, &a); err != nil {
		return a, misread(err)
	}
	return a, nil
}

// until is the deadline of an approval that is asked for now.
func (a approval) until(now time.Time) (time.Time, error) {
	switch {
	case a.Deadline != nil:
		return *a.Deadline, nil
	case a.TimeoutHours != nil:
		hours := *a.TimeoutHours * 3600
		return now.Add(seconds(&hours)), nil
	case a.TimeoutSeconds != nil:
		return now.Add(seconds(a.TimeoutSeconds)), nil
	}
	return now.Add(limits.ApprovalWait), nil
}

// decision is what somebody has said to an approval.
type decision struct {
	Decision string          `json:"decision"` // approved, rejected or changes
	By       string          `json:"by"`
	Comment  string          `json:"comment"`
	At       string          `json:"at"`
	Items    json.RawMessage `json:"items"` // what of the data is approved; nothing is all of it
	To       string          `json:"to"`    // of changes: the step that is done again first
}

// decisionOf is the decision that a wait was answered with, or that its deadline
// has made.
func (g *Progress) decisionOf(r ordinaut.StepResult, a approval) (d decision, err error) {
	if r.Wait.Answer != nil {
		return d, json.Unmarshal(r.Wait.Answer, &d)
	}
	d.Decision, d.At = "rejected", g.instant(*r.Wait.Until)
	if a.Default == "approve" {
		d.Decision = "approved"
	}
	return d, nil
}

// decided goes on from the decision about an approval.
func (g *Progress) decided(p place, r ordinaut.StepResult) {
	a, err := approvalOf(r.Input)
	var d decision
	if err == nil {
		d, err = g.decisionOf(r, a)
	}
	switch {
	case err == nil && d.Decision == "approved":
		g.succeed(p, r, d.result(r, a))
	case err == nil && d.Decision == "rejected":
		if g.heedless(p, a) {
			g.lose(p, r, d.rejection(r))
			return
		}
		g.succeed(p, r, d.result(r, a))
	case err == nil && d.Decision == "changes" && g.pushBack(p, r, d, a):
	default:
		g.lose(p, r, unreadable(r, err))
	}
}

// heedless says whether nothing would keep the steps that follow from doing what
// was rejected.
func (g *Progress) heedless(p place, a approval) bool {
	if p.of().id == "" {
		p = p.frame.loop.place // by whose name the result is read
	}
	return a.OnReject == "fail" || a.OnReject == "" && !p.of().heeded
}

// result is what steps read of a decision.
func (d decision) result(r ordinaut.StepResult, a approval) map[string]any {
	approved := d.Decision == "approved"
	items := json.RawMessage("[]")
	for _, given := range []json.RawMessage{a.Data, d.Items} {
		if approved && len(given) > 0 && string(given) != "null" {
			items = given
		}
	}
	return map[string]any{
		"status": d.Decision, "approved": approved, "approved_items": items, "by": orNull(d.By),
		"comment": orNull(d.Comment), "decided_at": orNull(d.At), "timed_out": r.Wait.Answer == nil,
	}
}

// orNull is a text, or null when it says nothing.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// rejection is the failure of an approval that was refused.
func (d decision) rejection(r ordinaut.StepResult) ordinaut.Failure {
	f := ordinaut.Failure{
		Class: ordinaut.ClassDenied, Code: ordinaut.CodeApprovalRejected,
		Fix: "to go on after a rejection, read the result in the if of the steps that follow, or send on_reject: continue",
	}
	if f.Message = cmp.Or(d.By, "somebody") + " has rejected it"; r.Wait.Answer == nil {
		f.Message = "nobody has decided by " + d.At + ", and that is a rejection"
	}
	if d.Comment != "" {
		f.Message += ": " + d.Comment
	}
	return f
}

// unreadable is the failure of a step whose answer says nothing that it knows.
func unreadable(r ordinaut.StepResult, err error) ordinaut.Failure {
	f := ordinaut.Failure{
		Class: ordinaut.ClassInvalidInput, Code: ordinaut.CodeFieldValue,
		Message: fmt.Sprintf("the answer %.200s is none that a step with %s can go on from", r.Wait.Answer, r.Tool),
		Fix:     "start the run again",
	}
	if err != nil {
		f.Message = fmt.Sprintf("the answer to %s cannot be read: %v", r.Path, err)
	}
	return f
}
