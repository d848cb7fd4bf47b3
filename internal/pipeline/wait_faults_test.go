package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// waitFaults are faults of steps that wait.
func waitFaults() []fault {
	return []fault{
		{"a sleep for nothing", `[{"uses": "system.sleep"}]`, []string{`field.invalid_value /pipeline/0/with: the value must have at least 1 field, and has 0; send at least 1 field`}},
		{"a sleep for two reasons", `[{"uses": "system.sleep", "with": {"seconds": 1, "until": "${now}"}}]`, []string{`field.invalid_value /pipeline/0/with: the value must have at most 1 field, and has 2; send at most 1 field`}},
		{"a sleep in words", `[{"uses": "system.sleep", "with": {"seconds": "ten"}}]`, []string{`field.wrong_type /pipeline/0/with/seconds: seconds must be a number, not a string; send a number`}},
		{"a sleep for years", `[{"uses": "system.sleep", "with": {"seconds": 1e9}}]`, []string{`field.invalid_value /pipeline/0/with/seconds: seconds must be at most 31622400; send a number that is at most 31622400`}},
		{"quiet hours that never end", `[{"uses": "policy.quiet_hours_gate", "with": {"from": "22:00"}}]`, []string{`field.required /pipeline/0/with/to: to is missing; add to`}},
		{"quiet hours that begin twice", `[{"uses": "policy.quiet_hours_gate", "with": {"from": "22:00", "start": "23:00", "to": "7:00"}}]`, []string{`field.invalid_value /pipeline/0/with: the value fits more than one of the forms of which it must fit one; leave out what belongs to the other form`}},
		{"quiet hours at no time of day", `[{"uses": "policy.quiet_hours_gate", "with": {"from": "25:00", "to": "07:00", "days": ["monday"]}}]`, []string{
			`field.invalid_value /pipeline/0/with/days/0: item 0 must be one of mon, tue, wed, thu, fri, sat, sun; send one of them`,
			`field.invalid_value /pipeline/0/with/from: from does not have the form ^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$; send text that matches ^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$`,
		}},
		{"an approval of nothing", `[{"uses": "orchestrator.request_approval"}, {"uses": "debug.echo"}]`, []string{`field.required /pipeline/0/with/message: message is missing; add message, a string: What is asked`}},
		{"an approval with two deadlines", `[{"uses": "orchestrator.request_approval", "with": {"message": "x", "deadline": "${now + 1h}", "timeout_hours": 1}}, {"uses": "debug.echo"}]`, []string{`field.unknown /pipeline/0/with/timeout_hours: timeout_hours is not accepted here; leave it out`}},
		{"an approval whose deadline decides nothing known", `[{"uses": "orchestrator.request_approval", "with": {"message": "x", "default": "aprove"}}, {"uses": "debug.echo"}]`, []string{`field.invalid_value /pipeline/0/with/default: default must be one of reject, approve; did you mean approve?`}},
		{"what belongs to calls", `[{"uses": "system.sleep", "with": {"seconds": 1}, "on_doubt": "ask", "idempotency_key": "k", "undo": {"uses": "debug.echo"}}]`, []string{
			`pipeline.invalid_step /pipeline/0/on_doubt: on_doubt belongs to a step that calls a tool; leave it out`,
			`pipeline.invalid_step /pipeline/0/undo: undo belongs to a step that calls a tool; leave it out`,
			`pipeline.invalid_step /pipeline/0/idempotency_key: idempotency_key belongs to a step that calls a tool; leave it out`,
		}},
		{"as it should be", `[{"uses": "system.sleep", "with": {"until": "${now + 1h}"}}, {"uses": "policy.quiet_hours_gate", "with": {"start": "0:00", "end": "24:00", "days": ["sat"], "timezone": "Europe/Chisinau"}}, {"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "${params.x}", "data": [1], "timeout_hours": 4, "default": "approve", "on_reject": "continue"}}, {"uses": "debug.echo"}]`, nil},
	}
}

