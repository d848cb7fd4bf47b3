package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
)

// How the backlog is made.
const (
	backlogTasks   = 20
	backlogCallers = 256
)

// drainEngine measures how fast the engine, with its default settings, carries
// out runs that wait in the queue, until each has succeeded durably: its run
// row, its step with input and output, and its lease.
func drainEngine(ctx context.Context, dir string, runs int, p *profile) (sample, error) {
	h, err := openHouse(ctx, dir)
	if err != nil {
		return sample{}, err
	}
	defer h.store.Close()
	if err := h.fill(ctx, runs); err != nil {
		return sample{}, fmt.Errorf("fill the queue: %w", err)
	}
	p.resume()
	s, err := h.drain(ctx, runs, 0)
	p.pause()
	if err != nil {
		return s, err
	}
	done, err := h.store.CountRuns(ctx, ordinaut.RunFilter{Statuses: []ordinaut.RunStatus{ordinaut.RunSucceeded}})
	if err == nil && done != runs {
		err = fmt.Errorf("%d of %d runs have succeeded", done, runs)
	}
	return s, err
}

// fill queues runs of several tasks.
func (h *house) fill(ctx context.Context, runs int) error {
	ctx, err := h.agent(ctx, "backlog")
	if err != nil {
		return err
	}
	tasks := make([]ordinaut.TaskID, backlogTasks)
	for i := range tasks {
		t, err := h.create(ctx, oneStep(fmt.Sprintf("Backlog %d", i), "manual", ""))
		if err != nil {
			return err
		}
		tasks[i] = t.ID
	}
	agent, _ := ordinaut.AgentFrom(ctx)
	change := ordinaut.Change{Actor: agent.ID, Action: "task.run"}
	return byCallers(min(backlogCallers, runs), runs, func(i int) error {
		id := newID()
		return h.store.CreateRun(ctx, ordinaut.Run{
			ID: ordinaut.RunID(id), TaskID: tasks[i%len(tasks)], Trigger: ordinaut.TriggerManual,
		}, change.About(id))
	})
}

// drain runs the engine until the last run is settled; 0 slots is its default.
func (h *house) drain(ctx context.Context, runs, slots int) (sample, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	counter := &settled{Store: h.store, all: make(chan struct{})}
	counter.left.Store(int64(runs))
	e := engine.New(engine.Options{Store: counter, Tools: h.tools, Slots: slots})
	ended := make(chan error, 1)
	s, err := measured(runs, func() error {
		go func() { ended <- e.Run(ctx, ctx) }()
		select {
		case <-counter.all:
			return nil
		case err := <-ended:
			ended <- nil
			return errors.Join(err, errors.New("the engine ended before its work was done"))
		}
	})
	stop()
	return s, errors.Join(err, <-ended)
}

// settled is a store that tells when so many runs have ended.
type settled struct {
	ordinaut.Store
	left atomic.Int64
	all  chan struct{}
}

// Settle counts the outcomes that were stored.
func (s *settled) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	err := s.Store.Settle(ctx, l, o)
	if err == nil && o.Status.Final() && s.left.Add(-1) == 0 {
		close(s.all)
	}
	return err
}
