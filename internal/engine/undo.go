package engine

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

// undoing says whether the steps of the run are undone, and nothing else.
func (e *execution) undoing() bool { return e.claimed.Run.Ending != nil }

// succeededUndoable says whether a step has done what can be undone.
func succeededUndoable(s ordinaut.StepResult) bool {
	return s.Undoable && s.Status == ordinaut.StepSucceeded
}

// undoFirst puts off the end of a run that has something to undo. It is claimed
// again for that, so that the undoing is no worse off than any other work when
// it is cut off. Of a run that is to end the store knows why: it is given back,
// which has the store see to it.
func (e *execution) undoFirst(o ordinaut.Outcome) ordinaut.Outcome {
	if !e.undoable || e.undoing() {
		return o
	}
	switch o.Status {
	case ordinaut.RunFailed:
		o.Ending = &ordinaut.Ending{Status: o.Status, Reason: o.Reason, Failure: o.Failure}
		o.Status, o.RunAt = ordinaut.RunQueued, time.Now()
	case ordinaut.RunCanceled:
		o.Status, o.RunAt = ordinaut.RunQueued, time.Now()
	}
	return o
}

// ended is the outcome of a run whose steps are undone.
func ended(end ordinaut.Ending) ordinaut.Outcome {
	return ordinaut.Outcome{Status: end.Status, Reason: end.Reason, Failure: end.Failure}
}

// leftUndone is the outcome of a run whose steps cannot be undone to the last, for
// a reason that is not the failure of an undo.
func (e *execution) leftUndone(why ordinaut.Failure) ordinaut.Outcome {
	end := *e.claimed.Run.Ending
	if end.Failure == nil {
		end.Failure = &why
		return ended(end)
	}
	f := *end.Failure
	f.Message += "; not everything was undone: " + why.Message
	end.Failure = &f
	return ended(end)
}
