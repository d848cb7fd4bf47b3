package rehearsal

import (
	"cmp"
	"context"
	"fmt"
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
	past     []ordinaut.StepResult // what was recorded, in the order in which it came to stand
	waits    []*wait               // of steps that wait
	backs    int                   // how often steps were sent back
	steps    map[string]*StepReport
	order    []string  // paths, in the order of the report
	clock    time.Time // waits are over at once: it is put forward over them
	report   CaseReport
}

// perform plays a case to its end.
func (s *stage) perform(ctx context.Context, r Rehearsal, c scene) CaseReport {
	if c.now.IsZero() {
		c.now = r.Now
	}
	c.now = c.now.In(cmp.Or(r.Zone, time.UTC)).Truncate(time.Second)
	s.prompt = &prompter{
		mocks: c.mocks, real: s.real, calls: map[string]int{}, given: map[*answer]int{}, replies: map[string]reply{},
		env: expr.Env{Now: c.now, Zone: r.Zone, RunID: runID},
	}
	p := &performance{stage: s, prompter: s.prompt, clock: c.now, steps: map[string]*StepReport{}, report: CaseReport{
		Name: c.name, Now: c.now, Calls: []CallReport{}, Told: []string{}, Mismatches: []Mismatch{},
	}}
	for _, n := range s.roles {
		if !n.inside {
			p.step(n.path, n.tool)
		}
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
	p.report.Status = runStopped
	for failures := 0; ; failures++ {
		p.report.Attempts = failures + 1
		env := r.env(c, failures, p.stage.plan.Approvals())
		switch end := p.play(ctx, env).(type) {
		case nil:
			return
		case pipeline.Done:
			p.report.Status, p.report.Output = ordinaut.RunSucceeded, end.Output
			return
		case pipeline.Failed:
			wait, again := pipeline.Again(r.Task.Definition, failures+1, end.Failure, 0)
			if !again || end.Spent {
				p.fail(ctx, env, end.Failure)
				return
			}
			p.advance(p.clock.Add(wait))
		}
	}
}

// play goes on until the run has an outcome. When steps are sent back they are
// done again. Nothing is the outcome of a case that cannot go on.
func (p *performance) play(ctx context.Context, env pipeline.Env) pipeline.Ending {
	for {
		p.answerAll()
		end := p.attempt(ctx, p.stage.plan.Begin(env, p.past...))
		back, again := end.(pipeline.Back)
		if !again {
			return end
		}
		if p.backs++; p.backs > mostBacks {
			p.stop("", endless())
			return nil
		}
		p.redo(back.Paths)
	}
}

// attempt goes from turn to turn until the pipeline ends or is left. Calls that
// may be made beside each other are made one after the other, in their order, so
// that every rehearsal of a case goes the same way.
func (p *performance) attempt(ctx context.Context, g *pipeline.Progress) pipeline.Ending {
	for {
		if err := ctx.Err(); err != nil {
			p.stop("", ordinaut.AsError(err))
			return nil
		}
		turn := g.Next(p.clock)
		for _, settled := range turn.Settled {
			p.keep(settled)
		}
		if turn.End != nil {
			return turn.End
		}
		if len(turn.Begin) == 0 && !p.pass(g, turn.Until) {
			p.stop("", &ordinaut.Error{Code: ordinaut.CodeInternal, Message: "the run waits for nothing that ever comes", Fix: "report it"})
			return nil
		}
		for _, c := range turn.Begin {
			result := p.call(ctx, c)
			if p.prompter.stopped != nil {
				p.stop(c.Path, p.prompter.stopped)
				return nil
			}
			p.keep(g.Record(result))
		}
	}
}

// fail ends the run, after what it has done is undone.
func (p *performance) fail(ctx context.Context, env pipeline.Env, why ordinaut.Failure) {
	p.leave()
	end := ordinaut.Ending{Status: ordinaut.RunFailed, Failure: &why}
	if p.undoable() {
		env.Run.Ending = &end
		undone, ok := p.play(ctx, env).(pipeline.Undone)
		if !ok {
			return
		}
		end = undone.Ending
		p.tellUndone()
	}
	p.report.Status, p.report.Error = end.Status, end.Failure
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
	p.close(ordinaut.StepResult{Path: d.Path, Tool: d.Tool}) // of a doubt, after which it is called again
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
	p.past = append(slices.DeleteFunc(p.past, func(old ordinaut.StepResult) bool { return old.Path == r.Path }), r)
	s := p.step(r.Path, r.Tool)
	s.Status, s.Output, s.Error = string(r.Status), r.Output, r.Failure
	if r.Status == ordinaut.StepWaiting {
		p.open(r)
	} else {
		p.close(r)
	}
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
