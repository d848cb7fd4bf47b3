package pipeline

import (
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// Progress is one run on its way along a plan. It is for one goroutine.
type Progress struct {
	plan  *Plan
	run   ordinaut.RunID
	env   expr.Env
	steps map[string]any // results by every name of their step
	done  []bool         // by step
	at    int            // every step before it is done
	last  json.RawMessage
}

// Begin starts a run at its first step. Results that it has from before are
// told by Record.
func (p *Plan) Begin(e Env) *Progress {
	g := &Progress{plan: p, run: e.Run.ID, steps: map[string]any{}, done: make([]bool, len(p.steps))}
	g.env = e.roots(p.params, g.steps)
	return g
}

// Record tells the result of a step. One that is not done is no result.
func (g *Progress) Record(r ordinaut.StepResult) {
	i, ok := g.plan.byPath[r.Path]
	if !ok || g.done[i] || !r.Done() {
		return
	}
	g.done[i] = true
	var value any
	if r.Status == ordinaut.StepSucceeded {
		g.last = r.Output
		if g.plan.reads(i) {
			// What cannot be read was not written by this program; null is then
			// the strict answer, which whoever reads it will refuse.
			value, _ = decode(r.Output)
		}
	}
	for _, name := range g.plan.steps[i].names {
		g.steps[name] = value
	}
}

// reads says whether any expression reads the result of a step. A result that
// nobody reads need not be decoded.
func (p *Plan) reads(step int) bool {
	for _, name := range p.steps[step].names {
		if p.read[name] {
			return true
		}
	}
	return p.whole
}

// Next says what is next: a Call, a Skip, Done or Failed. Asked again before a
// result is recorded, it says the same again.
func (g *Progress) Next() Decision {
	for g.at < len(g.done) && g.done[g.at] {
		g.at++
	}
	if g.at == len(g.done) {
		return Done{Output: g.last}
	}
	s := g.plan.steps[g.at]
	if s.condition != nil {
		holds, err := s.condition.Eval(&g.env)
		if err != nil {
			return failed(s, "/if", err)
		}
		if !expr.Truthy(holds) {
			return Skip{Path: s.path, Tool: s.tool.Address}
		}
	}
	with, err := s.with.Render(&g.env)
	if err != nil {
		return failed(s, "/with", err)
	}
	args, err := encode(with)
	if err != nil {
		return failed(s, "/with", err)
	}
	return Call{
		Path: s.path, Tool: s.tool.Address, ReadOnly: s.tool.ReadOnly, Args: args,
		Timeout: s.timeout, IdempotencyKey: string(g.run) + "/" + s.path,
	}
}

// failed is a step that cannot even be begun, because what it needs to know is
// not there.
func failed(s step, field string, err error) Failed {
	f := ordinaut.NewFailure(ordinaut.ClassInvalidInput, err)
	f.Step, f.At = s.path, field+f.At
	return Failed{Failure: f}
}
