package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

const wakeBatch = 1000 // runs that go on in one commit

// waker lets the runs go on of which a wait is over.
type waker struct {
	store waitStore
	log   *slog.Logger
}

// waitStore is what the waker uses of the store.
type waitStore interface {
	Wake(ctx context.Context, limit int) (ordinaut.Woken, error)
	Watch(s ordinaut.Signal) (<-chan struct{}, func())
}

// run wakes whatever it is time for, sleeps until the next wait is over or a
// signal, and looks again.
func (w *waker) run(stop context.Context) error {
	signal, end := w.store.Watch(ordinaut.SignalWaits)
	defer end()
	repeat(stop, signal, w.turn, func(err error) {
		w.log.Error("the waker could not look at what waits", telemetry.KeyError, err)
	})
	return nil
}

// turn wakes everything that it is time for, batch by batch, and says when the
// next wait is over.
func (w *waker) turn(ctx context.Context) (*time.Time, error) {
	for {
		woken, err := w.store.Wake(ctx, wakeBatch)
		if err != nil {
			return nil, fmt.Errorf("wake runs: %w", err)
		}
		if woken.Runs < wakeBatch {
			return woken.Next, nil
		}
	}
}
