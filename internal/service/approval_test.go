package service_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// newsletter is a task that asks before it sends.
const newsletter = `{"title": "Weekly newsletter", "key": "newsletter", "schedule_kind": "manual", "timezone": "Europe/Chisinau", "payload": {
	"params": {"readers": ["ada", "bob"]},
	"pipeline": [
		{"id": "collect", "uses": "debug.echo", "with": {"topics": ["spring"]}},
		{"id": "draft", "uses": "debug.echo", "with": {"subject": "Spring${run.feedback.comment || ''}"}},
		{"id": "review", "uses": "orchestrator.request_approval", "with": {"message": "Send it?", "data": "${params.readers}", "timeout_hours": 48}},
		{"id": "send", "if": "steps.review.approved", "uses": "debug.echo", "with": {"subject": "${steps.draft.subject}", "to": "${steps.review.approved_items}"}}
	]}}`

// started runs a task until it waits, or has ended.
func started(t *testing.T, w *ordinauttest.World, task string) service.Run {
	t.Helper()
	run := read[service.Run](t, w.Do("task.run", fmt.Sprintf(`{"task": %q}`, task)))
	ordinauttest.Pass(time.Second)
	return read[service.Run](t, w.Do("run.get", fmt.Sprintf(`{"run": %q}`, run.ID)))
}

// approval reads one.
func approval(t *testing.T, w *ordinauttest.World, name string) service.Approval {
	t.Helper()
	return read[service.Approval](t, w.Do("approval.get", fmt.Sprintf(`{"approval": %q}`, name)))
}

// decide takes a decision that must be accepted.
func decide(t *testing.T, w *ordinauttest.World, name, fields string) service.Run {
	t.Helper()
	return read[service.Run](t, w.Do("approval.decide", fmt.Sprintf(`{"approval": %q, %s, "wait_seconds": 5}`, name, fields)))
}

func TestAnApprovalShowsExactlyWhatFollows(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		run := started(t, w, "newsletter")
		got := approval(t, w, "newsletter")
		tail := string(run.ID[len(run.ID)-8:])
		if got.ID != string(run.ID)+":review" || got.Short != tail+":review" || got.State != service.ApprovalOpen || got.RunStatus != ordinaut.RunWaiting {
			t.Errorf("got %+v", got)
		}
		if got.Message != "Send it?" || string(got.Data) != `["ada","bob"]` || got.Task != "newsletter" || got.Title != "Weekly newsletter" {
			t.Errorf("got %q about %s of %s", got.Message, got.Data, got.Title)
		}
		then := []service.PlannedCall{{Step: "send", Tool: "debug.echo", With: json.RawMessage(`{"subject":"Spring","to":["ada","bob"]}`)}}
		if diff := cmp.Diff(then, got.Then); diff != "" {
			t.Errorf("what follows (-want +got):\n%s", diff)
		}
		zone := got.AskedAt.Format("-07:00")
		if got.Deadline == nil || got.Deadline.Sub(got.AskedAt) != 48*time.Hour || got.Default != service.Rejected || zone != "+02:00" {
			t.Errorf("got deadline %v, default %q, zone %s", got.Deadline, got.Default, zone)
		}
		if diff := cmp.Diff([]string{"collect", "draft"}, got.BackTo); diff != "" {
			t.Errorf("back to (-want +got):\n%s", diff)
		}
		decided := decide(t, w, got.ID, fmt.Sprintf(`"decision": "approved", "items": ["bob"], "comment": "fine", "digest": %q`, got.Digest))
		if decided.Status != ordinaut.RunSucceeded || string(decided.Output) != `{"subject":"Spring","to":["bob"]}` {
			t.Errorf("got %s with %s", decided.Status, decided.Output)
		}
		after := approval(t, w, got.ID)
		if after.State != service.ApprovalDecided || after.Decision == nil || after.Link != "" || len(after.Decisions) > 0 {
			t.Fatalf("got %+v afterwards", after)
		}
		if d := *after.Decision; d.Decision != service.Approved || d.By != "admin" || d.Comment != "fine" || string(d.Items) != `["bob"]` || d.At == nil {
			t.Errorf("got the decision %+v", d)
		}
	})
}

