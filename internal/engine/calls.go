package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// answer is what became of a call.
type answer struct {
	call    pipeline.Call
	started ordinaut.StepResult
	at      time.Time
	output  json.RawMessage
	kept    ordinaut.ArtifactID // to which the output refers; "" when it is itself
	err     error
}

// turn carries out what is next: it makes the calls that may be made now, and
// waits until one of those under way has answered, or a wait is over.
func (x executor) turn(ctx context.Context, e *execution, turn pipeline.Turn) error {
	alone := len(turn.Begin) == 1 && e.underway == 0 && turn.Until == nil && !turn.Waiting
	started, err := x.journal(ctx, e, turn, alone)
	if err != nil {
		return err
	}
	if alone {
		return x.absorb(ctx, e, x.answer(ctx, e, turn.Begin[0], started[0]))
	}
	if e.answers == nil && len(started) > 0 {
		e.answers = make(chan answer, limits.RunCalls) // so that none is held up when the run is left
	}
	for i, c := range turn.Begin {
		e.underway++
		go func() { e.answers <- x.answer(ctx, e, c, started[i]) }()
	}
	return x.await(ctx, e, turn.Until)
}

// journal records, in one write, the results so far and that calls are about to
// be made. A tool that changes nothing needs no such record when it is called
// alone; beside others it has one, so that the record keeps the order in which
// they were started. Results do not wait for branches that are still under way,
// but what is only to be settled next travels with the settlement.
func (x executor) journal(ctx context.Context, e *execution, turn pipeline.Turn, alone bool) ([]ordinaut.StepResult, error) {
	if len(turn.Begin) == 0 && e.underway == 0 {
		return nil, nil
	}
	now := time.Now()
	started := make([]ordinaut.StepResult, len(turn.Begin))
	pending := e.unsaved
	for i, c := range turn.Begin {
		if started[i] = c.Started(now); !alone || !c.ReadOnly {
			pending = append(pending, started[i])
		} else {
			e.said.begun(started[i])
		}
	}
	if len(pending) == 0 {
		return started, nil
	}
	save := func(ctx context.Context) error { return x.store.SaveStep(ctx, e.claimed.Lease, pending...) }
	if err := x.insist(ctx, save); err != nil {
		return nil, err
	}
	e.unsaved = nil
	return started, nil
}

// more takes in the answers that have come meanwhile, so that they share a
// write.
func (x executor) more(ctx context.Context, e *execution) (err error) {
	for {
		select {
		case a := <-e.answers:
			e.underway--
			err = errors.Join(err, x.absorb(ctx, e, a))
		default:
			return err
		}
	}
}

// drain waits for the calls that are under way when the run is left, and keeps
// what they still answered.
func (x executor) drain(ctx context.Context, e *execution) {
	for ; e.underway > 0; e.underway-- {
		a := <-e.answers
		if a.err == nil || errors.Is(context.Cause(ctx), errRunTimeout) || canceled(ctx) {
			_ = x.absorb(ctx, e, a) // that the run is left is known by now
		}
	}
}

// answer makes one call.
func (x executor) answer(ctx context.Context, e *execution, c pipeline.Call, started ordinaut.StepResult) (a answer) {
	a.call, a.started = c, started
	defer func() {
		if p := recover(); p != nil {
			a.err = fmt.Errorf("panic: %v", p)
			e.log.Error("a call panicked", telemetry.KeyStep, c.Path, telemetry.KeyError, a.err, telemetry.KeyStack, stack())
		}
		a.at = time.Now()
	}()
	if a.output, a.err = x.call(ctx, e, c); a.err == nil {
		a.output, a.kept, a.err = x.keepLarge(ctx, e, c.Path, a.output)
	}
	return a
}

// call calls the tool within the step's time.
func (x executor) call(ctx context.Context, e *execution, c pipeline.Call) (json.RawMessage, error) {
	if !x.trusted(e.claimed.Lease) {
		return nil, ordinaut.ErrLeaseLost
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	result, err := x.tools.Call(ctx, tool.Call{
		Address: c.Tool, Args: c.Args, IdempotencyKey: c.IdempotencyKey,
		RunID: e.claimed.Run.ID, Step: c.Path, Attempt: c.Attempt, Zone: e.task.Timezone,
		Log: e.said.of(c), Most: limits.ArtifactBytes,
	})
	return result.Output, err
}

// absorb tells the pipeline what became of a call, and keeps it for the next
// write. That the run itself is cut off is no fault of the step.
func (x executor) absorb(ctx context.Context, e *execution, a answer) error {
	if a.err != nil && (interruptedBy(ctx) || errors.Is(a.err, ordinaut.ErrLeaseLost)) {
		return a.err
	}
	r := a.started
	r.FinishedAt, r.Log, r.Artifact = &a.at, e.said.take(r.Path), a.kept
	if a.err == nil {
		r.Status, r.Output = ordinaut.StepSucceeded, a.output
	} else {
		f := tool.FailureOf(a.err).Record(a.call.Path)
		r.Status, r.Failure = ordinaut.StepFailed, &f
	}
	x.count.StepEnded(r.Status, a.at.Sub(r.StartedAt))
	switch {
	case a.err != nil && errors.Is(context.Cause(ctx), errRunTimeout):
		f := timedOut(e.task, a.call.Path)
		r.Failure, e.over = &f, &f
	case a.err != nil && canceled(ctx): // which no retry goes over
	default:
		r = e.progress.Record(r)
	}
	x.keepResults(e, r)
	return nil
}

// keepResults keeps results for the next write.
func (x executor) keepResults(e *execution, results ...ordinaut.StepResult) {
	for _, r := range results {
		x.count.StepWaited(r)
		e.undoable = e.undoable || succeededUndoable(r)
	}
	e.unsaved = append(e.unsaved, results...)
}

// canceled says whether the run is to end because somebody asked so.
func canceled(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errCanceled) }

// interruptedBy says whether the run itself is being cut off.
func interruptedBy(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return errors.Is(cause, errShutdown) || errors.Is(cause, ordinaut.ErrLeaseLost)
}
