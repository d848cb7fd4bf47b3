package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// executor carries out one run: it asks the pipeline what is next, does it,
// records it, and asks again, until there is an outcome to settle. Calls that may
// be made beside each other have a goroutine each; one that is alone has none.
type executor struct {
	store ordinaut.Store
	tools tool.Caller
	plans *plans
	log   *slog.Logger
	count *telemetry.Metrics
	keep  time.Duration // how long a write that fails is tried again: the lease
}

func newExecutor(o Options) executor {
	return executor{store: o.Store, tools: o.Tools, plans: newPlans(o), log: o.Log, count: o.Metrics, keep: o.Lease}
}

// execution is a run under way.
type execution struct {
	claimed  ordinaut.Claimed
	task     ordinaut.Task
	progress *pipeline.Progress
	unsaved  []ordinaut.StepResult // results that travel with the next write
	began    time.Time
	log      *slog.Logger

	answers  chan answer       // of calls that are made beside each other; nil until there is one
	underway int               // how many of them
	over     *ordinaut.Failure // why no step is gone on with: the working time is used up
}

// carryOut does what is left of the run and settles it.
func (x executor) carryOut(ctx context.Context, c ordinaut.Claimed) {
	log := x.log.With(telemetry.KeyRunID, c.Run.ID, telemetry.KeyTaskID, c.Run.TaskID)
	e := &execution{claimed: c, began: time.Now(), log: log}
	x.count.RunClaimed(c)
	outcome, err := x.work(ctx, e)
	if err != nil {
		outcome = e.interrupted(ctx, err)
	}
	if outcome.Status == "" {
		log.Warn("the lease was lost; whoever holds it goes on", telemetry.KeyError, err)
		return
	}
	outcome.Worked, outcome.Steps = time.Since(e.began), e.unsaved
	settle := func(ctx context.Context) error { return x.store.Settle(ctx, c.Lease, outcome) }
	if err := x.insist(context.WithoutCancel(ctx), settle); err != nil {
		log.Error("the run could not be settled; it will be taken back and resumed", telemetry.KeyError, err)
		return
	}
	x.count.RunSettled(c.Run, outcome, time.Now())
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

// work goes from turn to turn until the pipeline has an outcome.
func (x executor) work(ctx context.Context, e *execution) (_ ordinaut.Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			e.log.Error("a run panicked", telemetry.KeyError, err, telemetry.KeyStack, stack())
		}
	}()
	if err := x.begin(ctx, e); err != nil {
		return ordinaut.Outcome{}, err
	}
	left := time.Duration(e.task.TimeoutSeconds)*time.Second - e.claimed.Run.Worked
	ctx, cancel := context.WithTimeoutCause(ctx, left, errRunTimeout)
	defer func() {
		cancel()
		x.drain(ctx, e)
	}()
	for e.over == nil {
		turn := e.progress.Next(time.Now())
		e.unsaved = append(e.unsaved, turn.Settled...)
		if o, ended := e.outcome(turn); ended {
			return o, nil
		}
		if canceled(ctx) {
			return ordinaut.Outcome{}, errCanceled
		}
		if err := x.turn(ctx, e, turn); err != nil {
			return ordinaut.Outcome{}, err
		}
	}
	return e.failed(pipeline.Failed{Failure: *e.over}), nil
}

// outcome is what becomes of the run, when it has come that far.
func (e *execution) outcome(turn pipeline.Turn) (ordinaut.Outcome, bool) {
	switch end := turn.End.(type) {
	case pipeline.Done:
		return ordinaut.Outcome{Status: ordinaut.RunSucceeded, Output: end.Output}, true
	case pipeline.Failed:
		return e.failed(end), true
	}
	if e.stuck(turn) && time.Until(*turn.Until) > limits.RetryInPlace {
		return ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: *turn.Until}, true
	}
	return ordinaut.Outcome{}, false
}

// stuck says whether no branch can move before the moment that the turn names.
func (e *execution) stuck(turn pipeline.Turn) bool {
	return turn.Until != nil && len(turn.Begin) == 0 && e.underway == 0
}

// begin reads what the run is to do, and what it has done before.
func (x executor) begin(ctx context.Context, e *execution) error {
	run := e.claimed.Run
	var bound bound
	var steps []ordinaut.StepResult
	read := func(ctx context.Context) (err error) {
		if bound, err = x.plans.get(ctx, run.TaskID, run.TaskVersion); err == nil && e.claimed.Lease.Fence > 1 {
			steps, err = x.store.Steps(ctx, run.ID)
		}
		return err
	}
	if err := x.insist(ctx, read); err != nil {
		return fmt.Errorf("read what run %s is to do: %w", run.ID, err)
	}
	e.task = bound.task
	for _, changed := range bound.drift {
		e.log.Warn(changed.Message, telemetry.KeyTool, changed.Sent)
	}
	if bound.fault != nil {
		return bound.fault
	}
	e.progress = bound.plan.Begin(pipeline.Env{Task: bound.task, Run: run, Zone: bound.zone}, steps...)
	return nil
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
	o := ordinaut.Outcome{Status: ordinaut.RunFailed, Failed: true, Failure: &f}
	wait, again := pipeline.Again(e.task.Definition, e.claimed.Run.Failures+1, f, rand.Float64())
	if again && !end.Spent && f.Code != ordinaut.CodeRunTimeout {
		o.Status, o.RunAt = ordinaut.RunQueued, time.Now().Add(wait)
	}
	return o
}

// insist uses the store, and uses it again while it is away, for as long as the
// lease could last. A lost lease ends it at once.
func (x executor) insist(ctx context.Context, use func(context.Context) error) error {
	until := time.Now().Add(x.keep)
	for {
		err := use(ctx)
		if err == nil || errors.Is(err, ordinaut.ErrLeaseLost) || time.Now().After(until) {
			return err
		}
		if !pause(ctx, after(calm), nil) {
			return err
		}
	}
}
