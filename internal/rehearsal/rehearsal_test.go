package rehearsal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/rehearsal"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// report is a pipeline that asks a tool of a server, computes, and tells.
const report = `{"params": {"city": "Chisinau", "limit": 25}, "pipeline": [
	{"id": "forecast", "uses": "weather.daily", "save_as": "sky", "with": {"city": "${params.city}", "until": "${now+24h}"}},
	{"id": "peak", "uses": "data.transform", "with": {"input": "${steps.sky.days}", "expression": "max(@)"}},
	{"id": "warn", "if": "steps.peak > params.limit", "uses": "chat.send", "with": {"text": "up to ${steps.peak}", "of": "${run.nominal_at}"}}]}`

// sunny answers it.
const sunny = `"weather.daily": {"output": {"city": "${args.city}", "days": [24, 31]}}, "chat.send": {"output": {"n": "${call}"}}`

// prepare makes the rehearsal of a payload on a summer morning in Chisinau.
func prepare(t testing.TB, payload string) rehearsal.Rehearsal {
	t.Helper()
	tools, err := tool.New(t.Context(), workbench{t})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Chisinau")
	if err != nil {
		t.Fatal(err)
	}
	d := ordinaut.NewDefinition()
	d.Payload, d.ScheduleKind = json.RawMessage(payload), ordinaut.ScheduleCron
	return rehearsal.Rehearsal{
		Task: ordinaut.Task{ID: "test", Key: "report", Definition: d}, Zone: zone, Tools: tools,
		Now: time.Date(2027, 7, 1, 4, 0, 0, 500, time.UTC),
	}
}

// play rehearses a script that must be good.
func play(t testing.TB, payload, script string) rehearsal.Report {
	t.Helper()
	got, err := prepare(t, payload).Run(t.Context(), json.RawMessage(script))
	if err != nil {
		t.Fatalf("%v", told(err))
	}
	return got
}

// told writes faults as people read them, one a line.
func told(err error) (lines []string) {
	if err == nil {
		return nil
	}
	for _, f := range ordinaut.AsError(err).All() {
		lines = append(lines, fmt.Sprintf("%s %s: %s; %s", f.Code, f.At, f.Message, f.Fix))
	}
	return lines
}

