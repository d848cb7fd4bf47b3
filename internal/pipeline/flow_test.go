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

// branchWalks are pipelines whose steps do not stand in one row.
func branchWalks() []walk {
	return []walk{
		{
			"branches begin at once, and what needs both waits for both",
			`{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "needs": []}, {"id": "c", "uses": "debug.echo", "needs": ["a", "b"], "with": {"a": "${steps.a}", "b": "${steps.b}"}}]}`,
			map[string]string{"a": `1`, "b": `2`},
			[]string{`call a debug.echo {}`, `call b debug.echo {}`, `call c debug.echo {"a":1,"b":2}`, `done {"a":1,"b":2}`},
		},
		{
			"what stands last in the list is the output, whichever branch was faster",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "needs": ["b"]}, {"id": "b", "uses": "debug.echo", "needs": []}]}`,
			map[string]string{"a": `1`, "b": `2`},
			[]string{`call b debug.echo {}`, `call a debug.echo {}`, `done 2`},
		},
		{
			"a skipped step is null, and what needs it runs",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "if": "params.never"}, {"id": "b", "uses": "debug.echo", "needs": ["a"], "with": {"a": "${steps.a}"}}]}`,
			nil,
			[]string{`skipped a`, `call b debug.echo {"a":null}`, `done {"a":null}`},
		},
		{
			"all results at once are those that were waited for",
			`{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "needs": []}, {"id": "c", "uses": "debug.echo", "needs": ["b"], "with": {"all": "${steps}", "errors": "${errors}"}}]}`,
			map[string]string{"a": `1`, "b": `2`},
			[]string{`call a debug.echo {}`, `call b debug.echo {}`, `call c debug.echo {"all":{"b":2},"errors":{}}`, `done {"all":{"b":2},"errors":{}}`},
		},
		{
			"the others that are under way still answer when a branch fails, and nothing new begins",
			`{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "needs": []}, {"id": "c", "uses": "debug.echo", "needs": ["b"]}]}`,
			map[string]string{"a": `!timeout`},
			[]string{`call a debug.echo {}`, `call b debug.echo {}`, `failed timeout tool.failed a `},
		},
		{
			"when several branches fail, the failure that cannot pass decides",
			`{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "needs": []}, {"id": "c", "uses": "debug.echo", "needs": []}]}`,
			map[string]string{"a": `!timeout`, "b": `!denied`, "c": `!unavailable`},
			[]string{`call a debug.echo {}`, `call b debug.echo {}`, `call c debug.echo {}`, `failed denied tool.failed b `},
		},
		{
			"an output of the payload is rendered when all is done",
			`{"params": {"n": 7}, "output": {"n": "${params.n}", "a": "${steps.a}", "why": "${errors.b.message}"}, "pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "on_error": "continue"}]}`,
			map[string]string{"a": `1`, "b": `!denied`},
			[]string{`call a debug.echo {}`, `call b debug.echo {}`, `done {"a":1,"n":7,"why":"no"}`},
		},
		{
			"an output that cannot be told fails the run",
			`{"output": ["${steps.a.x} too"], "pipeline": [{"id": "a", "uses": "debug.echo"}]}`,
			nil,
			[]string{`call a debug.echo {}`, `failed invalid_input expression.null_value  /output/0`},
		},
		{
			"an output that is too large fails the run",
			`{"output": "${steps.a}", "pipeline": [{"id": "a", "uses": "debug.echo"}]}`,
			map[string]string{"a": `"` + strings.Repeat(`\"`, 600_000) + `"`},
			[]string{`call a debug.echo {}`, `failed invalid_input tool.output_too_large  /output`},
		},
	}
}

