package pipeline

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// pending is a step that waits for an answer or a moment. It is no call under way:
// a run whose steps all wait can be put aside, and one that fails leaves them.
type pending struct {
	place
	record ordinaut.StepResult // waiting, with its Wait
}

// over says whether there is an answer, or the moment has come.
func (w pending) over(now time.Time) bool {
	wait := w.record.Wait
	return wait.Answer != nil || wait.Until != nil && !wait.Until.After(now)
}

// Answer gives the step at the path what its wait was answered with. The next turn
// goes on from it. A step that does not wait, or has an answer, keeps what it has,
// so that the same answer may be given again.
func (g *Progress) Answer(path string, answer json.RawMessage) {
	for i := range g.pending {
		if r := &g.pending[i].record; r.Path == path && r.Wait.Answer == nil {
			wait := *r.Wait // which whoever records it may be reading
			wait.Answer = answer
			r.Wait = &wait
		}
	}
}

// hold has a step wait from now on.
func (g *Progress) hold(p place, args json.RawMessage, wait ordinaut.Wait) {
	r := g.ended(p, ordinaut.StepWaiting)
	r.Input, r.Wait, r.FinishedAt = args, &wait, nil
	if w := (pending{p, r}); !w.over(g.now) {
		g.keep(r)
	}
	g.await(p, r)
}

// await has a step wait for what its record says. What is over already is gone on
// from at once.
func (g *Progress) await(p place, r ordinaut.StepResult) {
	if w := (pending{p, r}); g.goesOn() && w.over(g.now) {
		g.resolve(w)
	} else {
		g.pending = append(g.pending, w)
	}
}

// wake goes on from the waits that are over. A run that is left takes them up when
// it is resumed.
func (g *Progress) wake() {
	for g.goesOn() {
		i := slices.IndexFunc(g.pending, func(w pending) bool { return w.over(g.now) && w.frame.alive() })
		if i < 0 {
			return
		}
		w := g.pending[i]
		g.pending = slices.Delete(g.pending, i, i+1)
		g.resolve(w)
	}
}

// resolve makes the step's result of an answer, or of the moment that has come.
func (g *Progress) resolve(w pending) {
	r, at := w.record, g.now
	r.FinishedAt = &at
	switch r.Wait.Kind {
	case ordinaut.WaitApproval:
		g.decided(w.place, r)
	case ordinaut.WaitDoubt:
		g.cleared(w.place, r)
	case ordinaut.WaitRun:
		g.returned(w.place, r)
	case ordinaut.WaitEvent:
		g.happened(w.place, r)
	default:
		g.succeed(w.place, r, g.rested(r))
	}
}

// succeed gives a step that has waited its result.
func (g *Progress) succeed(p place, r ordinaut.StepResult, output any) {
	var err error
	if r.Output, err = jsonguard.Encode(output); err == nil && len(r.Output) > limits.StepOutputBytes {
		err = tooLarge("the result of "+r.Path, len(r.Output))
	}
	if err != nil {
		r.Output = nil
		g.lose(p, r, ordinaut.NewFailure(ordinaut.ClassInvalidInput, err))
		return
	}
	r.Status, r.Failure = ordinaut.StepSucceeded, nil
	if undoable(r) {
		g.toUndo++
	}
	g.keep(r)
	g.settle(p, r)
}

// lose fails a step that has waited.
func (g *Progress) lose(p place, r ordinaut.StepResult, f ordinaut.Failure) {
	f.Step = r.Path
	r.Status, r.Failure = ordinaut.StepFailed, &f
	g.keep(g.fail(p, r))
}

// final says whether a failure stands however often the step may be tried: what
// somebody has decided, and what nobody knows, the same call does not change.
func final(r ordinaut.StepResult) bool {
	switch r.Failure.Code {
	case ordinaut.CodeApprovalRejected, ordinaut.CodeRunChild, ordinaut.CodeStepInDoubt, ordinaut.CodeEventNotSeen:
		return true
	}
	return false
}

// abandon ends the waits of an item that has failed, since nothing of it goes on.
func (g *Progress) abandon(f *frame) {
	g.pending = slices.DeleteFunc(g.pending, func(w pending) bool {
		if !w.frame.within(f) {
			return false
		}
		r, at := w.record, g.now
		r.Status, r.FinishedAt = ordinaut.StepFailed, &at
		r.Failure = &ordinaut.Failure{
			Class: ordinaut.ClassCanceled, Code: ordinaut.CodeStepAbandoned, Step: r.Path,
			Message: "another step of its item has failed, so it is not waited for any more",
			Fix:     "look at the step that failed",
		}
		g.keep(r)
		return true
	})
}

// abandoned says whether a step has waited for something that its item no longer
// needed.
func abandoned(r ordinaut.StepResult) bool {
	return r.Failure != nil && r.Failure.Code == ordinaut.CodeStepAbandoned
}
