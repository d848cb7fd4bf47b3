package service

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// CheckPipeline asks what is wrong with a pipeline, without a task around it.
type CheckPipeline struct {
	Payload  json.RawMessage `json:"payload" doc:"What a task would do: {params?, pipeline: [step, ...]}."`
	Params   json.RawMessage `json:"params,omitempty" doc:"An object that a run would lay over the params of the payload."`
	Timezone string          `json:"timezone,omitempty" maxLength:"100" doc:"IANA zone in which its times are shown and days are counted; the server's when it is not sent." example:"Europe/Chisinau"`
}

// PipelineCheck is what was found.
type PipelineCheck struct {
	Valid    bool              `json:"valid" doc:"A task with this payload would be accepted."`
	Errors   []PipelineFault   `json:"errors" doc:"Everything that has to be mended." nullable:"false"`
	Warnings []Warning         `json:"warnings" doc:"What could not be checked." nullable:"false"`
	Tools    []string          `json:"tools" doc:"The tools that it names, each once." nullable:"false"`
	Steps    []PipelineOutline `json:"steps" doc:"Its steps in the order in which they run, when it is valid." nullable:"false"`
}

// PipelineFault is one thing that has to be mended.
type PipelineFault struct {
	Code     ordinaut.Code `json:"code" doc:"The stable code of the fault."`
	Pointer  string        `json:"pointer" doc:"Where in the request, a JSON Pointer."`
	Message  string        `json:"message" doc:"What is wrong."`
	Value    any           `json:"value,omitempty" doc:"What was sent there."`
	Fix      string        `json:"fix,omitempty" required:"false" doc:"What to do about it."`
	Examples []string      `json:"examples,omitempty" doc:"What would be accepted."`
}

// PipelineOutline is one step of a pipeline that could be carried out.
type PipelineOutline struct {
	ID             string   `json:"id" doc:"Its id; step_<n> when it was given none."`
	Uses           string   `json:"uses" doc:"The tool that it calls."`
	Needs          []string `json:"needs" doc:"The steps that it waits for." nullable:"false"`
	Reads          []string `json:"reads" doc:"The steps whose results it reads." nullable:"false"`
	Conditional    bool     `json:"conditional" doc:"It has a condition, so it may be skipped."`
	Foreach        bool     `json:"foreach" doc:"It is done for each item of a list."`
	TimeoutSeconds float64  `json:"timeout_seconds" doc:"How long one attempt may take."`
	Waits          string   `json:"waits,omitempty" enum:"sleep,approval,event" doc:"What it waits for, when it calls nothing."`
	Undo           string   `json:"undo,omitempty" doc:"The tool that takes back what it has done."`
}

// CheckPipeline finds everything that is wrong with a pipeline. That something
// is, is an answer and no error.
func (s *Service) CheckPipeline(ctx context.Context, r CheckPipeline) (PipelineCheck, error) {
	check := PipelineCheck{Valid: true, Errors: []PipelineFault{}, Warnings: []Warning{}, Steps: []PipelineOutline{}}
	check.Tools = slices.Compact(slices.Sorted(slices.Values(append([]string{}, pipeline.Uses(r.Payload)...))))
	plan, _, err := s.planIn(ctx, r)
	if err != nil {
		check.Valid = false
		for _, f := range ordinaut.AsError(err).All() {
			check.Errors = append(check.Errors, faultOf(f))
		}
		return check, nil
	}
	for _, w := range plan.Warnings() {
		check.Warnings = append(check.Warnings, warningOf(w.Under("/payload")))
	}
	for _, o := range plan.Outline() {
		check.Steps = append(check.Steps, outlineOf(o))
	}
	return check, nil
}

// planIn compiles what was sent, and tells all faults of it.
func (s *Service) planIn(ctx context.Context, r CheckPipeline) (*pipeline.Plan, *time.Location, error) {
	var faults ordinaut.Errors
	plan, err := s.plan(ctx, r.Payload)
	faults.Add(err)
	faults.Add(checkParams(r.Params))
	zone, err := schedule.LoadZone(cmp.Or(r.Timezone, s.zone))
	faults.Add(err)
	return plan, zone, faults.Err()
}

func faultOf(e *ordinaut.Error) PipelineFault {
	return PipelineFault{Code: e.Code, Pointer: e.At, Message: e.Message, Value: e.Sent, Fix: e.Fix, Examples: e.Examples}
}

func outlineOf(o pipeline.Outline) PipelineOutline {
	return PipelineOutline{
		ID: o.Path, Uses: o.Tool, Needs: append([]string{}, o.Needs...), Reads: append([]string{}, o.Reads...),
		Conditional: o.Conditional, Foreach: o.Foreach,
		TimeoutSeconds: o.Timeout.Seconds(), Waits: string(o.Waits), Undo: o.Undo,
	}
}
