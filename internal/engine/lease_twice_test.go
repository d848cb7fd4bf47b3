package engine_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// A worker that has lost a run and claimed it again still has the old call, whose
// tool does not look at its context. The end of that call is none of the new one's
// business.
func TestARunThatIsHeldAgainOutlivesItsOldCall(t *testing.T) {
	var calls atomic.Int32
	script := new(ordinauttest.Script).On("work", func(ctx context.Context, n int, _ json.RawMessage) (any, error) {
		calls.Add(1)
		if n == 1 {
			<-time.After(45 * time.Second)
			return "late", nil
		}
		select {
		case <-time.After(time.Minute):
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	f := &faulty{}
	tune := func(o *engine.Options) { o.Reclaim = time.Second }
	story(t, f, script, tune, func(t *testing.T, w *ordinauttest.World) {
		f.have(func(b *faults) {
			b.renew = func([]ordinaut.Lease) ([]ordinaut.RunID, error) { return nil, errDisk }
		})
		id := w.Create(hourly(`"max_retries": 0, `))
		ordinauttest.Pass(time.Hour + 32*time.Second)
		f.have(func(b *faults) { b.renew = nil })
		ordinauttest.Pass(5 * time.Minute)
		if got := outcomes(t, w, id); got != "succeeded" || calls.Load() != 2 {
			t.Errorf("got %q after %d calls, want a success at the second", got, calls.Load())
		}
	})
}
