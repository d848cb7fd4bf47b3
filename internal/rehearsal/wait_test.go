package rehearsal_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/rehearsal"
)

// letter is a pipeline in which somebody decides.
const letter = `{"params": {"wait": {"timeout_seconds": 3600}}, "pipeline": [
	{"id": "draft", "uses": "llm.write", "with": {"better": "${run.feedback.comment}", "link": "look at ${run.links.ask}"}},
	{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Send?", "data": ["${steps.draft.text}"], "timeout_seconds": 3600}},
	{"id": "send", "if": "steps.ask.approved", "uses": "mail.send", "with": {"texts": "${steps.ask.approved_items}", "by": "${steps.ask.by}"}}]}`

const written = `"llm.write": {"output": {"text": "draft ${call}"}}, "mail.send": {"output": {}}`

// tried is one case of a pipeline: what is mocked, what is expected, and the lines
// that are told.
type tried struct {
	name, mocks, expect string
	told                []string
}

func (c tried) try(t *testing.T, payload, common string) {
	t.Helper()
	mocks := strings.Trim(common+", "+c.mocks, ", ")
	got := play(t, payload, `{"mocks": {`+mocks+`}, "cases": [{"expect": `+c.expect+`}]}`).Cases[0]
	if !got.Passed {
		t.Errorf("got %s\nstopped %+v\nerror %+v", differences(got), got.Stopped, got.Error)
	}
	if diff := cmp.Diff(append([]string{}, c.told...), got.Told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func differences(c rehearsal.CaseReport) string {
	var lines []string
	for _, m := range c.Mismatches {
		lines = append(lines, fmt.Sprintf("%s: %s, want %s, got %s", m.At, m.Message, m.Want, m.Got))
	}
	return strings.Join(lines, "\n")
}

func TestDecisionsAreMocks(t *testing.T) {
	t.Parallel()
	for _, c := range []tried{
		{"approved", `"ask": {"decision": "approved", "by": "olga", "after_seconds": 90}`,
			`{"steps": {"ask": {"waited_seconds": 90, "called": 0, "input": {"message": "Send?"}, "output": {"by": "olga", "decided_at": "2027-07-01T07:01:30+03:00", "timed_out": false}},
			"send": {"input": {"texts": ["draft 1"], "by": "olga"}}}}`,
			[]string{"ask: approved by olga after 1m30s"}},
		{"approved in part", `"ask": {"decision": "approved", "items": ["better"]}`,
			`{"steps": {"send": {"input": {"texts": ["better"], "by": "somebody"}}}}`, []string{"ask: approved by somebody"}},
		{"rejected", `"ask": {"decision": "rejected", "comment": "no"}`,
			`{"steps": {"send": {"status": "skipped"}}, "calls": ["draft"]}`, []string{"ask: rejected by somebody: no"}},
		{"mocked by the address of the tool", `"orchestrator.request_approval": {"match": {"data": ["draft 1"]}, "decision": "approved"}`,
			`{"steps": {"draft": {"input": {"link": "look at https://ordinaut.example/approve/ask"}}, "send": {"called": 1}}}`, []string{"ask: approved by somebody"}},
		{"nobody answers", ``,
			`{"steps": {"ask": {"waited_seconds": 3600, "output": {"approved": false, "timed_out": true}}, "send": {"called": false}}}`,
			[]string{"ask: nobody answered in 1h, so the deadline decided: rejected"}},
		{"a decision that comes too late", `"ask": {"decision": "approved", "after_seconds": 3601}`,
			`{"steps": {"ask": {"waited_seconds": 3600}, "send": {"called": false}}}`,
			[]string{"ask: nobody answered in 1h, so the deadline decided: rejected"}},
		{"a decision about something else", `"ask": {"match": {"data": ["another"]}, "decision": "approved"}`,
			`{"steps": {"send": {"called": false}}}`, []string{"ask: nobody answered in 1h, so the deadline decided: rejected"}},
		{"sent back twice", `"ask": [{"decision": "changes", "to": "draft", "comment": "shorter", "by": "eva", "after_seconds": 60}, {"decision": "changes", "to": "draft", "comment": "longer"}, {"decision": "approved"}]`,
			`{"steps": {"draft": {"called": 3, "input": {"better": "longer"}}, "ask": {"waited_seconds": 60}, "send": {"input": {"texts": ["draft 3"]}}}, "attempts": 1}`,
			[]string{"ask: sent back to draft by eva after 1m: shorter", "ask: sent back to draft by somebody: longer", "ask: approved by somebody"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.try(t, letter, written)
		})
	}
}

func TestARejectionThatNobodyReadsFailsTheRun(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Send?"}}, {"id": "send", "uses": "mail.send"}]}`
	for _, c := range []tried{
		{"rejected", `"ask": {"decision": "rejected"}`, `{"error": {"step": "ask", "class": "denied"}, "calls": []}`, []string{"ask: rejected by somebody"}},
		{"by the deadline", ``, `{"error": {"step": "ask", "code": "approval.rejected"}, "steps": {"ask": {"waited_seconds": 604800}}}`,
			[]string{"ask: nobody answered in 7d, so the deadline decided: rejected"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.try(t, payload, `"mail.send": {"output": {}}`)
		})
	}
}

func TestTimeIsPutForwardOverWaits(t *testing.T) {
	t.Parallel()
	for payload, c := range map[string]tried{
		`{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"seconds": 93784}}]}`: {
			"a sleep", ``, `{"steps": {"a": {"waited_seconds": 93784, "output": {"until": "2027-07-02T09:03:04+03:00"}}}}`, []string{"a: waited 1d2h3m4s"}},
		`{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"until": "${now + 2d}"}}]}`: {
			"a sleep until a time", ``, `{"steps": {"a": {"waited_seconds": 172800}}}`, []string{"a: waited 2d"}},
		`{"pipeline": [{"id": "a", "uses": "policy.quiet_hours_gate", "with": {"from": "22:00", "to": "08:00"}}]}`: {
			"quiet hours", ``, `{"steps": {"a": {"waited_seconds": 3600, "output": {"waited": true}}}}`, []string{"a: waited 1h"}},
		`{"pipeline": [{"id": "a", "uses": "policy.quiet_hours_gate", "with": {"from": "22:00", "to": "08:00", "timezone": "America/New_York"}}]}`: {
			"quiet hours elsewhere", ``, `{"steps": {"a": {"waited_seconds": 28800}}}`, []string{"a: waited 8h"}},
		`{"pipeline": [{"id": "a", "uses": "policy.quiet_hours_gate", "with": {"from": "22:00", "to": "06:00"}}]}`: {
			"no quiet hours", ``, `{"steps": {"a": {"waited_seconds": 0, "output": {"waited": false}}}}`, nil},
		`{"pipeline": [{"id": "a", "needs": [], "uses": "system.sleep", "with": {"seconds": 60}}, {"id": "b", "needs": [], "uses": "system.sleep", "with": {"seconds": 5}},
			{"id": "c", "needs": ["b"], "uses": "system.sleep", "with": {"seconds": 5}}]}`: {
			"branches beside each other", ``, `{"steps": {"a": {"waited_seconds": 60}, "c": {"waited_seconds": 5}}}`, []string{"b: waited 5s", "c: waited 5s", "a: waited 1m"}},
		`{"pipeline": [{"id": "all", "foreach": "params.n", "steps": [{"id": "rest", "uses": "system.sleep", "with": {"seconds": "${item * 60}"}}]}], "params": {"n": [1, 2]}}`: {
			"items one by one", ``, `{"steps": {"all[1].rest": {"waited_seconds": 120}, "all[9].rest": {"status": "not_run"}}}`, []string{"all[0].rest: waited 1m", "all[1].rest: waited 2m"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.try(t, payload, ``)
		})
	}
}

// TestAWaitGoesOnWhileAnotherBranchIsTriedAgain begins no second wait, and loses no
// answer that comes in that moment.
func TestAWaitGoesOnWhileAnotherBranchIsTriedAgain(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [
		{"id": "ask", "needs": [], "uses": "orchestrator.request_approval", "with": {"message": "Send?"}},
		{"id": "fetch", "needs": [], "uses": "x.y"},
		{"id": "send", "needs": ["ask", "fetch"], "if": "steps.ask.approved", "uses": "mail.send"}]}`
	tried{"", `"x.y": [{"error": {"class": "timeout"}}, {"error": {"class": "timeout"}}, {"output": 1}], "mail.send": {"output": {}}, "ask": [{"decision": "approved", "after_seconds": 60}]`,
		`{"attempts": 3, "steps": {"send": {"called": 1}}}`, []string{"ask: approved by somebody after 1m"}}.try(t, payload, ``)
}

// TestAReplyThatComesBeforeTheDeadlineCounts although both come while the run waits
// to be tried again.
func TestAReplyThatComesBeforeTheDeadlineCounts(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [
		{"id": "ask", "needs": [], "uses": "orchestrator.request_approval", "with": {"message": "Send?", "timeout_seconds": 60}},
		{"id": "fetch", "needs": [], "uses": "x.y"},
		{"id": "send", "needs": ["ask", "fetch"], "if": "steps.ask.approved", "uses": "mail.send"}]}`
	for after, want := range map[int]string{30: "approved", 90: "rejected"} {
		r := prepare(t, payload)
		r.Task.BackoffBaseSeconds = 240 // of which the wait is at least half
		got, err := r.Run(t.Context(), fmt.Appendf(nil, `{"mocks": {"x.y": [{"error": {"class": "timeout"}}, {"output": 1}], "mail.send": {"output": {}},
			"ask": {"decision": "approved", "after_seconds": %d}}, "cases": [{"expect": {"steps": {"ask": {"output": {"status": %q}}}}}]}`, after, want))
		if err != nil || !got.Passed {
			t.Errorf("after %d seconds: %v, got %s", after, err, differences(got.Cases[0]))
		}
	}
}

// TestARunThatFailsWaitsNoMore for an approval beside what has failed.
func TestARunThatFailsWaitsNoMore(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [
		{"id": "ask", "needs": [], "uses": "orchestrator.request_approval", "with": {"message": "Send?"}},
		{"id": "fetch", "needs": [], "uses": "x.y"}, {"id": "send", "needs": ["ask", "fetch"], "uses": "mail.send"}]}`
	tried{"", `"x.y": {"error": {"class": "denied"}}`, `{"error": {"step": "fetch"}, "steps": {"ask": {"status": "failed"}, "send": {"status": "not_run"}}}`, nil}.try(t, payload, ``)
}

func TestADoubtIsAMock(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [{"id": "pay", "uses": "bank.pay", "with": {"n": 7}, "on_doubt": "ask"}, {"id": "book", "uses": "erp.book", "with": {"id": "${steps.pay.id}"}}]}`
	for _, c := range []tried{
		{"done", `"pay": {"doubt": true, "decision": "done", "output": {"id": "t${args.n}"}, "by": "olga", "after_seconds": 3600}`,
			`{"steps": {"pay": {"called": 1, "waited_seconds": 3600}, "book": {"input": {"id": "t7"}}}}`, []string{"pay: in doubt; after 1h olga said that it is done"}},
		{"to be done again", `"pay": [{"doubt": true, "decision": "retry"}, {"output": {"id": "t8"}}]`,
			`{"attempts": 1, "steps": {"pay": {"called": 2}, "book": {"input": {"id": "t8"}}}}`, []string{"pay: in doubt; somebody said that it is to be done again"}},
		{"failed", `"pay": {"doubt": true, "decision": "fail", "comment": "lost"}`,
			`{"error": {"step": "pay", "code": "step.in_doubt"}, "attempts": 1}`, []string{"pay: in doubt; somebody said that it has failed: lost"}},
		{"nobody says anything", `"pay": {"doubt": true}`,
			`{"error": {"step": "pay", "code": "step.in_doubt"}}`, []string{"pay: in doubt; nobody said anything in 7d, so the step failed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.try(t, payload, `"erp.book": {"output": {}}`)
		})
	}
	t.Run("a step that does not mind is called again", func(t *testing.T) {
		t.Parallel()
		tried{"", `"pay": [{"doubt": true}, {"output": 1}]`, `{"attempts": 2, "output": 1}`, nil}.
			try(t, `{"pipeline": [{"id": "pay", "uses": "bank.pay"}]}`, ``)
	})
}

