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

// heed ends the runs held of which somebody asked so. A look must not hold up
// the next sign of life.
func (l *leases) heed(ctx context.Context) {
	ctx, done := context.WithTimeout(ctx, secondLook)
	defer done()
	runs, err := l.store.Canceling(ctx, l.worker)
	if err != nil {
		l.log.Error("it is not known which runs are to end", telemetry.KeyError, err)
		return
	}
	for _, id := range runs {
		l.cancel(id)
	}
}

// cancel ends the context of a run held, with errCanceled as its cause. From
// then on its lease is not renewed, so that work which does not answer loses it.
func (l *leases) cancel(id ordinaut.RunID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h, ok := l.held[id]; ok {
		h.canceled = true
		h.lose(errCanceled)
	}
}
