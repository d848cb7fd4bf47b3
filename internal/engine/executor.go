package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// executor carries out one run: it asks the pipeline what is next, does it,
// records it, and asks again, until there is an outcome to settle. Calls that may
// be made beside each other have a goroutine each; one that is alone has none, and
// neither has a step that waits.
type executor struct {
	store ordinaut.Store
	tools tool.Caller
	plans *plans
	log   *slog.Logger
	count *telemetry.Metrics
	link  func(ordinaut.RunID, string) string
	keep  time.Duration // how long a write that fails is tried again: the lease
	logs  *runLogs

	trusted func(ordinaut.Lease) bool // may the lease be relied upon now
}

func newExecutor(o Options, trusted func(ordinaut.Lease) bool) executor {
	return executor{
		store: o.Store, tools: o.Tools, plans: newPlans(o), log: o.Log, count: o.Metrics, link: o.Link, keep: o.Lease,
		logs: newRunLogs(o), trusted: trusted,
	}
}

// execution is a run under way.
type execution struct {
	claimed  ordinaut.Claimed
	task     ordinaut.Task
	progress *pipeline.Progress
	unsaved  []ordinaut.StepResult // results that travel with the next write
	began    time.Time
	log      *slog.Logger
	said     *runLog // by its tools

	answers  chan answer       // of calls that are made beside each other; nil until there is one
	underway int               // how many of them
	answered <-chan struct{}   // one hint that a wait of the run was answered
	undoable bool              // a step has succeeded that has something to undo
	over     *ordinaut.Failure // why no step is gone on with: the working time is used up
}

// carryOut does what is left of the run and settles it. The channel receives when a
// wait of the run was answered.
func (x executor) carryOut(ctx context.Context, c ordinaut.Claimed, answered <-chan struct{}) {
	log := x.log.With(telemetry.KeyRunID, c.Run.ID, telemetry.KeyTaskID, c.Run.TaskID)
	e := &execution{claimed: c, began: time.Now(), log: log, said: x.logs.open(c.Run.ID, log), answered: answered}
	x.count.RunClaimed(c)
	outcome, err := x.work(ctx, e)
	if err != nil {
		outcome = e.interrupted(ctx, err)
	}
	outcome = e.undoFirst(outcome)
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
	ctx, cancel := context.WithTimeoutCause(ctx, e.left(), errRunTimeout)
	defer func() {
		cancel()
		x.drain(ctx, e)
	}()
	for e.over == nil {
		turn := e.progress.Next(time.Now())
		x.keepResults(e, turn.Settled...)
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

// begin reads what the run is to do, and what it has done before.
func (x executor) begin(ctx context.Context, e *execution) error {
	run := e.claimed.Run
	var bound bound
	var steps []ordinaut.StepResult
	read := func(ctx context.Context) (err error) {
		if bound, err = x.plans.get(ctx, run.TaskID, run.TaskVersion); err == nil && (e.claimed.Lease.Fence > 1 || run.RerunOf != "") {
			steps, err = x.store.Steps(ctx, run.ID)
		}
		return err
	}
	if err := x.insist(ctx, read); err != nil {
		return fmt.Errorf("read what run %s is to do: %w", run.ID, err)
	}
	e.task, e.undoable = bound.task, slices.ContainsFunc(steps, succeededUndoable)
	for _, changed := range bound.drift {
		e.log.Warn(changed.Message, telemetry.KeyTool, changed.Sent)
	}
	if bound.fault != nil {
		return bound.fault
	}
	env := pipeline.Env{Task: bound.task, Run: run, Zone: bound.zone, Links: x.links(bound.plan, run.ID), LoadZone: schedule.LoadZone}
	e.progress = bound.plan.Begin(env, steps...)
	return nil
}

// links are where people decide about the approvals of a run, by step.
func (x executor) links(p *pipeline.Plan, id ordinaut.RunID) map[string]string {
	if x.link == nil {
		return nil
	}
	links := map[string]string{}
	for _, step := range p.Approvals() {
		links[step] = x.link(id, step)
	}
	return links
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