func TestARunThatIsAskedForIsAMock(t *testing.T) {
	t.Parallel()
	const payload = `{"params": {"wait": true}, "pipeline": [
		{"id": "other", "uses": "flow.run_task", "with": {"task": "other", "wait": "${params.wait}", "timeout_seconds": 600}},
		{"id": "tell", "uses": "mail.send", "with": {"run": "${steps.other}"}}]}`
	for _, c := range []tried{
		{"it succeeds", `"other": {"output": {"n": "${args.task}"}, "after_seconds": 60}`,
			`{"steps": {"other": {"called": 1, "waited_seconds": 60}, "tell": {"input": {"run": {"status": "succeeded", "output": {"n": "other"}, "run_id": "00000000-0000-7000-8000-000000000001"}}}}}`,
			[]string{"other: the run succeeded after 1m"}},
		{"it fails", `"other": {"error": {"class": "denied", "message": "no"}}`,
			`{"error": {"step": "other", "class": "denied"}, "attempts": 1}`, []string{"other: the run failed"}},
		{"it lasts too long", `"other": {"output": {}, "after_seconds": 601}`,
			`{"error": {"step": "other", "class": "timeout"}}`, []string{"other: the run did not end in 10m, so the step failed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.try(t, payload, `"mail.send": {"output": {}}`)
		})
	}
	t.Run("nobody waits for it", func(t *testing.T) {
		t.Parallel()
		got := play(t, payload, `{"params": {"wait": false}, "mocks": {"flow.run_task": {"output": {}}, "mail.send": {"output": {}}}, "cases": [
			{"expect": {"steps": {"tell": {"input": {"run": {"task_id": "other", "status": "queued"}}}, "other": {"waited_seconds": 0}}}}]}`).Cases[0]
		if !got.Passed || len(got.Told) > 0 {
			t.Errorf("got %s, %v, %+v", differences(got), got.Told, got.Stopped)
		}
	})
}