func TestARunThatWaitsSaysForWhat(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		run := started(t, w, "newsletter")
		got := run.Steps[2].Wait
		if run.Status != ordinaut.RunWaiting || got == nil {
			t.Fatalf("got %s, waiting for %+v", run.Status, got)
		}
		short := string(run.ID[len(run.ID)-8:]) + ":review"
		want := fmt.Sprintf("ordinaut approve %s, or ordinaut reject %s", short, short)
		if got.Kind != ordinaut.WaitApproval || got.Approval != short || got.Message != "Send it?" || got.Fix != want {
			t.Errorf("got %+v, want the fix %q", got, want)
		}
		if ended := decide(t, w, short, `"decision": "approved"`); ended.Steps[2].Wait != nil {
			t.Errorf("got %+v at the end, want nothing", ended.Steps[2].Wait)
		}
	})
}

func TestAStepThatSleepsSaysUntilWhen(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(hello(`"schedule_kind": "manual", "schedule_expr": "", "key": "nap", "payload": {"pipeline": [{"uses": "system.sleep", "with": {"seconds": 3600}}]}`))
		run := started(t, w, "nap")
		got := run.Steps[0].Wait
		if got == nil || got.Kind != ordinaut.WaitSleep || got.Until == nil || got.Until.Sub(got.Since) != time.Hour || got.Fix != "" {
			t.Errorf("got %+v", got)
		}
		if list := read[service.ApprovalList](t, w.Do("approval.list", `{}`)); len(list.Items) > 0 {
			t.Errorf("got %+v, want nothing to decide about a sleep", list.Items)
		}
		refused(t, w, "approval.get", fmt.Sprintf(`{"approval": "%s:step_0"}`, run.ID), ordinaut.CodeApprovalNotFound)
	})
}

func TestADecisionIsTakenOnce(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		id := string(started(t, w, "newsletter").ID)
		decide(t, w, id, `"decision": "rejected", "comment": "not now"`)
		for _, name := range []string{id, id + ":review"} {
			e := refused(t, w, "approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "approved"}`, name), ordinaut.CodeApprovalDecided)
			if want := "it was decided already: rejected by admin at 2000-01-01T"; !strings.HasPrefix(e.Message, want) {
				t.Errorf("got %q, want %q", e.Message, want)
			}
		}
		refused(t, w, "approval.decide", `{"approval": "newsletter", "decision": "approved"}`, ordinaut.CodeApprovalNotFound)
	})
}

func TestAnAnswerIsADecisionBeforeTheRunGoesOn(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		id := string(started(t, w, "newsletter").ID)
		w.Do("approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "approved"}`, id))
		refused(t, w, "approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "approved"}`, id), ordinaut.CodeApprovalDecided)
	})
}

func TestWhatARunThatHasEndedAskedIsClosed(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		id := string(started(t, w, "newsletter").ID)
		w.Do("run.cancel", fmt.Sprintf(`{"run": %q}`, id))
		if got := approval(t, w, id); got.State != service.ApprovalClosed || got.Decision != nil || got.RunStatus != ordinaut.RunCanceled {
			t.Errorf("got %s of a run that is %s", got.State, got.RunStatus)
		}
		e := refused(t, w, "approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "approved"}`, id), ordinaut.CodeRunState)
		if want := "a run that has ended waits for nothing; it has been canceled"; e.Message != want {
			t.Errorf("got %q, want %q", e.Message, want)
		}
	})
}

func TestADeadlineDecides(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		run := started(t, w, "newsletter")
		ordinauttest.Pass(48 * time.Hour)
		got := approval(t, w, string(run.ID))
		if got.State != service.ApprovalDecided || got.Decision.Decision != service.Rejected || !got.Decision.TimedOut {
			t.Errorf("got %s: %+v", got.State, got.Decision)
		}
		e := refused(t, w, "approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "approved"}`, run.ID), ordinaut.CodeApprovalDecided)
		if want := "it was decided already: rejected, as nobody decided in time"; e.Message != want {
			t.Errorf("got %q, want %q", e.Message, want)
		}
	})
}

