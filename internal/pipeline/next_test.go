package pipeline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// follow walks a plan to its end. Each tool answers with outputs, by step, or
// with its arguments; an output that begins with ! is the class of a failure. The
// answer is what was decided, one a line. Waits are over at once.
func follow(g *pipeline.Progress, outputs map[string]string) (lines []string) {
	now := time.Date(2026, 3, 27, 6, 30, 0, 0, time.UTC)
	for {
		turn := g.Next(now)
		for _, r := range turn.Settled {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Status, r.Path, r.Output)))
		}
		for _, c := range turn.Begin {
			lines = append(lines, fmt.Sprintf("call %s %s %s", c.Path, c.Tool, c.Args))
		}
		for _, c := range turn.Begin {
			g.Record(answered(c, outputs, now))
		}
		switch end := turn.End.(type) {
		case pipeline.Done:
			return append(lines, fmt.Sprintf("done %s", end.Output))
		case pipeline.Failed:
			return append(lines, fmt.Sprintf("failed %s %s %s %s", end.Failure.Class, end.Failure.Code, end.Failure.Step, end.Failure.At))
		}
		if len(turn.Begin) == 0 && turn.Until != nil {
			lines = append(lines, "wait")
			now = *turn.Until
		}
	}
}

// answered is what becomes of a call.
func answered(c pipeline.Call, outputs map[string]string, now time.Time) ordinaut.StepResult {
	output, ok := outputs[c.Path]
	if class, fails := strings.CutPrefix(output, "!"); fails {
		return failing(c, ordinaut.Class(class), now)
	}
	if !ok {
		output = string(c.Args)
	}
	r := c.Started(now)
	r.Status, r.Output, r.FinishedAt = ordinaut.StepSucceeded, json.RawMessage(output), &now
	return r
}

// failing is a call that fails.
func failing(c pipeline.Call, class ordinaut.Class, now time.Time) ordinaut.StepResult {
	r := c.Started(now)
	r.Status, r.FinishedAt = ordinaut.StepFailed, &now
	r.Failure = &ordinaut.Failure{Class: class, Code: ordinaut.CodeToolFailed, Step: c.Path, Message: "no"}
	return r
}

type walk struct {
	name, payload string
	outputs       map[string]string
	want          []string
}

