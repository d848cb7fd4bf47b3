package service_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

func TestClientsOfTheOriginalReadStatistics(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		busy(t, w)
		var got map[string]any
		ask := func(name, request string) map[string]any {
			got = nil
			if err := json.Unmarshal(w.Do(name, request), &got); err != nil {
				t.Fatal(err)
			}
			delete(got, "task_id")
			return got
		}
		want := map[string]any{
			"period_days": 7.0, "total_runs": 2.0, "total_tasks_executed": 2.0, "successful_runs": 1.0, "failed_runs": 1.0,
			"success_rate": 0.5, "failure_rate": 0.5, "avg_execution_time_seconds": 0.0, "runs_per_day": 0.3,
		}
		if diff := cmp.Diff(want, ask("legacy.summary", `{}`)); diff != "" {
			t.Errorf("summary (-want +got):\n%s", diff)
		}
		at := time.Now().AddDate(0, 0, -1).UTC().Format(time.RFC3339)
		want = map[string]any{
			"period_days": 30.0, "total_runs": 1.0, "successful_runs": 0.0, "failed_runs": 1.0, "success_rate": 0.0, "failure_rate": 1.0,
			"avg_execution_time_seconds": 0.0, "last_run": at, "last_success": nil, "last_failure": at,
		}
		if diff := cmp.Diff(want, ask("legacy.task_stats", `{"task": "broken"}`)); diff != "" {
			t.Errorf("of a task (-want +got):\n%s", diff)
		}
		refused(t, w, "legacy.task_stats", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)

		latest := ask("legacy.latest", `{"task": "broken"}`)
		if latest["success"] != false || latest["error"] != "on purpose" {
			t.Errorf("the latest is %v, want the failure in words", latest)
		}
		one := ask("legacy.run", `{"run": "`+latest["id"].(string)+`"}`)
		if diff := cmp.Diff(latest, one); diff != "" {
			t.Errorf("the same run (-latest +by id):\n%s", diff)
		}
		if none := w.Do("legacy.latest", `{"task": "idle"}`); string(none) != "null" {
			t.Errorf("the latest of none is %s, want null", none)
		}
		refused(t, w, "legacy.latest", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
		refused(t, w, "legacy.run", `{"run": "nothing"}`, ordinaut.CodeRunNotFound)

		lately := `"start_time": "` + at + `"`
		before := `"end_time": "` + time.Now().AddDate(0, 0, -2).UTC().Format(time.RFC3339) + `"`
		for request, total := range map[string]int{`{}`: 3, "{" + lately + "}": 1, "{" + before + "}": 2, "{" + lately + "," + before + "}": 0} {
			if got := read[page[shownRun]](t, w.Do("legacy.runs", request)); got.Total != total || len(got.Items) != total {
				t.Errorf("runs %s: got %d, want %d", request, got.Total, total)
			}
		}
	})
}

func TestClientsOfTheOriginalChangeTasks(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting"`))
		for _, c := range []struct {
			fields string
			want   shownTask
		}{
			{`"priority": 7`, shownTask{Status: "active", Priority: 7, Version: 2}},
			{`"status": "active"`, shownTask{Status: "active", Priority: 7, Version: 2}},
			{`"status": "paused", "priority": 6`, shownTask{Status: "paused", Priority: 6, Version: 3}},
			{`"status": "active"`, shownTask{Status: "active", Priority: 6, Version: 3}},
			{`"status": "canceled"`, shownTask{Status: "canceled", Priority: 6, Version: 3}},
		} {
			got := read[shownTask](t, w.Do("legacy.update", `{"task": "greeting", `+c.fields+`}`))
			if got.Status != c.want.Status || got.Priority != c.want.Priority || got.Version != c.want.Version {
				t.Errorf("%s: got %+v, want %+v", c.fields, got, c.want)
			}
		}
		refused(t, w, "legacy.update", `{"task": "greeting", "status": "active"}`, ordinaut.CodeTaskState)
	})
}

func TestClientsOfTheOriginalSnooze(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting"`))
		type done struct {
			Success bool
			Message string
			Details map[string]any
		}
		got := read[done](t, w.Do("legacy.snooze", `{"task": "greeting", "delay_seconds": 600, "reason": "later"}`))
		if !got.Success || got.Message != "the next occurrence was put off until 2000-01-01T09:10:00Z" || got.Details["affected_work_items"] != 1.0 {
			t.Errorf("got %+v", got)
		}
		refused(t, w, "legacy.snooze", `{"task": "greeting"}`, ordinaut.CodeFieldRequired)
		refused(t, w, "legacy.snooze", `{"task": "greeting", "delay_seconds": 604801}`, ordinaut.CodeFieldValue)
		refused(t, w, "legacy.snooze", `{"task": "nobody", "delay_seconds": 5}`, ordinaut.CodeTaskNotFound)
	})
}