func TestWhatGoesAsExpectedPasses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]string{
		"arguments, results and calls": `{"steps": {
			"forecast": {"status": "succeeded", "called": 1, "input": {"until": "2027-07-02T07:00:00+03:00"}, "output": {"days": [24, 31.0]}},
			"peak": {"output": 31}, "warn": {"called": true, "input": {"text": "up to 31", "of": "2027-07-01T07:00:00+03:00"}}},
			"output": {"n": 1}, "attempts": 1, "calls": ["weather.daily", "peak", {"tool": "chat.send", "input": {"text": "up to 31"}}]}`,
		"exact":          `{"exact": true, "output": {"n": 1}, "steps": {"forecast": {"output": {"city": "Chisinau", "days": [24, 31]}}}}`,
		"no expectation": `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := play(t, report, `{"mocks": {`+sunny+`}, "cases": [{"expect": `+c+`}]}`)
			if !got.Passed || got.Cases[0].Name != "case 1" || got.Cases[0].Status != "succeeded" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestACaseLaysItsOwnOverTheScript(t *testing.T) {
	t.Parallel()
	got := play(t, report, `{"now": "2027-01-01T00:00:00Z", "params": {"city": "Balti", "limit": 99}, "mocks": {`+sunny+`}, "cases": [
		{"name": "mild", "expect": {"steps": {"warn": {"status": "skipped", "called": 0}, "forecast": {"input": {"city": "Balti", "until": "2027-01-02T02:00:00+02:00"}}}}},
		{"name": "hot", "now": "2027-08-01T00:00:00Z", "params": {"limit": 1}, "mocks": {"chat.send": {"output": "sent"}},
		 "expect": {"output": "sent", "steps": {"forecast": {"input": {"city": "Balti", "until": "2027-08-02T03:00:00+03:00"}}}}}]}`)
	if !got.Passed {
		t.Errorf("got %+v", got.Cases)
	}
}

// TestWhatIsDifferentIsTold tells of each difference where it was expected, and
// what there was instead.
func TestWhatIsDifferentIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, expect string
		want         []string
	}{
		{"a status", `{"status": "failed"}`, []string{`/expect/status: the run succeeded, want "failed", got "succeeded"`}},
		{"a text", `{"steps": {"warn": {"input": {"text": "up to 30"}}}}`, []string{`/expect/steps/warn/input/text: it is different, want "up to 30", got "up to 31"`}},
		{"a type", `{"output": [1]}`, []string{`/expect/output: it is an object, not a list, want [1], got {"n":1}`}},
		{"a field that is missing", `{"output": {"m": 1}}`, []string{`/expect/output/m: it is missing, want 1, got `}},
		{"a field too many", `{"exact": true, "output": {}}`, []string{`/expect/output/n: it was not expected, want , got 1`}},
		{"a list of another length", `{"steps": {"forecast": {"output": {"days": [24]}}}}`, []string{`/expect/steps/forecast/output/days: it has 2 items, not 1, want [24], got [24,31]`}},
		{"an item of a list", `{"steps": {"forecast": {"output": {"days": [24, 32]}}}}`, []string{`/expect/steps/forecast/output/days/1: it is different, want 32, got 31`}},
		{"the number of calls of a step", `{"steps": {"warn": {"called": 2}, "peak": {"called": false}}}`, []string{`/expect/steps/peak/called: it is different, want false, got true`, `/expect/steps/warn/called: it is different, want 2, got 1`}},
		{"the number of calls", `{"calls": ["forecast"]}`, []string{`/expect/calls: 3 calls were made, not 1, want ["forecast"], got ["weather.daily","data.transform","chat.send"]`}},
		{"a call", `{"calls": ["peak", {"step": "peak"}, {"tool": "chat.post", "input": {"text": "x"}}]}`, []string{
			`/expect/calls/0: another call was made, want "peak", got "weather.daily"`,
			`/expect/calls/2/input/text: it is different, want "x", got "up to 31"`,
			`/expect/calls/2/tool: it is different, want "chat.post", got "chat.send"`,
		}},
		{"attempts and an error", `{"attempts": 2, "error": {"class": "timeout"}}`, []string{
			`/expect/status: the run succeeded, want "failed", got "succeeded"`,
			`/expect/error: it is null, not an object, want {"class":"timeout"}, got null`,
			`/expect/attempts: it is different, want 2, got 1`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := play(t, report, `{"mocks": {`+sunny+`}, "cases": [{"expect": `+c.expect+`}]}`)
			var lines []string
			for _, m := range got.Cases[0].Mismatches {
				lines = append(lines, fmt.Sprintf("%s: %s, want %s, got %s", m.At, m.Message, m.Want, m.Got))
			}
			if diff := cmp.Diff(c.want, lines); diff != "" || got.Passed {
				t.Errorf("passed %v (-want +got):\n%s", got.Passed, diff)
			}
		})
	}
}

func TestAnswersFollowEachOther(t *testing.T) {
	t.Parallel()
	const twice = `{"pipeline": [{"id": "a", "uses": "x.y", "with": {"n": 1, "deep": {"k": "v"}}}, {"id": "b", "uses": "x.y", "with": {"n": 2}}, {"id": "c", "uses": "x.y", "with": {"n": 2}}]}`
	for name, c := range map[string][2]string{
		"one answers every call":           {`"x.y": {"output": "${args.n}"}`, `{"steps": {"a": {"output": 1}, "c": {"output": 2}}}`},
		"a list answers call after call":   {`"x.y": [{"output": "one"}, {"output": "two"}, {"output": "three"}]`, `{"steps": {"a": {"output": "one"}, "c": {"output": "three"}}}`},
		"a match is for calls that fit":    {`"x.y": [{"match": {"n": 2}, "output": "two"}, {"match": {"deep": {"k": "v"}}, "output": "deep"}]`, `{"steps": {"a": {"output": "deep"}, "b": {"output": "two"}, "c": {"output": "two"}}}`},
		"times bounds a match":             {`"x.y": [{"match": {"n": 2}, "times": 1, "output": "once"}, {"output": "else", "times": 2}]`, `{"steps": {"a": {"output": "else"}, "b": {"output": "once"}, "c": {"output": "else"}}}`},
		"a step goes before its tool":      {`"b": {"output": "mine"}, "x.y": {"output": "all"}`, `{"steps": {"a": {"output": "all"}, "b": {"output": "mine"}}}`},
		"call counts the calls of a name":  {`"x.y": {"output": "${call} at ${now}"}`, `{"output": "3 at 2027-07-01T07:00:00+03:00"}`},
		"an output may be null":            {`"x.y": {"output": null}`, `{"output": null}`},
		"a ${ that is text is written $${": {`"x.y": {"output": "$${args}"}`, `{"output": "${args}"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := play(t, twice, `{"mocks": {`+c[0]+`}, "cases": [{"expect": `+c[1]+`}]}`)
			if !got.Passed {
				t.Errorf("got %+v", got.Cases[0])
			}
		})
	}
}

