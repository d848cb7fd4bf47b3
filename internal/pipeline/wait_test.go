package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// stay is a run that is carried out from its beginning to its end, through as
// many processes as it takes.
type stay struct {
	ledger
	env     pipeline.Env
	now     time.Time
	outputs map[string]string   // by path, as of follow
	answers map[string][]string // by path, one for each time that it waits
	afresh  bool                // each turn is another process's
	lines   []string
}

func (s *stay) tell(format string, args ...any) {
	s.lines = append(s.lines, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

// live carries the run out.
func (s *stay) live(plan *pipeline.Plan) []string {
	for range 200 {
		g := plan.Begin(s.env, s.past()...)
		if s.process(g) {
			return s.lines
		}
	}
	return append(s.lines, "it has no end")
}

// process is one process, which may leave the run to another.
func (s *stay) process(g *pipeline.Progress) (ended bool) {
	for {
		turn := g.Next(s.now)
		s.save(turn.Settled...)
		for _, r := range turn.Settled {
			s.tell("%s %s %s", r.Status, r.Path, told1(r))
		}
		switch end := turn.End.(type) {
		case pipeline.Done:
			s.tell("done %s", end.Output)
			return true
		case pipeline.Failed:
			s.tell("failed %s %s %s spent=%v: %s", end.Failure.Class, end.Failure.Code, end.Failure.Step, end.Spent, end.Failure.Message)
			s.env.Run.Ending = &ordinaut.Ending{Status: ordinaut.RunFailed, Failure: &end.Failure}
			return !g.Undoable()
		case pipeline.Back:
			s.tell("back to %v", end.Paths)
			s.putAside(end.Paths)
			return false
		case pipeline.Undone:
			s.tell("%s: %s", end.Ending.Status, end.Ending.Failure.Message)
			return true
		}
		leave := s.afresh
		for _, c := range turn.Begin {
			s.tell("call %s %s %s", c.Path, c.Tool, c.Args)
			s.save(c.Started(s.now))
			s.save(g.Record(answered(c, s.outputs, s.now)))
			switch r := s.steps[c.Path]; r.Status {
			case ordinaut.StepWaiting:
				s.tell("waiting %s for a %s", r.Path, r.Wait.Kind)
			case ordinaut.StepFailed:
				leave = false // what it means is recorded with it
			}
		}
		if len(turn.Begin) == 0 {
			s.pass(g, turn)
		}
		if leave {
			return false
		}
	}
}

// pass answers the first wait that there is an answer for, or else lets time go
// by until something happens.
func (s *stay) pass(g *pipeline.Progress, turn pipeline.Turn) {
	for _, path := range s.waiting() {
		if given := s.answers[path]; len(given) > 0 {
			s.answer(path, given[0])
			s.answers[path] = given[1:]
			g.Answer(path, json.RawMessage(given[0]))
			return
		}
	}
	if turn.Until == nil {
		panic("nothing will ever happen")
	}
	s.tell("until %s", turn.Until.In(s.env.Zone).Format("02. 15:04:05"))
	s.now = *turn.Until
}

// told1 is the result of a step, or why it has none.
func told1(r ordinaut.StepResult) string {
	if r.Failure != nil && r.Status == ordinaut.StepFailed {
		return string(r.Failure.Code) + " " + string(r.Output)
	}
	return string(r.Output)
}

type stayed struct {
	name, payload string
	outputs       map[string]string
	answers       map[string][]string
	want          []string
}

const (
	yes = `{"decision": "approved", "by": "olga", "at": "2026-03-27T07:00:00Z"}`
	no  = `{"decision": "rejected", "by": "olga", "comment": "not yet", "at": "2026-03-27T07:00:00Z"}`
)

// sleepStays are runs that wait for a moment.
func sleepStays() []stayed {
	return []stayed{
		{
			"a sleep is over after its seconds",
			`{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"seconds": 300}}, {"uses": "debug.echo", "with": {"x": "${steps.a.until}"}}]}`, nil, nil,
			[]string{`waiting a`, `until 27. 08:35:00`, `succeeded a {"until":"2026-03-27T08:35:00+02:00","waited":true}`, `call step_1 debug.echo {"x":"2026-03-27T08:35:00+02:00"}`, `done {"x":"2026-03-27T08:35:00+02:00"}`},
		},
		{
			"a sleep may have a name of the original, and end at a time",
			`{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"duration_seconds": 0.5}}, {"id": "b", "uses": "system.sleep", "with": {"until": "${now + 1d}"}}]}`, nil, nil,
			[]string{`waiting a`, `until 27. 08:30:00`, `succeeded a {"until":"2026-03-27T08:30:00.5+02:00","waited":true}`, `waiting b`, `until 28. 08:30:00`, `succeeded b {"until":"2026-03-28T08:30:00+02:00","waited":true}`, `done {"until":"2026-03-28T08:30:00+02:00","waited":true}`},
		},
		{
			"a sleep until a time that has passed is none",
			`{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"until": "${now - 1h}"}}]}`, nil, nil,
			[]string{`succeeded a {"until":"2026-03-27T07:30:00+02:00","waited":false}`, `done {"until":"2026-03-27T07:30:00+02:00","waited":false}`},
		},
		{
			"what cannot be waited for fails the step",
			`{"params": {"s": "long"}, "pipeline": [{"id": "a", "uses": "system.sleep", "with": {"seconds": "${params.s}"}, "on_error": "continue"}, {"id": "b", "uses": "system.sleep", "with": {"until": "${now + 400d}"}}]}`, nil, nil,
			[]string{`failed a field.wrong_type`, `failed b field.invalid_value`, `failed invalid_input field.invalid_value b spent=false: a wait lasts at most 366 days`},
		},
		{
			"branches sleep beside each other, and what needs none of them goes on",
			`{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"seconds": 60}}, {"id": "b", "needs": [], "uses": "system.sleep", "with": {"seconds": 30}}, {"id": "c", "needs": [], "uses": "debug.echo"}, {"id": "d", "needs": ["a", "b", "c"], "uses": "debug.echo"}]}`, nil, nil,
			[]string{`waiting a`, `waiting b`, `call c debug.echo {}`, `until 27. 08:30:30`, `succeeded b {"until":"2026-03-27T08:30:30+02:00","waited":true}`, `until 27. 08:31:00`, `succeeded a {"until":"2026-03-27T08:31:00+02:00","waited":true}`, `call d debug.echo {}`, `done {}`},
		},
		{
			"an item that sleeps takes its turn, and no call",
			`{"params": {"list": [1, 2, 3]}, "pipeline": [{"id": "each", "foreach": "params.list", "max_parallel": 2, "steps": [{"id": "nap", "uses": "system.sleep", "with": {"seconds": "${item}"}}, {"id": "say", "uses": "debug.echo", "with": {"n": "${item}"}}]}], "output": "${steps.each[*].n}"}`, nil, nil,
			[]string{
				`waiting each[0].nap`, `waiting each[1].nap`, `until 27. 08:30:01`,
				`succeeded each[0].nap {"until":"2026-03-27T08:30:01+02:00","waited":true}`, `call each[0].say debug.echo {"n":1}`,
				`waiting each[2].nap`, `until 27. 08:30:02`,
				`succeeded each[1].nap {"until":"2026-03-27T08:30:02+02:00","waited":true}`, `call each[1].say debug.echo {"n":2}`, `until 27. 08:30:04`,
				`succeeded each[2].nap {"until":"2026-03-27T08:30:04+02:00","waited":true}`, `call each[2].say debug.echo {"n":3}`,
				`succeeded each [{"n":1},{"n":2},{"n":3}]`, `done [1,2,3]`,
			},
		},
		{
			"a failure elsewhere does not wait for those who sleep",
			`{"pipeline": [{"id": "a", "uses": "system.sleep", "with": {"seconds": 60}}, {"id": "b", "needs": [], "uses": "bank.pay"}]}`, map[string]string{"b": "!denied"}, nil,
			[]string{`waiting a`, `call b bank.pay {}`, `failed denied tool.failed b spent=false: no`},
		},
		{
			"the waits of an item that has failed are over",
			`{"params": {"list": [1]}, "pipeline": [{"id": "each", "foreach": "params.list", "on_error": "continue", "steps": [{"id": "nap", "uses": "system.sleep", "with": {"seconds": 60}}, {"id": "b", "needs": [], "uses": "bank.pay"}]}, {"uses": "debug.echo", "with": {"why": "${errors.each[0].class}"}}]}`,
			map[string]string{"each[0].b": "!denied"}, nil,
			[]string{`waiting each[0].nap`, `call each[0].b bank.pay {}`, `failed each[0].nap step.abandoned`, `succeeded each [null]`, `call step_1 debug.echo {"why":"denied"}`, `done {"why":"denied"}`},
		},
	}
}

// approvalStays are runs that wait for a decision.
func approvalStays() []stayed {
	const ask = `{"params": {"list": [1, 2]}, "pipeline": [{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Send?", "data": "${params.list}", "timeout_hours": 1}}, {"id": "send", %s"uses": "bank.pay", "with": {"x": %s}}]}`
	heeded := fmt.Sprintf(ask, `"if": "steps.ask.approved", `, `"${steps.ask.approved_items}"`)
	return []stayed{
		{
			"what is approved is done", heeded, map[string]string{"send": `1`}, map[string][]string{"ask": {yes}},
			[]string{`waiting ask`, `succeeded ask {"approved":true,"approved_items":[1,2],"by":"olga","comment":null,"decided_at":"2026-03-27T07:00:00Z","status":"approved","timed_out":false}`, `call send bank.pay {"x":[1,2]}`, `done 1`},
		},
		{
			"a part may be approved", heeded, map[string]string{"send": `1`}, map[string][]string{"ask": {`{"decision": "approved", "items": [2]}`}},
			[]string{`waiting ask`, `succeeded ask {"approved":true,"approved_items":[2],"by":null,"comment":null,"decided_at":null,"status":"approved","timed_out":false}`, `call send bank.pay {"x":[2]}`, `done 1`},
		},
		{
			"whoever looks at the result goes on after a rejection", heeded, nil, map[string][]string{"ask": {no}},
			[]string{`waiting ask`, `succeeded ask {"approved":false,"approved_items":[],"by":"olga","comment":"not yet","decided_at":"2026-03-27T07:00:00Z","status":"rejected","timed_out":false}`, `skipped send`, `done {"approved":false,"approved_items":[],"by":"olga","comment":"not yet","decided_at":"2026-03-27T07:00:00Z","status":"rejected","timed_out":false}`},
		},
		{
			"the deadline rejects", heeded, nil, nil,
			[]string{`waiting ask`, `until 27. 09:30:00`, `succeeded ask {"approved":false,"approved_items":[],"by":null,"comment":null,"decided_at":"2026-03-27T09:30:00+02:00","status":"rejected","timed_out":true}`, `skipped send`, `done {"approved":false,"approved_items":[],"by":null,"comment":null,"decided_at":"2026-03-27T09:30:00+02:00","status":"rejected","timed_out":true}`},
		},
		{
			"what nobody would heed fails the run", fmt.Sprintf(ask, "", `1`), nil, map[string][]string{"ask": {no}},
			[]string{`waiting ask`, `failed ask approval.rejected`, `failed denied approval.rejected ask spent=true: olga has rejected it: not yet`},
		},
		{
			"reading it in the output keeps nothing from being done",
			strings.TrimSuffix(fmt.Sprintf(ask, "", `1`), "}") + `, "output": "${steps.ask.comment}"}`, nil, nil,
			[]string{`waiting ask`, `until 27. 09:30:00`, `failed ask approval.rejected`, `failed denied approval.rejected ask spent=true: nobody has decided by 2026-03-27T09:30:00+02:00, and that is a rejection`},
		},
		{
			"a deadline may approve, and a rejection be gone over",
			`{"pipeline": [{"id": "a", "uses": "orchestrator.request_approval", "with": {"message": "1?", "timeout_seconds": 60, "default": "approve"}}, {"id": "b", "uses": "orchestrator.request_approval", "with": {"message": "2?", "deadline": "${now + 5m}", "on_reject": "continue"}}, {"id": "c", "uses": "orchestrator.request_approval", "with": {"message": "3?", "on_reject": "fail"}, "on_error": {"value": "${errors.c.message}"}}, {"uses": "debug.echo", "with": {"x": "${steps.c}"}}]}`,
			nil, nil,
			[]string{
				`waiting a`, `until 27. 08:31:00`, `succeeded a {"approved":true,"approved_items":[],"by":null,"comment":null,"decided_at":"2026-03-27T08:31:00+02:00","status":"approved","timed_out":true}`,
				`waiting b`, `until 27. 08:35:00`, `succeeded b {"approved":false,"approved_items":[],"by":null,"comment":null,"decided_at":"2026-03-27T08:35:00+02:00","status":"rejected","timed_out":true}`,
				`waiting c`, `until 03. 09:35:00`, `failed c approval.rejected "nobody has decided by 2026-04-03T09:35:00+03:00, and that is a rejection"`,
				`call step_3 debug.echo {"x":"nobody has decided by 2026-04-03T09:35:00+03:00, and that is a rejection"}`, `done {"x":"nobody has decided by 2026-04-03T09:35:00+03:00, and that is a rejection"}`,
			},
		},
		{
			"an answer that says nothing fails the step", heeded, nil, map[string][]string{"ask": {`{"decision": "perhaps"}`}},
			[]string{`waiting ask`, `failed ask field.invalid_value`, `failed invalid_input field.invalid_value ask spent=false: the answer {"decision": "perhaps"} is none that a step with orchestrator.request_approval can go on from`},
		},
		{
			"an answer that cannot be read fails the step", heeded, nil, map[string][]string{"ask": {`[]`}},
			[]string{`waiting ask`, `failed ask field.invalid_value`, `failed invalid_input field.invalid_value ask spent=false: the answer to ask cannot be read: json: cannot unmarshal array into Go value of type pipeline.decision`},
		},
	}
}

// backStays are runs that are pushed back.
func backStays() []stayed {
	const changes = `{"decision": "changes", "to": "draft", "by": "olga", "comment": "shorter", "at": "2026-03-27T07:00:00Z"}`
	return []stayed{
		{
			"a draft is written again with what was said",
			`{"params": {"list": [1]}, "pipeline": [{"id": "read", "uses": "bank.pay"}, {"id": "draft", "uses": "debug.echo", "with": {"say": "${run.feedback.comment}", "of": "${steps.read}"}}, {"id": "each", "foreach": "params.list", "uses": "debug.echo"},
				{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Good?", "data": "${steps.draft}"}}, {"id": "send", "uses": "bank.pay", "with": {"x": "${steps.draft.say}"}}]}`,
			map[string]string{"read": `1`, "send": `2`}, map[string][]string{"ask": {changes, changes, yes}},
			[]string{
				`call read bank.pay {}`, `call draft debug.echo {"of":1,"say":null}`, `call each[0] debug.echo {}`, `succeeded each [{}]`, `waiting ask`,
				`succeeded ask {"approved":false,"approved_items":[],"by":"olga","comment":"shorter","decided_at":"2026-03-27T07:00:00Z","status":"changes","timed_out":false}`, `back to [draft each ask]`,
				`call draft debug.echo {"of":1,"say":"shorter"}`, `call each[0] debug.echo {}`, `succeeded each [{}]`, `waiting ask`,
				`succeeded ask {"approved":false,"approved_items":[],"by":"olga","comment":"shorter","decided_at":"2026-03-27T07:00:00Z","status":"changes","timed_out":false}`, `back to [draft each ask]`,
				`call draft debug.echo {"of":1,"say":"shorter"}`, `call each[0] debug.echo {}`, `succeeded each [{}]`, `waiting ask`,
				`succeeded ask {"approved":true,"approved_items":{"of":1,"say":"shorter"},"by":"olga","comment":null,"decided_at":"2026-03-27T07:00:00Z","status":"approved","timed_out":false}`,
				`call send bank.pay {"x":"shorter"}`, `done 2`,
			},
		},
		{
			"what a step that does not come before is asked for fails the approval",
			`{"pipeline": [{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Good?"}}, {"id": "draft", "uses": "debug.echo"}]}`,
			nil, map[string][]string{"ask": {changes}},
			[]string{`waiting ask`, `failed ask field.invalid_value`, `failed invalid_input field.invalid_value ask spent=false: the answer ` + changes + ` is none that a step with orchestrator.request_approval can go on from`},
		},
	}
}

// runStays are runs that wait for others.
func runStays() []stayed {
	const payload = `{"pipeline": [{"id": "sub", "uses": "flow.run_task", "with": {"task": "t"%s}, "retry": {}}, {"uses": "debug.echo", "with": {"x": "${steps.sub.output}"}}]}`
	given := map[string]string{"sub": `{"run_id": "r-2", "task_id": "t-2"}`}
	return []stayed{
		{
			"a step goes on with the output of the run", fmt.Sprintf(payload, ""), given, map[string][]string{"sub": {`{"run_id": "r-2", "status": "succeeded", "output": {"n": 1}}`}},
			[]string{`call sub flow.run_task {"task":"t"}`, `waiting sub for a run`, `succeeded sub {"output":{"n":1},"run_id":"r-2","status":"succeeded","task_id":"t-2"}`, `call step_1 debug.echo {"x":{"n":1}}`, `done {"x":{"n":1}}`},
		},
		{
			"a run that failed fails the step, which is not tried again", fmt.Sprintf(payload, ""), given, map[string][]string{"sub": {`{"run_id": "r-2", "status": "failed", "failure": {"class": "timeout", "message": "too slow"}}`}},
			[]string{`call sub flow.run_task {"task":"t"}`, `waiting sub for a run`, `failed sub run.child_failed {"run_id": "r-2", "task_id": "t-2"}`, `failed timeout run.child_failed sub spent=true: the run r-2 has failed: too slow`},
		},
		{
			"a run that was canceled fails the step", fmt.Sprintf(payload, ""), given, map[string][]string{"sub": {`{"run_id": "r-2", "status": "canceled"}`}},
			[]string{`call sub flow.run_task {"task":"t"}`, `waiting sub for a run`, `failed sub run.child_failed {"run_id": "r-2", "task_id": "t-2"}`, `failed tool_error run.child_failed sub spent=true: the run r-2 was canceled`},
		},
		{
			"a run that takes too long is not waited for any more", fmt.Sprintf(payload, `, "timeout_seconds": 60`), given, nil,
			[]string{`call sub flow.run_task {"task":"t","timeout_seconds":60}`, `waiting sub for a run`, `until 27. 08:31:00`, `failed sub run.child_failed {"run_id": "r-2", "task_id": "t-2"}`, `failed timeout run.child_failed sub spent=true: the run r-2 has not ended by 2026-03-27T06:31:00Z`},
		},
		{
			"an answer that cannot be read fails the step", fmt.Sprintf(payload, ""), given, map[string][]string{"sub": {`5`}},
			[]string{`call sub flow.run_task {"task":"t"}`, `waiting sub for a run`, `failed sub field.invalid_value {"run_id": "r-2", "task_id": "t-2"}`, `failed invalid_input field.invalid_value sub spent=true: the answer to sub cannot be read: json: cannot unmarshal number into Go value of type pipeline.homecoming`},
		},
		{
			"without wait, the run is only started", fmt.Sprintf(payload, `, "wait": false`), given, nil,
			[]string{`call sub flow.run_task {"task":"t","wait":false}`, `call step_1 debug.echo {"x":null}`, `done {"x":null}`},
		},
	}
}

func TestRunsWait(t *testing.T) {
	t.Parallel()
	for kind, stays := range map[string][]stayed{
		"sleep": sleepStays(), "approval": approvalStays(), "changes": backStays(), "run": runStays(), "event": eventStays(), "doubt": doubtStays(), "undo": undoStays(),
	} {
		for _, tt := range stays {
			for who, afresh := range map[string]bool{"one process": false, "a process for each turn": true} {
				t.Run(kind+": "+tt.name+", with "+who, func(t *testing.T) {
					t.Parallel()
					e := env(t)
					e.Run.Failures = 0
					s := &stay{env: e, now: *e.Run.Now, outputs: tt.outputs, answers: map[string][]string{}, afresh: afresh}
					for path, given := range tt.answers {
						s.answers[path] = given
					}
					if diff := cmp.Diff(tt.want, s.live(compile(t, tt.payload))); diff != "" {
						t.Errorf("decisions (-want +got):\n%s", diff)
					}
				})
			}
		}
	}
}

func TestAnApprovalOfEachItemIsHeededByWhoeverReadsTheList(t *testing.T) {
	t.Parallel()
	const ask = `{"params": {"list": [1]}, "pipeline": [{"id": "each", "foreach": "params.list", "uses": "orchestrator.request_approval", "with": {"message": "${item}?"}}, {"id": "send", "uses": "bank.pay"%s}]}`
	for payload, want := range map[string]string{
		fmt.Sprintf(ask, ""): "failed denied approval.rejected each[0] spent=true: olga has rejected it: not yet",
		fmt.Sprintf(ask, `, "if": "steps.each[0].approved"`):     "skipped send",
		fmt.Sprintf(ask, `, "with": {"said": "${steps.each}"}`):  "call send bank.pay",
		fmt.Sprintf(ask, `, "with": {"everything": "${steps}"}`): "failed denied approval.rejected each[0] spent=true: olga has rejected it: not yet",
	} {
		s := &stay{env: env(t), outputs: map[string]string{"send": "1"}, answers: map[string][]string{"each[0]": {no}}}
		if told := strings.Join(s.live(compile(t, payload)), "\n"); !strings.Contains(told, want) {
			t.Errorf("%s: got\n%s\nwant %s", payload, told, want)
		}
	}
}

// A wait that was answered while another step of its item failed, or its run was
// about to be pushed back, is no hindrance to either.
func TestTheSecondOfTwoDecisionsIsKept(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"pipeline": [{"id": "draft", "uses": "debug.echo"}, {"id": "one", "uses": "orchestrator.request_approval", "with": {"message": "?"}}, {"id": "two", "needs": ["draft"], "uses": "orchestrator.request_approval", "with": {"message": "?"}},
		{"id": "slow", "needs": ["draft"], "uses": "bank.pay"}, {"id": "send", "needs": ["one", "two", "slow"], "uses": "bank.pay"}]}`)
	e := env(t)
	now := *e.Run.Now
	g := plan.Begin(e, succeeded("draft", `1`))
	slow := g.Next(now).Begin[0]
	const changes = `{"decision": "changes", "to": "draft"}`
	g.Answer("one", json.RawMessage(changes))
	g.Answer("two", json.RawMessage(changes))
	if turn := g.Next(now); len(turn.Settled) > 0 || turn.End != nil || turn.Waiting {
		t.Fatalf("while a call is under way: got %+v, want nothing", turn)
	}
	g.Record(answered(slow, nil, now))
	turn := g.Next(now)
	if diff := cmp.Diff(pipeline.Back{Paths: []string{"draft", "one", "two", "slow"}}, turn.End); diff != "" || len(turn.Settled) != 1 || turn.Settled[0].Path != "one" {
		t.Errorf("settled %+v, end (-want +got):\n%s", turn.Settled, diff)
	}
}

func TestWhatFitsAndCannotBeReadFailsTheStep(t *testing.T) {
	t.Parallel()
	for _, step := range []string{
		`{"uses": "system.sleep", "with": {"until": "2026-12-31T23:59:60Z"}}`,
		`{"uses": "orchestrator.request_approval", "with": {"message": "?", "deadline": "2026-12-31T23:59:60Z"}}`,
	} {
		turn := compile(t, `{"pipeline": [`+step+`]}`).Begin(env(t)).Next(time.Time{})
		if failed, ok := turn.End.(pipeline.Failed); !ok || failed.Failure.Code != ordinaut.CodeToolInput {
			t.Errorf("%s: got %+v", step, turn)
		}
	}
}

func TestAResultThatIsTooLargeFailsTheStep(t *testing.T) {
	t.Parallel()
	s := &stay{env: env(t), answers: map[string][]string{"ask": {`{"decision": "approved", "items": "` + strings.Repeat("x", limits.StepOutputBytes) + `"}`}}}
	lines := s.live(compile(t, `{"pipeline": [{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "?"}}]}`))
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "failed invalid_input tool.output_too_large ask") {
		t.Errorf("got %q", last)
	}
}

func TestWhatThePlanDoesNotKnowCannotBeUndone(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"params": {"list": [1]}, "pipeline": [{"id": "a", "uses": "bank.pay"}, {"id": "each", "foreach": "params.list", "uses": "bank.pay", "undo": {"uses": "bank.refund"}}, {"id": "none", "foreach": "params.none", "uses": "bank.pay", "undo": {"uses": "bank.refund"}}]}`)
	e := env(t)
	e.Run.Ending = &ordinaut.Ending{Status: ordinaut.RunCanceled}
	s := &stay{env: e, now: *e.Run.Now}
	for _, path := range []string{"a", "gone", "a[0]", "each[0]", "each[7]", "none[0]"} {
		r := succeeded(path, `1`)
		r.Undoable = true
		s.save(r)
	}
	g := plan.Begin(e, s.past()...)
	if !g.Undoable() {
		t.Error("nothing can be undone")
	}
	s.process(g)
	want := []string{
		"failed none[0].undo expression.wrong_type", "failed each[7].undo pipeline.unknown_step",
		"call each[0].undo bank.refund {}",
		"failed a[0].undo pipeline.unknown_step", "failed gone.undo pipeline.unknown_step", "failed a.undo pipeline.unknown_step",
		"canceled: none[0].undo could not be done: a foreach needs a list, and this is null; and 4 more",
	}
	if diff := cmp.Diff(want, s.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A wait in an item that has failed moves nothing, and so is no reason to ask
// again, while the item still waits for the answer of a call.
func TestAnItemThatHasFailedIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"params": {"list": [1]}, "pipeline": [{"id": "each", "foreach": "params.list", "on_error": "continue", "steps": [{"id": "nap", "uses": "system.sleep", "with": {"seconds": 60}}, {"id": "after", "uses": "bank.pay"}, {"id": "a", "needs": [], "uses": "bank.pay"}, {"id": "b", "needs": [], "uses": "bank.pay"}]}]}`)
	e := env(t)
	now := *e.Run.Now
	g := plan.Begin(e)
	calls := g.Next(now).Begin
	g.Record(failing(calls[0], ordinaut.ClassDenied, now))
	for _, at := range []time.Time{now, now.Add(time.Hour)} {
		if diff := cmp.Diff(pipeline.Turn{}, g.Next(at)); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", at, diff)
		}
	}
	g.Record(answered(calls[1], nil, now))
	if turn := g.Next(now.Add(time.Hour)); len(turn.Settled) != 2 || turn.Settled[0].Failure.Code != ordinaut.CodeStepAbandoned {
		t.Errorf("got %+v, want that the wait is over, and the foreach", turn)
	}
}

func TestAnItemFailsForTheSameReasonAfterAResume(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"params": {"list": [1]}, "pipeline": [{"id": "each", "foreach": "params.list", "on_error": "continue", "steps": [{"id": "nap", "uses": "system.sleep", "with": {"seconds": 60}}, {"id": "a", "needs": [], "uses": "bank.pay"}]}], "output": "${errors.each[0].class}"}`)
	e := env(t)
	now := *e.Run.Now
	g := plan.Begin(e)
	turn := g.Next(now)
	failed := g.Record(failing(turn.Begin[0], ordinaut.ClassDenied, now))
	closed := g.Next(now).Settled[0]
	end := plan.Begin(e, closed, failed).Next(now).End
	if diff := cmp.Diff(pipeline.Done{Output: json.RawMessage(`"denied"`)}, end); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
