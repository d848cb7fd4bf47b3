package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// leaveWait bounds how long a process that has ended its work tries to say so.
const leaveWait = 2 * time.Second

// presence tells the others that this process is there. It goes on while the work
// is drained, so that nobody takes a process for dead that only ends.
type presence struct {
	store ordinaut.Workers // nil tells nobody
	log   *slog.Logger
	self  ordinaut.Worker
	busy  func() int
	every time.Duration
}

func newPresence(o Options, busy func() int) *presence {
	self := o.Self
	self.Name, self.Roles = o.Worker, o.Roles
	if len(self.Roles) == 0 {
		self.Roles = ordinaut.Roles()
	}
	if ordinaut.RoleWorker.Has(o.Roles) {
		self.Slots = o.Slots
	}
	return &presence{store: o.Workers, log: o.Log, self: self, busy: busy, every: o.Heartbeat}
}

// during tells of the process while do works, which ends some time after stop.
func (p *presence) during(stop context.Context, do func() error) error {
	if p.store == nil {
		return do()
	}
	alive, end := context.WithCancel(context.WithoutCancel(stop))
	defer end()
	var telling sync.WaitGroup
	telling.Go(func() { p.tell(stop, alive) })
	err := do()
	end()
	telling.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stop), leaveWait)
	defer cancel()
	if err := p.store.Leave(ctx, p.self.Name); err != nil {
		p.log.Warn("the others could not be told that this process has ended", telemetry.KeyError, err)
	}
	return err
}

// tell beats until alive ends, and once more at the moment of the stop.
func (p *presence) tell(stop, alive context.Context) {
	again := time.NewTicker(p.every)
	defer again.Stop()
	stopped := stop.Done()
	for {
		p.beat(alive)
		select {
		case <-again.C:
		case <-stopped:
			p.self.Draining, stopped = true, nil
		case <-alive.Done():
			return
		}
	}
}

func (p *presence) beat(alive context.Context) {
	w := p.self
	w.Busy = p.busy()
	if err := p.store.Beat(alive, w); err != nil && alive.Err() == nil {
		p.log.Warn("the others could not be told that this process is there", telemetry.KeyError, err)
	}
}
