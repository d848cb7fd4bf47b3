package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
)

// needsFaults are faults of what a step waits for.
func needsFaults() []fault {
	return []fault{
		{"needs that are no list", `[{"uses": "debug.echo", "needs": "a"}]`, []string{`field.wrong_type /pipeline/0/needs: needs must be a list of steps; send the ids of the steps to wait for, or [] to wait for none`}},
		{"a need that is no text", `[{"uses": "debug.echo"}, {"uses": "debug.echo", "needs": [0]}]`, []string{`field.wrong_type /pipeline/1/needs/0: needs must hold texts; put the id of the step in quotes`}},
		{"a misspelt need", `[{"id": "fetch", "uses": "debug.echo"}, {"uses": "debug.echo", "needs": ["fecth"]}]`, []string{`pipeline.unknown_step /pipeline/1/needs/0: there is no step "fecth" in this list; did you mean fetch?`}},
		{"a need that is like none", `[{"uses": "debug.echo", "needs": ["zzzzzz"]}]`, []string{`pipeline.unknown_step /pipeline/0/needs/0: there is no step "zzzzzz" in this list; use the ids of other steps of the same list`}},
		{"a step that waits for itself", `[{"id": "a", "uses": "debug.echo", "needs": ["a"]}]`, []string{`pipeline.cycle /pipeline/0/needs/0: a step cannot wait for itself; name another step, or leave it out`}},
		{"two steps that wait for each other", `[{"id": "a", "uses": "debug.echo", "needs": ["b"]}, {"id": "b", "uses": "debug.echo"}]`, []string{`pipeline.cycle /pipeline/0/needs: these steps wait for each other: a waits for b waits for a; take one of them out of the needs of another`}},
		{"a circle of three behind a way in", `[{"id": "in", "uses": "debug.echo"}, {"id": "a", "uses": "debug.echo", "needs": ["in", "c"]}, {"id": "b", "uses": "debug.echo"}, {"id": "c", "uses": "debug.echo", "with": {"x": "${steps.b}"}}]`, []string{`pipeline.cycle /pipeline/1/needs: these steps wait for each other: a waits for c waits for b waits for a; take one of them out of the needs of another`}},
		{"a step that another branch makes", `[{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "needs": [], "with": {"x": "${steps.a}"}}]`, []string{`pipeline.step_not_yet_run /pipeline/1/with/x: "b" does not wait for the step "a"; add "a" to its needs`}},
		{"a step that waits for this one", `[{"id": "a", "uses": "debug.echo", "needs": ["c"]}, {"id": "b", "uses": "debug.echo"}, {"id": "c", "uses": "debug.echo", "needs": [], "with": {"x": "${steps.b}"}}]`, []string{`pipeline.step_not_yet_run /pipeline/2/with/x: the step "b" comes only after this one; move it before "c"`}},
		{"a step that stands below and is waited for", `[{"uses": "debug.echo", "needs": ["b", "b"], "with": {"x": "${steps.b}"}}, {"id": "b", "uses": "debug.echo", "needs": []}]`, nil},
		{"a step that is waited for by way of others", `[{"id": "a", "uses": "debug.echo", "save_as": "first"}, {"id": "b", "uses": "debug.echo", "needs": ["first"]}, {"id": "c", "uses": "debug.echo", "needs": ["b"], "with": {"x": "${steps.a}", "why": "${errors.a?}"}}]`, nil},
	}
}