func walks() []walk {
	return []walk{
		{
			"one step after the other",
			`{"pipeline": [{"uses": "debug.echo", "with": {"message": "hello"}}, {"id": "log", "uses": "debug.log", "with": {"message": "${steps.step_0.message} <you>"}}]}`,
			nil,
			[]string{`call step_0 debug.echo {"message":"hello"}`, `call log debug.log {"message":"hello <you>"}`, `done {"message":"hello <you>"}`},
		},
		{
			"a result is read under id and save_as, with its type",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "save_as": "b"}, {"uses": "debug.echo", "with": {"x": "${steps.a}", "y": "${steps.b.n}", "z": "n is ${steps.b.n}", "big": "${steps.a.big}"}}]}`,
			map[string]string{"a": `{"n": 1.50, "big": 12345678901234567890}`},
			[]string{`call a debug.echo {}`, `call step_1 debug.echo {"big":12345678901234567890,"x":{"big":12345678901234567890,"n":1.50},"y":1.50,"z":"n is 1.50"}`, `done {"big":12345678901234567890,"x":{"big":12345678901234567890,"n":1.50},"y":1.50,"z":"n is 1.50"}`},
		},
		{
			"a step whose condition does not hold is skipped, its result is null, and the last one that ran is the output",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "with": {"n": 2}}, {"id": "b", "uses": "debug.echo", "if": "steps.a.n > 3"}, {"id": "c", "uses": "debug.echo", "if": "${steps.a.n > 1}", "with": {"b": "${steps.b}"}}, {"id": "d", "uses": "debug.echo", "if": "steps.b"}]}`,
			nil,
			[]string{`call a debug.echo {"n":2}`, `skipped b`, `call c debug.echo {"b":null}`, `skipped d`, `done {"b":null}`},
		},
		{
			"every step is skipped",
			`{"pipeline": [{"uses": "debug.echo", "if": "params.on"}]}`,
			nil,
			[]string{`skipped step_0`, `done `},
		},
		{
			"params, run, task and now",
			`{"params": {"city": "Chisinau", "days": 2}, "pipeline": [{"uses": "debug.echo", "with": {"p": "${params}", "r": "${run}", "t": "${task}", "n": "${now}", "later": "${now+24h}", "week": "${run.nominal_at - 7d}"}}]}`,
			map[string]string{"step_0": `1`},
			[]string{`call step_0 debug.echo {"later":"2026-03-28T08:30:00+02:00","n":"2026-03-27T08:30:00+02:00",` +
				`"p":{"city":"Chisinau","days":3,"more":true},` +
				`"r":{"attempt":2,"feedback":null,"id":"run-1","links":{},"nominal_at":"2026-03-27T08:30:00+02:00","scheduled_for":"2026-03-27T08:30:03+02:00","trigger":"schedule"},` +
				`"t":{"id":"task-1","key":"briefing","labels":{"team":"ops"},"title":"Briefing"},` +
				`"week":"2026-03-20T08:30:00+02:00"}`, `done 1`},
		},
		{
			"all results at once",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "with": {"n": 1}}, {"uses": "debug.echo", "with": {"all": "${steps}"}}]}`,
			map[string]string{"step_1": `null`},
			[]string{`call a debug.echo {"n":1}`, `call step_1 debug.echo {"all":{"a":{"n":1}}}`, `done null`},
		},
		{
			"text that comes out of a tool is never read as a template",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "with": {"m": "$${now}"}}, {"uses": "debug.echo", "with": {"m": "${steps.a.m}!"}}]}`,
			nil,
			[]string{`call a debug.echo {"m":"${now}"}`, `call step_1 debug.echo {"m":"${now}!"}`, `done {"m":"${now}!"}`},
		},
		{
			"a value that is not there",
			`{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "with": {"list": ["${steps.a.x} too"]}}]}`,
			nil,
			[]string{`call a debug.echo {}`, `failed b`, `failed invalid_input expression.null_value b /with/list/0`},
		},
		{
			"a condition that cannot be told",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "if": "sum(params) > 3"}]}`,
			nil,
			[]string{`failed a`, `failed invalid_input expression.wrong_type a /if`},
		},
	}
}

func TestPlansAreFollowed(t *testing.T) {
	t.Parallel()
	for _, tt := range walks() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := env(t)
			e.Run.Params = json.RawMessage(`{"days": 3, "more": true}`)
			if diff := cmp.Diff(tt.want, follow(compile(t, tt.payload).Begin(e), tt.outputs)); diff != "" {
				t.Errorf("decisions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACallCarriesWhatTheEngineNeeds(t *testing.T) {
	t.Parallel()
	g := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.echo", "timeout": 0.5}, {"id": "b", "uses": "debug.log", "with": {"message": "x"}, "retry": {}}]}`).Begin(env(t))
	want := pipeline.Call{Path: "a", Tool: "debug.echo", ReadOnly: true, Args: json.RawMessage(`{}`), Timeout: 500 * time.Millisecond, Attempt: 2, IdempotencyKey: "run-1/a"}
	if diff := cmp.Diff(pipeline.Turn{Begin: []pipeline.Call{want}}, g.Next(time.Time{})); diff != "" {
		t.Errorf("turn (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(pipeline.Turn{}, g.Next(time.Time{})); diff != "" {
		t.Errorf("while it is under way (-want +got):\n%s", diff)
	}
	g.Record(succeeded("a", `{}`))
	want = pipeline.Call{Path: "b", Tool: "debug.log", Args: json.RawMessage(`{"message":"x"}`), Timeout: 30 * time.Second, Attempt: 1, IdempotencyKey: "run-1/b"}
	if diff := cmp.Diff(pipeline.Turn{Begin: []pipeline.Call{want}}, g.Next(time.Time{})); diff != "" {
		t.Errorf("turn (-want +got):\n%s", diff)
	}
}

func TestARunResumesAtTheFirstStepWithoutAResult(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "if": "steps.a"}, {"id": "c", "uses": "debug.echo", "with": {"a": "${steps.a}", "b": "${steps.b}"}}]}`)
	g := plan.Begin(env(t),
		succeeded("a", `"first"`),
		ordinaut.StepResult{Path: "b", Status: ordinaut.StepSkipped},
		ordinaut.StepResult{Path: "c", Status: ordinaut.StepFailed, Failure: &ordinaut.Failure{Class: ordinaut.ClassTimeout}},
		succeeded("gone", `1`), // a step of another version
	)
	g.Record(succeeded("a", `"again"`)) // which is not under way
	want := []string{`call c debug.echo {"a":"first","b":null}`, `done {"a":"first","b":null}`}
	if diff := cmp.Diff(want, follow(g, nil)); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
}

func TestTheBriefingOfTheOriginalRunsUnmodified(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/briefing.json")
	if err != nil {
		t.Fatal(err)
	}
	var task struct{ Payload json.RawMessage }
	if err := json.Unmarshal(data, &task); err != nil {
		t.Fatal(err)
	}
	got := follow(compile(t, string(task.Payload)).Begin(env(t)), map[string]string{
		"calendar": `{"events":[{"title":"Standup"}]}`,
		"weather":  `{"temperature":7}`,
		"emails":   `[{"from":"a@b.c"}]`,
		"brief":    `{"text":"Good morning"}`,
		"notify":   `{"ok":true}`,
	})
	want := []string{
		`call calendar google-calendar-mcp.list_events {"end":"2026-03-28T08:30:00+02:00","start":"2026-03-27T08:30:00+02:00"}`,
		`call weather weather-mcp.forecast {"city":"Chisinau"}`,
		`call emails imap-mcp.top_unread {"count":5}`,
		`call brief llm.plan {"calendar":{"events":[{"title":"Standup"}]},"emails":[{"from":"a@b.c"}],"instruction":"Create morning briefing","weather":{"temperature":7}}`,
		`call notify telegram-mcp.send_message {"chat_id":12345,"text":"Good morning"}`,
		`done {"ok":true}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
}