// callFaults are faults of what is said about doubts, keys and undos.
func callFaults() []fault {
	return []fault{
		{"an unknown on_doubt", `[{"uses": "bank.pay", "on_doubt": "askk"}]`, []string{`field.invalid_value /pipeline/0/on_doubt: on_doubt must be one of retry, fail, ask; did you mean ask?`}},
		{"a key that is no text", `[{"uses": "bank.pay", "idempotency_key": 5}]`, []string{`field.wrong_type /pipeline/0/idempotency_key: idempotency_key must be a text; put it in quotes`}},
		{"an empty key", `[{"uses": "bank.pay", "idempotency_key": ""}]`, []string{`field.invalid_value /pipeline/0/idempotency_key: an empty key keeps nothing apart; leave it out, or name what the call is about`}},
		{"a key that reads what is not there", `[{"uses": "bank.pay", "idempotency_key": "k-${steps.none}"}, {"uses": "bank.pay", "idempotency_key": "${now"}]`, []string{
			`pipeline.unknown_step /pipeline/0/idempotency_key: there is no step "none"; use the id or save_as of a step before this one`,
			`expression.syntax /pipeline/1/idempotency_key: column 1, “${now”: the ${ is never closed; close it with }, or write $${ for a literal ${`,
		}},
		{"an undo that is no object", `[{"uses": "bank.pay", "undo": "bank.refund"}]`, []string{`field.wrong_type /pipeline/0/undo: undo must be an object; say which tool takes back what the step has done`}},
		{"an undo without a tool", `[{"uses": "bank.pay", "undo": {}}]`, []string{`field.required /pipeline/0/undo/uses: a step must say which tool it uses; add uses`}},
		{"an undo with an unknown tool and field", `[{"uses": "bank.pay", "undo": {"uses": "bank.refnd", "wiht": {}}}]`, []string{
			`field.unknown /pipeline/0/undo/wiht: there is no field "wiht" here; did you mean with?`,
			`tool.not_found /pipeline/0/undo/uses: there is no tool "bank.refnd"; did you mean bank.refund?`,
		}},
		{"an undo inside of an undo, that asks", `[{"uses": "bank.pay", "undo": {"uses": "bank.refund", "undo": {"uses": "bank.pay"}, "on_doubt": "ask"}}]`, []string{
			`pipeline.invalid_step /pipeline/0/undo/on_doubt: an undo is always called again when it is in doubt; leave it out, and use a tool that can take the same thing back twice`,
			`pipeline.invalid_step /pipeline/0/undo/undo: an undo cannot itself be undone; leave it out`,
		}},
		{"an undo that waits", `[{"uses": "bank.pay", "undo": {"uses": "system.sleep", "with": {"seconds": 1}}}]`, []string{`pipeline.invalid_step /pipeline/0/undo/uses: system.sleep takes nothing back; use a tool that is called`}},
		{"an undo that reads what comes later", `[{"id": "a", "uses": "bank.pay", "undo": {"uses": "bank.refund", "with": {"x": "${steps.b}"}}}, {"id": "b", "uses": "bank.pay"}]`, []string{`pipeline.step_not_yet_run /pipeline/0/undo/with/x: the step "b" comes only after this one; move it before "a"`}},
		{"an undo whose arguments do not fit", `[{"uses": "bank.pay", "undo": {"uses": "debug.log", "with": {"message": 5}, "retry": {"max_retries": 50}, "timeout_seconds": 0}}]`, []string{
			`field.invalid_value /pipeline/0/undo/timeout_seconds: timeout_seconds must be more than 0 and at most 3600; give the seconds that one attempt may take`,
			`field.invalid_value /pipeline/0/undo/retry/max_retries: max_retries must be a whole number from 0 to 20; send such a number`,
			`field.wrong_type /pipeline/0/undo/with/message: message must be a string, not a number; send a string`,
		}},
		{"a step that reads its own result", `[{"id": "a", "uses": "bank.pay", "with": {"x": "${steps.a}"}}]`, []string{`pipeline.step_not_yet_run /pipeline/0/with/x: a step cannot read its own result; read a step before this one`}},
		{"all of it around a body", `[{"foreach": "params.list", "steps": [{"uses": "bank.pay"}], "on_doubt": "ask", "idempotency_key": "k", "undo": {"uses": "bank.refund"}}]`, []string{
			`pipeline.invalid_step /pipeline/0/on_doubt: on_doubt belongs to the steps of the body; move it there, or leave it out`,
			`pipeline.invalid_step /pipeline/0/undo: undo belongs to the steps of the body; move it there, or leave it out`,
			`pipeline.invalid_step /pipeline/0/idempotency_key: idempotency_key belongs to the steps of the body; move it there, or leave it out`,
		}},
		{"as it should be", `[{"id": "a", "uses": "bank.pay", "on_doubt": "ask", "idempotency_key": "k-${task.key}", "undo": {"uses": "bank.refund", "with": {"x": "${steps.a.id}", "why": "${errors.a?}"}, "retry": {"max_retries": 5}, "timeout": 5}},
			{"foreach": "params.list", "id": "each", "uses": "bank.pay", "on_doubt": "fail", "idempotency_key": "k-${item}", "undo": {"uses": "bank.refund", "with": {"x": "${item} ${steps.each.id}"}}}]`, nil},
	}
}

