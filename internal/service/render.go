package service

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// RenderPipeline asks what the steps of a pipeline would be called with.
type RenderPipeline struct {
	CheckPipeline
	Sample map[string]json.RawMessage `json:"sample,omitempty" doc:"What steps would give, by their id or save_as; null for one that is skipped."`
	Now    *time.Time                 `json:"now,omitempty" doc:"What now is; the present when it is not sent."`
	Event  *TrialEvent                `json:"event,omitempty" doc:"The event that the run would be about."`
	Title  string                     `json:"title,omitempty" doc:"The title of the task, read as task.title."`
	Key    string                     `json:"key,omitempty" doc:"The key of the task, read as task.key."`
	Labels map[string]string          `json:"labels,omitempty" doc:"The labels of the task, read as task.labels."`
}

// RenderedPipeline is every step with its arguments.
type RenderedPipeline struct {
	Valid  bool            `json:"valid" doc:"Every step can be rendered, and its arguments fit its tool."`
	Now    time.Time       `json:"now" doc:"What now was, in the zone of the pipeline."`
	Steps  []RenderedStep  `json:"steps" doc:"The steps in the order in which they run." nullable:"false"`
	Faults []PipelineFault `json:"errors" doc:"Why steps cannot be rendered, and what in their arguments does not fit." nullable:"false"`
}

// RenderedStep is a step with its arguments.
type RenderedStep struct {
	ID      string          `json:"id" doc:"Its id; step_<n> when it was given none."`
	Uses    string          `json:"uses" doc:"The tool that it would call."`
	Outcome string          `json:"outcome" enum:"called,waits,skipped,failed,unknown" doc:"What would become of it; unknown when it reads a step of which there is no sample."`
	Input   json.RawMessage `json:"input,omitempty" doc:"The arguments, when it is called; those of the first item of a foreach that is one step."`
	Items   *int            `json:"items,omitempty" doc:"How many items a foreach has."`
	Until   *time.Time      `json:"until,omitempty" doc:"When a wait would be over, if nobody answered."`
	Then    json.RawMessage `json:"then,omitempty" doc:"The calls that would follow an approval, as somebody would be shown them."`
}

// RenderPipeline fills in the arguments of every step, and calls none.
func (s *Service) RenderPipeline(ctx context.Context, r RenderPipeline) (RenderedPipeline, error) {
	plan, zone, err := s.planIn(ctx, r.CheckPipeline)
	if err != nil {
		return RenderedPipeline{}, err
	}
	if err := checkSamples(plan, r.Sample); err != nil {
		return RenderedPipeline{}, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return RenderedPipeline{}, err
	}
	now = cmp.Or(r.Now, &now).In(zone).Truncate(time.Second)
	env := r.env(now, zone)
	if env.Run.Event, err = r.Event.document(env.Run.ID, now); err != nil {
		return RenderedPipeline{}, err
	}
	out := RenderedPipeline{Now: now, Steps: []RenderedStep{}, Faults: []PipelineFault{}}
	for i, p := range plan.Preview(env, r.Sample) {
		step, faults := s.rendered(p)
		out.Steps = append(out.Steps, step)
		for _, f := range faults {
			if p.Missing == nil {
				f = f.Under("/payload/pipeline/" + strconv.Itoa(i))
			}
			out.Faults = append(out.Faults, faultOf(f))
		}
	}
	out.Valid = len(out.Faults) == 0
	return out, nil
}

// env is a run that fires now.
func (r RenderPipeline) env(now time.Time, zone *time.Location) pipeline.Env {
	return pipeline.Env{
		Task: ordinaut.Task{Key: r.Key, Definition: ordinaut.Definition{Title: r.Title, Labels: r.Labels}},
		Run: ordinaut.Run{
			ID: ordinaut.RunID(newID()), Trigger: ordinaut.TriggerSchedule, Nominal: &now, ScheduledFor: now, Now: &now, Params: r.Params,
		},
		Zone: zone, LoadZone: schedule.LoadZone,
	}
}

// rendered is a step as it is shown, and what is wrong with it.
func (s *Service) rendered(p pipeline.Preview) (RenderedStep, ordinaut.Errors) {
	step := RenderedStep{ID: p.Path, Uses: p.Tool, Outcome: "unknown"}
	var faults ordinaut.Errors
	for _, name := range p.Missing {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/sample/" + name,
			Message: fmt.Sprintf("%s reads the result of %s, and there is no sample of it", p.Path, name),
			Fix:     "send what " + name + " would give, or null if it is to be skipped",
		})
	}
	switch {
	case p.Missing != nil:
	case p.Skipped:
		step.Outcome = "skipped"
	case p.Failure != nil:
		step.Outcome = "failed"
		faults.Add(&ordinaut.Error{Code: p.Failure.Code, At: p.Failure.At, Message: p.Failure.Message, Fix: p.Failure.Fix})
	default:
		step.Outcome, step.Input = "called", p.Args
		if p.Foreach {
			step.Items = &p.Items
		}
		if p.Waits != "" {
			step.Outcome = "waits"
		}
		if p.Wait != nil {
			step.Until, step.Then = p.Wait.Until, p.Wait.Then
		}
		for _, f := range s.tools.CheckInput(p.Tool, decoded(p.Args)) {
			faults.Add(f.Under("/with"))
		}
	}
	return step, faults
}

// checkSamples refuses samples of steps that do not exist.
func checkSamples(plan *pipeline.Plan, samples map[string]json.RawMessage) error {
	var names []string
	for _, o := range plan.Outline() {
		names = append(names, o.Names...)
	}
	var faults ordinaut.Errors
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		if slices.Contains(names, name) {
			continue
		}
		e := &ordinaut.Error{
			Code: ordinaut.CodePipelineReference, At: "/sample/" + name,
			Message: fmt.Sprintf("there is no step %q", name), Fix: "name a step by its id or save_as", Examples: names,
		}
		if near := ordinaut.Nearest(name, names); near != "" {
			e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
		}
		faults.Add(e)
	}
	return faults.Err()
}

// decoded is JSON that was written here, as a value.
func decoded(raw json.RawMessage) (v any) {
	_ = jsonguard.Decode(raw, &v)
	return v
}