func TestStartedAndSkippedStepsAreRecorded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	call := pipeline.Call{Path: "a", Tool: "debug.echo", Args: json.RawMessage(`{}`), Attempt: 2, IdempotencyKey: "k"}
	if diff := cmp.Diff(ordinaut.StepResult{
		Path: "a", Status: ordinaut.StepRunning, Attempt: 2, Tool: "debug.echo", Input: json.RawMessage(`{}`), IdempotencyKey: "k", StartedAt: now,
	}, call.Started(now)); diff != "" {
		t.Errorf("started (-want +got):\n%s", diff)
	}
	turn := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.echo", "if": "false"}]}`).Begin(env(t)).Next(now)
	if diff := cmp.Diff([]ordinaut.StepResult{{
		Path: "a", Status: ordinaut.StepSkipped, Attempt: 2, Tool: "debug.echo", StartedAt: now, FinishedAt: &now,
	}}, turn.Settled); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestAgain(t *testing.T) {
	t.Parallel()
	d := ordinaut.Definition{MaxRetries: 2, BackoffStrategy: ordinaut.BackoffExponential, BackoffBaseSeconds: 10, BackoffMaxSeconds: 15}
	tests := []struct {
		name     string
		failures int
		class    ordinaut.Class
		wait     time.Duration
		again    bool
	}{
		{"the first failure", 1, ordinaut.ClassToolError, 10 * time.Second, true},
		{"the second waits longer", 2, ordinaut.ClassTimeout, 15 * time.Second, true},
		{"the budget is spent", 3, ordinaut.ClassToolError, 0, false},
		{"the same would happen again", 1, ordinaut.ClassInvalidInput, 0, false},
		{"it was canceled", 1, ordinaut.ClassCanceled, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wait, again := pipeline.Again(d, tt.failures, ordinaut.Failure{Class: tt.class}, 0.5)
			if wait != tt.wait || again != tt.again {
				t.Errorf("got %v, %v; want %v, %v", wait, again, tt.wait, tt.again)
			}
		})
	}
}

// A run of n steps costs n times one step, however large the results are that
// it no longer reads.
func BenchmarkRunOf100Steps(b *testing.B) {
	large := `{"text":"` + strings.Repeat("x", 100_000) + `","n":1}`
	var steps []string
	for i := range 100 {
		with := `{}`
		if i > 0 {
			with = fmt.Sprintf(`{"n": "${steps.step_%d.n}"}`, i-1)
		}
		steps = append(steps, `{"uses": "debug.echo", "with": `+with+`}`)
	}
	plan, e := compile(b, `{"pipeline": [`+strings.Join(steps, ",")+`]}`), env(b)
	b.ReportAllocs()
	for b.Loop() {
		g := plan.Begin(e)
		for {
			turn := g.Next(time.Time{})
			if turn.End != nil {
				break
			}
			g.Record(succeeded(turn.Begin[0].Path, large))
		}
	}
}

func TestAWaitThatWasAskedForIsKept(t *testing.T) {
	t.Parallel()
	d := ordinaut.NewDefinition()
	for asked, want := range map[time.Duration]time.Duration{0: 750 * time.Millisecond, 7 * time.Second: 7 * time.Second, time.Millisecond: 750 * time.Millisecond, 1000 * time.Hour: limits.RetryAfter} {
		wait, again := pipeline.Again(d, 1, ordinaut.Failure{Class: ordinaut.ClassRateLimited, RetryAfter: asked}, 0.5)
		if !again || wait != want {
			t.Errorf("asked for %v: got %v, %v; want %v", asked, wait, again, want)
		}
	}
}