func TestCompileTellsEachFaultOfWaitsAndUndos(t *testing.T) {
	t.Parallel()
	c := newShelf(t)
	for kind, faults := range map[string][]fault{"waits": waitFaults(), "calls": callFaults()} {
		for _, tt := range faults {
			t.Run(kind+": "+tt.name, func(t *testing.T) {
				t.Parallel()
				if diff := cmp.Diff(tt.want, told(check(`{"pipeline": `+tt.payload+`}`, c))); diff != "" {
					t.Errorf("faults (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestWhatHasNoEffectIsWarnedOf(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"pipeline": [
		{"uses": "debug.echo", "on_doubt": "fail"},
		{"uses": "system.sleep", "with": {"seconds": 1}, "timeout": 5, "retry": {}},
		{"id": "read", "uses": "orchestrator.request_approval", "with": {"message": "1?"}},
		{"id": "last", "uses": "orchestrator.request_approval", "with": {"message": "2?"}}], "output": "${steps.read.by}"}`)
	want := []string{
		`pipeline.no_effect /pipeline/0/on_doubt: debug.echo may be called again at any time, so a doubt does not matter; leave on_doubt out`,
		`pipeline.no_effect /pipeline/1/retry: system.sleep calls nothing, so it has no retry; leave it out; how long it waits stands in with`,
		`pipeline.no_effect /pipeline/1/timeout: system.sleep calls nothing, so it has no timeout; leave it out; how long it waits stands in with`,
		`pipeline.no_effect /pipeline/3: nobody reads what is decided, and no step follows; let the steps that it is about come after it`,
	}
	if diff := cmp.Diff(want, told(plan.Warnings())); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestAnApprovalKnowsTheStepsBeforeIt(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"params": {"list": [1]}, "pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo"}, {"id": "beside", "needs": [], "uses": "debug.echo"},
		{"id": "ask", "needs": ["b"], "uses": "orchestrator.request_approval", "with": {"message": "?"}}, {"id": "each", "foreach": "params.list", "steps": [{"id": "in", "uses": "debug.echo"}, {"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "?"}}]}]}`)
	for path, want := range map[string][]string{"ask": {"a", "b"}, "b": nil, "each[0].ask": nil, "none": nil} {
		if diff := cmp.Diff(want, plan.Earlier(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if diff := cmp.Diff([]string{"ask"}, plan.Approvals()); diff != "" {
		t.Errorf("approvals (-want +got):\n%s", diff)
	}
}

func TestAnApprovalShowsWhatWillBeDone(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"params": {"list": [{"to": "ana"}, {"to": "ion"}]}, "pipeline": [
		{"id": "beside", "needs": [], "uses": "bank.pay"},
		{"id": "ask", "needs": [], "uses": "orchestrator.request_approval", "with": {"message": "Send?", "data": "${params.list}"}},
		{"id": "send", "needs": ["ask"], "if": "steps.ask.approved", "uses": "bank.pay", "with": {"n": "${length(steps.ask.approved_items)}", "all": "${steps}"}},
		{"id": "not", "needs": ["ask"], "if": "steps.ask.timed_out", "uses": "bank.pay"},
		{"id": "both", "needs": ["ask", "beside"], "uses": "bank.pay"},
		{"id": "each", "needs": ["ask"], "foreach": "steps.ask.approved_items", "uses": "bank.pay", "with": {"to": "${item.to} ${index}"}},
		{"id": "body", "needs": ["ask"], "foreach": "steps.ask.approved_items[:1]", "steps": [{"id": "one", "uses": "bank.pay"}, {"uses": "debug.echo"}]},
		{"id": "blind", "needs": ["ask"], "foreach": "params.none", "uses": "bank.pay"},
		{"id": "torn", "needs": ["ask"], "uses": "bank.pay", "with": {"x": "of ${steps.ask.comment}"}},
		{"id": "wait", "needs": ["ask"], "uses": "system.sleep", "with": {"seconds": 1}},
		{"id": "huge", "needs": ["ask"], "uses": "bank.pay", "with": {"x": "${join('', params.huge)}"}},
		{"id": "later", "needs": ["send"], "uses": "bank.pay"}]}`)
	e := env(t)
	e.Run.Params = json.RawMessage(`{"huge": ["` + strings.Repeat("x", 300_000) + `"]}`)
	turn := plan.Begin(e).Next(*e.Run.Now)
	if len(turn.Settled) != 1 || turn.Settled[0].Wait == nil {
		t.Fatalf("got %+v, want one wait", turn.Settled)
	}
	var calls []struct {
		Step, Tool string
		With       json.RawMessage
	}
	if err := json.Unmarshal(turn.Settled[0].Wait.Then, &calls); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range calls {
		got = append(got, fmt.Sprintf("%s %s %s", c.Step, c.Tool, c.With))
	}
	want := []string{
		`send bank.pay {"all":{"ask":{"approved":true,"approved_items":[{"to":"ana"},{"to":"ion"}],"by":null,"comment":null,"decided_at":"2026-03-27T08:30:00+02:00","status":"approved","timed_out":false}},"n":2}`,
		`each[0] bank.pay {"to":"ana 0"}`, `each[1] bank.pay {"to":"ion 1"}`, `body[0].one bank.pay {}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("then (-want +got):\n%s", diff)
	}
}

func TestAPreviewShowsWaits(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"seconds": 60}}, {"id": "b", "uses": "system.sleep", "with": {"until": "${now - 1h}"}}, {"id": "c", "uses": "orchestrator.request_approval", "with": {"message": "?", "timeout_hours": 1}},
		{"id": "d", "uses": "bank.pay", "undo": {"uses": "bank.refund"}}, {"id": "e", "uses": "system.sleep", "with": {"until": "${now + 999d}"}}, {"id": "f", "needs": [], "foreach": "params.none", "uses": "bank.pay", "undo": {"uses": "bank.refund"}}]}`)
	var got []string
	for _, v := range plan.Preview(env(t), nil) {
		line := fmt.Sprintf("%s %s undo=%s", v.Path, v.Waits, v.Undo)
		if v.Wait != nil {
			line += fmt.Sprintf(" until %s then %s", v.Wait.Until.Format(time.TimeOnly), v.Wait.Then)
		}
		if v.Failure != nil {
			line += " failed at " + v.Failure.At
		}
		got = append(got, line)
	}
	want := []string{
		`a sleep undo= until 06:31:00 then `, `b sleep undo=`, `c approval undo= until 07:30:00 then [{"step":"d","tool":"bank.pay","with":{}}]`,
		`d  undo=bank.refund`, `e sleep undo= failed at /with`, `f  undo=bank.refund failed at /foreach`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// quietTests are moments in Chisinau, and until when nobody is disturbed.
func TestQuietHoursFollowTheClocksOfPeople(t *testing.T) {
	t.Parallel()
	night := `{"from": "22:00", "to": "07:00"}`
	for _, tt := range []struct{ name, with, now, want string }{
		{"by day nobody minds", night, "2026-01-05T12:00:00", ""},
		{"in the evening", night, "2026-01-05T22:00:00", "2026-01-06T07:00:00+02:00"},
		{"in the morning", night, "2026-01-06T06:59:59", "2026-01-06T07:00:00+02:00"},
		{"when they are over", night, "2026-01-06T07:00:00", ""},
		{"the night in which clocks go forward", night, "2026-03-28T23:00:00", "2026-03-29T07:00:00+03:00"},
		{"the night in which clocks go back", night, "2026-10-24T23:00:00", "2026-10-25T07:00:00+02:00"},
		{"an end that clocks leave out is the change", `{"from": "22:00", "to": "02:30"}`, "2026-03-29T01:00:00", "2026-03-29T03:00:00+03:00"},
		{"an end that clocks show twice is the first", `{"from": "22:00", "to": "02:30"}`, "2026-10-25T01:00:00", "2026-10-25T02:30:00+03:00"},
		{"a beginning that clocks leave out is the change", `{"from": "02:30", "to": "05:00"}`, "2026-03-29T03:10:00", "2026-03-29T05:00:00+03:00"},
		{"at noon", `{"start": "12:00", "end": "13:00"}`, "2026-01-05T12:30:00", "2026-01-05T13:00:00+02:00"},
		{"on other days", `{"from": "22:00", "to": "07:00", "days": ["sat"]}`, "2026-01-05T23:00:00", ""},
		{"the day on which they began counts", `{"from": "22:00", "to": "07:00", "days": ["sun"]}`, "2026-01-05T06:00:00", "2026-01-05T07:00:00+02:00"},
		{"a whole weekend", `{"from": "00:00", "to": "24:00", "days": ["sat", "sun"]}`, "2026-01-03T12:00:00", "2026-01-05T00:00:00+02:00"},
		{"until midnight", `{"from": "22:00", "to": "00:00"}`, "2026-01-05T23:00:00", "2026-01-06T00:00:00+02:00"},
		{"in another zone", `{"from": "22:00", "to": "07:00", "timezone": "America/New_York"}`, "2026-01-05T12:00:00", "2026-01-05T14:00:00+02:00"},
		{"always", `{"from": "00:00", "to": "24:00"}`, "2026-01-05T12:00:00", "!/with/days"},
		{"never", `{"from": "07:00", "to": "07:00"}`, "2026-01-05T12:00:00", "!/with"},
		{"nowhere", `{"from": "22:00", "to": "07:00", "timezone": "Europe/Chisinow"}`, "2026-01-05T12:00:00", "!/with/timezone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := env(t)
			e.LoadZone = schedule.LoadZone
			now, err := time.ParseInLocation("2006-01-02T15:04:05", tt.now, e.Zone)
			if err != nil {
				t.Fatal(err)
			}
			turn := compile(t, `{"pipeline": [{"uses": "policy.quiet_hours_gate", "with": `+tt.with+`}]}`).Begin(e).Next(now)
			got := ""
			switch end := turn.End.(type) {
			case pipeline.Failed:
				got = "!" + end.Failure.At
			case pipeline.Done:
				if string(end.Output) != `{"until":null,"waited":false}` {
					t.Errorf("got %s", end.Output)
				}
			default:
				got = turn.Until.In(e.Zone).Format(time.RFC3339)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAnIdempotencyKeyLasts(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"params": {"n": 7}, "pipeline": [{"id": "a", "uses": "bank.pay", "idempotency_key": "invoice-${params.n}-${run.attempt}"}]}`)
	e := env(t)
	first := plan.Begin(e).Next(*e.Run.Now).Begin[0]
	if first.IdempotencyKey != "invoice-7-2" {
		t.Errorf("got %q", first.IdempotencyKey)
	}
	e.Run.Failures++
	again := plan.Begin(e, first.Started(*e.Run.Now)).Next(*e.Run.Now).Begin[0]
	if again.IdempotencyKey != first.IdempotencyKey {
		t.Errorf("when it is called again: got %q, want %q", again.IdempotencyKey, first.IdempotencyKey)
	}
	for params, want := range map[string]string{`{"k": ""}`: "field.invalid_value", `{"k": 5}`: "field.invalid_value", `{"k": "` + strings.Repeat("ă", 201) + `"}`: "field.invalid_value", `{"k": "` + strings.Repeat("ă", 200) + `"}`: ""} {
		e.Run.Params = json.RawMessage(params)
		turn := compile(t, `{"pipeline": [{"id": "a", "uses": "bank.pay", "idempotency_key": "${params.k}"}]}`).Begin(e).Next(*e.Run.Now)
		failed, _ := turn.End.(pipeline.Failed)
		if string(failed.Failure.Code) != want || want != "" && failed.Failure.At != "/idempotency_key" {
			t.Errorf("%.20s: got %+v, want %q", params, failed.Failure, want)
		}
	}
}

