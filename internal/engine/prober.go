package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// ProbeStore is where it is kept how conditions stand.
type ProbeStore interface {
	ordinaut.Probes
	Agent(ctx context.Context, id ordinaut.AgentID) (ordinaut.Agent, error)
	Watch(s ordinaut.Signal) (<-chan struct{}, func())
}

// prober makes the probes of conditions, and has a run made when one has come
// true. It stands beside the ledger: a look that finds nothing leaves no trace
// but when it was.
type prober struct {
	store ProbeStore
	tools tool.Caller
	plans *plans
	log   *slog.Logger

	free  chan struct{} // has room for as many looks as may be under way
	wake  chan struct{} // a look has ended, or a probe may be due
	looks sync.WaitGroup
}

// newProber is the prober of an engine; nil when its store has no probes.
func newProber(o Options) *prober {
	store := o.Probes
	if store == nil {
		store, _ = o.Store.(ProbeStore)
	}
	if store == nil {
		return nil
	}
	return &prober{
		store: store, tools: o.Tools, plans: newPlans(o), log: o.Log,
		free: make(chan struct{}, limits.ProbesAtOnce), wake: make(chan struct{}, 1),
	}
}

// run makes whatever probes are due, sleeps until the next one is or a signal
// comes, and looks again. Those under way are cut short by the stop, and made
// anew by whoever is there next.
func (p *prober) run(stop context.Context) error {
	signal, end := p.store.Watch(ordinaut.SignalProbes)
	defer end()
	defer p.looks.Wait()
	p.looks.Go(func() { p.heed(stop, signal) })
	repeat(stop, p.wake, p.turn, func(err error) {
		p.log.Error("the prober could not find out what is due", telemetry.KeyError, err)
	})
	return nil
}

// heed wakes the prober at each signal.
func (p *prober) heed(stop context.Context, signal <-chan struct{}) {
	for {
		select {
		case <-stop.Done():
			return
		case <-signal:
			p.poke()
		}
	}
}

func (p *prober) poke() {
	select {
	case p.wake <- struct{}{}:
	default: // it is to look already
	}
}

// turn begins as many looks as there is room for.
func (p *prober) turn(stop context.Context) (*time.Time, error) {
	room := cap(p.free) - len(p.free)
	if room == 0 {
		return nil, nil // the end of a look wakes it
	}
	claim, err := p.store.ClaimProbes(stop, room, limits.ProbeLease)
	if err != nil {
		return nil, fmt.Errorf("claim probes: %w", err)
	}
	for _, c := range claim.Probes {
		p.free <- struct{}{}
		p.looks.Go(func() {
			defer p.poke()
			defer func() { <-p.free }()
			p.look(stop, c, claim.Now)
		})
	}
	return claim.Next, nil
}

// look makes one probe, and writes down what became of it.
func (p *prober) look(stop context.Context, c ordinaut.ClaimedProbe, now time.Time) {
	log := p.log.With(telemetry.KeyTaskID, c.Task.ID)
	seen := p.seen(stop, c, now)
	if seen.Failure != nil && seen.Failures == 1 {
		log.Warn("the probe of a condition has failed", telemetry.KeyError, seen.Failure.Message)
	}
	if _, err := p.store.SettleProbe(context.WithoutCancel(stop), seen); err != nil {
		log.Error("what a probe has seen could not be written down; it will be made anew", telemetry.KeyError, err)
	}
}

// seen is what became of a probe. That a stop cuts it short is nothing that was
// seen: it is due at once.
func (p *prober) seen(stop context.Context, c ordinaut.ClaimedProbe, now time.Time) (l ordinaut.Look) {
	s := sight{claimed: c, now: now}
	defer func() {
		if broken := recover(); broken != nil {
			p.log.Error("a probe panicked", telemetry.KeyTaskID, c.Task.ID, telemetry.KeyError, broken, telemetry.KeyStack, stack())
			l = s.failed(ordinaut.NewFailure(ordinaut.ClassInternal, fmt.Errorf("panic: %v", broken)))
		}
	}()
	if later := s.outside(); later != nil {
		return s.put(later)
	}
	if err := p.prepare(stop, &s); err != nil {
		if stop.Err() != nil {
			return s.put(&now)
		}
		return s.failed(tool.FailureOf(err).Record("probe"))
	}
	call, fault := s.bound.plan.Probe().Call(s.env())
	if fault != nil {
		return s.failed(*fault)
	}
	ctx, cancel := context.WithTimeout(ordinaut.WithAgent(stop, s.agent), call.Timeout)
	defer cancel()
	result, err := p.tools.Call(ctx, tool.Call{
		Address: call.Tool, Args: call.Args, Step: "probe", Attempt: 1, IdempotencyKey: s.key(),
		Zone: s.bound.task.Timezone, Most: limits.EventDataBytes,
	})
	switch {
	case err != nil && stop.Err() != nil:
		return s.put(&now)
	case err != nil:
		return s.failed(tool.FailureOf(err).Record("probe"))
	}
	return s.answered(result.Output)
}

// prepare reads what a look needs: what is to be called, what is to hold, and on
// whose behalf.
func (p *prober) prepare(ctx context.Context, s *sight) (err error) {
	if s.bound, err = p.plans.get(ctx, s.claimed.Task.ID, s.claimed.Task.Version); err != nil {
		return fmt.Errorf("read what is to be looked at: %w", err)
	}
	if s.bound.fault != nil {
		return s.bound.fault
	}
	if s.agent, err = p.store.Agent(ctx, s.claimed.Task.CreatedBy); err != nil {
		return fmt.Errorf("find the agent whose task it is: %w", err)
	}
	return s.compile()
}
