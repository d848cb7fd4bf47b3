package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// worker claims runs and carries them out, many at once.
type worker struct {
	store     ordinaut.Queue
	watch     ordinaut.Upkeep
	log       *slog.Logger
	name      string
	slots     int
	lease     time.Duration
	heartbeat time.Duration
	leases    *leases
	executor  executor
	freed     chan struct{} // one hint that slots have become free
}

func newWorker(o Options) *worker {
	leases := newLeases(o)
	return &worker{
		store: o.Store, watch: o.Store, log: o.Log,
		name: o.Worker, slots: o.Slots, lease: o.Lease, heartbeat: o.Heartbeat,
		leases:   leases,
		executor: newExecutor(o, leases.trusted),
		freed:    make(chan struct{}, 1),
	}
}

// run claims until stop ends, and returns when every run it claimed has been
// settled or handed back. Runs are carried out in the context work.
func (w *worker) run(stop, work context.Context) error {
	var runs sync.WaitGroup
	alive, rest := context.WithCancel(context.WithoutCancel(work))
	var heart sync.WaitGroup
	heart.Go(func() { w.leases.beat(alive, w.heartbeat) })
	heart.Go(func() { w.leases.listen(alive) })
	w.claim(stop, work, &runs)
	runs.Wait()
	rest()
	heart.Wait()
	return nil
}

// claim fills the free slots, again and again, until stop ends. It sleeps when
// nothing is due until something is, and when no slot is free until one is.
func (w *worker) claim(stop, work context.Context, runs *sync.WaitGroup) {
	signal, end := w.watch.Watch(ordinaut.SignalQueue)
	defer end()
	for stop.Err() == nil {
		free := w.slots - w.leases.count()
		if free == 0 {
			pause(stop, nil, w.freed)
			continue
		}
		sent := time.Now()
		claim, err := w.store.Claim(stop, w.name, free, w.lease)
		if err != nil {
			if stop.Err() == nil {
				w.log.Error("runs could not be claimed", telemetry.KeyError, err)
			}
			pause(stop, after(calm), nil)
			continue
		}
		for _, c := range claim.Runs {
			ctx, answered := w.leases.hold(work, c, sent)
			runs.Go(func() { w.own(ctx, c, answered) })
		}
		if len(claim.Runs) < free {
			pause(stop, claim.Next, signal)
		} else {
			w.gather(stop)
		}
	}
}

// gatherWait bounds how long a free slot waits for others.
const gatherWait = 5 * time.Millisecond

// gather waits a moment until a third of the slots are free. There is more in
// the queue than fits, and runs that are claimed together share a commit.
func (w *worker) gather(stop context.Context) {
	limit := after(gatherWait)
	for w.slots-w.leases.count() < w.slots/3 && time.Now().Before(*limit) {
		if !pause(stop, limit, w.freed) {
			return
		}
	}
}

// own carries a run out and says so to the store, then frees its slot.
func (w *worker) own(ctx context.Context, c ordinaut.Claimed, answered <-chan struct{}) {
	defer func() {
		w.leases.release(c.Lease)
		select {
		case w.freed <- struct{}{}:
		default:
		}
	}()
	w.executor.carryOut(ctx, c, answered)
}
