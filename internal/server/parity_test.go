package server_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
)

// serveWorking is served with an engine that works.
func serveWorking(t *testing.T) facetest.Server {
	t.Helper()
	s := serveOptions(t, service.Options{Servers: clockServer{}})
	tools, err := tool.New(t.Context(), builtin.Tools(builtin.Options{})...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- engine.New(engine.Options{Store: s.store, Tools: tools}).Run(ctx, ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return facetest.Server{URL: s.url, Token: testToken}
}

// serveAsking is serveWorking with a run that waits for a decision.
func serveAsking(t *testing.T) facetest.Server {
	t.Helper()
	s := serveWorking(t)
	r := &running{served: &served{url: s.URL}, key: s.Token}
	var made struct{ ID ordinaut.RunID }
	r.ask(t, http.MethodPost, "/v1/tasks", strings.Replace(asking, "${run.links.review}", "it", 1), &made)
	r.ask(t, http.MethodPost, "/v1/tasks/newsletter/run", "", &made)
	r.waitFor(t, made.ID, ordinaut.RunWaiting)
	return s
}

// clockServer is one tool server that is always well.
type clockServer struct{}

func (clockServer) Servers() []ordinaut.ToolServer {
	return []ordinaut.ToolServer{{Name: "clock", Kind: "stdio", State: "ready", Target: "clock --utc", Tools: []string{"clock.now"}}}
}

func (s clockServer) Test(context.Context, string) (ordinaut.ToolServer, error) {
	return s.Servers()[0], nil
}

// TestTheFacesAgree asks everything that has both, over HTTP and on the command
// line, and compares the answers.
func TestTheFacesAgree(t *testing.T) {
	t.Parallel()
	ops, err := server.Ops(t.Context(), service.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const task = `{"title": "Hi", "key": "hi", "schedule_kind": "manual", "payload": {"pipeline": [{"uses": "debug.echo", "with": {"a": 1}}]}}`
	const daily = `{"title": "Daily", "key": "daily", "schedule_kind": "cron", "schedule_expr": "0 8 * * *", "payload": {"pipeline": [{"uses": "debug.echo"}]}}`
	const failing = `{"title": "No", "key": "no", "schedule_kind": "manual", "overlap": "buffer_one", "concurrency_key": "shared:door", "concurrency_limit": 2, "dedupe_key": "no", "dedupe_window_seconds": 60, "backoff_strategy": "fixed", "backoff_base_seconds": 300,
		"payload": {"pipeline": [{"uses": "flow.fail", "with": {"message": "no"}}]}}`
	facetest.Parity(t, ops, serveAsking, facetest.Script{
		Volatile: []string{"secret", "seq", "first", "last", "after", "was", "lag", "worked_ms", "took_ms", "average_seconds", "short", "digest"},
		Questions: withDoors(append([]facetest.Question{
			{Op: "task.create", Request: task},
			{Op: "task.validate", Request: task},
			{Op: "task.list", Request: `{"status": "active"}`},
			{Op: "task.get", Request: `{"task": "hi"}`},
			{Op: "task.update", Request: `{"task": "hi", "priority": 7, "labels": null}`},
			{Op: "task.run", Request: `{"task": "hi", "params": {"x": 1}, "wait_seconds": 10}`},
			{Op: "run.list", Request: `{"task_id": "{{0.id}}"}`},
			{Op: "run.get", Request: `{"run": "{{5.id}}"}`},
			{Op: "task.fires", Request: `{"task": "hi"}`},
			{Op: "run.latest", Request: `{"task": "hi"}`},
			{Op: "task.stats", Request: `{"task": "hi", "days": 7}`},
			{Op: "run.stats"},
			{Op: "run.stats", Request: `{"days": 0}`, Code: "field.invalid_value"},
			{Op: "task.snooze", Request: `{"task": "hi", "for": "2h"}`, Code: "task.wrong_state"},
			{Op: "task.create", Request: daily},
			{Op: "task.snooze", Request: `{"task": "daily", "delay_seconds": 3600, "reason": "on the train"}`},
			{Op: "task.snooze", Request: `{"task": "daily"}`, Code: "field.required"},
			{Op: "task.unsnooze", Request: `{"task": "daily"}`},
			{Op: "run.latest", Request: `{"task": "daily"}`, Code: "run.not_found"},
			{Op: "task.update", Request: `{"task": "hi", "priority": 3, "dry_run": true}`},
			{Op: "task.versions", Request: `{"task": "hi", "limit": 5}`},
			{Op: "task.rollback", Request: `{"task": "hi", "version": 1}`},
			{Op: "task.rollback", Request: `{"task": "hi", "version": 9}`, Code: "task.version_not_found"},
			{Op: "task.pause", Request: `{"task": "hi", "dry_run": true}`},
			{Op: "run.cancel", Request: `{"run": "{{5.id}}"}`, Code: "run.wrong_state"},
			{Op: "run.cancel", Request: `{"run": "none"}`, Code: "run.not_found"},
			{Op: "task.create", Request: failing},
			{Op: "task.run", Request: `{"task": "no"}`},
			{Op: "task.run", Request: `{"task": "no"}`, Code: "run.duplicate"},
			{Op: "run.cancel", Request: `{"run": "{{27.id}}", "wait_seconds": 10}`},
			{Op: "task.pause", Request: `{"task": "hi"}`},
			{Op: "task.run", Request: `{"task": "hi"}`, Code: "task.wrong_state"},
			{Op: "task.resume", Request: `{"task": "hi"}`},
			{Op: "task.cancel", Request: `{"task": "hi"}`},
			{Op: "schedule.preview", Request: `{"schedule_kind": "cron", "schedule_expr": "0 8 * * *", "count": 2, "after": "2027-01-01T00:00:00Z"}`},
			{Op: "schedule.preview", Request: `{"schedule_kind": "crn", "schedule_expr": "0 8 * * *", "count": 2000}`, Code: "request.invalid"},
			{Op: "pipeline.check", Request: `{"payload": {"pipeline": [{"uses": "debug.echo"}]}, "timezone": "UTC"}`},
			{Op: "pipeline.render", Request: `{"payload": {"pipeline": [{"id": "a", "uses": "debug.echo"}, {"uses": "debug.echo", "with": {"b": "${steps.a}"}}]}, "sample": {"a": 1}, "now": "2027-01-01T00:00:00Z"}`},
			{Op: "pipeline.render", Request: `{"payload": {"pipeline": [{"uses": "debug.ecko"}]}}`, Code: "tool.not_found"},
			{Op: "file.schema", Request: `{"file": "task"}`},
			{Op: "file.schema", Request: `{"file": "tsk"}`, Code: "field.invalid_value"},
			{Op: "tool.list"},
			{Op: "tool.get", Request: `{"tool": "debug.echo"}`},
			{Op: "tool.get", Request: `{"tool": "debug.ecko"}`, Code: "tool.not_found"},
			{Op: "tool.call", Request: `{"tool": "debug.echo", "with": {"message": "hello"}}`},
			{Op: "server.list"},
			{Op: "server.test", Request: `{"server": "clock"}`},
			{Op: "server.test", Request: `{"server": "clok"}`, Code: "tools.server_not_found"},
			{Op: "approval.list", Request: `{"task": "newsletter"}`},
			{Op: "approval.list", Request: `{"state": "closed"}`, Code: "field.required"},
			{Op: "approval.get", Request: `{"approval": "newsletter"}`},
			{Op: "approval.get", Request: `{"approval": "nobody"}`, Code: "approval.not_found"},
			{Op: "approval.decide", Request: `{"approval": "newsletter", "decision": "retry"}`, Code: "field.invalid_value"},
			{Op: "approval.decide", Request: `{"approval": "newsletter", "decision": "approved", "comment": "fine", "wait_seconds": 10}`},
		}, append(repeats("{{27.id}}"), happenings()...)...)),
	})
}

// repeats asks about a run that was canceled.
func repeats(run string) []facetest.Question {
	return []facetest.Question{
		{Op: "run.rerun", Request: `{"run": "` + run + `", "params": {"x": 2}}`},
		{Op: "run.rerun", Request: `{"run": "` + run + `", "from_step": "nothing"}`, Code: "pipeline.unknown_step"},
		{Op: "run.dead_letters", Request: `{"task": "no"}`},
		{Op: "run.redrive", Request: `{"task": "no", "dry_run": true}`},
		{Op: "run.redrive", Request: `{"run": "` + run + `"}`, Code: "run.wrong_state"},
		{Op: "run.dismiss", Request: `{"task": "no"}`},
		{Op: "run.dismiss", Code: "field.required"},
	}
}

// TestTheDescriptionIsRight reads the OpenAPI document that is served.
func TestTheDescriptionIsRight(t *testing.T) {
	t.Parallel()
	ops, err := server.Ops(t.Context(), service.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := ops.Compile(); err != nil {
		t.Fatal(err)
	}
	res := serve(t).do(t, http.MethodGet, "/openapi.json", "")
	doc, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	facetest.CheckOpenAPI(t, ops, doc)
}
