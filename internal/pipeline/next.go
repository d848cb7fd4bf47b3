package pipeline

import (
	"encoding/json"
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

	rounds map[string]int // by step of the run: how often it was put aside to be done again

	root     *frame
	ready    []place   // steps that wait for no other any more
	later    []delayed // steps that are tried again later
	pending  []pending // steps that wait for an answer or a moment
	underway []underway
	items    int                   // of all lists so far
	failed   *Failed               // why nothing new begins
	back     *back                 // likewise
	settled  []ordinaut.StepResult // what ended without a call, to be told
	begin    []Call                // to be told, likewise
	zones    func(string) (*time.Location, error)
	toUndo   int     // steps that have succeeded and that something undoes
	unwound  *unwind // set while the run is undone
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

// delayed is a step that is tried again at a moment.
type delayed struct {
	place
	due time.Time
}

// underway is a call that has not answered.
type underway struct {
	place
	call string // the path of its step
}

// Begin starts a run, or resumes it with the results that were recorded before. A
// run with an Ending is undone.
func (p *Plan) Begin(e Env, past ...ordinaut.StepResult) *Progress {
	g := &Progress{plan: p, run: e.Run, zones: e.loadZone}
	if len(past) > 0 || e.Run.Ending != nil {
		g.past = make(map[string]ordinaut.StepResult, len(past))
	}
	for _, r := range past {
		g.past[r.Path] = r
		if undoable(r) {
			g.toUndo++
		}
	}
	g.rounds = roundsOf(past)
	g.root = newFrame(p.block, "", e.roots(p, past))
	if e.Run.Ending != nil {
		g.unwound = newUnwind(past)
		return g
	}
	g.enter(g.root)
	return g
}

// Next says what is next, as of now. The calls that it tells to begin are under
// way from then on, until Record tells what became of them.
func (g *Progress) Next(now time.Time) Turn {
	g.now = now
	var turn Turn
	if g.unwound != nil {
		g.undoNext(&turn)
	} else {
		g.move()
	}
	turn.Settled, turn.Begin = g.settled, g.begin
	g.settled, g.begin = nil, nil
	if g.unwound == nil {
		g.outlook(&turn)
	}
	return turn
}

// move goes on with everything that can move.
func (g *Progress) move() {
	g.wake()
	g.due()
	for len(g.ready) > 0 && g.goesOn() && len(g.underway) < limits.RunCalls {
		p := g.ready[0]
		g.ready = slices.Delete(g.ready, 0, 1)
		if p.frame.alive() {
			g.take(p)
		}
	}
}

// goesOn says whether anything new may begin.
func (g *Progress) goesOn() bool { return g.failed == nil && g.back == nil }

// outlook says how the run ends, or what it waits for.
func (g *Progress) outlook(turn *Turn) {
	switch {
	case g.failed != nil:
		if g.root.calls == 0 {
			turn.End = *g.failed
		}
	case g.back != nil:
		if g.root.calls == 0 {
			turn.Settled = append(turn.Settled, g.back.record)
			turn.End = Back{Paths: g.back.paths}
		}
	case g.root.left == 0:
		turn.End = g.done()
	default:
		for _, w := range g.pending {
			if w.frame.alive() {
				turn.Waiting, turn.Until = true, earlier(turn.Until, w.record.Wait.Until)
			}
		}
		for _, d := range g.later {
			if len(g.underway) < limits.RunCalls {
				turn.Until = earlier(turn.Until, &d.due)
			}
		}
	}
}

// earlier is the earlier one of two moments, of which nil is none.
func earlier(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

// due makes those ready that are to be tried again by now.
func (g *Progress) due() {
	g.later = slices.DeleteFunc(g.later, func(d delayed) bool {
		if over := !d.due.After(g.now); over {
			g.ready = append(g.ready, d.place)
			return true
		}
		return !d.frame.alive()
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
		if p.of().doubts() {
			g.doubt(p, cutOff(r))
			return
		}
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
	case r.Status == ordinaut.StepWaiting && r.Wait != nil:
		g.await(p, r)
		return true
	case abandoned(r): // its item has failed, which its neighbour will tell
		return true
	case r.Status == ordinaut.StepFailed && r.Failure != nil && (s.retry != nil || final(r) || s.onError.goesOn || p.frame.forgiven()):
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
	with, err := g.render(s.with, env)
	field := "/with"
	switch {
	case err != nil:
	case controls(s.tool.Address):
		err = g.control(p, with)
	default:
		field, err = "/idempotency_key", g.call(p, with, env)
	}
	if err != nil {
		g.refuse(p, field, err)
	}
}

// call has the step's tool called.
func (g *Progress) call(p place, args json.RawMessage, env *expr.Env) error {
	s, path := p.of(), p.path()
	key, err := g.key(p, env)
	if err != nil {
		return err
	}
	g.begin = append(g.begin, Call{
		Path: path, Tool: s.tool.Address, ReadOnly: s.tool.ReadOnly, Args: args, Attempt: g.attempt(p),
		Timeout: s.timeout, IdempotencyKey: key, Undoable: s.undo != nil,
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