func TestWhatWasDoneIsUndone(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [
		{"id": "hold", "foreach": "['a', 'b']", "uses": "stock.hold", "with": {"sku": "${item}"}, "undo": {"uses": "stock.free", "with": {"sku": "${item}"}}},
		{"id": "charge", "uses": "bank.pay", "undo": {"uses": "bank.refund", "with": {"id": "${steps.charge.id}"}, "retry": {"max_retries": 1, "base_seconds": 60}}},
		{"id": "send", "uses": "mail.send"}]}`
	const common = `"stock.hold": {"output": {}}, "stock.free": {"output": {}}, "bank.pay": {"output": {"id": 9}}`
	for _, c := range []tried{
		{"nothing fails", `"mail.send": {"output": {}}`, `{"steps": {"charge.undo": {"status": "not_run"}}, "calls": ["stock.hold", "stock.hold", "charge", "send"]}`, nil},
		{"the last first", `"mail.send": {"error": {"class": "denied", "message": "no"}}, "charge.undo": {"output": {}}`,
			`{"error": {"step": "send", "message": "no"}, "steps": {"charge.undo": {"status": "succeeded", "input": {"id": 9}}},
			"calls": ["stock.hold", "stock.hold", "charge", "send", "bank.refund", {"tool": "stock.free", "input": {"sku": "b"}}, {"tool": "stock.free", "input": {"sku": "a"}}]}`,
			[]string{"undone: charge, hold[1], hold[0]"}},
		{"tried again", `"mail.send": {"error": {"class": "denied"}}, "bank.refund": [{"error": {"class": "unavailable"}}, {"output": {}}]`,
			`{"status": "failed", "steps": {"charge.undo": {"status": "succeeded", "called": 2}}}`, []string{"undone: charge, hold[1], hold[0]"}},
		{"what cannot be undone", `"mail.send": {"error": {"class": "denied"}}, "bank.refund": {"error": {"class": "unavailable"}}, "hold.undo": {"output": {}}`,
			`{"error": {"step": "send"}, "steps": {"charge.undo": {"status": "failed", "called": 2}}}`, []string{"undone: hold[1], hold[0]", "not undone: charge"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.try(t, payload, common)
		})
	}
	t.Run("an undo without a mock stops the case", func(t *testing.T) {
		t.Parallel()
		got := play(t, payload, `{"mocks": {`+common+`, "mail.send": {"error": {"class": "denied"}}}}`).Cases[0]
		if got.Status != "stopped" || got.Stopped == nil || got.Stopped.Step != "charge.undo" {
			t.Errorf("got %s, %+v", got.Status, got.Stopped)
		}
	})
}

func TestAScriptThatAlwaysWantsChangesIsStopped(t *testing.T) {
	t.Parallel()
	got := play(t, letter, `{"mocks": {`+written+`, "ask": {"decision": "changes", "to": "draft"}}}`).Cases[0]
	if got.Passed || got.Stopped == nil || !strings.Contains(got.Stopped.Message, "sent back 20 times") {
		t.Errorf("got %+v", got.Stopped)
	}
}

// TestAnswersThatDoNotGoTogetherAreTold at once, each at its place.
func TestAnswersThatDoNotGoTogetherAreTold(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [{"id": "rest", "uses": "system.sleep", "with": {"seconds": 1}}, {"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "?"}},
		{"id": "run", "uses": "flow.run_task", "with": {"task": "a"}}, {"id": "call", "uses": "x.y", "undo": {"uses": "x.z"}},
		{"id": "all", "foreach": "params.l", "steps": [{"id": "in", "uses": "x.in"}]}, {"id": "old", "uses": "pipeline.foreach", "with": {"items_path": "params.l", "body": [{"uses": "x.old"}]}}], "params": {"l": []}}`
	for _, c := range []struct {
		name, mocks string
		want        []string
	}{
		{"answers of another sort", `"rest": {"output": {}}, "ask": [{"output": {}}, {"decision": "approved"}], "call": {"decision": "approved"}, "x.z": {"decision": "rejected"}, "run": {"doubt": true}, "x.in": {"output": 1, "after_seconds": 5}`, []string{
			"/mocks/ask/0: a decision answers orchestrator.request_approval, and nothing else does",
			"/mocks/call: a decision answers orchestrator.request_approval, and nothing else does",
			"/mocks/rest: system.sleep waits by itself, and in a test no time passes",
			"/mocks/run: a run is never in doubt",
			"/mocks/x.in/after_seconds: nobody waits for x.in: a call answers at once",
			"/mocks/x.z: a decision answers orchestrator.request_approval, and nothing else does",
		}},
		{"contradictions", `"ask": {"decision": "done"}, "call": {"doubt": true, "decision": "approved"}, "call.undo": {"doubt": true, "output": 1}, "run": {"output": 1, "error": {"class": "timeout"}}`, []string{
			"/mocks/ask/decision: that is not decided here",
			"/mocks/call/decision: that is not decided here",
			"/mocks/call.undo/output: a call in doubt has an output only when somebody says that it is done",
			"/mocks/run: an answer has an output, an error, a decision or a doubt, and only one of them",
		}},
		{"words without a decision", `"call": {"output": 1, "comment": "fine"}`, []string{"/mocks/call/decision: by, comment, items and to go with a decision"}},
		{"changes to nowhere", `"ask": {"decision": "changes"}`, []string{"/mocks/ask/to: whoever wants changes names the step that is done again"}},
		{"names", `"all.inn": {"output": 1}, "x.oldd": {"output": 1}, "call.redo": {"output": 1}`, []string{
			`/mocks/all.inn: no step uses the tool "all.inn"`, `/mocks/call.redo: no step uses the tool "call.redo"`, `/mocks/x.oldd: no step uses the tool "x.oldd"`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := prepare(t, payload).Run(t.Context(), json.RawMessage(`{"mocks": {`+c.mocks+`}}`))
			var got []string
			for _, line := range told(err) {
				_, place, _ := strings.Cut(line, " /script")
				place, _, _ = strings.Cut(place, ";")
				got = append(got, place)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	good := `"all.in": {"output": 1}, "old.step_0": {"output": 1}, "call.undo": {"output": 1}, "x.old": {"output": 1}, "call": {"output": 1}, "run": {"output": 1}, "ask": {"decision": "approved"}`
	if got := play(t, payload, `{"mocks": {`+good+`}, "cases": [{"params": {"l": [1]}, "expect": {"steps": {"all[0].in": {"called": 1}, "old[0].step_0": {"output": 1}}}}]}`); !got.Passed {
		t.Errorf("got %s, %+v", differences(got.Cases[0]), got.Cases[0].Stopped)
	}
}