func TestAnApprovalIsSentBackToAnEarlierStep(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		run := started(t, w, "newsletter")
		first := approval(t, w, string(run.ID))
		decide(t, w, first.ID, `"decision": "changes", "to": "draft", "comment": ", shorter"`)
		second := approval(t, w, first.ID)
		if second.State != service.ApprovalOpen || second.Digest == first.Digest {
			t.Errorf("got %s with the digest %s of the first round: %s", second.State, second.Digest, first.Digest)
		}
		if want := `{"subject":"Spring, shorter","to":["ada","bob"]}`; string(second.Then[0].With) != want {
			t.Errorf("got %s in the second round, want %s", second.Then[0].With, want)
		}
		stale := fmt.Sprintf(`{"approval": %q, "decision": "approved", "digest": %q}`, first.ID, first.Digest)
		refused(t, w, "approval.decide", stale, ordinaut.CodeApprovalChanged)
		before := approval(t, w, first.ID+"~1")
		if before.State != service.ApprovalDecided || before.Decision.Decision != service.Changes || before.Decision.Comment != ", shorter" {
			t.Errorf("got the first round as %s, %+v", before.State, before.Decision)
		}
		all := read[service.ApprovalList](t, w.Do("approval.list", fmt.Sprintf(`{"run": %q, "state": "any"}`, run.ID)))
		decided := read[service.ApprovalList](t, w.Do("approval.list", fmt.Sprintf(`{"run": %q, "state": "decided"}`, run.ID)))
		if len(all.Items) != 2 || len(decided.Items) != 1 || decided.Items[0].Step != "review~1" {
			t.Errorf("got %d in all and %+v decided", len(all.Items), decided.Items)
		}
	})
}

func TestFaultyDecisionsAreRefused(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		id := string(started(t, w, "newsletter").ID)
		for _, c := range []struct{ fields, at, message, fix string }{
			{`"decision": "retry"`, "/decision", "retry cannot be said of an approval", "say approved, rejected or changes"},
			{`"decision": "rejected", "items": ["a"]`, "/items", "items is sent with approved, and this is rejected", "leave it out"},
			{`"decision": "approved", "items": "a"`, "/items", "items must be a list", "send those of the items in data that are approved"},
			{`"decision": "approved", "result": 1`, "/result", "result is sent with done, and this is approved", "leave it out"},
			{`"decision": "approved", "to": "draft"`, "/to", "to is sent with changes, and this is approved", "leave it out"},
			{`"decision": "changes"`, "/to", "the step that is to be done again is missing", "name collect or draft"},
			{`"decision": "changes", "to": "drft"`, "/to", `it cannot be sent back to "drft"`, "did you mean draft?"},
			{`"decision": "changes", "to": "send"`, "/to", `it cannot be sent back to "send"`, "name collect or draft"},
		} {
			_, err := w.Call("approval.decide", fmt.Sprintf(`{"approval": %q, %s}`, id, c.fields))
			if e := ordinaut.AsError(err); e.At != c.at || e.Message != c.message || e.Fix != c.fix {
				t.Errorf("%s: got %q at %s, fix %q", c.fields, e.Message, e.At, e.Fix)
			}
		}
		e := refused(t, w, "approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "rejected", "items": ["a"], "to": "draft"}`, id), ordinaut.CodeRequestInvalid)
		if len(e.Faults) != 2 {
			t.Errorf("got %v, want both faults at once", e.Faults)
		}
		if got := approval(t, w, id); got.State != service.ApprovalOpen {
			t.Errorf("got %s, want that nothing was decided", got.State)
		}
	})
}

