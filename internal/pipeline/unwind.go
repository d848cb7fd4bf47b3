package pipeline

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// unwind is a run that is being undone: its steps are taken back one after the
// other, the one that finished last first. How far it has come stands in what is
// recorded of the undos.
type unwind struct {
	left   []ordinaut.StepResult // steps that are not undone yet
	busy   bool                  // an undo is under way
	order  map[string]int        // in which the steps were begun, by path
	memory memory
	failed []ordinaut.Failure // of what could not be undone
}

func newUnwind(past []ordinaut.StepResult) *unwind {
	u := &unwind{memory: memory{}, order: make(map[string]int, len(past))}
	for i, r := range past {
		u.order[r.Path] = i
	}
	for _, r := range slices.Backward(past) { // which is the order of those that finished at once
		if undoable(r) {
			u.left = append(u.left, r)
		}
	}
	slices.SortStableFunc(u.left, func(a, b ordinaut.StepResult) int { return finished(b).Compare(finished(a)) })
	return u
}

// undoNext says what is undone next.
func (g *Progress) undoNext(turn *Turn) {
	u := g.unwound
	for !u.busy && len(u.left) > 0 {
		r := u.left[0]
		had := g.past[r.Path+undoSuffix]
		if had.Done() {
			u.left = u.left[1:]
			continue
		}
		p, err := g.recollect(r)
		if err == nil && had.Status == ordinaut.StepFailed {
			due, again := p.of().undo.retry.again(g.run.ID, had)
			switch {
			case !again:
				u.giveUp(had)
				continue
			case due.After(g.now):
				turn.Until = &due
				return
			}
			had.Attempt++
		}
		if err == nil {
			err = g.undoCall(p, r, max(had.Attempt, 1))
		}
		if err != nil {
			u.giveUp(g.undoRefused(r, err))
		}
	}
	if !u.busy {
		turn.End = Undone{Ending: u.ending(*g.run.Ending)}
	}
}

// giveUp leaves a step as it is that could not be undone.
func (u *unwind) giveUp(undo ordinaut.StepResult) {
	u.failed, u.left = append(u.failed, *undo.Failure), u.left[1:]
}

// undoCall has the tool called that takes a step back.
func (g *Progress) undoCall(p place, r ordinaut.StepResult, attempt int) error {
	u := p.of().undo
	args, err := g.render(u.with, p.afterwards(r))
	if err != nil {
		return ordinaut.AsError(err).Under("/undo/with")
	}
	path := r.Path + undoSuffix
	g.begin = append(g.begin, Call{
		Path: path, Tool: u.tool.Address, ReadOnly: u.tool.ReadOnly, Args: args, Timeout: u.timeout,
		Attempt: attempt, IdempotencyKey: string(g.run.ID) + "/" + path,
	})
	g.unwound.busy = true
	return nil
}

// undoRefused notes that a step cannot be undone.
func (g *Progress) undoRefused(of ordinaut.StepResult, err error) ordinaut.StepResult {
	path, at := of.Path+undoSuffix, g.now
	f := ordinaut.NewFailure(ordinaut.ClassInvalidInput, err)
	f.Step = path
	r := ordinaut.StepResult{Path: path, Status: ordinaut.StepFailed, Attempt: 1, Failure: &f, StartedAt: at, FinishedAt: &at}
	g.keep(r)
	return r
}

// undone takes in what became of an undo.
func (g *Progress) undone(r ordinaut.StepResult) ordinaut.StepResult {
	g.unwound.busy = false
	g.past[r.Path] = r
	return r
}

// ending is how the run ends, with what could not be undone.
func (u *unwind) ending(e ordinaut.Ending) ordinaut.Ending {
	if len(u.failed) == 0 {
		return e
	}
	first := u.failed[0]
	told := fmt.Sprintf("%s could not be done: %s", first.Step, first.Message)
	if more := len(u.failed) - 1; more > 0 {
		told += fmt.Sprintf("; and %d more", more)
	}
	if e.Failure == nil {
		e.Failure = &ordinaut.Failure{
			Class: first.Class, Code: ordinaut.CodeStepNotUndone, Step: first.Step, Message: told,
			Fix: "take it back by hand; the steps of the run say with what",
		}
		return e
	}
	f := *e.Failure
	f.Message += "; " + told
	e.Failure = &f
	return e
}

// afterwards is what an undo reads: what its step could read, and its result.
func (p place) afterwards(r ordinaut.StepResult) *expr.Env {
	env := *p.frame.view(p.step)
	names := p.of().names
	if p.of().id == "" {
		names = p.frame.loop.of().names // by which the result of the item is known
	}
	steps, _ := env.Roots["steps"].(map[string]any)
	env.Roots, steps = maps.Clone(env.Roots), maps.Clone(steps)
	value, _ := decode(orNothing(r.Output))
	for _, name := range names {
		steps[name] = value
	}
	env.Roots["steps"] = steps
	return &env
}

// orNothing is a result, or null.
func orNothing(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}
