package engine

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// leases holds the runs that a worker owns, and gives their signs of life from a
// goroutine of its own, so that no work, however busy, can starve it.
//
// Each lease is counted from the moment the last successful claim or renewal
// was sent, on this process's own clock. A margin before it would end, the run's
// context ends: a worker that was frozen and wakes calls nothing any more.
type leases struct {
	store  leaseStore
	log    *slog.Logger
	worker string
	length time.Duration
	margin time.Duration

	mu   sync.Mutex
	held map[ordinaut.RunID]*held
	some chan struct{} // receives when the first run is held
}

// leaseStore is what the leases use of the store.
type leaseStore interface {
	Renew(ctx context.Context, leases []ordinaut.Lease, lease time.Duration) ([]ordinaut.RunID, error)
	Canceling(ctx context.Context, worker string) ([]ordinaut.RunID, error)
	Answered(ctx context.Context, worker string) ([]ordinaut.RunID, error)
	Watch(s ordinaut.Signal) (<-chan struct{}, func())
}

// held is one run under lease.
type held struct {
	lease    ordinaut.Lease
	lose     context.CancelCauseFunc
	until    time.Time     // when it is no longer relied upon: the margin before the lease ends
	limit    *time.Timer   // fires then
	canceled bool          // it is to end, and its lease is not renewed any more
	undone   bool          // its steps are undone: it is to end already
	answered chan struct{} // one hint that a wait of it was answered
}

func newLeases(o Options) *leases {
	return &leases{
		store: o.Store, log: o.Log, worker: o.Worker, length: o.Lease, margin: o.Margin,
		held: map[ordinaut.RunID]*held{},
		some: make(chan struct{}, 1),
	}
}

// hold owns a run that was claimed by a call sent at the given moment. The
// context it returns ends, with ErrLeaseLost as its cause, when the lease does,
// and the channel receives when a wait of the run was answered.
func (l *leases) hold(ctx context.Context, c ordinaut.Claimed, sent time.Time) (context.Context, <-chan struct{}) {
	ctx, lose := context.WithCancelCause(ctx)
	h := &held{lease: c.Lease, lose: lose, until: l.until(sent), undone: c.Run.Ending != nil, answered: make(chan struct{}, 1)}
	h.limit = time.AfterFunc(time.Until(h.until), func() { lose(ordinaut.ErrLeaseLost) })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[c.Run.ID] = h
	select {
	case l.some <- struct{}{}:
	default:
	}
	return ctx, h.answered
}

// release lets go of a run that is settled or lost.
func (l *leases) release(lease ordinaut.Lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h, ok := l.held[lease.RunID]; ok && h.lease.Fence == lease.Fence {
		h.limit.Stop()
		h.lose(nil)
		delete(l.held, lease.RunID)
	}
}

// beat gives a sign of life for every run held, until ctx ends. With each, and
// whenever a signal says so, it looks which of them are to end. It sleeps while
// none is held.
func (l *leases) beat(ctx context.Context, every time.Duration) {
	asked, end := l.store.Watch(ordinaut.SignalCancels)
	defer end()
	signaled := false
	for {
		if l.count() == 0 {
			select {
			case <-ctx.Done():
				return
			case <-l.some:
			}
		}
		for next := after(every); time.Now().Before(*next) && l.count() > 0; {
			look := next
			if signaled {
				look = after(min(secondLook, time.Until(*next)))
			}
			if !pause(ctx, look, asked) {
				return
			}
			signaled = time.Now().Before(*look)
			l.heed(ctx)
		}
		l.renew(ctx, l.owned())
	}
}

func (l *leases) renew(ctx context.Context, owned []ordinaut.Lease) {
	if len(owned) == 0 {
		return
	}
	sent := time.Now()
	lost, err := l.store.Renew(ctx, owned, l.length)
	if err != nil {
		// The limit of each lease still stands and ends its run in time.
		l.log.Error("leases could not be renewed", telemetry.KeyError, err, telemetry.KeyCount, len(owned))
		return
	}
	l.renewed(owned, lost, sent)
}

// owned are the leases that are to last.
func (l *leases) owned() []ordinaut.Lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	owned := make([]ordinaut.Lease, 0, len(l.held))
	for _, h := range l.held {
		if !h.canceled {
			owned = append(owned, h.lease)
		}
	}
	return owned
}

// renewed moves the limits of the leases that live on, and ends the runs whose
// lease is lost.
func (l *leases) renewed(owned []ordinaut.Lease, lost []ordinaut.RunID, sent time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, lease := range owned {
		h, ok := l.held[lease.RunID]
		switch {
		case !ok || h.lease.Fence != lease.Fence:
		case slices.Contains(lost, lease.RunID):
			h.lose(ordinaut.ErrLeaseLost)
		default:
			h.until = l.until(sent)
			h.limit.Reset(time.Until(h.until))
		}
	}
}

// until is how long a lease that was asked for at the given moment may be relied
// upon.
func (l *leases) until(sent time.Time) time.Time { return sent.Add(l.length - l.margin) }

// trusted says whether a lease may be relied upon now, and ends its run if not: a
// process that was frozen may wake before its timers do.
func (l *leases) trusted(lease ordinaut.Lease) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.held[lease.RunID]
	if !ok || h.lease.Fence != lease.Fence {
		return false
	}
	if time.Now().Before(h.until) {
		return true
	}
	h.lose(ordinaut.ErrLeaseLost)
	return false
}

// count is how many runs are held.
func (l *leases) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.held)
}