func TestAnApprovalHasShortNames(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		w.Create(hello(`"schedule_kind": "manual", "schedule_expr": "", "key": "two", "payload": {"pipeline": [
			{"id": "legal", "needs": [], "uses": "orchestrator.request_approval", "with": {"message": "Is it allowed?"}},
			{"id": "money", "needs": [], "uses": "orchestrator.request_approval", "with": {"message": "Can we afford it?"}}]}`))
		one, two := string(started(t, w, "newsletter").ID), string(started(t, w, "two").ID)
		for name, want := range map[string]string{
			one: one + ":review", one + ":review": one + ":review", "newsletter": one + ":review", "newsletter:review": one + ":review",
			one[len(one)-4:]: one + ":review", two + ":legal": two + ":legal", "two:money": two + ":money", two[len(two)-8:] + ":money": two + ":money",
		} {
			if got := approval(t, w, name); got.ID != want {
				t.Errorf("%s: got %s, want %s", name, got.ID, want)
			}
		}
		short := two[len(two)-8:]
		for _, name := range []string{two, "two", short} {
			e := refused(t, w, "approval.get", fmt.Sprintf(`{"approval": %q}`, name), ordinaut.CodeApprovalAmbiguous)
			if diff := cmp.Diff([]string{short + ":legal", short + ":money"}, e.Examples); diff != "" {
				t.Errorf("%s: examples (-want +got):\n%s", name, diff)
			}
		}
		absent := "00000000-0000-7000-8000-000000000000"
		for name, want := range map[string]string{
			"nobody": `nothing that is called "nobody" waits for a decision`, one[len(one)-3:]: fmt.Sprintf("nothing that is called %q waits for a decision", one[len(one)-3:]),
			absent: fmt.Sprintf("there is no run %q", absent), absent + ":x": fmt.Sprintf("there is no run %q", absent),
			one + ":nothing": `the run has not come to a step "nothing"`, one + ":draft": "step draft asks nobody for a decision; its status is succeeded",
			"newsletter:draft": `nothing that is called "newsletter:draft" waits for a decision`,
		} {
			if e := refused(t, w, "approval.get", fmt.Sprintf(`{"approval": %q}`, name), ordinaut.CodeApprovalNotFound); e.Message != want {
				t.Errorf("%s: got %q, want %q", name, e.Message, want)
			}
		}
	})
}

func TestWhatIsAskedIsListedOldestFirst(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		w.Create(strings.Replace(newsletter, `"key": "newsletter"`, `"key": "other"`, 1))
		first := started(t, w, "newsletter")
		started(t, w, "other")
		started(t, w, "newsletter")
		for request, want := range map[string][]string{
			`{}`: {"newsletter", "other", "newsletter"}, `{"task": "newsletter"}`: {"newsletter", "newsletter"},
			`{"limit": 2}`: {"newsletter", "other"}, fmt.Sprintf(`{"run": %q}`, first.ID): {"newsletter"},
			fmt.Sprintf(`{"run": %q, "task": "other"}`, first.ID): {}, fmt.Sprintf(`{"run": %q, "state": "closed"}`, first.ID): {},
		} {
			list := read[service.ApprovalList](t, w.Do("approval.list", request))
			keys := []string{}
			for _, a := range list.Items {
				keys = append(keys, a.Task)
			}
			if diff := cmp.Diff(want, keys); diff != "" {
				t.Errorf("%s (-want +got):\n%s", request, diff)
			}
			if list.More != strings.Contains(request, "limit") {
				t.Errorf("%s: got more %v", request, list.More)
			}
		}
		refused(t, w, "approval.list", `{"state": "decided"}`, ordinaut.CodeFieldRequired)
		refused(t, w, "approval.list", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
		refused(t, w, "approval.list", `{"run": "nobody"}`, ordinaut.CodeRunNotFound)
	})
}