// TestARunIsTriedAgainAsTheTaskSays resumes at the step that failed.
func TestARunIsTriedAgainAsTheTaskSays(t *testing.T) {
	t.Parallel()
	const script = `{"mocks": {"weather.daily": {"output": {"days": [31]}}, "chat.send": [
		{"error": {"class": "unavailable", "message": "away"}}, {"error": {"class": "rate_limited"}}, {"output": "attempt ${call}"}]},
		"cases": [{"expect": {"attempts": 3, "output": "attempt 3", "steps": {"forecast": {"called": 1}, "warn": {"called": 3}}}}]}`
	if got := play(t, report, script); !got.Passed {
		t.Errorf("got %+v", got.Cases[0])
	}
	r := prepare(t, report)
	r.Task.MaxRetries = 1
	got, err := r.Run(t.Context(), json.RawMessage(script))
	if err != nil || got.Passed || got.Cases[0].Attempts != 2 || got.Cases[0].Error.Code != ordinaut.CodeEgressTooMany {
		t.Errorf("with one retry: got %+v, %v", got.Cases[0], err)
	}
}

func TestEveryClassOfErrorCanBeMocked(t *testing.T) {
	t.Parallel()
	for class, code := range map[ordinaut.Class]ordinaut.Code{
		ordinaut.ClassToolError: ordinaut.CodeToolFailed, ordinaut.ClassTimeout: ordinaut.CodeToolTimeout,
		ordinaut.ClassUnavailable: ordinaut.CodeToolUnavailable, ordinaut.ClassRateLimited: ordinaut.CodeEgressTooMany,
		ordinaut.ClassDenied: ordinaut.CodeEgressDenied, ordinaut.ClassInvalidInput: ordinaut.CodeToolInput,
		ordinaut.ClassInvalidOutput: ordinaut.CodeToolOutput, ordinaut.ClassCanceled: ordinaut.CodeToolCanceled,
		ordinaut.ClassInternal: ordinaut.CodeInternal,
	} {
		attempts := 1
		if class.Retryable() {
			attempts = 4
		}
		got := play(t, `{"pipeline": [{"id": "a", "uses": "x.y"}]}`, fmt.Sprintf(`{"mocks": {"a": {"error": {"class": %q}}}, "cases": [
			{"expect": {"attempts": %d, "error": {"class": %q, "code": %q, "step": "a", "message": "x.y failed"}, "steps": {"a": {"status": "failed", "error": {"class": %q}}}}}]}`,
			class, attempts, class, code, class))
		if !got.Passed {
			t.Errorf("%s: got %+v", class, got.Cases[0])
		}
	}
	got := play(t, `{"pipeline": [{"id": "a", "uses": "x.y"}]}`, `{"mocks": {"a": {"error": {"class": "tool_error", "code": "x.gone", "message": "it is gone"}}}}`)
	if e := got.Cases[0].Error; e == nil || e.Code != "x.gone" || e.Message != "it is gone" {
		t.Errorf("got %+v, want the code and the message of the mock", e)
	}
}

