package ordinauttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

var update = flag.Bool("update", false, "rewrite the ledgers in testdata")

// ledger compares what happened with the ledger in testdata, which is for people
// to read.
func ledger(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the ledger differs from %s (-want +got):\n%s", path, diff)
	}
}

// story starts a world at midnight of 2000-01-01, which is when a bubble's clock
// begins, and lets a test live in it.
func story(t *testing.T, o ordinauttest.Options, tell func(t *testing.T, w *ordinauttest.World)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { tell(t, ordinauttest.Start(t, o)) })
}

// task is a task with one step, and the fields that are laid over it.
func task(fields string) string {
	base := `{"title": "Tick", "timezone": "UTC", "payload": {"pipeline": [{"id": "say", "uses": "debug.echo", "with": {"message": "at ${run.scheduled_for}"}}]}}`
	var object, over map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal([]byte(base), &object), json.Unmarshal([]byte(fields), &over)); err != nil {
		panic(err)
	}
	for name, value := range over {
		object[name] = value
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return string(text)
}

const day = 24 * time.Hour

func TestATaskFiresOnTheMinute(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"schedule_kind": "cron", "schedule_expr": "30 8 * * 1-5"}`))
		ordinauttest.Pass(7 * day)
		ledger(t, "weekday", w.Ledger(id))
	})
}

func TestClockChangesAreFollowed(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		ordinauttest.Pass(time.Until(time.Date(2000, 3, 25, 0, 0, 0, 0, time.UTC)))
		shifted := w.Create(task(`{"schedule_kind": "cron", "schedule_expr": "30 2 * * *", "timezone": "Europe/Berlin"}`))
		skipped := w.Create(task(`{"schedule_kind": "cron", "schedule_expr": "30 2 * * *", "timezone": "Europe/Berlin", "gap": "skip"}`))
		ordinauttest.Pass(3 * day)
		ledger(t, "gap", "shift\n"+w.Ledger(shifted)+"skip\n"+w.Ledger(skipped))
	})
}

func TestDowntimeFollowsTheCatchUpPolicy(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		var told strings.Builder
		ids := map[string]ordinaut.TaskID{}
		policies := []string{"latest", "all", "none"}
		for _, policy := range policies {
			ids[policy] = w.Create(task(`{"schedule_kind": "interval", "schedule_expr": "1h", "catch_up": "` + policy + `"}`))
		}
		ordinauttest.Pass(2*time.Hour + 30*time.Minute)
		w.Crash()
		ordinauttest.Pass(4 * time.Hour)
		w.Restart()
		ordinauttest.Pass(time.Hour)
		for _, policy := range policies {
			told.WriteString(policy + "\n" + w.Ledger(ids[policy]))
		}
		ledger(t, "catch_up", told.String())
	})
}

func TestPausedTimeIsNotCaughtUp(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"schedule_kind": "interval", "schedule_expr": "6h", "catch_up": "all"}`))
		ordinauttest.Pass(13 * time.Hour)
		w.Do("task.pause", `{"task": "tick"}`)
		ordinauttest.Pass(2 * day)
		w.Do("task.resume", `{"task": "tick"}`)
		ordinauttest.Pass(day)
		ledger(t, "pause", w.Ledger(id))
	})
}

