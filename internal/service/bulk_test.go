package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// bulk does something to many runs.
func bulk(t *testing.T, w *ordinauttest.World, name, request string) service.BulkResult {
	t.Helper()
	return read[service.BulkResult](t, w.Do(name, request))
}

// came is what came of something that was done to many runs, in short.
func came(r service.BulkResult) string {
	return fmt.Sprintf("%s dry %v done %d refused %d more %v", r.Action, r.DryRun, r.Done, r.Refused, r.More)
}

func TestManyRunsAreRepeatedAtOnce(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script) {
		w.Create(report)
		for range 5 {
			w.Do("task.run", `{"task": "report", "wait_seconds": 5}`)
		}
		w.Do("task.run", `{"task": "report", "params": {"broken": false}, "wait_seconds": 5}`)
		const failed = `{"action": "rerun_failed_step", "filter": {"task_id": "report", "error_code": "tool.failed"}%s}`
		for _, step := range []struct{ more, want string }{
			{`, "dry_run": true`, "rerun_failed_step dry true done 5 refused 0 more false"},
			{`, "limit": 3`, "rerun_failed_step dry false done 3 refused 0 more true"},
			{``, "rerun_failed_step dry false done 2 refused 0 more false"},
		} {
			got := bulk(t, w, "run.bulk", fmt.Sprintf(failed, step.more))
			if came(got) != step.want {
				t.Errorf("%s: got %s, want %s", step.more, came(got), step.want)
			}
			for _, item := range got.Items {
				if (item.NewRun == "") != got.DryRun || item.Status != ordinaut.RunFailed {
					t.Errorf("%s: got %+v", step.more, item)
				}
			}
		}
		ordinauttest.Pass(time.Minute)
		if got, want := calls(s), "fetch 6, send 11"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		again := bulk(t, w, "run.bulk", `{"action": "rerun", "filter": {"label": {"team": "ops"}, "status": ["succeeded", "failed"]}, "again": true, "dry_run": true}`)
		if want := "rerun dry true done 11 refused 0 more false"; came(again) != want {
			t.Errorf("got %s, want %s", came(again), want)
		}
		w.Do("task.pause", `{"task": "report"}`)
		paused := bulk(t, w, "run.bulk", `{"action": "rerun", "filter": {"task_id": "report", "status": ["succeeded"]}}`)
		if want := "rerun dry false done 0 refused 1 more false"; came(paused) != want || paused.Items[0].Code != ordinaut.CodeTaskState {
			t.Errorf("got %s (%+v), want %s", came(paused), paused.Items, want)
		}
	})
}

func TestManyRunsAreCanceledAtOnce(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(`{"key": "later", "title": "Later", "schedule_kind": "manual", "backoff_strategy": "fixed", "backoff_base_seconds": 3600,
			"payload": {"pipeline": [{"uses": "flow.fail", "with": {"message": "no"}}]}}`)
		for range 3 {
			w.Do("task.run", `{"task": "later", "wait_seconds": 1}`)
		}
		const all = `{"action": "cancel", "filter": {"task_id": "later", "from": "2000-01-01T00:00:00Z", "to": "2001-01-01T00:00:00Z"}, "dry_run": %v}`
		for _, c := range []struct {
			dry  bool
			want string
		}{
			{true, "cancel dry true done 3 refused 0 more false"},
			{false, "cancel dry false done 3 refused 0 more false"},
			{false, "cancel dry false done 0 refused 0 more false"},
		} {
			if got := came(bulk(t, w, "run.bulk", fmt.Sprintf(all, c.dry))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		}
	})
}

func TestManyRunsAreNotMeantByChance(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		refused(t, w, "run.bulk", `{"action": "cancel", "filter": {}}`, ordinaut.CodeFieldRequired)
		refused(t, w, "run.bulk", `{"action": "rerun", "filter": {"task_id": "nobody"}}`, ordinaut.CodeTaskNotFound)
		e := refused(t, w, "run.bulk", `{"action": "cancel", "filter": {"status": ["queued", "failed"]}}`, ordinaut.CodeFieldValue)
		if e.At != "/filter/status/1" || e.Message != "cancel does nothing to a run that is failed" {
			t.Errorf("got %v", e)
		}
	})
}
