package rehearsal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
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
	done     []ordinaut.StepResult // what no attempt does again
	steps    map[string]*StepReport
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
	p := &performance{stage: s, prompter: s.prompt, steps: map[string]*StepReport{}, report: CaseReport{
		Name: c.name, Now: c.now, Calls: []CallReport{}, Mismatches: []Mismatch{},
	}}
	outline := s.plan.Outline()
	for _, o := range outline {
		p.steps[o.Path] = &StepReport{ID: o.Path, Tool: o.Tool, Status: stepNotRun}
	}
	p.run(ctx, r, c)
	for _, o := range outline {
		p.report.Steps = append(p.report.Steps, *p.steps[o.Path])
	}
	p.report.judge(c.expect)
	return p.report
}

// run tries again as often as the task says, each time from where the last
// attempt has failed.
func (p *performance) run(ctx context.Context, r Rehearsal, c scene) {
	for failures := 0; ; failures++ {
		p.report.Attempts = failures + 1
		g := p.stage.plan.Begin(r.env(c, failures))
		for _, step := range p.done {
			g.Record(step)
		}
		p.report.Error = p.attempt(ctx, g)
		switch {
		case p.report.Stopped != nil:
			p.report.Status, p.report.Error = runStopped, nil
			return
		case p.report.Error == nil:
			p.report.Status = ordinaut.RunSucceeded
			return
		}
		if _, again := pipeline.Again(r.Task.Definition, failures+1, *p.report.Error, 0); !again {
			p.report.Status = ordinaut.RunFailed
			return
		}
	}
}

// attempt goes from step to step until the pipeline has an outcome.
func (p *performance) attempt(ctx context.Context, g *pipeline.Progress) *ordinaut.Failure {
	for {
		if err := ctx.Err(); err != nil {
			p.stop("", ordinaut.AsError(err))
			return nil
		}
		switch d := g.Next().(type) {
		case pipeline.Done:
			p.report.Output = d.Output
			return nil
		case pipeline.Failed:
			p.ended(d.Failure.Step, string(ordinaut.StepFailed), nil, &d.Failure)
			return &d.Failure
		case pipeline.Skip:
			p.record(g, d.Result(p.report.Attempts, p.report.Now))
		case pipeline.Call:
			result := p.call(ctx, d)
			if p.prompter.stopped != nil {
				p.stop(d.Path, p.prompter.stopped)
				return nil
			}
			p.record(g, result)
			if result.Failure != nil {
				return result.Failure
			}
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
	c := CallReport{Step: d.Path, Tool: d.Tool, Attempt: p.report.Attempts, Input: d.Args}
	call := tool.Call{
		Address: d.Tool, Args: d.Args, IdempotencyKey: d.IdempotencyKey, RunID: runID, Step: d.Path, Attempt: c.Attempt,
		Zone: p.report.Now.Location().String(),
		Log:  func(line string) { c.Log = append(c.Log, line) },
	}
	c.Mocked = p.prompter.knows(call)
	answer, err := p.stage.catalog.Call(ctx, call)
	result := d.Started(c.Attempt, p.report.Now)
	result.Status, result.Output, result.FinishedAt = ordinaut.StepSucceeded, answer.Output, &p.report.Now
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
	step := p.steps[d.Path]
	step.Called, step.Input = step.Called+1, d.Args
	return result
}

// record tells the pipeline what became of a step, and keeps it for the attempts
// that follow.
func (p *performance) record(g *pipeline.Progress, result ordinaut.StepResult) {
	g.Record(result)
	if result.Done() {
		p.done = append(p.done, result)
	}
	p.ended(result.Path, string(result.Status), result.Output, result.Failure)
}

func (p *performance) ended(step, status string, output json.RawMessage, failure *ordinaut.Failure) {
	s := p.steps[step]
	s.Status, s.Output, s.Error = status, output, failure
}

// encode writes a value as JSON, with < and > as they are.
func encode(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}
