package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestThePathsOfTheOriginalAnswer sends what the documentation of the original
// project sends, each request with and without a slash at the end of its path:
// its routes had one, its documentation none, and clients drop the token when
// they follow a redirect.
func TestThePathsOfTheOriginalAnswer(t *testing.T) {
	t.Parallel()
	for _, slash := range []string{"", "/"} {
		s := serve(t)
		create := `{"title": "Tea", "description": "Every morning", "schedule_kind": "cron", "schedule_expr": "0 8 * * *", "timezone": "Europe/Chisinau",
			"created_by": "00000000-0000-0000-0000-000000000001", "max_retries": 3,
			"payload": {"pipeline": [{"id": "echo", "uses": "debug.echo", "with": {"message": "tea"}, "save_as": "echo"}]}}`
		ids := map[string]string{}
		for _, step := range []struct {
			ask    string // method, path and query
			body   string
			status int
			fields string // that the answer has
		}{
			{"POST /tasks", create, 201, "id title description created_by schedule_kind schedule_expr timezone payload status priority max_retries backoff_strategy created_at"},
			{"GET /tasks?status=active&limit=10&offset=0", "", 200, "items total limit offset has_more"},
			{"GET /tasks/{task}", "", 200, "id title status"},
			{"PUT /tasks/{task}", `{"title": "Green tea", "priority": 7}`, 200, "id title priority"},
			{"GET /runs/task/{task}/latest", "", 200, ""},
			{"POST /tasks/{task}/run_now", "", 200, "success message details"},
			{"POST /tasks/{task}/snooze", `{"delay_seconds": 600, "reason": "later"}`, 200, "success message details"},
			{"POST /tasks/{task}/pause", "", 200, "success message details"},
			{"POST /tasks/{task}/resume", "", 200, "success message details"},
			{"GET /runs?task_id={task}&include_errors=true&start_time=2020-01-01T00:00:00Z", "", 200, "items total limit offset has_more"},
			{"GET /runs/{run}", "", 200, "id task_id started_at finished_at success error attempt output created_at"},
			{"GET /runs/task/{task}/latest", "", 200, "id task_id success error attempt"},
			{"GET /runs/task/{task}/stats?days=30", "", 200, "task_id period_days total_runs success_rate failure_rate avg_execution_time_seconds last_run last_success last_failure"},
			{"GET /runs/stats/summary?days=7", "", 200, "period_days total_runs total_tasks_executed success_rate failure_rate avg_execution_time_seconds runs_per_day"},
			{"POST /tasks/{task}/cancel", "", 200, "success message details"},
			{"POST /events", `{"topic": "external.order", "payload": {"n": 1}}`, 202, "success message details"},
			{"POST /events", `{"topic": "external.order", "payload": {}, "source_agent_id": "00000000-0000-0000-0000-00000000abcd"}`, 422, "error message"},
			{"GET /events/topics", "", 200, "total_topics topics"},
			{"GET /events/stream/recent?count=5", "", 200, "total_events events"},
			{"DELETE /events/stream/cleanup?max_age_hours=24", "", 200, "deleted_count max_age_hours cutoff_timestamp"},
			{"GET /tools", "", 200, "items"},
			{"GET /health", "", 200, "status timestamp request_id summary checks"},
			{"GET /health/ready", "", 200, "status"},
			{"GET /health/live", "", 200, "status timestamp uptime_seconds"},
			{"GET /tasks/nothing", "", 404, "error message timestamp request_id"},
			{"POST /tasks", `{"title": "Tea"}`, 422, "error message timestamp request_id"},
		} {
			method, target, _ := strings.Cut(step.ask, " ")
			target = strings.NewReplacer("{task}", ids["task"], "{run}", ids["run"]).Replace(target)
			path, query, asks := strings.Cut(target, "?")
			if path += slash; asks {
				path += "?" + query
			}
			res := s.do(t, method, path, step.body)
			text, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != step.status || res.Request.Method != method || res.Request.URL.RequestURI() != path {
				t.Errorf("%s %s: got %s from %s, want %d: %s", method, path, res.Status, res.Request.URL, step.status, text)
			}
			answer := fieldsOf(t, text, step.fields)
			remember(ids, step.ask, answer)
		}
	}
}

// fieldsOf reads an answer, which must have the fields.
func fieldsOf(t *testing.T, text []byte, fields string) map[string]json.RawMessage {
	t.Helper()
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Errorf("%v in %s", err, text)
	}
	for _, name := range strings.Fields(fields) {
		if _, has := answer[name]; !has {
			t.Errorf("%s is missing in %s", name, text)
		}
	}
	return answer
}

// remember keeps the ids of the task and of the run that were made.
func remember(ids map[string]string, ask string, answer map[string]json.RawMessage) {
	switch ask {
	case http.MethodPost + " /tasks":
		if ids["task"] == "" {
			ids["task"] = strings.Trim(string(answer["id"]), `"`)
		}
	case http.MethodPost + " /tasks/{task}/run_now":
		var details struct {
			ID string `json:"due_work_id"`
		}
		_ = json.Unmarshal(answer["details"], &details) // without it the next questions fail
		ids["run"] = details.ID
	}
}
