package service

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// request is what a step of kind approval was given.
type request struct {
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
	Default string          `json:"default"`
}

// approvalTool is the tool whose steps ask for approval.
const approvalTool = "orchestrator.request_approval"

// question is a step that asks for a decision, or has asked.
type question struct {
	run  ordinaut.Run
	step ordinaut.StepResult
}

// kind is what the step waits for; "" when it asks nobody anything.
func (q question) kind() ordinaut.WaitKind {
	switch w := q.step.Wait; {
	case w != nil && (w.Kind == ordinaut.WaitApproval || w.Kind == ordinaut.WaitDoubt):
		return w.Kind
	case w == nil && q.step.Tool == approvalTool && q.hasAsked():
		return ordinaut.WaitApproval
	}
	return ""
}

// hasAsked says whether a step that asks for approval has come to that: it was
// not skipped, nor did it fail before.
func (q question) hasAsked() bool {
	f := q.step.Failure
	return q.step.Status == ordinaut.StepSucceeded || f != nil && (f.Code == ordinaut.CodeApprovalRejected || f.Class == ordinaut.ClassCanceled)
}

// state is where the decision stands.
func (q question) state() ApprovalState {
	over := q.run.Status.Final() || q.run.Ending != nil
	switch waits := q.step.Status == ordinaut.StepWaiting; {
	case waits && q.step.Wait != nil && q.step.Wait.Answer == nil && !over:
		return ApprovalOpen
	case q.decision() != nil:
		return ApprovalDecided
	}
	return ApprovalClosed
}

// decision is what was decided: as it was answered, or as the pipeline took it
// for the step's result. It is nil when there is none.
func (q question) decision() *Decision {
	switch w, f := q.step.Wait, q.step.Failure; {
	case w != nil && w.Answer != nil:
		var d Decision
		_ = json.Unmarshal(w.Answer, &d) // it was written here
		return &d
	case f != nil && f.Code == ordinaut.CodeApprovalRejected:
		return &Decision{Decision: Rejected, Comment: f.Message, At: q.step.FinishedAt}
	case q.step.Status == ordinaut.StepSucceeded:
		return q.result()
	}
	return nil
}

// result is the decision that a step has for its result.
func (q question) result() *Decision {
	var read struct {
		Status    Verdict         `json:"status"`
		By        string          `json:"by"`
		Comment   string          `json:"comment"`
		DecidedAt *time.Time      `json:"decided_at"`
		TimedOut  bool            `json:"timed_out"`
		Items     json.RawMessage `json:"approved_items"`
	}
	_ = json.Unmarshal(q.step.Output, &read) // the pipeline wrote it
	return &Decision{
		Decision: read.Status, By: read.By, Comment: read.Comment,
		At: read.DecidedAt, TimedOut: read.TimedOut, Items: some(read.Items, q.asked().Data),
	}
}

// some is the items that were approved, when those are not all, or none.
func some(items, all json.RawMessage) json.RawMessage {
	if string(items) == "[]" || bytes.Equal(items, all) {
		return nil
	}
	return items
}

// verdicts is what can be decided.
func (q question) verdicts() []Verdict {
	if q.kind() == ordinaut.WaitDoubt {
		return []Verdict{Retry, Done, Fail}
	}
	return []Verdict{Approved, Rejected, Changes}
}

// fallback is what holds when nobody decides in time.
func (q question) fallback(asked request) Verdict {
	switch {
	case q.step.Wait == nil || q.step.Wait.Until == nil:
		return ""
	case q.kind() == ordinaut.WaitDoubt:
		return Fail
	case asked.Default == "approve":
		return Approved
	}
	return Rejected
}

// asked is what the step was given, in words that people understand.
func (q question) asked() request {
	if q.kind() == ordinaut.WaitDoubt {
		return request{Message: fmt.Sprintf("The call of %s was cut off. Was it carried out?", q.step.Tool)}
	}
	var asked request
	_ = json.Unmarshal(q.step.Input, &asked) // it was checked when the step began
	return asked
}

// then is the calls that follow.
func (q question) then() []PlannedCall {
	calls := []PlannedCall{}
	if q.kind() == ordinaut.WaitDoubt {
		return append(calls, PlannedCall{Step: q.step.Path, Tool: q.step.Tool, With: q.step.Input})
	}
	if q.step.Wait != nil {
		_ = json.Unmarshal(q.step.Wait.Then, &calls) // the pipeline wrote it
	}
	return calls
}

// digest stands for everything that whoever decides has seen.
func (q question) digest() string {
	h := sha256.New()
	seen := []any{q.kind(), q.step.Path, q.step.Input, q.then(), q.step.StartedAt.UTC()}
	_ = json.NewEncoder(h).Encode(seen) // a hash takes everything, and all of it is JSON
	return hex.EncodeToString(h.Sum(nil)[:16])
}
