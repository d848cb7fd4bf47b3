package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// outcome is what becomes of the run, when it has come that far.
func (e *execution) outcome(turn pipeline.Turn) (ordinaut.Outcome, bool) {
	switch end := turn.End.(type) {
	case pipeline.Done:
		return ordinaut.Outcome{Status: ordinaut.RunSucceeded, Output: end.Output}, true
	case pipeline.Failed:
		return e.failed(end), true
	case pipeline.Back:
		return ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: time.Now(), Redo: end.Paths}, true
	case pipeline.Undone:
		return ended(end.Ending), true
	}
	if len(turn.Begin) > 0 || e.underway > 0 {
		return ordinaut.Outcome{}, false
	}
	return standstill(turn)
}

// standstill is what becomes of a run in which no branch can move: it waits, unless
// that is over in a moment. One that only tries again later is as good as queued.
func standstill(turn pipeline.Turn) (ordinaut.Outcome, bool) {
	o := ordinaut.Outcome{Status: ordinaut.RunQueued}
	if turn.Waiting {
		o.Status = ordinaut.RunWaiting
	}
	if turn.Until != nil {
		o.RunAt = *turn.Until
		return o, time.Until(o.RunAt) > limits.RetryInPlace
	}
	return o, turn.Waiting
}

// interrupted is the outcome of a run that was cut off. Without a status there
// is none: the lease is lost, and nothing may be written.
func (e *execution) interrupted(ctx context.Context, err error) ordinaut.Outcome {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(err, ordinaut.ErrLeaseLost), errors.Is(cause, ordinaut.ErrLeaseLost):
		return ordinaut.Outcome{}
	case errors.Is(cause, errShutdown):
		return ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: time.Now()}
	case errors.Is(cause, errCanceled):
		return ordinaut.Outcome{Status: ordinaut.RunCanceled}
	}
	return e.failed(pipeline.Failed{Failure: tool.FailureOf(err).Record("")})
}

// left is the working time that the run has left. Undoing has as much as the run had
// at its beginning: what has used it up may be why there is something to undo.
func (e *execution) left() time.Duration {
	whole := time.Duration(e.task.TimeoutSeconds) * time.Second
	if e.undoing() {
		return whole
	}
	return whole - e.claimed.Run.Worked
}

// timedOut is the failure of a run that has no working time left.
func timedOut(t ordinaut.Task, step string) ordinaut.Failure {
	return ordinaut.Failure{
		Class: ordinaut.ClassTimeout, Code: ordinaut.CodeRunTimeout, Step: step,
		Message: fmt.Sprintf("the run used up its working time of %d s", t.TimeoutSeconds),
		Fix:     "make its steps shorter, or raise timeout_seconds of the task",
	}
}

// failed is the outcome of a failure: again after a while, or the end. A run
// without working time left could only fail again, and a step that has spent its
// own budget has no other.
func (e *execution) failed(end pipeline.Failed) ordinaut.Outcome {
	f := end.Failure
	if e.undoing() {
		return e.leftUndone(f)
	}
	o := ordinaut.Outcome{Status: ordinaut.RunFailed, Failed: true, Failure: &f}
	wait, again := pipeline.Again(e.task.Definition, e.claimed.Run.Failures+1, f, rand.Float64())
	if again && !end.Spent && f.Code != ordinaut.CodeRunTimeout {
		o.Status, o.RunAt = ordinaut.RunQueued, time.Now().Add(wait)
	}
	return o
}
