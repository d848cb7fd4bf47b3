package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// deadLetters are the groups, a line each.
func deadLetters(t *testing.T, w *ordinauttest.World, request string) (lines []string) {
	t.Helper()
	for _, g := range read[service.DeadLetterPage](t, w.Do("run.dead_letters", request)).Items {
		lines = append(lines, fmt.Sprintf("%s %s %s %d", g.Task, g.Step, g.Code, g.Count))
	}
	return lines
}

func TestAlikeFailuresStandTogether(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(report)
		w.Create(`{"key": "many", "title": "Many", "schedule_kind": "manual", "max_retries": 0, "payload": {"pipeline": [
			{"id": "mail", "foreach": "params.to", "uses": "script.send", "with": {"broken": "${item.broken}"}}]}}`)
		first := run(t, w, "task.run", `{"task": "report", "wait_seconds": 5}`)
		ordinauttest.Pass(time.Hour)
		w.Do("task.run", `{"task": "many", "params": {"to": [{"broken": true}]}, "wait_seconds": 5}`)
		w.Do("task.run", `{"task": "many", "params": {"to": [{"broken": false}, {"broken": true}]}, "wait_seconds": 5}`)
		ordinauttest.Pass(time.Hour)
		newest := run(t, w, "task.run", `{"task": "report", "wait_seconds": 5}`)
		if diff := cmp.Diff([]string{"report send tool.failed 2", "many mail[] tool.failed 2"}, deadLetters(t, w, `{}`)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		page := read[service.DeadLetterPage](t, w.Do("run.dead_letters", `{"task": "report"}`))
		g := page.Items[0]
		if page.Runs != 2 || len(page.Items) != 1 || g.NewestRun != newest.ID || !g.FirstAt.Equal(*first.FinishedAt) || !g.LastAt.Equal(*newest.FinishedAt) || g.Message != "it is broken" {
			t.Errorf("got %+v", page)
		}
		refused(t, w, "run.dead_letters", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
	})
}

func TestADeadLetterIsRedriven(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, s *ordinauttest.Script) {
		w.Create(report)
		for range 3 {
			w.Do("task.run", `{"task": "report", "wait_seconds": 5}`)
		}
		w.Do("task.update", `{"task": "report", "payload": {"params": {"broken": false}, "pipeline": [
			{"id": "fetch", "uses": "script.fetch"}, {"id": "send", "uses": "script.send", "with": {"broken": "${params.broken}"}}]}}`)
		for _, c := range []struct{ request, want string }{
			{`{"task": "report", "step": "send", "code": "tool.failed", "dry_run": true}`, "redrive dry true done 3 refused 0 more false"},
			{`{"task": "report", "step": "fetch"}`, "redrive dry false done 0 refused 0 more false"},
			{`{"task": "report", "limit": 1, "version": "latest"}`, "redrive dry false done 1 refused 0 more true"},
			{`{"all": true, "version": "latest"}`, "redrive dry false done 2 refused 0 more false"},
		} {
			if got := came(bulk(t, w, "run.redrive", c.request)); got != c.want {
				t.Errorf("%s: got %s, want %s", c.request, got, c.want)
			}
		}
		ordinauttest.Pass(time.Minute)
		if got := deadLetters(t, w, `{}`); len(got) > 0 || calls(s) != "fetch 3, send 6" {
			t.Errorf("there are still %v after %s", got, calls(s))
		}
	})
}

func TestARedriveThatFailsIsADeadLetterItself(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(report)
		was := run(t, w, "task.run", `{"task": "report", "wait_seconds": 5}`)
		got := bulk(t, w, "run.redrive", fmt.Sprintf(`{"run": %q}`, was.ID))
		ordinauttest.Pass(time.Minute)
		page := read[service.DeadLetterPage](t, w.Do("run.dead_letters", `{}`))
		if page.Runs != 1 || page.Items[0].NewestRun != got.Items[0].NewRun {
			t.Errorf("got %+v, want the rerun %s alone", page, got.Items[0].NewRun)
		}
		e := refused(t, w, "run.redrive", fmt.Sprintf(`{"run": %q}`, was.ID), ordinaut.CodeRunState)
		if want := "somebody has dealt with this failure: it was dismissed, or the run was repeated"; e.Message != want {
			t.Errorf("got %q, want %q", e.Message, want)
		}
	})
}

func TestADeadLetterIsDismissed(t *testing.T) {
	liveWith(t, func(t *testing.T, w *ordinauttest.World, _ *ordinauttest.Script) {
		w.Create(report)
		w.Do("task.run", `{"task": "report", "wait_seconds": 5}`)
		good := run(t, w, "task.run", `{"task": "report", "params": {"broken": false}, "wait_seconds": 5}`)
		for _, c := range []struct{ request, want string }{
			{`{"code": "tool.failed", "dry_run": true}`, "dismiss dry true done 1 refused 0 more false"},
			{`{"code": "tool.failed"}`, "dismiss dry false done 1 refused 0 more false"},
			{`{"code": "tool.failed"}`, "dismiss dry false done 0 refused 0 more false"},
		} {
			if got := came(bulk(t, w, "run.dismiss", c.request)); got != c.want {
				t.Errorf("%s: got %s, want %s", c.request, got, c.want)
			}
		}
		refused(t, w, "run.dismiss", `{}`, ordinaut.CodeFieldRequired)
		refused(t, w, "run.dismiss", `{"run": "none"}`, ordinaut.CodeRunNotFound)
		e := refused(t, w, "run.dismiss", fmt.Sprintf(`{"run": %q}`, good.ID), ordinaut.CodeRunState)
		if want := "only a failed run is a dead letter; this one is succeeded"; e.Message != want {
			t.Errorf("got %q, want %q", e.Message, want)
		}
	})
}