func TestAKeyDiffersFromRoundToRound(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"params": {"list": [1]}, "pipeline": [{"id": "a", "uses": "bank.pay", "idempotency_key": "mine"}, {"id": "each", "foreach": "params.list", "uses": "bank.pay"}]}`)
	e := env(t)
	past := []ordinaut.StepResult{succeeded("a~1", `1`), succeeded("each~1[0]", `1`), succeeded("each~1", `[1]`), succeeded("a~2", `1`)}
	g := plan.Begin(e, past...)
	a := g.Next(*e.Run.Now).Begin[0]
	g.Record(answered(a, nil, *e.Run.Now))
	each := g.Next(*e.Run.Now).Begin[0]
	if a.IdempotencyKey != "mine~2" || each.IdempotencyKey != "run-1/each~1[0]" {
		t.Errorf("got %q and %q", a.IdempotencyKey, each.IdempotencyKey)
	}
}

func TestLinksCanBeRead(t *testing.T) {
	t.Parallel()
	e := env(t)
	e.Links = map[string]string{"ask": "https://example.com/a"}
	plan := compile(t, `{"pipeline": [{"uses": "debug.echo", "with": {"at": "${run.links.ask}", "all": "${run.links}"}}, {"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "?"}}, {"id": "too", "uses": "orchestrator.request_approval", "with": {"message": "?"}}]}`)
	if got, want := string(plan.Begin(e).Next(*e.Run.Now).Begin[0].Args), `{"all":{"ask":"https://example.com/a","too":null},"at":"https://example.com/a"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAWaitGoesOnAfterAResume(t *testing.T) {
	t.Parallel()
	e := env(t)
	now := *e.Run.Now
	plan := compile(t, `{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"seconds": 3600}}, {"id": "b", "needs": [], "uses": "orchestrator.request_approval", "with": {"message": "?"}}, {"uses": "debug.echo"}]}`)
	turn := plan.Begin(e).Next(now)
	if !turn.Waiting || !turn.Until.Equal(now.Add(time.Hour)) || len(turn.Settled) != 2 {
		t.Fatalf("got %+v, want two waits, the first for an hour", turn)
	}
	resumed := plan.Begin(e, turn.Settled...)
	again := resumed.Next(now.Add(30 * time.Minute))
	if !again.Waiting || !again.Until.Equal(*turn.Until) || len(again.Settled) != 0 {
		t.Errorf("half way: got %+v, want the same wait", again)
	}
	resumed.Answer("b", json.RawMessage(`{"decision": "approved"}`))
	resumed.Answer("b", json.RawMessage(`{"decision": "rejected"}`))
	resumed.Answer("none", json.RawMessage(`{}`))
	over := resumed.Next(now.Add(2 * time.Hour))
	if len(over.Settled) != 2 || over.Settled[0].Status != ordinaut.StepSucceeded || !strings.Contains(string(over.Settled[1].Output), "approved") || over.Waiting || len(over.Begin) != 1 {
		t.Errorf("when both are over: got %+v", over)
	}
	if turn.Settled[1].Wait.Answer != nil {
		t.Error("the record of the wait was written into")
	}
}
