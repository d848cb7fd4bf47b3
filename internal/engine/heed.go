package engine

import (
	"context"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// secondLook is when a worker looks again after a signal: the run that is to end
// may just have been claimed, and be in nobody's hands yet.
const secondLook = time.Second

// heed ends the runs held of which somebody asked so, and tells those of which a
// wait was answered. A look must not hold up the next sign of life.
func (l *leases) heed(ctx context.Context) {
	ctx, done := context.WithTimeout(ctx, secondLook)
	defer done()
	runs, err := l.store.Canceling(ctx, l.worker)
	if err != nil {
		l.log.Error("it is not known which runs are to end", telemetry.KeyError, err)
	}
	for _, id := range runs {
		l.cancel(id)
	}
	l.hear(ctx)
}

// cancel ends the context of a run held, with errCanceled as its cause. From
// then on its lease is not renewed, so that work which does not answer loses it.
// One that is held again to be undone was meant when it was held before.
func (l *leases) cancel(id ordinaut.RunID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h, ok := l.held[id]; ok && !h.undone {
		h.canceled = true
		h.lose(errCanceled)
	}
}

// listen hears of answers as soon as they are given, until ctx ends. A run that was
// just claimed and is in nobody's hands yet reads its answers when it begins.
func (l *leases) listen(ctx context.Context) {
	answers, end := l.store.Watch(ordinaut.SignalAnswers)
	defer end()
	for pause(ctx, nil, answers) {
		l.hear(ctx)
	}
}

// hear tells the runs held of which a wait was answered.
func (l *leases) hear(ctx context.Context) {
	if l.count() == 0 {
		return
	}
	runs, err := l.store.Answered(ctx, l.worker)
	if err != nil {
		l.log.Error("it is not known which waits were answered", telemetry.KeyError, err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range runs {
		if h, ok := l.held[id]; ok {
			select {
			case h.answered <- struct{}{}:
			default:
			}
		}
	}
}
