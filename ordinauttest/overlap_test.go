package ordinauttest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// slow is a tool that takes three quarters of an hour.
func slow() *ordinauttest.Script {
	return new(ordinauttest.Script).On("slow", func(ctx context.Context, _ int, _ json.RawMessage) (any, error) {
		select {
		case <-time.After(45 * time.Minute):
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
}

// slowly is a task that calls the slow tool every twenty minutes.
func slowly(title, overlap string) string {
	return task(fmt.Sprintf(`{"title": %q, "overlap": %q, "schedule_kind": "interval", "schedule_expr": "20m", "timeout_seconds": 86400, "max_retries": 0,
		"payload": {"pipeline": [{"id": "work", "uses": "script.slow", "timeout_seconds": 3600}]}}`, title, overlap))
}

func TestEachOverlapPolicyHasItsLedger(t *testing.T) {
	story(t, ordinauttest.Options{Script: slow()}, func(t *testing.T, w *ordinauttest.World) {
		policies := []string{"buffer_one", "buffer_all", "cancel_running"}
		ids := map[string]ordinaut.TaskID{}
		for _, policy := range policies {
			ids[policy] = w.Create(slowly(policy, policy))
		}
		ordinauttest.Pass(2*time.Hour + 50*time.Minute)
		for _, policy := range policies {
			// So that each comes to its end.
			w.Do("task.pause", fmt.Sprintf(`{"task": %q}`, ids[policy]))
		}
		ordinauttest.Pass(time.Hour)
		var told strings.Builder
		for _, policy := range policies {
			told.WriteString(policy + "\n" + w.Ledger(ids[policy]))
		}
		ledger(t, "buffer", told.String())
	})
}

func TestACrashDoesNotForgetWhatWaitsOrIsToEnd(t *testing.T) {
	story(t, ordinauttest.Options{Script: slow()}, func(t *testing.T, w *ordinauttest.World) {
		buffered := w.Create(slowly("buffered", "buffer_all"))
		superseded := w.Create(slowly("superseded", "cancel_running"))
		ordinauttest.Pass(50 * time.Minute)
		w.Crash()
		ordinauttest.Pass(5 * time.Minute)
		w.Restart()
		ordinauttest.Pass(time.Hour)
		ledger(t, "buffer_crash", "buffer_all\n"+w.Ledger(buffered)+"cancel_running\n"+w.Ledger(superseded))
	})
}

func TestARunIsCanceledWhereverItStands(t *testing.T) {
	story(t, ordinauttest.Options{Script: slow()}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(slowly("Tick", "buffer_all"))
		ordinauttest.Pass(time.Hour + 10*time.Minute) // one has ended, one works, one is parked
		// The parked one first: the end of the other would release it at once.
		for _, e := range slices.Backward(w.Entries(id)[1:]) {
			w.Do("run.cancel", fmt.Sprintf(`{"run": %q, "wait_seconds": 2}`, e.RunID))
		}
		ordinauttest.Pass(15 * time.Minute)
		ledger(t, "cancel", w.Ledger(id))
	})
}