// policyFaults are faults of retry and on_error.
func policyFaults() []fault {
	return []fault{
		{"a retry that is a number", `[{"uses": "debug.echo", "retry": 3}]`, []string{`field.wrong_type /pipeline/0/retry: retry must be an object; say how often, in max_retries`}},
		{"fields of a retry that do not exist", `[{"uses": "debug.echo", "retry": {"backoff_base_seconds": 1, "max_retrys": 2, "zzzzzzzz": 1}}]`, []string{
			`field.unknown /pipeline/0/retry/backoff_base_seconds: there is no field "backoff_base_seconds" here; did you mean base_seconds?`,
			`field.unknown /pipeline/0/retry/max_retrys: there is no field "max_retrys" here; did you mean max_retries?`,
			`field.unknown /pipeline/0/retry/zzzzzzzz: there is no field "zzzzzzzz" here; leave it out, or use one of backoff_strategy, base_seconds, max_retries, max_seconds, on`,
		}},
		{"more retries than may be", `[{"uses": "debug.echo", "retry": {"max_retries": 21}}]`, []string{`field.invalid_value /pipeline/0/retry/max_retries: max_retries must be a whole number from 0 to 20; send such a number`}},
		{"half a retry", `[{"uses": "debug.echo", "retry": {"max_retries": 1.5}}]`, []string{`field.invalid_value /pipeline/0/retry/max_retries: max_retries must be a whole number from 0 to 20; send such a number`}},
		{"retries in words", `[{"uses": "debug.echo", "retry": {"max_retries": "many"}}]`, []string{`field.wrong_type /pipeline/0/retry/max_retries: max_retries must be a number; send a whole number from 0 to 20`}},
		{"a wait of nothing", `[{"uses": "debug.echo", "retry": {"base_seconds": 0, "max_seconds": -1}}]`, []string{
			`field.invalid_value /pipeline/0/retry/base_seconds: base_seconds must be more than 0 and at most 2147483647; send such a number`,
			`field.invalid_value /pipeline/0/retry/max_seconds: max_seconds must be more than 0 and at most 2147483647; send such a number`,
		}},
		{"a misspelt strategy", `[{"uses": "debug.echo", "retry": {"backoff_strategy": "linaer"}}]`, []string{`field.invalid_value /pipeline/0/retry/backoff_strategy: backoff_strategy must be one of exponential_jitter, exponential, linear, fixed; did you mean linear?`}},
		{"classes that are no list", `[{"uses": "debug.echo", "retry": {"on": "timeout"}}]`, []string{`field.wrong_type /pipeline/0/retry/on: on must be a list of classes of failures; name at least one of tool_error, timeout, unavailable, rate_limited, internal, invalid_output, denied`}},
		{"no classes", `[{"uses": "debug.echo", "retry": {"on": []}}]`, []string{`field.wrong_type /pipeline/0/retry/on: on must be a list of classes of failures; name at least one of tool_error, timeout, unavailable, rate_limited, internal, invalid_output, denied`}},
		{"a misspelt class, and one that is not tried again", `[{"uses": "debug.echo", "retry": {"on": ["timeuot", "invalid_input", 5]}}]`, []string{
			`field.invalid_value /pipeline/0/retry/on/0: a class that is tried again must be one of tool_error, timeout, unavailable, rate_limited, internal, invalid_output, denied; did you mean timeout?`,
			`field.invalid_value /pipeline/0/retry/on/1: a class that is tried again must be one of tool_error, timeout, unavailable, rate_limited, internal, invalid_output, denied; did you mean invalid_output?`,
			`field.invalid_value /pipeline/0/retry/on/2: a class that is tried again must be one of tool_error, timeout, unavailable, rate_limited, internal, invalid_output, denied; send one of them`,
		}},
		{"an unknown on_error", `[{"uses": "debug.echo", "on_error": "contineu"}]`, []string{`field.invalid_value /pipeline/0/on_error: on_error must be one of fail, continue; did you mean continue?`}},
		{"an on_error that is a number", `[{"uses": "debug.echo", "on_error": 5}]`, []string{`field.invalid_value /pipeline/0/on_error: on_error must be one of fail, continue; send one of them`}},
		{"an on_error of the original's", `[{"uses": "debug.echo", "on_error": {"strategy": "fallback", "fallback_value": 1}}]`, []string{
			`field.unknown /pipeline/0/on_error/fallback_value: there is no field "fallback_value" here; leave it out, or use one of value`,
			`field.unknown /pipeline/0/on_error/strategy: there is no field "strategy" here; leave it out, or use one of value`,
			`field.required /pipeline/0/on_error/value: on_error says nothing of a value; add the value that stands for the result, or send fail or continue`,
		}},
		{"a value that reads its own result", `[{"id": "a", "uses": "debug.echo", "on_error": {"value": "${steps.a}"}}]`, []string{`pipeline.step_not_yet_run /pipeline/0/on_error/value: a step cannot read its own result; read a step before this one`}},
		{"a value that is cut off", `[{"uses": "debug.echo", "on_error": {"value": ["${now"]}}]`, []string{`expression.syntax /pipeline/0/on_error/value/0: column 1, “${now”: the ${ is never closed; close it with }, or write $${ for a literal ${`}},
		{"a misspelt step among the errors", `[{"id": "fetch", "uses": "debug.echo"}, {"uses": "debug.echo", "if": "errors.fecth"}]`, []string{`pipeline.unknown_step /pipeline/1/if: there is no step "fecth"; did you mean errors.fetch?`}},
		{"a step that reads its own error", `[{"id": "a", "uses": "debug.echo", "if": "errors.a"}]`, []string{`pipeline.step_not_yet_run /pipeline/0/if: a step cannot read its own result; read a step before this one`}},
		{"policies of all kinds", `[{"id": "a", "uses": "debug.echo", "retry": {"max_retries": 0, "base_seconds": 0.5, "max_seconds": 10, "backoff_strategy": "fixed", "on": ["denied"]}, "on_error": {"value": {"why": "${errors.a.message}"}}}, {"uses": "debug.echo", "on_error": "fail", "retry": {}}]`, nil},
	}
}