// policyWalks are pipelines whose steps fail.
func policyWalks() []walk {
	return []walk{
		{
			"a step is tried again as often as it may be, and then the run fails",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "retry": {"max_retries": 2}}]}`,
			map[string]string{"a": `!timeout`},
			[]string{`call a debug.echo {}`, `wait`, `call a debug.echo {}`, `wait`, `call a debug.echo {}`, `failed timeout tool.failed a `},
		},
		{
			"only failures of the classes named are tried again",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "on_error": "continue", "retry": {"max_retries": 1, "on": ["denied"]}}, {"id": "b", "uses": "debug.echo", "retry": {"max_retries": 1, "on": ["denied"]}}]}`,
			map[string]string{"a": `!denied`, "b": `!timeout`},
			[]string{`call a debug.echo {}`, `wait`, `call a debug.echo {}`, `call b debug.echo {}`, `failed timeout tool.failed b `},
		},
		{
			"a run goes on without the result, and reads why",
			`{"pipeline": [{"id": "a", "save_as": "x", "uses": "debug.echo", "on_error": "continue"}, {"id": "b", "uses": "debug.echo", "if": "errors.a", "with": {"a": "${steps.a}", "why": "${errors.x}"}}, {"uses": "debug.echo", "if": "errors.b"}]}`,
			map[string]string{"a": `!denied`},
			[]string{`call a debug.echo {}`, `call b debug.echo {"a":null,"why":{"class":"denied","code":"tool.failed","message":"no"}}`, `skipped step_2`, `done {"a":null,"why":{"class":"denied","code":"tool.failed","message":"no"}}`},
		},
		{
			"a value stands for the result, after the step's own retries",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "retry": {"max_retries": 1}, "on_error": {"value": {"list": [], "why": "${errors.a.class}"}}}, {"id": "b", "uses": "debug.echo", "if": "steps.a.list"}]}`,
			map[string]string{"a": `!timeout`},
			[]string{`call a debug.echo {}`, `wait`, `call a debug.echo {}`, `skipped b`, `done {"list":[],"why":"timeout"}`},
		},
		{
			"what cannot be rendered is a failure as well",
			`{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "with": {"m": "${steps.a.x}!"}, "on_error": "continue"}, {"id": "c", "uses": "debug.echo", "with": {"m": "${errors.b.code}"}}]}`,
			nil,
			[]string{`call a debug.echo {}`, `failed b`, `call c debug.echo {"m":"expression.null_value"}`, `done {"m":"expression.null_value"}`},
		},
		{
			"a value that cannot be rendered fails the run",
			`{"pipeline": [{"id": "a", "uses": "debug.echo", "on_error": {"value": ["${params.none}!"]}}]}`,
			map[string]string{"a": `!denied`},
			[]string{`call a debug.echo {}`, `failed invalid_input expression.null_value a /on_error/value/0`},
		},
	}
}

// foreachWalks are pipelines that go through lists.
func foreachWalks() []walk {
	return []walk{
		{
			"a step is done for each item, and its results are a list in order",
			`{"params": {"list": ["x", "y"]}, "pipeline": [{"id": "each", "uses": "debug.echo", "foreach": "params.list", "with": {"m": "${item} ${index}"}}, {"uses": "debug.echo", "with": {"all": "${steps.each[*].m}"}}]}`,
			nil,
			[]string{`call each[0] debug.echo {"m":"x 0"}`, `call each[1] debug.echo {"m":"y 1"}`, `succeeded each [{"m":"x 0"},{"m":"y 1"}]`, `call step_1 debug.echo {"all":["x 0","y 1"]}`, `done {"all":["x 0","y 1"]}`},
		},
		{
			"an empty list is an empty result",
			`{"params": {"list": []}, "pipeline": [{"id": "each", "uses": "debug.echo", "foreach": "params.list"}]}`,
			nil,
			[]string{`succeeded each []`, `done []`},
		},
		{
			"a condition is asked once, before there is a list",
			`{"pipeline": [{"id": "each", "uses": "debug.echo", "if": "false", "foreach": "params.list"}]}`,
			nil,
			[]string{`skipped each`, `done `},
		},
		{
			"as many items as may be are under way at once",
			`{"params": {"list": [1, 2, 3]}, "pipeline": [{"id": "each", "uses": "debug.echo", "foreach": "params.list", "max_parallel": 2, "with": {"n": "${item}"}}]}`,
			map[string]string{"each[1]": `"two"`},
			[]string{`call each[0] debug.echo {"n":1}`, `call each[1] debug.echo {"n":2}`, `call each[2] debug.echo {"n":3}`, `succeeded each [{"n":1},"two",{"n":3}]`, `done [{"n":1},"two",{"n":3}]`},
		},
		{
			"a body has steps of its own, which read their neighbours and what lies around",
			`{"params": {"list": [1, 2]}, "pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "loop", "foreach": "params.list", "steps": [{"id": "draft", "uses": "debug.echo", "if": "item > 1", "with": {"n": "${item}"}}, {"id": "send", "uses": "debug.echo", "if": "steps.draft", "with": {"all": "${steps}", "i": "${index}"}}]}]}`,
			map[string]string{"a": `"A"`},
			[]string{`call a debug.echo {}`, `skipped loop[0].draft`, `skipped loop[0].send`, `call loop[1].draft debug.echo {"n":2}`, `call loop[1].send debug.echo {"all":{"a":"A","draft":{"n":2}},"i":1}`, `succeeded loop [null,{"all":{"a":"A","draft":{"n":2}},"i":1}]`, `done [null,{"all":{"a":"A","draft":{"n":2}},"i":1}]`},
		},
		{
			"an item that fails is gone over, and its error can be read by its number",
			`{"params": {"list": [1, 2]}, "pipeline": [{"id": "each", "uses": "debug.echo", "foreach": "params.list", "on_error": "continue"}, {"uses": "debug.echo", "with": {"all": "${steps.each}", "why": "${errors.each}"}}]}`,
			map[string]string{"each[0]": `!denied`, "each[1]": `1`},
			[]string{`call each[0] debug.echo {}`, `call each[1] debug.echo {}`, `succeeded each [null,1]`, `call step_1 debug.echo {"all":[null,1],"why":[{"class":"denied","code":"tool.failed","message":"no"},null]}`, `done {"all":[null,1],"why":[{"class":"denied","code":"tool.failed","message":"no"},null]}`},
		},
		{
			"a value stands for an item that failed",
			`{"params": {"list": ["x", "y"]}, "pipeline": [{"id": "each", "foreach": "params.list", "steps": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo"}], "on_error": {"value": "${item} ${index} ${errors.each.class}"}}]}`,
			map[string]string{"each[0].a": `!denied`, "each[1].b": `!timeout`},
			[]string{`call each[0].a debug.echo {}`, `call each[1].a debug.echo {}`, `call each[1].b debug.echo {}`, `succeeded each ["x 0 denied","y 1 timeout"]`, `done ["x 0 denied","y 1 timeout"]`},
		},
		{
			"nothing new begins in an item that has failed, and the others that are under way still answer",
			`{"params": {"list": [1]}, "pipeline": [{"id": "each", "foreach": "params.list", "on_error": "continue", "steps": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "needs": []}, {"id": "c", "uses": "debug.echo"}]}, {"id": "z", "uses": "debug.echo", "with": {"why": "${errors.each[0].class}"}}]}`,
			map[string]string{"each[0].a": `!denied`},
			[]string{`call each[0].a debug.echo {}`, `call each[0].b debug.echo {}`, `succeeded each [null]`, `call z debug.echo {"why":"denied"}`, `done {"why":"denied"}`},
		},
		{
			"a value that cannot be rendered fails the run",
			`{"params": {"list": ["x"]}, "pipeline": [{"id": "each", "uses": "debug.echo", "foreach": "params.list", "on_error": {"value": "${item.none}!"}}]}`,
			map[string]string{"each[0]": `!denied`},
			[]string{`call each[0] debug.echo {}`, `failed invalid_input expression.null_value each /on_error/value`},
		},
		{
			"an item that fails fails the run",
			`{"params": {"list": [1, 2]}, "pipeline": [{"id": "each", "uses": "debug.echo", "foreach": "params.list"}]}`,
			map[string]string{"each[0]": `!timeout`},
			[]string{`call each[0] debug.echo {}`, `failed timeout tool.failed each[0] `},
		},
		{
			"an item is tried again by itself",
			`{"params": {"list": [1, 2]}, "pipeline": [{"id": "each", "uses": "debug.echo", "foreach": "params.list", "max_parallel": 2, "retry": {"max_retries": 1}, "on_error": "continue"}]}`,
			map[string]string{"each[0]": `!timeout`, "each[1]": `2`},
			[]string{`call each[0] debug.echo {}`, `call each[1] debug.echo {}`, `wait`, `call each[0] debug.echo {}`, `succeeded each [null,2]`, `done [null,2]`},
		},
		{
			"what is no list",
			`{"params": {"list": {"a": 1}}, "pipeline": [{"id": "each", "uses": "debug.echo", "foreach": "params.list"}]}`,
			nil,
			[]string{`failed each`, `failed invalid_input expression.wrong_type each /foreach`},
		},
		{
			"what is no list is gone over",
			`{"pipeline": [{"id": "each", "uses": "pipeline.foreach", "with": {"items_path": "params.none", "body": {"uses": "debug.echo"}}, "on_error": {"value": []}}, {"uses": "debug.echo", "with": {"all": "${steps.each}", "why": "${errors.each.message}"}}]}`,
			nil,
			[]string{`failed each []`, `call step_1 debug.echo {"all":[],"why":"a foreach needs a list, and this is null"}`, `done {"all":[],"why":"a foreach needs a list, and this is null"}`},
		},
		{
			"a list inside a list",
			`{"params": {"list": [[1, 2], [3]]}, "pipeline": [{"id": "outer", "foreach": "params.list", "steps": [{"id": "inner", "foreach": "item", "uses": "debug.echo", "with": {"n": "${item}"}}]}]}`,
			nil,
			[]string{
				`call outer[0].inner[0] debug.echo {"n":1}`, `call outer[0].inner[1] debug.echo {"n":2}`, `succeeded outer[0].inner [{"n":1},{"n":2}]`,
				`call outer[1].inner[0] debug.echo {"n":3}`, `succeeded outer[1].inner [{"n":3}]`, `succeeded outer [[{"n":1},{"n":2}],[{"n":3}]]`, `done [[{"n":1},{"n":2}],[{"n":3}]]`,
			},
		},
		{
			"a failure inside a list inside a list is gone over where that is said",
			`{"params": {"list": [[1, 2], [3]]}, "pipeline": [{"id": "outer", "foreach": "params.list", "on_error": "continue", "steps": [{"id": "inner", "foreach": "item", "max_parallel": 2, "uses": "debug.echo", "with": {"n": "${item}"}}]}]}`,
			map[string]string{"outer[0].inner[0]": `!denied`},
			[]string{
				`call outer[0].inner[0] debug.echo {"n":1}`, `call outer[0].inner[1] debug.echo {"n":2}`,
				`call outer[1].inner[0] debug.echo {"n":3}`, `succeeded outer[1].inner [{"n":3}]`, `succeeded outer [null,[{"n":3}]]`, `done [null,[{"n":3}]]`,
			},
		},
	}
}

