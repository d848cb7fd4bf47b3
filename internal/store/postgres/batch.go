package postgres

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// A batch carries out requests of one kind together: whoever comes while a commit
// is under way shares the next one, and who comes alone waits for nobody. There is
// no goroutine behind it: the first who waits carries out the next for all.
type batch[R any] struct {
	together func(ctx context.Context, requests []R) []error // each with an outcome of its own
	most     int                                             // requests of one commit

	mu      sync.Mutex
	busy    bool
	waiting []*place[R]
}

// A place is a request in the queue.
type place[R any] struct {
	request R
	turn    chan bool // receives once: whether it was carried out, or is to lead
	err     error
}

// newBatch gathers up to most requests.
func newBatch[R any](most int, together func(context.Context, []R) []error) *batch[R] {
	return &batch[R]{together: together, most: most}
}

// submit carries out the request, perhaps with others, and answers its outcome. A
// caller that gives up before its commit has begun leaves nothing behind.
func (b *batch[R]) submit(ctx context.Context, request R) error {
	p := &place[R]{request: request, turn: make(chan bool, 1)}
	if !b.enter(p) {
		select {
		case done := <-p.turn:
			if done {
				return p.err
			}
		case <-ctx.Done():
			if b.leave(p) {
				return ctx.Err()
			}
			if done := <-p.turn; done {
				return p.err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		b.leave(p)
		b.next()
		return err
	}
	b.lead(ctx)
	return p.err
}

// enter takes a place, and says whether its owner is to lead at once.
func (b *batch[R]) enter(p *place[R]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, p)
	leads := !b.busy
	b.busy = true
	return leads
}

// leave gives up a place that still waits, and says whether there was one. The one
// that was told to lead is not given up so.
func (b *batch[R]) leave(p *place[R]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.waiting, p)
	if i < 0 || len(p.turn) > 0 {
		return false
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	return true
}

// lead carries out what waits, and hands the lead on.
func (b *batch[R]) lead(ctx context.Context) {
	// Those whom the last commit woke may come again first; who is alone loses
	// nothing.
	runtime.Gosched()
	b.mu.Lock()
	n := min(len(b.waiting), b.most)
	group := slices.Clone(b.waiting[:n])
	b.waiting = slices.Delete(b.waiting, 0, n)
	b.mu.Unlock()
	requests := make([]R, len(group))
	for i, p := range group {
		requests[i] = p.request
	}
	errs := b.together(context.WithoutCancel(ctx), requests)
	for i, p := range group {
		p.err = errs[i]
		p.turn <- true
	}
	b.next()
}

// next lets the first who waits lead, if there is one.
func (b *batch[R]) next() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		b.busy = false
		return
	}
	b.waiting[0].turn <- false
}