// foreachFaults are faults of a foreach.
func foreachFaults() []fault {
	return []fault{
		{"a list that is no text", `[{"uses": "debug.echo", "foreach": [1, 2]}]`, []string{`field.wrong_type /pipeline/0/foreach: foreach must be a text; write an expression that gives a list`}},
		{"a list that is cut off", `[{"uses": "debug.echo", "foreach": "params.list |"}]`, []string{`expression.syntax /pipeline/0/foreach: column 14, at the end: something is missing here; finish the expression`}},
		{"a list of another attempt", `[{"uses": "debug.echo", "foreach": "run.attempt > 1 ? params.all : params.some"}, {"uses": "debug.echo", "foreach": "[run]"}]`, []string{
			`expression.invalid_value /pipeline/0/foreach: the list may not depend on run.attempt, since whatever is done again goes on with the same items; leave run.attempt out of it`,
			`expression.invalid_value /pipeline/1/foreach: the list may not depend on run, since whatever is done again goes on with the same items; leave run out of it`,
		}},
		{"steps and no list", `[{"uses": "debug.echo", "steps": [], "max_parallel": 2}]`, []string{
			`pipeline.invalid_step /pipeline/0/steps: steps belongs to a foreach; add foreach, or leave it out`,
			`pipeline.invalid_step /pipeline/0/max_parallel: max_parallel belongs to a foreach; add foreach, or leave it out`,
		}},
		{"neither a tool nor steps", `[{"foreach": "params.list"}]`, []string{`field.required /pipeline/0/uses: a step must say which tool it uses; add uses`}},
		{"a tool beside steps", `[{"foreach": "params.list", "uses": "debug.echo", "with": {}, "timeout": 5, "retry": {}, "steps": [{"uses": "debug.echo"}]}]`, []string{
			`pipeline.invalid_step /pipeline/0/timeout: timeout belongs to the steps of the body; move it there, or leave it out`,
			`pipeline.invalid_step /pipeline/0/retry: retry belongs to the steps of the body; move it there, or leave it out`,
			`pipeline.invalid_step /pipeline/0/uses: uses belongs to the steps of the body; move it there, or leave it out`,
			`pipeline.invalid_step /pipeline/0/with: with belongs to the steps of the body; move it there, or leave it out`,
		}},
		{"a body without steps", `[{"foreach": "params.list", "steps": []}]`, []string{`pipeline.empty /pipeline/0/steps: a pipeline needs at least one step; add a step`}},
		{"a body that is no list", `[{"foreach": "params.list", "steps": {"uses": "debug.echo"}}]`, []string{`field.wrong_type /pipeline/0/steps: steps must be a list of steps; put the steps in [ ]`}},
		{"33 items at once", `[{"foreach": "params.list", "uses": "debug.echo", "max_parallel": 33}]`, []string{`field.invalid_value /pipeline/0/max_parallel: max_parallel must be a whole number from 1 to 32; send such a number`}},
		{"no items at once", `[{"foreach": "params.list", "uses": "debug.echo", "max_parallel": 0}]`, []string{`field.invalid_value /pipeline/0/max_parallel: max_parallel must be a whole number from 1 to 32; send such a number`}},
		{"an item without a list", `[{"uses": "debug.echo", "with": {"x": "${item}", "n": "${index}"}}]`, []string{
			`expression.unknown_root /pipeline/0/with/n: there is an index only inside of a foreach; add a foreach, or read from errors, event, now, params, run, steps, task`,
			`expression.unknown_root /pipeline/0/with/x: there is an item only inside of a foreach; add a foreach, or read from errors, event, now, params, run, steps, task`,
		}},
		{"an item in what is read before there is one", `[{"uses": "debug.echo", "foreach": "item", "if": "item"}]`, []string{
			`expression.unknown_root /pipeline/0/if: there is an item only inside of a foreach; add a foreach, or read from errors, event, now, params, run, steps, task`,
			`expression.unknown_root /pipeline/0/foreach: there is an item only inside of a foreach; add a foreach, or read from errors, event, now, params, run, steps, task`,
		}},
		{"a misspelt root inside", `[{"uses": "debug.echo", "foreach": "params.list", "with": {"x": "${itme.a}"}}]`, []string{`expression.unknown_root /pipeline/0/with/x: there is nothing called "itme" to read from; did you mean item?`}},
		{"faults inside a body", `[{"id": "loop", "foreach": "params.list", "steps": [{"id": "a", "uses": "debug.ehco"}, {"id": "a", "uses": "debug.echo", "with": {"x": "${steps.b}"}}, {"id": "b", "uses": "debug.echo", "needs": ["loop"]}, 5]}]`, []string{
			`tool.not_found /pipeline/0/steps/0/uses: there is no tool "debug.ehco"; did you mean debug.echo?`,
			`pipeline.duplicate_name /pipeline/0/steps/1/id: the name "a" belongs to /pipeline/0/steps/0 already; give this step another id`,
			`field.wrong_type /pipeline/0/steps/3: a step must be an object; say which tool it uses`,
			`pipeline.unknown_step /pipeline/0/steps/2/needs/0: there is no step "loop" in this list; use the ids of other steps of the same list`,
			`pipeline.step_not_yet_run /pipeline/0/steps/1/with/x: "a" does not wait for the step "b"; add "b" to its needs`,
		}},
		{"a result that is inside", `[{"id": "loop", "foreach": "params.list", "steps": [{"id": "draft", "uses": "debug.echo"}]}, {"uses": "debug.echo", "with": {"x": "${steps.draft}"}}]`, []string{`pipeline.unknown_step /pipeline/1/with/x: the step "draft" is inside of the foreach "loop"; read steps.loop, the list of its results`}},
		{"the foreach itself, and what comes after it, from inside", `[{"id": "loop", "foreach": "params.list", "steps": [{"uses": "debug.echo", "with": {"x": "${steps.loop}", "y": "${steps.later}"}}]}, {"id": "later", "uses": "debug.echo"}]`, []string{
			`pipeline.step_not_yet_run /pipeline/0/steps/0/with/x: a step cannot read its own result; read a step before this one`,
			`pipeline.step_not_yet_run /pipeline/0/steps/0/with/y: the step "later" comes only after this one; move it before "loop"`,
		}},
		{"what lies around, from inside", `[{"id": "a", "uses": "debug.echo"}, {"id": "loop", "foreach": "${steps.a.list}", "if": "steps.a", "max_parallel": 32, "steps": [{"id": "a", "uses": "debug.echo", "with": {"x": "${item.b} ${index}"}}, {"uses": "debug.echo", "with": {"x": "${steps.a}"}}], "on_error": {"value": "${item}: ${errors.loop.message}"}}, {"uses": "debug.echo", "with": {"x": "${steps.loop[0]}", "y": "${errors.loop[0].message?}"}}]`, nil},
		{"a foreach of nothing", `[{"uses": "debug.echo", "foreach": ""}]`, []string{`field.required /pipeline/0/foreach: foreach is missing; say where the list is`}},
		{"a foreach inside a foreach", `[{"id": "outer", "foreach": "params.list", "steps": [{"id": "inner", "foreach": "item.list", "uses": "debug.echo", "with": {"x": "${item}"}}]}]`, nil},
	}
}

