package pipeline_test

import (
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// doubtStays are runs in which nobody knows what became of a call.
func doubtStays() []stayed {
	ask := `{"pipeline": [{"id": "pay", "uses": "bank.pay", "on_doubt": "ask", "retry": {}}, {"uses": "debug.echo", "with": {"x": "${steps.pay}"}}]}`
	late := map[string]string{"pay": "!timeout"}
	return []stayed{
		{
			"a doubt may fail the step, whatever its budget", `{"pipeline": [{"id": "pay", "uses": "bank.pay", "on_doubt": "fail", "retry": {}}]}`, late, nil,
			[]string{`call pay bank.pay {}`, `failed timeout step.in_doubt pay spent=true: no; whether it had an effect is not known`},
		},
		{
			"a doubt that fails the step may be gone over", `{"pipeline": [{"id": "pay", "uses": "bank.pay", "on_doubt": "fail", "on_error": {"value": "${errors.pay.code}"}}, {"uses": "debug.echo", "with": {"x": "${steps.pay}"}}]}`, late, nil,
			[]string{`call pay bank.pay {}`, `call step_1 debug.echo {"x":"step.in_doubt"}`, `done {"x":"step.in_doubt"}`},
		},
		{
			"somebody may say that it is done, and with what", ask, late, map[string][]string{"pay": {`{"decision": "done", "output": {"id": 7}, "by": "olga"}`}},
			[]string{`call pay bank.pay {}`, `waiting pay for a doubt`, `succeeded pay {"id":7}`, `call step_1 debug.echo {"x":{"id":7}}`, `done {"x":{"id":7}}`},
		},
		{
			"or that it is done, and no more", ask, late, map[string][]string{"pay": {`{"decision": "done"}`}},
			[]string{`call pay bank.pay {}`, `waiting pay for a doubt`, `succeeded pay null`, `call step_1 debug.echo {"x":null}`, `done {"x":null}`},
		},
		{
			"or that it is to be tried again", ask, late, map[string][]string{"pay": {`{"decision": "retry"}`, `{"decision": "fail", "by": "olga", "comment": "the bank is shut"}`}},
			[]string{`call pay bank.pay {}`, `waiting pay for a doubt`, `call pay bank.pay {}`, `waiting pay for a doubt`, `failed pay step.in_doubt`, `failed timeout step.in_doubt pay spent=true: no; it counts as failed, said olga: the bank is shut`},
		},
		{
			"a doubt that nobody settles fails the step", ask, late, nil,
			[]string{`call pay bank.pay {}`, `waiting pay for a doubt`, `until 03. 09:30:00`, `failed pay step.in_doubt`, `failed timeout step.in_doubt pay spent=true: no; it counts as failed, said the end of the wait: nobody said so by 2026-04-03T06:30:00Z`},
		},
		{
			"an answer that says nothing fails the step", ask, late, map[string][]string{"pay": {`{"decision": "approved"}`}},
			[]string{`call pay bank.pay {}`, `waiting pay for a doubt`, `failed pay field.invalid_value`, `failed invalid_input field.invalid_value pay spent=true: the answer {"decision": "approved"} is none that a step with bank.pay can go on from`},
		},
		{
			"an answer that cannot be read fails the step", ask, late, map[string][]string{"pay": {`"done"`}},
			[]string{`call pay bank.pay {}`, `waiting pay for a doubt`, `failed pay field.invalid_value`, `failed invalid_input field.invalid_value pay spent=true: the answer to pay cannot be read: json: cannot unmarshal string into Go value of type pipeline.verdict`},
		},
		{
			"a failure that is none is tried again", ask, map[string]string{"pay": "!denied"}, nil,
			[]string{`call pay bank.pay {}`, `failed denied tool.failed pay spent=true: no`},
		},
	}
}

// undoStays are runs that are taken back.
func undoStays() []stayed {
	return []stayed{
		{
			"what was done is taken back, the last first, and the others are left",
			`{"pipeline": [{"id": "a", "uses": "bank.pay", "with": {"n": 1}, "undo": {"uses": "bank.refund", "with": {"of": "${steps.a.n}"}}}, {"id": "b", "uses": "bank.pay", "with": {"n": 2}}, {"id": "c", "uses": "bank.pay", "with": {"n": 3}, "undo": {"uses": "bank.refund", "with": {"of": "${steps.c.n}", "all": "${steps}"}}},
				{"id": "d", "uses": "bank.pay", "undo": {"uses": "bank.refund"}}]}`,
			map[string]string{"d": "!denied"}, nil,
			[]string{
				`call a bank.pay {"n":1}`, `call b bank.pay {"n":2}`, `call c bank.pay {"n":3}`, `call d bank.pay {}`, `failed denied tool.failed d spent=false: no`,
				`call c.undo bank.refund {"all":{"a":{"n":1},"b":{"n":2},"c":{"n":3}},"of":3}`, `call a.undo bank.refund {"of":1}`, `failed: no`,
			},
		},
		{
			"items are taken back with what they were",
			`{"params": {"list": [{"n": 1}, {"n": 2}]}, "pipeline": [{"id": "each", "foreach": "params.list", "uses": "bank.pay", "with": {"n": "${item.n}"}, "undo": {"uses": "bank.refund", "with": {"of": "${item.n} ${index} ${steps.each.n}"}}},
				{"id": "body", "foreach": "steps.each", "steps": [{"id": "x", "save_as": "ex", "uses": "bank.pay", "with": {"n": "${item.n * 10}"}}, {"id": "y", "uses": "bank.pay", "with": {"n": "${steps.x.n + 1}"}, "undo": {"uses": "bank.refund", "with": {"of": "${steps.y.n} after ${steps.ex.n} and ${length(steps.each)}"}}}]}, {"id": "end", "uses": "flow.run_task", "with": {"task": "x"}}]}`,
			map[string]string{"end": "!denied"}, nil,
			[]string{
				`call each[0] bank.pay {"n":1}`, `call each[1] bank.pay {"n":2}`, `succeeded each [{"n":1},{"n":2}]`,
				`call body[0].x bank.pay {"n":10}`, `call body[0].y bank.pay {"n":11}`, `call body[1].x bank.pay {"n":20}`, `call body[1].y bank.pay {"n":21}`, `succeeded body [{"n":11},{"n":21}]`,
				`call end flow.run_task {"task":"x"}`, `failed denied tool.failed end spent=false: no`,
				`call body[1].y.undo bank.refund {"of":"21 after 20 and 2"}`, `call body[0].y.undo bank.refund {"of":"11 after 10 and 2"}`,
				`call each[1].undo bank.refund {"of":"2 1 2"}`, `call each[0].undo bank.refund {"of":"1 0 1"}`, `failed: no`,
			},
		},
		{
			"an undo that fails is tried again, and then the others still run",
			`{"pipeline": [{"id": "a", "uses": "bank.pay", "undo": {"uses": "bank.refund"}}, {"id": "b", "uses": "bank.pay", "undo": {"uses": "bank.refund", "retry": {"max_retries": 1, "backoff_strategy": "fixed", "base_seconds": 60}}}, {"id": "c", "uses": "bank.pay", "undo": {"uses": "bank.refund", "with": {"x": "of ${steps.c.none}"}}}, {"id": "d", "uses": "flow.run_task", "with": {"task": "x"}}]}`,
			map[string]string{"b.undo": "!timeout", "d": "!denied"}, nil,
			[]string{
				`call a bank.pay {}`, `call b bank.pay {}`, `call c bank.pay {}`, `call d flow.run_task {"task":"x"}`, `failed denied tool.failed d spent=false: no`,
				`failed c.undo expression.null_value`, `call b.undo bank.refund {}`, `until 27. 08:31:00`, `call b.undo bank.refund {}`, `call a.undo bank.refund {}`,
				`failed: no; c.undo could not be done: column 6, “steps.c.none”: null cannot stand inside a text: steps.c has no field none; it has: nothing; and 1 more`,
			},
		},
		{
			"what was done again is taken back in each round, with what it knew then",
			`{"pipeline": [{"id": "read", "uses": "bank.pay", "with": {"say": "${run.feedback.comment || 'first'}"}}, {"id": "draft", "uses": "bank.pay", "with": {"say": "${steps.read.say}"}, "undo": {"uses": "bank.refund", "with": {"x": "${steps.draft.say} of ${steps.read.say}"}}}, {"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Good?"}}]}`,
			nil, map[string][]string{"ask": {`{"decision": "changes", "to": "read", "comment": "second"}`, `{"decision": "changes", "to": "draft", "comment": "third"}`, no}},
			[]string{
				`call read bank.pay {"say":"first"}`, `call draft bank.pay {"say":"first"}`, `waiting ask`,
				`succeeded ask {"approved":false,"approved_items":[],"by":null,"comment":"second","decided_at":null,"status":"changes","timed_out":false}`, `back to [read draft ask]`,
				`call read bank.pay {"say":"second"}`, `call draft bank.pay {"say":"second"}`, `waiting ask`,
				`succeeded ask {"approved":false,"approved_items":[],"by":null,"comment":"third","decided_at":null,"status":"changes","timed_out":false}`, `back to [draft ask]`,
				`call draft bank.pay {"say":"second"}`, `waiting ask`, `failed ask approval.rejected`, `failed denied approval.rejected ask spent=true: olga has rejected it: not yet`,
				`call draft.undo bank.refund {"x":"second of second"}`, `call draft~2.undo bank.refund {"x":"second of second"}`, `call draft~1.undo bank.refund {"x":"first of first"}`, `failed: olga has rejected it: not yet`,
			},
		},
	}
}

func TestACallThatWasCutOffIsInDoubt(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{
		"retry": "calls again with run-1/a", "fail": "fails: step.in_doubt, spent", "ask": "waits for a doubt",
	} {
		plan := compile(t, `{"pipeline": [{"id": "a", "uses": "bank.pay", "on_doubt": "`+policy+`"}]}`)
		e := env(t)
		now := *e.Run.Now
		started := plan.Begin(e).Next(now).Begin[0].Started(now)
		turn := plan.Begin(e, started).Next(now)
		got := ""
		switch end, failed := turn.End.(pipeline.Failed); {
		case failed && end.Spent:
			got = "fails: " + string(end.Failure.Code) + ", spent"
		case turn.Waiting:
			got = "waits for a " + string(turn.Settled[0].Wait.Kind)
		case len(turn.Begin) == 1:
			got = "calls again with " + turn.Begin[0].IdempotencyKey
		}
		if got != want {
			t.Errorf("%s: it %s, want that it %s", policy, got, want)
		}
	}
	turn := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.echo", "on_doubt": "fail"}]}`).Begin(env(t), ordinaut.StepResult{Path: "a", Status: ordinaut.StepRunning, Attempt: 2}).Next(time.Time{})
	if len(turn.Begin) != 1 {
		t.Errorf("a tool that only reads: got %+v, want that it is called again", turn)
	}
}

func TestAnUnavailableToolMayHaveDoneItsWork(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"pipeline": [{"id": "a", "uses": "bank.pay", "on_doubt": "fail", "retry": {}}]}`)
	for doubt, code := range map[bool]ordinaut.Code{true: ordinaut.CodeStepInDoubt, false: ordinaut.CodeToolFailed} {
		e := env(t)
		now := *e.Run.Now
		g := plan.Begin(e)
		r := failing(g.Next(now).Begin[0], ordinaut.ClassUnavailable, now)
		r.Failure.Doubt = doubt
		if got := g.Record(r).Failure.Code; got != code {
			t.Errorf("doubt %v: got %s, want %s", doubt, got, code)
		}
	}
}
