package ordinauttest_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// TestAPoisonousRunHoldsNobodyUp lets the process die whenever a certain run is
// twenty seconds at work. Beside it are runs with calls of a minute, of which
// nobody knows at first that they are innocent, and a task that fires every minute.
func TestAPoisonousRunHoldsNobodyUp(t *testing.T) {
	const innocents = 40
	dies := make(chan struct{}, 1)
	script := new(ordinauttest.Script).On("poison", func(ctx context.Context, _ int, _ json.RawMessage) (any, error) {
		select {
		case <-time.After(20 * time.Second):
			dies <- struct{}{}
			<-ctx.Done()
		case <-ctx.Done():
		}
		return nil, ctx.Err()
	}).On("work", func(ctx context.Context, _ int, _ json.RawMessage) (any, error) {
		select {
		case <-time.After(time.Minute):
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	story(t, ordinauttest.Options{Script: script}, func(t *testing.T, w *ordinauttest.World) {
		step := func(tool string) string {
			return `"schedule_kind": "manual", "overlap": "allow", "payload": {"pipeline": [{"uses": "script.` + tool + `", "timeout_seconds": 120}]}`
		}
		tick := w.Create(task(`{"title": "Tick", "schedule_kind": "interval", "schedule_expr": "1m"}`))
		good, bad := w.Create(task(`{`+step("work")+`}`)), w.Create(task(`{`+step("poison")+`}`))
		for n := range innocents {
			if n == innocents/2 {
				w.Do("task.run", `{"task": "`+string(bad)+`"}`)
			}
			w.Do("task.run", `{"task": "`+string(good)+`"}`)
		}
		deaths := 0
		for end := time.Now().Add(time.Hour); time.Now().Before(end); ordinauttest.Pass(time.Second) {
			select {
			case <-dies:
				deaths++
				w.Crash()
				w.Restart()
			default:
			}
		}
		runs := func(id ordinaut.TaskID) []ordinaut.Run {
			found, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id})
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if r := runs(bad)[0]; r.Reason != ordinaut.ReasonQuarantined || deaths != 3 {
			t.Errorf("the poison is %s (%s) after %d deaths, want it in quarantine after 3", r.Status, r.Reason, deaths)
		}
		for _, r := range runs(good) {
			if r.Status != ordinaut.RunSucceeded {
				t.Errorf("an innocent run is %s (%s)", r.Status, r.Reason)
			}
		}
		for _, r := range runs(tick) {
			if r.StartedAt == nil || r.StartedAt.Sub(*r.Nominal) > time.Second {
				t.Errorf("the fire of %v started at %v", r.Nominal, r.StartedAt)
			}
		}
	})
}
