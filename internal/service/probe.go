package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// Probe is how the condition of a task stands.
type Probe struct {
	Status   string            `json:"status" enum:"unknown,false,true,failing" doc:"What was seen last: nobody has looked yet, the condition does not hold, it holds, or the probe fails."`
	Holds    bool              `json:"holds" doc:"The condition was true when somebody last saw. It makes a run when it is seen to be true, and another only after it was false."`
	Since    *time.Time        `json:"since" doc:"Since it is what it is, as far as anybody has looked."`
	LookedAt *time.Time        `json:"looked_at" doc:"When somebody looked last."`
	NextAt   *time.Time        `json:"next_at" doc:"When somebody looks next; null when nobody does."`
	Failures int               `json:"failures" doc:"How many looks have failed, one after the other."`
	Error    *ordinaut.Failure `json:"error,omitempty" required:"false" doc:"Why the last look has failed."`
}

// probeOf is how the condition of a task stands; nil when it has none.
func (s *Service) probeOf(ctx context.Context, t ordinaut.Task) (*Probe, error) {
	if s.probes == nil || t.ScheduleKind != ordinaut.ScheduleCondition {
		return nil, nil
	}
	p, err := s.probes.Probe(ctx, t.ID)
	if errors.Is(err, ordinaut.ErrNotFound) {
		return &Probe{Status: "unknown"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read how the condition of task %s stands: %w", t.ID, err)
	}
	shown := &Probe{
		Status: "unknown", Holds: p.Holds, Since: p.Since, LookedAt: p.LookedAt, Failures: p.Failures, Error: p.Failure,
	}
	switch {
	case p.Failure != nil:
		shown.Status = "failing"
	case p.LookedAt != nil:
		shown.Status = fmt.Sprint(p.Holds)
	}
	if t.Status == ordinaut.TaskActive {
		shown.NextAt = &p.NextAt
	}
	return shown, nil
}

// checkProbe refuses a condition of which nobody could say whether it holds, and
// a probe that nothing asks for.
func checkProbe(d ordinaut.Definition, plan *pipeline.Plan) error {
	condition := d.ScheduleKind == ordinaut.ScheduleCondition
	switch probe := plan.Probe(); {
	case condition && probe == nil:
		return &ordinaut.Error{
			Code: ordinaut.CodeScheduleCondition, At: "/payload/probe",
			Message:  "a condition needs a probe, over whose answer it is an expression",
			Fix:      "say which tool is called, and how often",
			Examples: []string{`{"uses": "http.request", "with": {"url": "https://shop.example/stock"}, "every_seconds": 60}`},
		}
	case !condition && probe != nil:
		return &ordinaut.Error{
			Code: ordinaut.CodePipelineNoEffect, At: "/payload/probe",
			Message: fmt.Sprintf("a schedule of kind %s makes no probe", d.ScheduleKind),
			Fix:     "make schedule_kind condition, or leave the probe out",
		}
	}
	return nil
}

// sentenceOf is when a task fires, in English; of a condition with how often it
// is looked at.
func sentenceOf(rule *schedule.Rule, d ordinaut.Definition) string {
	if d.ScheduleKind != ordinaut.ScheduleCondition {
		return rule.Sentence()
	}
	sentence := rule.Sentence()
	var named struct {
		Probe struct {
			Every float64 `json:"every_seconds"`
		}
	}
	if json.Unmarshal(d.Payload, &named) != nil || named.Probe.Every <= 0 {
		return sentence
	}
	every := time.Duration(named.Probe.Every * float64(time.Second))
	if every%time.Minute == 0 {
		minutes := int(every / time.Minute)
		if minutes == 1 {
			return sentence + ", looked at every minute"
		}
		return fmt.Sprintf("%s, looked at every %d minutes", sentence, minutes)
	}
	return fmt.Sprintf("%s, looked at every %g seconds", sentence, named.Probe.Every)
}