// originalFaults are faults of a foreach that is written as the original's tool.
func originalFaults() []fault {
	return []fault{
		{"no arguments", `[{"uses": "pipeline.foreach"}]`, []string{`field.required /pipeline/0/with: a foreach needs to know its list and its steps; send items_path and body`}},
		{"no list and no body", `[{"uses": "pipeline.foreach", "with": {"itms_path": "x"}}]`, []string{
			`field.unknown /pipeline/0/with/itms_path: there is no field "itms_path" here; did you mean items_path?`,
			`field.required /pipeline/0/with/items_path: items_path is missing; say where the list is`,
			`field.wrong_type /pipeline/0/with/body: body must be a list of steps; put the steps in [ ]`,
		}},
		{"two ways at once", `[{"uses": "pipeline.foreach", "foreach": "params.a", "with": {"items_path": "params.b", "body": [{"uses": "debug.ehco", "with": {"x": "${steps.none}"}}]}}]`, []string{
			`pipeline.invalid_step /pipeline/0/foreach: foreach belongs below with here; move it there`,
			`tool.not_found /pipeline/0/with/body/0/uses: there is no tool "debug.ehco"; did you mean debug.echo?`,
			`pipeline.unknown_step /pipeline/0/with/body/0/with/x: there is no step "none"; use the id or save_as of a step before this one`,
		}},
		{"as it should be", `[{"id": "each", "uses": "pipeline.foreach", "with": {"items_path": "${params.list}", "max_parallel": 4, "body": {"uses": "debug.echo", "with": {"x": "${item.name}"}}}, "on_error": "continue"}]`, nil},
	}
}

