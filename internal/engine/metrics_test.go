package engine_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// TestWhatTheEngineDoesIsCounted lets one run fail, be tried again after a minute
// and succeed.
func TestWhatTheEngineDoesIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		metrics := telemetry.NewMetrics("test", nil)
		script := new(ordinauttest.Script).On("moody", func(_ context.Context, n int, _ json.RawMessage) (any, error) {
			<-time.After(2 * time.Second)
			if n == 1 {
				return nil, &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "not yet", Fix: "try again"}
			}
			return n, nil
		})
		w := ordinauttest.Start(t, ordinauttest.Options{Script: script, Tune: func(o *engine.Options) { o.Metrics = metrics }})
		w.Create(`{"title": "Moody", "schedule_kind": "once", "schedule_expr": "2000-01-01T01:00:00Z", "backoff_strategy": "fixed", "backoff_base_seconds": 60,
			"payload": {"pipeline": [{"uses": "script.moody"}]}}`)
		ordinauttest.Pass(2 * time.Hour)
		want := map[string]float64{
			"ordinaut_runs_total succeeded": 1, "ordinaut_run_retries_total": 1,
			"ordinaut_run_lateness_seconds": 0, "ordinaut_run_duration_seconds": 64,
			"ordinaut_step_duration_seconds failed": 2, "ordinaut_step_duration_seconds succeeded": 2,
		}
		got := map[string]float64{}
		families, err := metrics.Gatherer().Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, one := range f.GetMetric() {
				name := f.GetName()
				for _, l := range one.GetLabel() {
					name += " " + l.GetValue()
				}
				if _, wanted := want[name]; wanted {
					got[name] = one.GetCounter().GetValue() + one.GetHistogram().GetSampleSum()
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("counts, and sums of seconds (-want +got):\n%s", diff)
		}
	})
}
