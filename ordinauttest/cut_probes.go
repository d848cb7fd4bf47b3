package ordinauttest

import (
	"context"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
)

// cutProbes is what the prober uses of the store, until the crash.
type cutProbes struct {
	engine.ProbeStore
	cut *cut
}

// ClaimProbes gives probes to be made.
func (c cutProbes) ClaimProbes(ctx context.Context, n int, lease time.Duration) (ordinaut.ProbeClaim, error) {
	if err := c.cut.err(); err != nil {
		return ordinaut.ProbeClaim{}, err
	}
	return c.ProbeStore.ClaimProbes(ctx, n, lease)
}

// SettleProbe writes down what became of a probe.
func (c cutProbes) SettleProbe(ctx context.Context, l ordinaut.Look) (bool, error) {
	if err := c.cut.err(); err != nil {
		return false, err
	}
	return c.ProbeStore.SettleProbe(ctx, l)
}