func TestADecisionIsAudited(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		run := started(t, w, "newsletter")
		for _, request := range []struct{ op, fields string }{
			{"approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "changes", "to": "draft", "comment": "shorter"}`, run.ID)},
			{"legacy.approve", fmt.Sprintf(`{"run": %q, "comment": "now it is"}`, run.ID)},
		} {
			w.Do(request.op, request.fields)
			ordinauttest.Pass(time.Second)
		}
		entries, err := w.Store.Audit(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			if e.Subject == string(run.ID) && e.Detail != nil {
				got = append(got, e.Action+" "+string(e.Detail))
			}
		}
		want := []string{
			`approval.decide {"step":"review","decision":"changes","by":"admin","comment":"shorter","to":"draft"}`,
			`approval.decide {"step":"review","decision":"approved","by":"admin","comment":"now it is"}`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("audit (-want +got):\n%s", diff)
		}
	})
}

func TestTheOriginalsWayToApprove(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		for body, want := range map[string]ordinaut.StepStatus{
			``: ordinaut.StepSucceeded, `, "approved_items": ["ada"]`: ordinaut.StepSucceeded,
			`, "approved": false, "step": "review"`: ordinaut.StepSkipped,
		} {
			run := started(t, w, "newsletter")
			done := read[service.LegacyDone](t, w.Do("legacy.approve", fmt.Sprintf(`{"run": %q%s}`, run.ID, body)))
			if !done.Success || done.Details["run_id"] != string(run.ID) || done.Details["step"] != "review" {
				t.Errorf("%s: got %+v", body, done)
			}
			ended := read[service.Run](t, w.Do("run.get", fmt.Sprintf(`{"run": %q, "wait_seconds": 5}`, run.ID)))
			if ended.Steps[3].Status != want {
				t.Errorf("%s: got send %s, want %s", body, ended.Steps[3].Status, want)
			}
			refused(t, w, "legacy.approve", fmt.Sprintf(`{"run": %q}`, run.ID), ordinaut.CodeApprovalDecided)
		}
		refused(t, w, "legacy.approve", `{"run": "nobody"}`, ordinaut.CodeRunNotFound)
		e := refused(t, w, "legacy.approve", fmt.Sprintf(`{"run": %q, "step": "x"}`, started(t, w, "newsletter").ID), ordinaut.CodeApprovalNotFound)
		if e.At != "/run" {
			t.Errorf("got the fault at %s", e.At)
		}
	})
}

// TestAStepThatWasNotComeToAsksNobody runs an approval that is skipped, one that
// fails before it asks, and one whose rejection nobody reads.
func TestAStepThatWasNotComeToAsksNobody(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for key, step := range map[string]string{
			"skipped": `"if": "params.x", "with": {"message": "Really?"}`,
			"broken":  `"with": {"message": "Really, ${params.x}?"}`,
			"refused": `"with": {"message": "Really?"}`,
		} {
			w.Create(hello(fmt.Sprintf(`"schedule_kind": "manual", "schedule_expr": "", "key": %q, "max_retries": 0, "payload": {"params": {"x": null},
				"pipeline": [{"id": "ask", "uses": "orchestrator.request_approval", %s}]}`, key, step)))
		}
		for _, key := range []string{"skipped", "broken"} {
			run := started(t, w, key)
			if list := read[service.ApprovalList](t, w.Do("approval.list", fmt.Sprintf(`{"run": %q, "state": "any"}`, run.ID))); len(list.Items) > 0 {
				t.Errorf("%s: got %+v", key, list.Items)
			}
			e := refused(t, w, "approval.get", fmt.Sprintf(`{"approval": %q}`, run.ID), ordinaut.CodeApprovalNotFound)
			if e.Message != "the run has asked nobody for a decision" {
				t.Errorf("%s: got %q", key, e.Message)
			}
		}
		run := started(t, w, "refused")
		if ended := decide(t, w, "refused", `"decision": "rejected", "comment": "no"`); ended.Status != ordinaut.RunFailed {
			t.Errorf("got %s, want that the run failed", ended.Status)
		}
		if got := approval(t, w, string(run.ID)); got.State != service.ApprovalDecided || got.Decision.Decision != service.Rejected || !strings.Contains(got.Decision.Comment, "no") {
			t.Errorf("got %s, %+v", got.State, got.Decision)
		}
	})
}