func TestCompileTellsEachFaultOfTheFlow(t *testing.T) {
	t.Parallel()
	c := newShelf(t)
	for kind, faults := range map[string][]fault{"needs": needsFaults(), "policies": policyFaults(), "foreach": foreachFaults(), "original": originalFaults()} {
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

// nested is a foreach inside a foreach, and so on.
func nested(levels int) string {
	step := `{"uses": "debug.echo"}`
	for range levels - 1 {
		step = `{"foreach": "params.list", "steps": [` + step + `]}`
	}
	return `{"pipeline": [` + step + `]}`
}

func TestCompileKeepsTheLimitsOfTheFlow(t *testing.T) {
	t.Parallel()
	inside := func(n int) string {
		steps := strings.TrimSuffix(strings.Repeat(`{"uses": "debug.echo"},`, n), ",")
		return `{"pipeline": [{"foreach": "params.list", "steps": [` + steps + `]}, {"foreach": "params.list", "steps": [{"uses": "debug.echo"}]}]}`
	}
	tests := []struct {
		name, payload string
		want          ordinaut.Code
	}{
		{"as many levels as may be", nested(8), ""},
		{"one level too many", nested(9), ordinaut.CodePipelineNesting},
		{"as many steps in all lists as may be", inside(97), ""},
		{"one step too many", inside(98), ordinaut.CodePipelineSteps},
		{"many steps too many", inside(300), ordinaut.CodePipelineSteps},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := check(tt.payload, newShelf(t))
			if tt.want == "" && len(faults) > 0 || tt.want != "" && (len(faults) != 1 || faults[0].Code != tt.want) {
				t.Errorf("got %v, want one of %q", told(faults), tt.want)
			}
		})
	}
}
