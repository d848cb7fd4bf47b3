package service_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// busy is a world in which greeting ran well twice, 40 and 2 days ago, broken
// failed a day ago, and idle never ran.
func busy(t *testing.T, w *ordinauttest.World) {
	t.Helper()
	w.Do("task.create", hello(`, "key": "greeting", "schedule_kind": "manual", "schedule_expr": ""`))
	w.Do("task.create", hello(`, "key": "idle", "schedule_kind": "manual", "schedule_expr": ""`))
	w.Do("task.create", hello(`, "key": "broken", "schedule_kind": "manual", "schedule_expr": "", "max_retries": 0,
		"payload": {"pipeline": [{"uses": "flow.fail", "with": {"message": "on purpose"}}]}`))
	const day = 24 * time.Hour
	for _, step := range []struct {
		key   string
		after time.Duration
	}{{"greeting", 38 * day}, {"greeting", day}, {"broken", day}} {
		w.Do("task.run", `{"task": "`+step.key+`"}`)
		ordinauttest.Pass(step.after)
	}
}

func TestStatsTellWhatBecameOfRuns(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		busy(t, w)
		type stats struct {
			Days, Runs, Tasks, Succeeded, Failed, Open int
			SuccessRate                                *float64   `json:"success_rate"`
			LastSuccessAt                              *time.Time `json:"last_success_at"`
		}
		half, whole := 0.5, 1.0
		ago := func(days int) *time.Time { at := time.Now().AddDate(0, 0, -days).UTC(); return &at }
		for _, c := range []struct {
			name, request string
			want          stats
		}{
			{"run.stats", `{}`, stats{Days: 30, Runs: 2, Tasks: 2, Succeeded: 1, Failed: 1, SuccessRate: &half, LastSuccessAt: ago(2)}},
			{"run.stats", `{"days": 365}`, stats{Days: 365, Runs: 3, Tasks: 2, Succeeded: 2, Failed: 1, SuccessRate: new(2.0 / 3), LastSuccessAt: ago(2)}},
			{"task.stats", `{"task": "greeting", "days": 2}`, stats{Days: 2, Runs: 1, Tasks: 1, Succeeded: 1, SuccessRate: &whole, LastSuccessAt: ago(2)}},
			{"task.stats", `{"task": "idle"}`, stats{Days: 30}},
		} {
			got := read[stats](t, w.Do(c.name, c.request))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", c.name, c.request, diff)
			}
		}
		refused(t, w, "run.stats", `{"days": 366}`, ordinaut.CodeFieldValue)
		refused(t, w, "task.stats", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
	})
}

func TestTheNewestRunIsShown(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		busy(t, w)
		if got := read[shownRun](t, w.Do("run.latest", `{"task": "greeting"}`)); got.Status != "succeeded" || len(got.Steps) != 1 {
			t.Errorf("got %+v, want the run with its step", got)
		}
		refused(t, w, "run.latest", `{"task": "idle"}`, ordinaut.CodeRunNotFound)
		refused(t, w, "run.latest", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
	})
}
