package service

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/lookout"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// TrialEvent is an event that was never published, for a run that tries out what
// becomes of one.
type TrialEvent struct {
	Type    string          `json:"type,omitempty" maxLength:"200" doc:"Its topic; trial when it is not sent." example:"order.created"`
	Source  string          `json:"source,omitempty" maxLength:"200" doc:"Who tells it; trial when it is not sent."`
	ID      string          `json:"id,omitempty" maxLength:"200" doc:"Its id; that of the run when it is not sent."`
	Subject string          `json:"subject,omitempty" maxLength:"200" doc:"What it is about."`
	Data    json.RawMessage `json:"data,omitempty" doc:"What it says." example:"{\"total\":120}"`
}

// trial is what an event is called that nobody has named.
const trial = "trial"

// document is the event as its run keeps it; nil when none was sent.
func (e *TrialEvent) document(id ordinaut.RunID, now time.Time) (json.RawMessage, error) {
	if e == nil {
		return nil, nil
	}
	topic := cmp.Or(e.Type, trial)
	if err := lookout.CheckTopic(topic); err != nil {
		return nil, ordinaut.AsError(err).Moved("/event/type")
	}
	if len(e.Data) > limits.EventDataBytes {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/event/data",
			Message: fmt.Sprintf("it has %d bytes, and %d are allowed", len(e.Data), limits.EventDataBytes),
			Fix:     "keep large texts elsewhere, and name them in the event",
		}
	}
	return lookout.Document(ordinaut.Event{
		ID: cmp.Or(e.ID, string(id)), Source: cmp.Or(e.Source, trial), Topic: topic, Subject: e.Subject, At: now, Data: e.Data,
	})
}

// trial is the event of a run that somebody asks for. A task that cannot do without
// one is not run without one.
func (s *Service) trial(ctx context.Context, t ordinaut.Task, e *TrialEvent, id ordinaut.RunID, now time.Time) (json.RawMessage, error) {
	if e != nil || t.ScheduleKind != ordinaut.ScheduleEvent {
		return e.document(id, now)
	}
	plan, err := s.plan(ctx, t.Payload)
	if err != nil || len(plan.ReadsEvent()) == 0 {
		return nil, nil // what is wrong with it, the run tells
	}
	return nil, &ordinaut.Error{
		Code: ordinaut.CodeEventNone, At: "/event", Sent: plan.ReadsEvent()[0],
		Message:  "the pipeline reads the event that its run is about, and the run would be about none",
		Fix:      "send an event to try it out with, or publish one",
		Examples: []string{`{"type": "order.created", "data": {"total": 120}}`},
	}
}

// checkEvent refuses a pipeline that reads an event, in a task that is never about
// one.
func checkEvent(d ordinaut.Definition, plan *pipeline.Plan) error {
	if d.ScheduleKind == ordinaut.ScheduleEvent || d.ScheduleKind == ordinaut.ScheduleCondition || plan == nil {
		return nil
	}
	var faults ordinaut.Errors
	for _, at := range plan.ReadsEvent() {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeEventNone, At: "/payload" + at, Sent: "event",
			Message: fmt.Sprintf("a task of kind %s is about no event", d.ScheduleKind),
			Fix:     "make schedule_kind event, read params instead, or have a step wait with flow.wait_for_event",
		})
	}
	return faults.Err()
}
