package rehearsal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// performance is one case on its way.
type performance struct {
	stage    *stage
	prompter *prompter
	past     map[string]ordinaut.StepResult // what was recorded, by path
	steps    map[string]*StepReport
	order    []string  // paths, in the order of the report
	clock    time.Time // a wait that is called for is over at once
	report   CaseReport
}

// perform plays a case to its end.
func (s *stage) perform(ctx context.Context, r Rehearsal, c scene) CaseReport {
	if c.now.IsZero() {
		c.now = r.Now
	}
	c.now = c.now.In(cmp.Or(r.Zone, time.UTC)).Truncate(time.Second)
	s.prompt = &prompter{
		mocks: c.mocks, real: s.real, calls: map[string]int{}, given: map[*answer]int{},
		env: expr.Env{Now: c.now, Zone: r.Zone, RunID: runID},
	}
	p := &performance{stage: s, prompter: s.prompt, clock: c.now, past: map[string]ordinaut.StepResult{}, steps: map[string]*StepReport{}, report: CaseReport{
		Name: c.name, Now: c.now, Calls: []CallReport{}, Mismatches: []Mismatch{},
	}}
	for _, o := range s.plan.Outline() {
		p.step(o.Path, o.Tool)
	}
	p.run(ctx, r, c)
	for _, path := range p.order {
		p.report.Steps = append(p.report.Steps, *p.steps[path])
	}
	p.report.judge(c.expect)
	return p.report
}

// run tries again as often as the task says, each time from where the last
// attempt has failed.
func (p *performance) run(ctx context.Context, r Rehearsal, c scene) {
	for failures := 0; ; failures++ {
		p.report.Attempts = failures + 1
		g := p.stage.plan.Begin(r.env(c, failures), slices.Collect(maps.Values(p.past))...)
		spent := false
		p.report.Error, spent = p.attempt(ctx, g)
		switch {
		case p.report.Stopped != nil:
			p.report.Status, p.report.Error = runStopped, nil
			return
		case p.report.Error == nil:
			p.report.Status = ordinaut.RunSucceeded
			return
		}
		if _, again := pipeline.Again(r.Task.Definition, failures+1, *p.report.Error, 0); !again || spent {
			p.report.Status = ordinaut.RunFailed
			return
		}
	}
}

// attempt goes from turn to turn until the pipeline has an outcome. Calls that
// may be made beside each other are made one after the other, in their order, so
// that every rehearsal of a case goes the same way.
func (p *performance) attempt(ctx context.Context, g *pipeline.Progress) (failure *ordinaut.Failure, spent bool) {
	for {
		if err := ctx.Err(); err != nil {
			p.stop("", ordinaut.AsError(err))
			return nil, false
		}
		turn := g.Next(p.clock)
		for _, settled := range turn.Settled {
			p.keep(settled)
		}
		switch end := turn.End.(type) {
		case pipeline.Done:
			p.report.Output = end.Output
			return nil, false
		case pipeline.Failed:
			return &end.Failure, end.Spent
		}
		if len(turn.Begin) == 0 && turn.Until != nil {
			p.clock = *turn.Until
		}
		for _, c := range turn.Begin {
			result := p.call(ctx, c)
			if p.prompter.stopped != nil {
				p.stop(c.Path, p.prompter.stopped)
				return nil, false
			}
			p.keep(g.Record(result))
		}
	}
}

// stop notes why the case cannot go on.
func (p *performance) stop(step string, why *ordinaut.Error) {
	stopped := ordinaut.NewFailure(ordinaut.ClassInternal, why)
	stopped.Step, p.report.Stopped = step, &stopped
}

// call calls the tool of a step, or its mock.
func (p *performance) call(ctx context.Context, d pipeline.Call) ordinaut.StepResult {
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	c := CallReport{Step: d.Path, Tool: d.Tool, Attempt: d.Attempt, Input: d.Args}
	call := tool.Call{
		Address: d.Tool, Args: d.Args, IdempotencyKey: d.IdempotencyKey, RunID: runID, Step: d.Path, Attempt: c.Attempt,
		Zone: p.report.Now.Location().String(),
		Log:  func(line string) { c.Log = append(c.Log, line) },
	}
	c.Mocked = p.prompter.knows(call)
	answer, err := p.stage.catalog.Call(ctx, call)
	result, ended := d.Started(p.clock), p.clock
	result.Status, result.Output, result.FinishedAt = ordinaut.StepSucceeded, answer.Output, &ended
	if err != nil {
		failure := tool.FailureOf(err).Record(d.Path)
		result.Status, result.Failure = ordinaut.StepFailed, &failure
	}
	c.Output, c.Error = result.Output, result.Failure
	p.report.Calls = append(p.report.Calls, c)
	if p.stage.bytes += len(c.Input) + len(c.Output); p.stage.bytes > limits.RehearsalBytes {
		p.prompter.stopped = &ordinaut.Error{
			Code: ordinaut.CodeOutputTooLarge, Message: fmt.Sprintf("the arguments and answers have more than %d bytes", limits.RehearsalBytes),
			Fix: "try fewer cases at a time, or with smaller answers",
		}
	}
	step := p.step(d.Path, d.Tool)
	step.Called, step.Input = step.Called+1, d.Args
	return result
}

// keep keeps what became of a step for the attempts that follow, and tells it.
func (p *performance) keep(r ordinaut.StepResult) {
	p.past[r.Path] = r
	s := p.step(r.Path, r.Tool)
	s.Status, s.Output, s.Error = string(r.Status), r.Output, r.Failure
}

// step is the report of a step. Those of the items of a foreach are known when
// they begin.
func (p *performance) step(path, tool string) *StepReport {
	s := p.steps[path]
	if s == nil {
		s = &StepReport{ID: path, Tool: tool, Status: stepNotRun}
		p.steps[path] = s
		p.order = append(p.order, path)
	}
	return s
}

// encode writes a value as JSON, with < and > as they are.
func encode(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}
