package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A stopwatch times things that begin in one place and end in another.
type stopwatch struct {
	mu    sync.Mutex
	began []time.Time
	took  []time.Duration
	left  int
	all   chan struct{}
}

func newStopwatch(n int) *stopwatch {
	return &stopwatch{began: make([]time.Time, n), left: n, all: make(chan struct{})}
}

// stop says that a thing has come to its end.
func (w *stopwatch) stop(i int) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.took = append(w.took, now.Sub(w.began[i]))
	if w.left--; w.left == 0 {
		close(w.all)
	}
}

// times begins one thing after the other at a steady rate, whether those before it
// have ended or not, and waits for the last.
func (w *stopwatch) times(ctx context.Context, pause time.Duration, begin func(i int) error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var wait sync.WaitGroup
	errs := make(chan error, len(w.began))
	for i := range w.began {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		wait.Go(func() {
			w.mu.Lock()
			w.began[i] = time.Now()
			w.mu.Unlock()
			if err := begin(i); err != nil {
				errs <- err
			}
		})
	}
	wait.Wait()
	select {
	case err := <-errs:
		return err
	case <-w.all:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// into writes the middle and the hundredth slowest into a sample.
func (w *stopwatch) into(s *sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.took) == 0 {
		return
	}
	slices.Sort(w.took)
	s.p50, s.p99 = w.took[len(w.took)/2], w.took[len(w.took)*99/100]
}