// TestACallWithoutAMockStopsTheCase names what is called and what calls it.
func TestACallWithoutAMockStopsTheCase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, payload, script, want string }{
		{"no mock", report, `{"mocks": {"weather.daily": {"output": {"days": [31]}}}}`,
			`/mocks/chat.send: no mock answers chat.send, which the step warn calls; add one under mocks`},
		{"a slip of the keyboard", `{"pipeline": [{"id": "a", "uses": "debug.ecko"}]}`, `{}`,
			`/mocks/debug.ecko: no mock answers debug.ecko, which the step a calls; add one under mocks, or did you mean debug.echo?`},
		{"a tool that reaches out", `{"pipeline": [{"id": "a", "uses": "http.request", "with": {"url": "https://example.com"}}]}`, ``,
			`/mocks/http.request: no mock answers http.request, which the step a calls; add one under mocks`},
		{"used up", `{"pipeline": [{"id": "a", "uses": "x.y"}, {"uses": "x.y"}]}`, `{"mocks": {"x.y": [{"output": 1}]}}`,
			`/mocks/x.y: no mock of x.y is left for call 2, or none matches its arguments; add an answer for these arguments, or let one be given more often with times`},
		{"an answer that cannot be rendered", `{"pipeline": [{"id": "a", "uses": "x.y"}]}`, `{"mocks": {"a": {"output": "to ${args.city}"}}}`,
			`/mocks/a/output: column 6, “args.city”: null cannot stand inside a text: args has no field city`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := play(t, c.payload, c.script).Cases[0]
			if got.Passed || got.Status != "stopped" || got.Stopped == nil || got.Stopped.Step == "" || got.Error != nil {
				t.Fatalf("got %+v", got)
			}
			if line := got.Stopped.At + ": " + got.Stopped.Message + "; " + got.Stopped.Fix; !strings.HasPrefix(line, c.want) {
				t.Errorf("got  %s\nwant %s", line, c.want)
			}
		})
	}
}

// TestTheCatalogStandsInFrontOfMocks holds what is known of a tool against what
// it is given and what its mock gives.
func TestTheCatalogStandsInFrontOfMocks(t *testing.T) {
	t.Parallel()
	got := play(t, `{"params": {"text": 1}, "pipeline": [{"id": "a", "uses": "text.render", "with": {"template": "${params.text}"}}]}`, `{"cases": [
		{"expect": {"error": {"class": "invalid_input", "step": "a"}, "steps": {"a": {"called": 1}}}},
		{"params": {"text": "x"}, "mocks": {"a": {"output": {"txt": 1}}}, "expect": {"error": {"class": "invalid_output"}}},
		{"params": {"text": "x"}, "expect": {"output": {"text": "x"}}}]}`)
	for _, c := range got.Cases {
		if !c.Passed {
			t.Errorf("%s: got %+v", c.Name, c)
		}
	}
	if last := got.Cases[2].Calls[0]; last.Mocked || !got.Cases[1].Calls[0].Mocked {
		t.Errorf("got %+v", last)
	}
}

func TestWhatToolsLogIsReported(t *testing.T) {
	t.Parallel()
	got := play(t, `{"pipeline": [{"uses": "debug.log", "with": {"message": "now is ${now}"}}]}`, ``).Cases[0]
	if diff := cmp.Diff([]string{"now is 2027-07-01T07:00:00+03:00"}, got.Calls[0].Log); diff != "" || got.Name != "the pipeline succeeds" {
		t.Errorf("%s (-want +got):\n%s", got.Name, diff)
	}
}

