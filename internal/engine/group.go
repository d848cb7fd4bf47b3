package engine

import (
	"context"
	"sync"
	"time"
)

// together runs the parts until ctx ends or one of them fails, which stops the
// others. It returns when all have ended, with the first failure.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	var failed error
	var once sync.Once
	for _, part := range parts {
		wait.Go(func() {
			if err := part(ctx); err != nil {
				once.Do(func() {
					failed = err
					cancel(err)
				})
			}
		})
	}
	wait.Wait()
	return failed
}

// A turn does everything that there is to do, and says when there will be more; nil
// is when a signal comes.
type turn func(context.Context) (next *time.Time, err error)

// repeat takes turn after turn until stop ends, and sleeps between them until the
// next one is due or a signal comes. An error is told, and tried again.
func repeat(stop context.Context, signal <-chan struct{}, take turn, tell func(error)) {
	for {
		next, err := take(stop)
		if stop.Err() != nil {
			return
		}
		if err != nil {
			tell(err)
			next = after(calm)
		}
		if !pause(stop, next, signal) {
			return
		}
	}
}

// calm is the wait after an error.
const calm = time.Second

// glance is the longest time that is slept through. Timers stand still while a
// computer sleeps and know nothing of a clock that is set; looking at the clock
// this often bounds how late a fire can be after either.
const glance = 30 * time.Second

// pause waits until the clock shows t (nil is never), a signal comes, or ctx
// ends. It says whether ctx goes on.
func pause(ctx context.Context, t *time.Time, signal <-chan struct{}) bool {
	for {
		wait := glance
		if t != nil {
			// Round strips the monotonic reading: the wall clock decides.
			if left := t.Sub(time.Now().Round(0)); left <= 0 {
				return ctx.Err() == nil
			} else if left < wait {
				wait = left
			}
		}
		timer := time.NewTimer(wait)
		if t == nil {
			timer.Stop()
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-signal:
			timer.Stop()
			return true
		case <-timer.C:
		}
	}
}

// after is the moment d from now, for pause.
func after(d time.Duration) *time.Time {
	t := time.Now().Add(d)
	return &t
}