func TestAnEditTakesEffectAtOnce(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"schedule_kind": "cron", "schedule_expr": "0 * * * *"}`))
		ordinauttest.Pass(2*time.Hour + 59*time.Minute + 59*time.Second)
		w.Do("task.update", `{"task": "tick", "schedule_expr": "30 * * * *"}`)
		ordinauttest.Pass(3 * time.Hour)
		ledger(t, "edit", w.Ledger(id))
	})
}

func TestALongRunMakesLaterFiresOverlap(t *testing.T) {
	slow := new(ordinauttest.Script).On("slow", func(ctx context.Context, _ int, _ json.RawMessage) (any, error) {
		select {
		case <-time.After(45 * time.Minute):
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	story(t, ordinauttest.Options{Script: slow}, func(t *testing.T, w *ordinauttest.World) {
		pipeline := `"payload": {"pipeline": [{"id": "work", "uses": "script.slow", "timeout_seconds": 3600}]}, "timeout_seconds": 86400, "max_retries": 0`
		skip := w.Create(task(`{"schedule_kind": "interval", "schedule_expr": "30m", ` + pipeline + `}`))
		allow := w.Create(task(`{"schedule_kind": "interval", "schedule_expr": "30m", "overlap": "allow", ` + pipeline + `}`))
		ordinauttest.Pass(2*time.Hour + time.Minute)
		ledger(t, "overlap", "skip\n"+w.Ledger(skip)+"allow\n"+w.Ledger(allow))
	})
}

func TestARetryResumesAtTheFailedStep(t *testing.T) {
	script := new(ordinauttest.Script).
		On("first", func(context.Context, int, json.RawMessage) (any, error) { return "one", nil }).
		On("second", func(_ context.Context, n int, _ json.RawMessage) (any, error) {
			if n < 3 {
				return nil, &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "not yet", Fix: "try again"}
			}
			return "two", nil
		})
	story(t, ordinauttest.Options{Script: script}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"schedule_kind": "interval", "schedule_expr": "1h", "backoff_strategy": "exponential", "backoff_base_seconds": 60,
			"payload": {"pipeline": [
				{"id": "a", "uses": "script.first"},
				{"id": "b", "uses": "script.second", "with": {"previous": "${steps.a}", "now": "${now}"}}
			]}}`))
		ordinauttest.Pass(90 * time.Minute)
		ledger(t, "retry", w.Ledger(id)+"calls\n"+script.Calls())
		if keys := script.Keys("second"); len(keys) != 1 {
			t.Errorf("the attempts of one step had %d idempotency keys, want one: %v", len(keys), keys)
		}
	})
}

func TestACrashResumesAtTheFirstStepWithoutAResult(t *testing.T) {
	script := new(ordinauttest.Script).
		On("quick", func(context.Context, int, json.RawMessage) (any, error) { return "quick", nil }).
		On("slow", func(ctx context.Context, _ int, _ json.RawMessage) (any, error) {
			select {
			case <-time.After(10 * time.Second):
				return "slow", nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
	story(t, ordinauttest.Options{Script: script}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"schedule_kind": "once", "schedule_expr": "2000-01-01T01:00:00Z",
			"payload": {"pipeline": [
				{"id": "a", "uses": "script.quick"}, {"id": "b", "uses": "script.slow"}, {"id": "c", "uses": "script.quick"}
			]}}`))
		ordinauttest.Pass(time.Hour + 5*time.Second)
		w.Crash()
		ordinauttest.Pass(10 * time.Minute)
		w.Restart()
		ordinauttest.Pass(time.Minute)
		ledger(t, "crash", w.Ledger(id)+"calls\n"+script.Calls())
	})
}

func TestAStopHandsRunsBackWithoutBlame(t *testing.T) {
	script := new(ordinauttest.Script).On("slow", func(ctx context.Context, _ int, _ json.RawMessage) (any, error) {
		select {
		case <-time.After(10 * time.Minute):
			return "slow", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	story(t, ordinauttest.Options{Script: script, Grace: time.Minute}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"schedule_kind": "once", "schedule_expr": "2000-01-01T01:00:00Z", "payload": {"pipeline": [{"id": "a", "uses": "script.slow", "timeout_seconds": 900}]}}`))
		ordinauttest.Pass(time.Hour + 5*time.Minute)
		before := time.Now()
		w.Stop()
		if took := time.Since(before); took != time.Minute {
			t.Errorf("the stop took %s, want the grace of one minute", took)
		}
		w.Restart()
		ordinauttest.Pass(15 * time.Minute)
		ledger(t, "stop", w.Ledger(id)+"calls\n"+script.Calls())
	})
}