func TestAStepThatCannotBeRenderedFailsTheRun(t *testing.T) {
	t.Parallel()
	got := play(t, `{"pipeline": [{"id": "a", "uses": "x.y", "with": {"text": "to ${params.nobody}"}}]}`,
		`{"cases": [{"expect": {"error": {"class": "invalid_input", "step": "a", "at": "/with/text"}, "steps": {"a": {"status": "failed", "called": 0}}, "calls": []}}]}`)
	if !got.Passed {
		t.Errorf("got %+v", got.Cases[0])
	}
}

// TestAManualTaskHasNoNominalTime as it has none when it runs.
func TestAManualTaskHasNoNominalTime(t *testing.T) {
	t.Parallel()
	r := prepare(t, `{"pipeline": [{"id": "a", "uses": "debug.echo", "with": {"run": "${run}"}}]}`)
	r.Task.ScheduleKind = ordinaut.ScheduleManual
	got, err := r.Run(t.Context(), json.RawMessage(`{"cases": [{"expect": {"output": {"run": {"trigger": "manual", "nominal_at": null, "attempt": 1}}}}]}`))
	if err != nil || !got.Passed {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAServerInThePlaceOfABuiltInToolIsNotCalled(t *testing.T) {
	t.Parallel()
	r := prepare(t, `{"pipeline": [{"id": "a", "uses": "debug.echo"}]}`)
	r.Tools.Serve(tool.Server{Name: "debug", Transport: forbidden{t}, Known: []ordinaut.Tool{{Address: "debug.echo"}}})
	got, err := r.Run(t.Context(), nil)
	if err != nil || got.Cases[0].Status != "stopped" {
		t.Errorf("got %+v, %v, want that a mock is asked for", got, err)
	}
}

// TestFaultsAreToldAtOnce with their places in the payload and in the script.
func TestFaultsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, payload, script string
		want                  []string
	}{
		{"a payload", `{"pipeline": [{"uses": "noaddress"}, {"uses": "x.y", "with": {"a": "${steps.b}"}}]}`, ``, []string{
			`tool.not_found /payload/pipeline/0/uses: there is no tool "noaddress"; list the tools and use an address from there`,
			`pipeline.unknown_step /payload/pipeline/1/with/a: there is no step "b"; use the id or save_as of a step before this one`,
		}},
		{"fields", report, `{"mock": {}, "cases": [{"expct": {}, "expect": {"status": "fine"}}]}`, []string{
			`field.unknown /script/cases/0/expct: expct is not accepted here; did you mean expect?`,
			`field.invalid_value /script/cases/0/expect/status: status must be one of succeeded, failed; send one of them`,
			`field.unknown /script/mock: mock is not accepted here; did you mean mocks?`,
		}},
		{"answers", report, `{"mocks": {"weather.daily": {"outptu": 1}, "chat.send": [{"error": {"class": "bad"}}]}}`, []string{
			`field.invalid_value /script/mocks/chat.send/0/error/class: class must be one of tool_error, timeout, unavailable, rate_limited, denied, invalid_input, invalid_output, canceled, internal; send one of them`,
			`field.unknown /script/mocks/weather.daily/outptu: outptu is not accepted here; did you mean output?`,
		}},
		{"both and neither", report, `{"mocks": {"weather.daily": {}, "chat.send": [{"output": 1}, {"output": 1, "error": {"class": "timeout"}}]}}`, []string{
			`field.required /script/mocks/chat.send/1: an answer has an output, an error, a decision or a doubt, and only one of them; say what the tool gives, how it fails, or what somebody decides`,
			`field.required /script/mocks/weather.daily: an answer has an output, an error, a decision or a doubt, and only one of them; say what the tool gives, how it fails, or what somebody decides`,
		}},
		{"templates", report, `{"mocks": {"weather.daily": {"output": {"a": "${steps.x}", "b": "${1 +}"}}, "chat.send": {"output": ["${argz}"]}}}`, []string{
			`expression.unknown_root /script/mocks/chat.send/output/0: a mock has nothing called "argz" to read from; read from args, call, now, or write $${ for a ${ that is text`,
			`expression.syntax /script/mocks/weather.daily/output/b: `,
		}},
		{"names", report, `{"mocks": {"weather.dayly": {"output": 1}, "wran": {"output": 1}}, "cases": [{"mocks": {"zzz.zzz": {"output": 1}}, "expect": {"steps": {"peek": {}}}}]}`, []string{
			`pipeline.unknown_step /script/mocks/weather.dayly: no step uses the tool "weather.dayly"; did you mean weather.daily?`,
			`pipeline.unknown_step /script/mocks/wran: there is no step "wran"; did you mean warn?`,
			`pipeline.unknown_step /script/cases/0/mocks/zzz.zzz: no step uses the tool "zzz.zzz"; use one of chat.send, data.transform, weather.daily`,
			`pipeline.unknown_step /script/cases/0/expect/steps/peek: there is no step "peek"; did you mean peak?`,
		}},
		{"JSON", report, `{"mocks": {}, "mocks": {}}`, []string{`request.duplicate_key /script/mocks: `}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := prepare(t, c.payload).Run(t.Context(), json.RawMessage(c.script))
			got := told(err)
			for i := range min(len(got), len(c.want)) {
				if strings.HasSuffix(c.want[i], ": ") && strings.HasPrefix(got[i], c.want[i]) {
					got[i] = c.want[i]
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestARehearsalEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := prepare(t, report).Run(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAReportIsBounded(t *testing.T) {
	t.Parallel()
	const large = `{"pipeline": [{"uses": "x.y"}, {"id": "b", "uses": "x.y"}]}`
	script := fmt.Sprintf(`{"mocks": {"x.y": {"output": %q}}, "cases": [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}]}`, strings.Repeat("x", 1_000_000))
	got := play(t, large, script)
	for i, c := range got.Cases {
		if stopped := c.Status == "stopped"; stopped != (i >= 8) {
			t.Errorf("case %d is %s, want that those beyond 16 MiB are stopped", i, c.Status)
		}
	}
	if last := got.Cases[9].Stopped; last == nil || last.Code != ordinaut.CodeOutputTooLarge {
		t.Errorf("got %+v", last)
	}
}

func TestBranchesListsAndRetriesAreRehearsed(t *testing.T) {
	t.Parallel()
	got := play(t, `{"params": {"names": ["ann", "bob"]}, "pipeline": [
		{"id": "fetch", "uses": "weather.daily", "needs": [], "retry": {"max_retries": 2, "base_seconds": 600}},
		{"id": "tell", "uses": "chat.send", "needs": ["fetch"], "foreach": "params.names", "with": {"text": "${item} ${steps.fetch.n}"}},
		{"id": "beside", "uses": "chat.send", "needs": [], "on_error": "continue", "with": {"text": "no"}}],
		"output": {"sent": "${steps.tell[*].n}", "beside": "${errors.beside.class}"}}`,
		`{"mocks": {
			"weather.daily": [{"error": {"class": "timeout", "message": "slow"}}, {"output": {"n": 7}}],
			"chat.send": [{"match": {"text": "no"}, "error": {"class": "tool_error", "message": "mute"}}, {"output": {"n": "${args.text}"}, "times": 2}]}}`).Cases[0]
	if got.Status != ordinaut.RunSucceeded || got.Attempts != 1 || string(got.Output) != `{"beside":"tool_error","sent":["ann 7","bob 7"]}` {
		t.Fatalf("got %s after %d attempts with %s, %v, %v", got.Status, got.Attempts, got.Output, got.Error, got.Stopped)
	}
	var steps []string
	for _, s := range got.Steps {
		steps = append(steps, fmt.Sprint(s.ID, " ", s.Tool, " ", s.Status, " ", s.Called))
	}
	want := []string{
		"fetch weather.daily succeeded 2", "tell chat.send succeeded 0", "beside chat.send failed 1",
		"tell[0] chat.send succeeded 1", "tell[1] chat.send succeeded 1",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}
