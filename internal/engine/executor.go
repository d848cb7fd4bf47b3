package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// executor carries out one run: it asks the pipeline what is next, does it,
// records it, and asks again, until there is an outcome to settle.
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
}

// carryOut does what is left of the run and settles it.
func (x executor) carryOut(ctx context.Context, c ordinaut.Claimed) {
	log := x.log.With(telemetry.KeyRunID, c.Run.ID, telemetry.KeyTaskID, c.Run.TaskID)
	e := &execution{claimed: c, began: time.Now()}
	x.count.RunClaimed(c)
	outcome, err := x.work(ctx, e, log)
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
	return e.failed(tool.FailureOf(err).Record(""))
}

// work goes from step to step until the pipeline has an outcome.
func (x executor) work(ctx context.Context, e *execution, log *slog.Logger) (_ ordinaut.Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			log.Error("a run panicked", telemetry.KeyError, err, telemetry.KeyStack, stack())
		}
	}()
	if err := x.begin(ctx, e, log); err != nil {
		return ordinaut.Outcome{}, err
	}
	left := time.Duration(e.task.TimeoutSeconds)*time.Second - e.claimed.Run.Worked
	ctx, cancel := context.WithTimeoutCause(ctx, left, errRunTimeout)
	defer cancel()
	for {
		next := e.progress.Next()
		if _, more := next.(pipeline.Call); more && canceled(ctx) {
			return ordinaut.Outcome{}, errCanceled
		}
		switch d := next.(type) {
		case pipeline.Done:
			return ordinaut.Outcome{Status: ordinaut.RunSucceeded, Output: d.Output}, nil
		case pipeline.Failed:
			return e.failed(d.Failure), nil
		case pipeline.Skip:
			e.record(d.Result(e.claimed.Run.Attempt(), time.Now()))
		case pipeline.Call:
			failure, err := x.step(ctx, e, d, log)
			if err != nil {
				return ordinaut.Outcome{}, err
			}
			if failure != nil {
				return e.failed(*failure), nil
			}
		}
	}
}

// begin reads what the run is to do, and what it has done before.
func (x executor) begin(ctx context.Context, e *execution, log *slog.Logger) error {
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
		log.Warn(changed.Message, telemetry.KeyTool, changed.Sent)
	}
	if bound.fault != nil {
		return bound.fault
	}
	e.progress = bound.plan.Begin(pipeline.Env{Task: bound.task, Run: run, Zone: bound.zone})
	for _, s := range steps {
		if s.Done() {
			e.progress.Record(s)
		}
	}
	return nil
}

// record tells the pipeline a result, and keeps it for the next write.
func (e *execution) record(s ordinaut.StepResult) {
	e.progress.Record(s)
	e.unsaved = append(e.unsaved, s)
}

// step makes one call. That it was started is recorded before, together with
// the result of the step before it, unless the tool changes nothing; its result
// travels with the next write.
func (x executor) step(ctx context.Context, e *execution, c pipeline.Call, log *slog.Logger) (*ordinaut.Failure, error) {
	result := c.Started(e.claimed.Run.Attempt(), time.Now())
	pending := e.unsaved
	if !c.ReadOnly {
		pending = append(pending, result)
	}
	if len(pending) > 0 {
		save := func(ctx context.Context) error { return x.store.SaveStep(ctx, e.claimed.Lease, pending...) }
		if err := x.insist(ctx, save); err != nil {
			return nil, err
		}
		e.unsaved = nil
	}
	output, err := x.call(ctx, e, c, log)
	if err != nil && interruptedBy(ctx) {
		return nil, err
	}
	finished := time.Now()
	result.FinishedAt = &finished
	defer func() { x.count.StepEnded(result.Status, finished.Sub(result.StartedAt)) }()
	if err != nil {
		failure := tool.FailureOf(err).Record(c.Path)
		if errors.Is(context.Cause(ctx), errRunTimeout) {
			failure = timedOut(e.task, c.Path)
		}
		result.Status, result.Failure = ordinaut.StepFailed, &failure
		e.unsaved = append(e.unsaved, result)
		if canceled(ctx) {
			return nil, errCanceled
		}
		return &failure, nil
	}
	result.Status, result.Output = ordinaut.StepSucceeded, output
	e.record(result)
	return nil, nil
}

// interruptedBy says whether the run itself is being cut off, which is no fault
// of the step.
func interruptedBy(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return errors.Is(cause, errShutdown) || errors.Is(cause, ordinaut.ErrLeaseLost)
}

// canceled says whether the run is to end because somebody asked so.
func canceled(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errCanceled) }

// call calls the tool within the step's time.
func (x executor) call(ctx context.Context, e *execution, c pipeline.Call, log *slog.Logger) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	result, err := x.tools.Call(ctx, tool.Call{
		Address: c.Tool, Args: c.Args, IdempotencyKey: c.IdempotencyKey,
		RunID: e.claimed.Run.ID, Step: c.Path, Attempt: e.claimed.Run.Attempt(),
		Log: func(line string) { log.Info(line, telemetry.KeyStep, c.Path, telemetry.KeyTool, c.Tool) },
	})
	return result.Output, err
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
// without working time left could only fail again.
func (e *execution) failed(f ordinaut.Failure) ordinaut.Outcome {
	o := ordinaut.Outcome{Status: ordinaut.RunFailed, Failed: true, Failure: &f}
	wait, again := pipeline.Again(e.task.Definition, e.claimed.Run.Failures+1, f, rand.Float64())
	if again && f.Code != ordinaut.CodeRunTimeout {
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
