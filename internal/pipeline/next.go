package pipeline

import (
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Progress is one run on its way along a plan. It is for one goroutine.
type Progress struct {
	plan *Plan
	run  ordinaut.Run
	now  time.Time
	past map[string]ordinaut.StepResult // what was recorded before, by path

	root     *frame
	ready    []place   // steps that wait for no other any more
	waiting  []waiting // steps that are tried again later
	underway []underway
	items    int                   // of all lists so far
	failed   *Failed               // why nothing new begins
	settled  []ordinaut.StepResult // what ended without a call, to be told
	begin    []Call                // to be told, likewise
}

// place is a step of a frame.
type place struct {
	frame   *frame
	step    int
	attempt int // of a step with a budget of its own; 0 is the first
}

func (p place) of() *step { return &p.frame.block.steps[p.step] }

// path is the name of the step in its run, such as "send" or "loop[3].draft".
func (p place) path() string {
	switch id := p.of().id; {
	case p.frame.prefix == "":
		return id
	case id == "":
		return p.frame.prefix
	default:
		return p.frame.prefix + "." + id
	}
}

// waiting is a step that is tried again at a moment.
type waiting struct {
	place
	due time.Time
}

// underway is a call that has not answered.
type underway struct {
	place
	call string // the path of its step
}

// Begin starts a run, or resumes it with the results that were recorded before.
func (p *Plan) Begin(e Env, past ...ordinaut.StepResult) *Progress {
	g := &Progress{plan: p, run: e.Run}
	if len(past) > 0 {
		g.past = make(map[string]ordinaut.StepResult, len(past))
	}
	for _, r := range past {
		g.past[r.Path] = r
	}
	g.root = newFrame(p.block, "", e.roots(p.params))
	g.enter(g.root)
	return g
}

// Next says what is next, as of now. The calls that it tells to begin are under
// way from then on, until Record tells what became of them.
func (g *Progress) Next(now time.Time) Turn {
	g.now = now
	g.wake()
	for len(g.ready) > 0 && g.failed == nil && len(g.underway) < limits.RunCalls {
		p := g.ready[0]
		g.ready = slices.Delete(g.ready, 0, 1)
		if p.frame.alive() {
			g.take(p)
		}
	}
	turn := Turn{Settled: g.settled, Begin: g.begin}
	g.settled, g.begin = nil, nil
	switch {
	case g.failed != nil && g.root.calls == 0:
		turn.End = *g.failed
	case g.failed == nil && g.root.left == 0:
		turn.End = g.done()
	case g.failed == nil && len(g.waiting) > 0 && len(g.underway) < limits.RunCalls:
		due := slices.MinFunc(g.waiting, func(a, b waiting) int { return a.due.Compare(b.due) }).due
		turn.Until = &due
	}
	return turn
}

// wake makes those ready whose wait is over.
func (g *Progress) wake() {
	g.waiting = slices.DeleteFunc(g.waiting, func(w waiting) bool {
		if over := !w.due.After(g.now); over {
			g.ready = append(g.ready, w.place)
			return true
		}
		return !w.frame.alive()
	})
}

// take carries on with a step that waits for no other. What was recorded of it
// stands.
func (g *Progress) take(p place) {
	r, recorded := g.past[p.path()]
	if recorded && p.attempt == 0 && g.recall(p, r) {
		return
	}
	if r.Status == ordinaut.StepRunning && p.attempt == 0 {
		p.attempt = r.Attempt // it was cut off, which is no failure
	}
	g.start(p)
}

// recall takes a recorded result over, when it stands.
func (g *Progress) recall(p place, r ordinaut.StepResult) bool {
	s := p.of()
	switch {
	case r.Status == ordinaut.StepSucceeded && s.each != nil:
		g.open(p, p.frame.view(p.step)) // its items are gone through again, for the sake of their errors
		return true
	case r.Done():
		delete(g.past, r.Path) // nobody asks again, and outputs can be large
		g.settle(p, r)
		return true
	case r.Status == ordinaut.StepFailed && r.Failure != nil && (s.retry != nil || s.onError.goesOn || p.frame.forgiven()):
		g.fail(p, r)
		return true
	}
	return false
}

// start asks whether the step is to be done, and with what.
func (g *Progress) start(p place) {
	s, env := p.of(), p.frame.view(p.step)
	if s.condition != nil {
		holds, err := s.condition.Eval(env)
		if err != nil {
			g.refuse(p, "/if", err)
			return
		}
		if !expr.Truthy(holds) {
			skipped := g.ended(p, ordinaut.StepSkipped)
			g.keep(skipped)
			g.settle(p, skipped)
			return
		}
	}
	if s.each != nil {
		g.open(p, env)
		return
	}
	with, err := s.with.Render(env)
	if err == nil {
		err = g.call(p, with)
	}
	if err != nil {
		g.refuse(p, "/with", err)
	}
}

// call has the step's tool called.
func (g *Progress) call(p place, with any) error {
	args, err := encode(with)
	if err != nil {
		return err
	}
	s, path := p.of(), p.path()
	g.begin = append(g.begin, Call{
		Path: path, Tool: s.tool.Address, ReadOnly: s.tool.ReadOnly, Args: args, Attempt: g.attempt(p),
		Timeout: s.timeout, IdempotencyKey: string(g.run.ID) + "/" + path,
	})
	g.underway = append(g.underway, underway{p, path})
	for f := p.frame; f != nil; f = f.outer() {
		f.calls++
	}
	return nil
}

// attempt is the run's, or the step's when it has a budget of its own.
func (g *Progress) attempt(p place) int {
	if p.of().retry != nil {
		return max(p.attempt, 1)
	}
	return g.run.Attempt()
}

// ended is the record of a step that ended now without a call.
func (g *Progress) ended(p place, status ordinaut.StepStatus) ordinaut.StepResult {
	at := g.now
	return ordinaut.StepResult{
		Path: p.path(), Status: status, Attempt: g.attempt(p), Tool: p.of().tool.Address,
		StartedAt: at, FinishedAt: &at,
	}
}

// keep has a result recorded.
func (g *Progress) keep(r ordinaut.StepResult) { g.settled = append(g.settled, r) }