func TestFlowsAreFollowed(t *testing.T) {
	t.Parallel()
	for kind, walks := range map[string][]walk{"branches": branchWalks(), "policies": policyWalks(), "foreach": foreachWalks()} {
		for _, tt := range walks {
			t.Run(kind+": "+tt.name, func(t *testing.T) {
				t.Parallel()
				if diff := cmp.Diff(tt.want, follow(compile(t, tt.payload).Begin(env(t)), tt.outputs)); diff != "" {
					t.Errorf("decisions (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestUsesAndToolsSeeIntoEveryList(t *testing.T) {
	t.Parallel()
	payload := `{"pipeline": [{"uses": "debug.log", "with": {"message": "x", "body": [{"uses": "no.tool"}]}}, {"foreach": "params.a", "steps": [{"uses": "debug.echo"}, {"uses": "pipeline.foreach", "with": {"items_path": "item", "body": {"uses": "away.tool"}}}]}]}`
	if diff := cmp.Diff([]string{"debug.log", "debug.echo", "away.tool"}, pipeline.Uses(json.RawMessage(payload))); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
	payload = strings.Replace(payload, `, "body": [{"uses": "no.tool"}]`, "", 1)
	plan := compile(t, payload)
	if diff := cmp.Diff([]string{"away.tool", "debug.echo", "debug.log"}, plan.Tools()); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	if w := plan.Warnings(); len(w) != 1 || w[0].At != "/pipeline/1/steps/1/with/body/0/uses" {
		t.Errorf("warnings: %v", told(w))
	}
}

func TestAnErrorThatNobodyCanReadIsWarnedOf(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "on_error": "fail"}, {"id": "c", "uses": "debug.echo", "on_error": "continue"},
		{"uses": "debug.echo", "if": "errors.a || errors.b || errors.c"}]}`)
	want := []string{
		`pipeline.no_effect /pipeline/3/if: a failure of "a" ends the run, so nobody reads its error; give "a" an on_error, such as continue`,
		`pipeline.no_effect /pipeline/3/if: a failure of "b" ends the run, so nobody reads its error; give "b" an on_error, such as continue`,
	}
	if diff := cmp.Diff(want, told(plan.Warnings())); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoListIsNamed(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{`{}`: "an object", `"x"`: "a text", `7`: "a number", `true`: "true or false", `null`: "null"} {
		e := env(t)
		e.Run.Params = json.RawMessage(`{"list": ` + value + `}`)
		turn := compile(t, `{"pipeline": [{"uses": "debug.echo", "foreach": "params.list"}]}`).Begin(e).Next(time.Time{})
		failed, _ := turn.End.(pipeline.Failed)
		if want = "a foreach needs a list, and this is " + want; failed.Failure.Message != want {
			t.Errorf("%s: got %q, want %q", value, failed.Failure.Message, want)
		}
	}
}

// listOf is params with a list of n items.
func listOf(n int) string {
	return `{"list": [` + strings.TrimSuffix(strings.Repeat("1,", n), ",") + `]}`
}

func TestAForeachKeepsItsLimits(t *testing.T) {
	t.Parallel()
	one := `[{"id": "each", "uses": "debug.echo", "foreach": "params.list"}]`
	square := `[{"id": "each", "foreach": "params.list", "steps": [{"id": "inner", "uses": "debug.echo", "foreach": "params.list"}]}]`
	tests := []struct {
		name, steps string
		items       int
		output      string
		want        string
	}{
		{"as many items as may be", one, limits.ForeachItems, `1`, ""},
		{"one item too many", one, limits.ForeachItems + 1, `1`, "failed invalid_input pipeline.too_many_items each /foreach"},
		{"as many items of a run as may be", square, 99, `1`, ""}, // 99 + 99 * 99
		{"too many items of a run", square, 100, `1`, "failed invalid_input pipeline.too_many_items each[99].inner /foreach"},
		{"a list of results that is too large", one, 3, `"` + strings.Repeat("x", limits.StepOutputBytes/3) + `"`, "failed invalid_input tool.output_too_large each "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := env(t)
			e.Run.Params = json.RawMessage(listOf(tt.items))
			outputs := map[string]string{}
			for i := range 3 {
				outputs[fmt.Sprintf("each[%d]", i)] = tt.output
			}
			lines := follow(compile(t, `{"pipeline": `+tt.steps+`}`).Begin(e), outputs)
			end := lines[len(lines)-1]
			if tt.want == "" && !strings.HasPrefix(end, "done ") || tt.want != "" && end != tt.want {
				t.Errorf("got %.200q, want %q", end, tt.want)
			}
		})
	}
}

func TestARunMakesOnlySoManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	steps := strings.TrimSuffix(strings.Repeat(`{"uses": "debug.echo", "needs": []},`, 50), ",")
	g := compile(t, `{"pipeline": [`+steps+`]}`).Begin(env(t))
	turn := g.Next(time.Time{})
	if n := len(turn.Begin); n != limits.RunCalls {
		t.Fatalf("%d calls begin, want %d", n, limits.RunCalls)
	}
	g.Record(succeeded(turn.Begin[7].Path, `1`))
	if n := len(g.Next(time.Time{}).Begin); n != 1 {
		t.Errorf("%d calls follow one that has ended, want 1", n)
	}
}

func TestAWaitLastsAsLongAfterAResume(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.log", "with": {"message": "x"}, "retry": {"base_seconds": 100}}]}`)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	g := plan.Begin(env(t))
	failed := g.Record(failing(g.Next(now).Begin[0], ordinaut.ClassTimeout, now))
	until := g.Next(now).Until
	if wait := until.Sub(now); wait < 50*time.Second || wait > 100*time.Second {
		t.Errorf("the wait is %s, want from 50 to 100 seconds", wait)
	}
	resumed := plan.Begin(env(t), failed)
	turn := resumed.Next(now.Add(time.Second))
	if len(turn.Begin) > 0 || !turn.Until.Equal(*until) {
		t.Errorf("after a resume it lasts until %v, want %v", turn.Until, until)
	}
	turn = resumed.Next(*until)
	if len(turn.Begin) != 1 || turn.Begin[0].Attempt != 2 {
		t.Errorf("when it is over: got %+v, want the second attempt", turn.Begin)
	}
	cut := turn.Begin[0].Started(*until)
	if again := plan.Begin(env(t), cut).Next(*until).Begin; len(again) != 1 || again[0].Attempt != 2 {
		t.Errorf("cut off and resumed: got %+v, want the second attempt again", again)
	}
}

func TestAWaitThatWasAskedForIsKeptByAStep(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	g := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.echo", "retry": {}}]}`).Begin(env(t))
	failed := failing(g.Next(now).Begin[0], ordinaut.ClassRateLimited, now)
	failed.Failure.RetryAfter = time.Minute
	g.Record(failed)
	if until := g.Next(now).Until; !until.Equal(now.Add(time.Minute)) {
		t.Errorf("got %v, want a minute later", until)
	}
}
