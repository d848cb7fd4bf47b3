// Package engine does the work. A scheduler turns due tasks into runs, a worker
// claims runs and carries out their pipelines, a waker lets those go on that have
// waited for a moment, a janitor takes back what dead workers held and forgets
// what is too old. They never call each other: they read and write the store,
// and a signal only says "look again".
//
// What becomes of an occurrence is decided by package schedule and what a run
// does next by package pipeline, both pure; the engine carries the decisions
// out. It owns every goroutine it starts, and Run returns when all have ended.
package engine

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// Options is what an engine works with. Only Store and Tools must be set.
type Options struct {
	Store ordinaut.Store
	Tools *tool.Catalog
	Log   *slog.Logger

	Metrics *telemetry.Metrics // what happens is counted in; nil counts nothing

	// Link is where people decide about an approval, a step of a run; nil is nowhere.
	Link func(run ordinaut.RunID, step string) string

	Roles  []ordinaut.Role // what of the work is done here; none is all of it
	Worker string          // the name under which leases are held
	Slots  int             // runs carried out at once
	Keep   ordinaut.Keep

	Probes  ProbeStore       // where conditions are; nil is the Store, if it has them
	Workers ordinaut.Workers // where the process tells that it is there; nil is nowhere
	Self    ordinaut.Worker  // what it tells, beside its name, its roles and how busy it is

	Lease     time.Duration // how long a worker owns a run without a sign of life
	Heartbeat time.Duration // how often it gives one
	Margin    time.Duration // how long before the end of a lease it lets go
	Grace     time.Duration // how long runs may finish after the stop
	Reclaim   time.Duration // how often expired leases are looked for
	Prune     time.Duration // how often old history is forgotten
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Worker = cmp.Or(o.Worker, "worker")
	o.Slots = cmp.Or(o.Slots, 250) // so that commits are shared by many
	o.Lease = cmp.Or(o.Lease, limits.Lease)
	o.Heartbeat = cmp.Or(o.Heartbeat, limits.Heartbeat)
	o.Margin = cmp.Or(o.Margin, limits.SafetyMargin)
	o.Grace = cmp.Or(o.Grace, limits.ShutdownGrace)
	o.Reclaim = cmp.Or(o.Reclaim, limits.Lease)
	o.Prune = cmp.Or(o.Prune, time.Hour)
	o.Keep.Runs = cmp.Or(o.Keep.Runs, limits.KeepRuns)
	o.Keep.Steps = cmp.Or(o.Keep.Steps, limits.KeepSteps)
	o.Keep.Ledger = cmp.Or(o.Keep.Ledger, limits.KeepLedger)
	o.Keep.Events = cmp.Or(o.Keep.Events, limits.KeepEvents)
	return o
}

// Engine is a scheduler, a worker, a waker and a janitor over one store, or those
// of them that its roles name.
type Engine struct {
	roles     []ordinaut.Role
	presence  *presence
	scheduler *scheduler
	worker    *worker
	waker     *waker
	sequencer *sequencer
	prober    *prober
	janitor   *janitor
	grace     time.Duration
}

// New makes an engine. It does nothing until Run.
func New(o Options) *Engine {
	o = o.withDefaults()
	worker := newWorker(o)
	return &Engine{
		roles:     o.Roles,
		presence:  newPresence(o, worker.leases.count),
		scheduler: newScheduler(o),
		worker:    worker,
		waker:     &waker{store: o.Store, log: o.Log},
		sequencer: newSequencer(o),
		prober:    newProber(o),
		janitor:   &janitor{store: o.Store, log: o.Log, keep: o.Keep, reclaim: o.Reclaim, prune: o.Prune},
		grace:     o.Grace,
	}
}

// The causes for which work is interrupted.
var (
	errShutdown   = errors.New("the server is stopping")
	errRunTimeout = errors.New("the run used up its working time")
	errCanceled   = errors.New("somebody asked for the run to end")
)

// Run works until stop ends. It then takes nothing new, lets the runs under way
// finish for the time of grace, hands back those that have not, and returns.
// When abort ends, the grace ends too.
func (e *Engine) Run(stop, abort context.Context) error {
	work, cut := context.WithCancelCause(context.WithoutCancel(stop))
	defer cut(nil)
	ended := make(chan struct{})
	defer close(ended)
	go e.cutShort(stop, abort, ended, func() { cut(errShutdown) })
	return e.presence.during(stop, func() error { return together(stop, e.parts(work)...) })
}

// parts are what the roles ask for. A process that only answers requests has
// nothing to do here but to last until the stop.
func (e *Engine) parts(work context.Context) []func(stop context.Context) error {
	parts := []func(context.Context) error{func(stop context.Context) error { <-stop.Done(); return nil }}
	if ordinaut.RoleScheduler.Has(e.roles) {
		parts = append(parts, e.scheduler.run, e.waker.run, e.sequencer.run, e.janitor.run)
	}
	if e.prober != nil && ordinaut.RoleWorker.Has(e.roles) {
		parts = append(parts, e.prober.run)
	}
	if ordinaut.RoleWorker.Has(e.roles) {
		parts = append(parts, func(stop context.Context) error {
			return e.worker.executor.logs.during(func() error { return e.worker.run(stop, work) })
		})
	}
	return parts
}

// cutShort ends the work when the grace that begins with the stop is over, or
// when the abort comes first. It ends by itself when the work has ended.
func (e *Engine) cutShort(stop, abort context.Context, ended <-chan struct{}, cut func()) {
	select {
	case <-stop.Done():
	case <-ended:
		return
	}
	grace := time.NewTimer(e.grace)
	defer grace.Stop()
	select {
	case <-grace.C:
	case <-abort.Done():
	case <-ended:
	}
	cut()
}
