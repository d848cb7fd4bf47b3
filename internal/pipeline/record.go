package pipeline

import (
	"fmt"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Record tells what became of a call that is under way, and answers with what is
// to be recorded of it.
func (g *Progress) Record(r ordinaut.StepResult) ordinaut.StepResult {
	if g.unwound != nil {
		return g.undone(r)
	}
	i := slices.IndexFunc(g.underway, func(u underway) bool { return u.call == r.Path })
	if i < 0 {
		return r
	}
	p := g.underway[i].place
	g.underway = slices.Delete(g.underway, i, i+1)
	for f := p.frame; f != nil; f = f.outer() {
		f.calls--
	}
	r = g.answered(p, r)
	for f := p.frame; f != nil; f = f.outer() {
		g.bury(f)
	}
	return r
}

// answered goes on from the answer of a call.
func (g *Progress) answered(p place, r ordinaut.StepResult) ordinaut.StepResult {
	switch s := p.of(); {
	case r.Status == ordinaut.StepFailed && inDoubt(r) && s.doubts():
		return g.doubted(p, r)
	case r.Status == ordinaut.StepFailed:
		return g.fail(p, r)
	case s.tool.Address == runTool:
		return g.follow(p, r)
	}
	if undoable(r) {
		g.toUndo++
	}
	g.settle(p, r)
	return r
}

// settle gives a step its result, and makes those ready that waited for it.
func (g *Progress) settle(p place, r ordinaut.StepResult) {
	f, s := p.frame, p.of()
	var value any
	if len(r.Output) > 0 {
		if p.step >= f.last {
			f.last, f.output = p.step, r.Output
		}
		if g.plan.reads(s) {
			// What cannot be read was not written by this program; null is then
			// the strict answer, which whoever reads it will refuse.
			value, _ = decode(r.Output)
		}
	}
	for _, name := range s.names {
		f.steps[name] = value
	}
	for _, n := range s.followers {
		if f.unmet[n]--; f.unmet[n] == 0 {
			g.ready = append(g.ready, place{frame: f, step: n})
		}
	}
	if f.left--; f.left == 0 && f.loop != nil {
		g.itemEnded(f.loop, f.index, f.output)
	}
}

// reads says whether any expression reads the result of a step. A result that
// nobody reads need not be decoded.
func (p *Plan) reads(s *step) bool {
	for _, name := range s.names {
		if p.read[name] {
			return true
		}
	}
	return p.whole
}

// refuse fails a step that cannot even be begun, because what it needs to know
// is not there.
func (g *Progress) refuse(p place, field string, err error) {
	f := ordinaut.NewFailure(ordinaut.ClassInvalidInput, err)
	f.Step, f.At = p.path(), field+f.At
	r := g.ended(p, ordinaut.StepFailed)
	r.Failure = &f
	g.keep(g.fail(p, r))
}

// fail decides what the failure of a step means: the step is tried again, or has
// a result all the same, or everything around it fails.
func (g *Progress) fail(p place, r ordinaut.StepResult) ordinaut.StepResult {
	s := p.of()
	if due, again := s.retry.again(g.run.ID, r); again && !final(r) {
		p.attempt = r.Attempt + 1
		g.later = append(g.later, delayed{p, due})
		g.due()
		return r
	}
	if !s.onError.goesOn {
		g.stop(p.frame, Failed{Failure: *r.Failure, Spent: s.retry != nil || final(r)})
		return r
	}
	told := toldOf(*r.Failure)
	for _, name := range s.names {
		p.frame.errors[name] = told
	}
	if value := s.onError.value; value != nil {
		output, err := g.render(value, p.frame.view(p.step))
		if err != nil {
			f := ordinaut.NewFailure(ordinaut.ClassInvalidInput, err)
			f.Step, f.At = r.Path, "/on_error/value"+f.At
			r.Failure = &f
			g.stop(p.frame, Failed{Failure: f})
			return r
		}
		r.Output = output
	}
	g.settle(p, r)
	return r
}

// toldOf is what an expression reads of a failure.
func toldOf(f ordinaut.Failure) map[string]any {
	return map[string]any{"class": string(f.Class), "code": string(f.Code), "message": f.Message}
}

// stop lets nothing new begin around a failure: in the item, when the foreach
// goes on without it, or else in the whole run.
func (g *Progress) stop(f *frame, failure Failed) {
	for ; ; f = f.loop.frame {
		if f.failure == nil {
			f.failure = &failure
		}
		if f.loop == nil {
			g.failed = worse(g.failed, failure)
			return
		}
		if f.loop.goesOn() {
			g.bury(f)
			return
		}
	}
}

// worse is the failure that decides about the run when several branches have
// failed: one after which it cannot be tried again, or else the first. The run
// waits as long as any of them has asked for.
func worse(first *Failed, f Failed) *Failed {
	if first == nil {
		return &f
	}
	wait := max(first.Failure.RetryAfter, f.Failure.RetryAfter)
	if first.final() || !f.final() {
		f = *first
	}
	f.Failure.RetryAfter = wait
	return &f
}

// final says whether the run is not tried again after the failure.
func (f Failed) final() bool { return f.Spent || !f.Failure.Class.Retryable() }

// done is the end of a run whose steps all have their results.
func (g *Progress) done() Ending {
	if g.plan.output == nil {
		return Done{Output: g.root.output}
	}
	output, err := g.render(g.plan.output, &g.root.env)
	if err == nil && len(output) > limits.StepOutputBytes {
		err = tooLarge("the output of the run", len(output))
	}
	if err != nil {
		f := ordinaut.NewFailure(ordinaut.ClassInvalidInput, err)
		f.At = "/output" + f.At
		return Failed{Failure: f}
	}
	return Done{Output: output}
}

// tooLarge is a result that is larger than is kept.
func tooLarge(what string, bytes int) error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeOutputTooLarge,
		Message: fmt.Sprintf("%s has %d bytes, and %d are kept", what, bytes, limits.StepOutputBytes),
		Fix:     "keep less of it; data.transform leaves parts out",
	}
}
