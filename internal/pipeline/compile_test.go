package pipeline_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

type fault struct {
	name, payload string
	want          []string
}

// payloadFaults are faults of the document around the steps.
func payloadFaults() []fault {
	return []fault{
		{"no payload", ``, []string{`field.wrong_type : the payload must be an object; send the steps under pipeline`}},
		{"null", `null`, []string{`field.wrong_type : the payload must be an object; send the steps under pipeline`}},
		{"two values", `{} {}`, []string{`field.wrong_type : the payload must be an object; send the steps under pipeline`}},
		{"no pipeline", `{}`, []string{`pipeline.empty /pipeline: a pipeline needs at least one step; add a step`}},
		{"an empty pipeline", `{"pipeline": []}`, []string{`pipeline.empty /pipeline: a pipeline needs at least one step; add a step`}},
		{"a pipeline that is no list", `{"pipeline": {"uses": "debug.echo"}}`, []string{`field.wrong_type /pipeline: pipeline must be a list of steps; put the steps in [ ]`}},
		{"a step that is no object", `{"pipeline": ["debug.echo"]}`, []string{`field.wrong_type /pipeline/0: a step must be an object; say which tool it uses`}},
		{"params that are no object", `{"params": [1], "pipeline": [{"uses": "debug.echo"}]}`, []string{`field.wrong_type /params: params must be an object; send names and values`}},
		{"a field that does not exist", `{"pipelin": 1, "pipeline": [{"uses": "debug.echo"}]}`, []string{`field.unknown /pipelin: there is no field "pipelin" here; did you mean pipeline?`}},
		{"a field that is like none", `{"a/b": 1, "pipeline": [{"uses": "debug.echo"}]}`, []string{`field.unknown /a~1b: there is no field "a/b" here; leave it out, or use one of params, pipeline, output, probe`}},
		{"a field of the task", `{"max_retries": 1, "pipeline": [{"uses": "debug.echo"}]}`, []string{`field.unknown /max_retries: there is no field "max_retries" here; leave it out; max_retries and timeout_seconds stand beside payload, in the task`}},
		{"a probe of nothing", `{"probe": {}, "pipeline": [{"uses": "debug.echo"}]}`, []string{`field.required /probe/every_seconds: every_seconds is missing; say how often the probe is made`, `field.required /probe/uses: a step must say which tool it uses; add uses`}},
		{"an output that reads a step that is not there", `{"output": {"a": ["${steps.a}"]}, "pipeline": [{"uses": "debug.echo"}]}`, []string{`pipeline.unknown_step /output/a/0: there is no step "a"; use the id or save_as of a step before this one`}},
		{"an output that is cut off", `{"output": "${now", "pipeline": [{"uses": "debug.echo"}]}`, []string{`expression.syntax /output: column 1, “${now”: the ${ is never closed; close it with }, or write $${ for a literal ${`}},
		{"a field of later that says nothing", `{"output": null, "probe": null, "params": null, "pipeline": [{"uses": "debug.echo"}]}`, nil},
	}
}

// stepFaults are faults of one step's own fields, and its place in the list.
func stepFaults() []fault {
	return []fault{
		{"no tool", `[{"with": {}}]`, []string{`field.required /pipeline/0/uses: a step must say which tool it uses; add uses`}},
		{"an empty tool", `[{"uses": ""}]`, []string{`field.required /pipeline/0/uses: a step must say which tool it uses; add uses`}},
		{"a tool that is no text", `[{"uses": 5}]`, []string{`field.wrong_type /pipeline/0/uses: uses must be a text; put it in quotes`}},
		{"a misspelt tool", `[{"uses": "debug.ehco"}]`, []string{`tool.not_found /pipeline/0/uses: there is no tool "debug.ehco"; did you mean debug.echo?`}},
		{"an unknown tool", `[{"uses": "slack.post"}]`, []string{`tool.not_found /pipeline/0/uses: there is no tool "slack.post"; list the tools and use an address from there`}},
		{"an id with a space", `[{"id": "a b", "uses": "debug.echo"}]`, []string{`pipeline.invalid_step /pipeline/0/id: id must be 1 to 50 letters, digits, hyphens and underscores; choose another name`}},
		{"an empty id", `[{"id": "", "uses": "debug.echo"}]`, []string{`pipeline.invalid_step /pipeline/0/id: id must be 1 to 50 letters, digits, hyphens and underscores; choose another name`}},
		{"an id of 51 characters", `[{"id": "` + strings.Repeat("a", 51) + `", "uses": "debug.echo"}]`, []string{`pipeline.invalid_step /pipeline/0/id: id must be 1 to 50 letters, digits, hyphens and underscores; choose another name`}},
		{"an id of 50 characters", `[{"id": "` + strings.Repeat("a", 50) + `", "uses": "debug.echo"}]`, nil},
		{"an id that is no text", `[{"id": 1, "uses": "debug.echo"}]`, []string{`field.wrong_type /pipeline/0/id: id must be a text; put it in quotes`}},
		{"an id twice", `[{"id": "a", "uses": "debug.echo"}, {"id": "a", "uses": "debug.echo"}]`, []string{`pipeline.duplicate_name /pipeline/1/id: the name "a" belongs to /pipeline/0 already; give this step another id`}},
		{"a save_as that is another id", `[{"id": "a", "uses": "debug.echo"}, {"uses": "debug.echo", "save_as": "a"}]`, []string{`pipeline.duplicate_name /pipeline/1/save_as: the name "a" belongs to /pipeline/0 already; give this step another save_as`}},
		{"the id of a step without one", `[{"id": "step_1", "uses": "debug.echo"}, {"uses": "debug.echo"}]`, []string{`pipeline.duplicate_name /pipeline/1/id: the name "step_1" belongs to /pipeline/0 already; give this step another id`}},
		{"a save_as that is its own id", `[{"id": "a", "uses": "debug.echo", "save_as": "a"}]`, nil},
		{"a misspelt field", `[{"uses": "debug.echo", "wiht": {}}]`, []string{`field.unknown /pipeline/0/wiht: there is no field "wiht" here; did you mean with?`}},
		{"a field of the original", `[{"uses": "debug.echo", "retry_count": 3}]`, []string{`field.unknown /pipeline/0/retry_count: there is no field "retry_count" here; leave it out; how often a step is tried again stands in retry`}},
		{"a condition that is no text", `[{"uses": "debug.echo", "if": true}]`, []string{`field.wrong_type /pipeline/0/if: if must be a text; put it in quotes`}},
		{"a description that is no text", `[{"uses": "debug.echo", "description": {}}]`, []string{`field.wrong_type /pipeline/0/description: description must be a text; put it in quotes`}},
		{"a timeout of nothing", `[{"uses": "debug.echo", "timeout_seconds": 0}]`, []string{`field.invalid_value /pipeline/0/timeout_seconds: timeout_seconds must be more than 0 and at most 3600; give the seconds that one attempt may take`}},
		{"a timeout over an hour", `[{"uses": "debug.echo", "timeout": 3600.5}]`, []string{`field.invalid_value /pipeline/0/timeout: timeout must be more than 0 and at most 3600; give the seconds that one attempt may take`}},
		{"a timeout that is no number", `[{"uses": "debug.echo", "timeout": "30"}]`, []string{`field.wrong_type /pipeline/0/timeout: timeout must be a number; give the seconds that one attempt may take`}},
		{"two timeouts", `[{"uses": "debug.echo", "timeout": 1, "timeout_seconds": 1}]`, []string{`field.invalid_value /pipeline/0/timeout: timeout is another name of timeout_seconds; send one of them`}},
		{"fields that say nothing", `[{"id": null, "uses": "debug.echo", "with": null, "save_as": null, "if": null, "timeout": null, "timeout_seconds": 5, "description": null, "needs": null, "retry": null, "foreach": null, "on_error": "fail", "on_doubt": "retry"}]`, nil},
	}
}

// referenceFaults are faults of what a step is given and reads.
func referenceFaults() []fault {
	return []fault{
		{"arguments that do not fit", `[{"uses": "debug.log", "with": {"level": "wran", "mesage": "x"}}]`, []string{
			`field.invalid_value /pipeline/0/with/level: level must be one of info, warn; did you mean warn?`,
			`field.unknown /pipeline/0/with/mesage: mesage is not accepted here; did you mean message?`,
			`field.required /pipeline/0/with/message: message is missing; add message, a string`,
		}},
		{"arguments beside those that are rendered", `[{"uses": "debug.log", "with": {"message": "${now}", "level": "wran"}}]`, []string{`field.invalid_value /pipeline/0/with/level: level must be one of info, warn; did you mean warn?`}},
		{"an escaped template", `[{"uses": "debug.log", "with": {"message": "$${now}", "level": "$${x}"}}]`, []string{`field.invalid_value /pipeline/0/with/level: level must be one of info, warn; send one of them`}},
		{"rendered arguments", `[{"uses": "debug.log", "with": {"message": "at ${now}", "level": "${params.level}"}}]`, nil},
		{"arguments that are rendered whole", `[{"uses": "debug.log", "with": "${params.args}"}]`, nil},
		{"arguments that are a list", `[{"uses": "debug.log", "with": ["x"]}]`, []string{`field.wrong_type /pipeline/0/with: the value must be an object, not an array; send an object`}},
		{"arguments in lists and objects", `[{"uses": "debug.echo", "with": {"a": [{"b": "${steps.x}"}]}}]`, []string{`pipeline.unknown_step /pipeline/0/with/a/0/b: there is no step "x"; use the id or save_as of a step before this one`}},
		{"a misspelt step", `[{"id": "events", "uses": "debug.echo"}, {"uses": "debug.echo", "with": {"m": "${steps.evnts}"}}]`, []string{`pipeline.unknown_step /pipeline/1/with/m: there is no step "evnts"; did you mean steps.events?`}},
		{"a step that comes after", `[{"id": "a", "uses": "debug.echo", "with": {"m": "${steps.later}"}}, {"id": "b", "uses": "debug.echo", "save_as": "later"}]`, []string{`pipeline.step_not_yet_run /pipeline/0/with/m: the step "later" comes only after this one; move it before "a"`}},
		{"the step itself", `[{"id": "a", "uses": "debug.echo", "if": "steps.a"}]`, []string{`pipeline.step_not_yet_run /pipeline/0/if: a step cannot read its own result; read a step before this one`}},
		{"a misspelt root", `[{"uses": "debug.echo", "with": {"m": "${param.x}"}}]`, []string{`expression.unknown_root /pipeline/0/with/m: there is nothing called "param" to read from; did you mean params?`}},
		{"a step without steps", `[{"id": "weather", "uses": "debug.echo"}, {"uses": "debug.echo", "if": "weather.rain"}]`, []string{`expression.unknown_root /pipeline/1/if: there is nothing called "weather" to read from; did you mean steps.weather?`}},
		{"an unknown root", `[{"uses": "debug.echo", "if": "zzzzzz"}]`, []string{`expression.unknown_root /pipeline/0/if: there is nothing called "zzzzzz" to read from; read from errors, event, now, params, run, steps, task`}},
		{"a root of later", `[{"uses": "debug.echo", "with": {"m": "${state.id}"}}]`, []string{`field.not_available /pipeline/0/with/m: state is not available in this version; read from errors, event, now, params, run, steps, task`}},
		{"the condition of a root", `[{"uses": "debug.echo", "if": "${params.on}"}, {"uses": "debug.echo", "if": "params.on && !steps.step_0"}]`, nil},
		{"all results at once", `[{"uses": "debug.echo"}, {"uses": "debug.echo", "with": {"all": "${steps}"}}]`, nil},
	}
}

func TestCompileTellsEachFault(t *testing.T) {
	t.Parallel()
	c := newShelf(t)
	check := func(t *testing.T, tt fault, payload string) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, told(check(payload, c))); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
	for _, tt := range payloadFaults() {
		check(t, tt, tt.payload)
	}
	for _, tt := range append(stepFaults(), referenceFaults()...) {
		check(t, tt, `{"pipeline": `+tt.payload+`}`)
	}
}

func TestFieldsOfLaterAreRefused(t *testing.T) {
	t.Parallel()
	c := newShelf(t)
	for _, field := range []string{
		`"output": {}`,
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			faults := check(`{"pipeline": [{"uses": "debug.echo", `+field+`}]}`, c)
			if len(faults) != 1 || faults[0].Code != ordinaut.CodeFieldNotAvailable || faults[0].Fix == "" {
				t.Errorf("got %v, want that it is not available", told(faults))
			}
		})
	}
}

func TestBrokenExpressionsKeepTheirPlace(t *testing.T) {
	t.Parallel()
	faults := check(`{"pipeline": [{"uses": "debug.echo", "with": {"a": ["${now"], "b": "${sum(}"}, "if": "a &"}]}`, newShelf(t))
	var places []string
	for _, f := range faults {
		places = append(places, f.At)
	}
	if diff := cmp.Diff([]string{"/pipeline/0/with/a/0", "/pipeline/0/with/b", "/pipeline/0/if"}, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func TestCompileKeepsEachLimit(t *testing.T) {
	t.Parallel()
	c := newShelf(t)
	steps := func(n int) string {
		return `{"pipeline": [` + strings.TrimSuffix(strings.Repeat(`{"uses": "debug.echo"},`, n), ",") + `]}`
	}
	bytes := func(n int) string {
		const frame = `{"params":{"p":""},"pipeline":[{"uses":"debug.echo"}]}`
		return strings.Replace(frame, `""`, `"`+strings.Repeat("x", n-len(frame))+`"`, 1)
	}
	unknown := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"unknown_%d": 1, `, i)
		}
		return `{` + b.String() + `"pipeline": [{"uses": "debug.echo"}]}`
	}
	tests := []struct {
		name, payload string
		want          ordinaut.Code
		faults        int
	}{
		{"as many steps as may be", steps(limits.PipelineSteps), "", 0},
		{"one step too many", steps(limits.PipelineSteps + 1), ordinaut.CodePipelineSteps, 1},
		{"as many bytes as may be", bytes(limits.PayloadBytes), "", 0},
		{"one byte too many", bytes(limits.PayloadBytes + 1), ordinaut.CodePipelineTooLarge, 1},
		{"more faults than anyone mends at a time", unknown(500), ordinaut.CodeFieldUnknown, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := check(tt.payload, c)
			if len(faults) != tt.faults || len(faults) > 0 && faults[0].Code != tt.want {
				t.Errorf("got %d faults, first %.1v; want %d of %q", len(faults), told(faults), tt.faults, tt.want)
			}
		})
	}
}

// No document stops the process, every refusal says what to do, and what is
// accepted can be followed to its end.
func FuzzPipeline(f *testing.F) {
	for _, tt := range payloadFaults() {
		f.Add(tt.payload)
	}
	for _, tt := range append(stepFaults(), referenceFaults()...) {
		f.Add(`{"pipeline": ` + tt.payload + `}`)
	}
	for _, tt := range slices.Concat(needsFaults(), policyFaults(), foreachFaults(), originalFaults(), waitFaults(), callFaults()) {
		f.Add(`{"params": {"list": [{"list": [1, 2]}, {"b": 1}]}, "pipeline": ` + tt.payload + `}`)
	}
	for _, tt := range slices.Concat(branchWalks(), policyWalks(), foreachWalks()) {
		f.Add(tt.payload)
	}
	for _, tt := range slices.Concat(sleepStays(), approvalStays(), runStays(), undoStays()) {
		f.Add(tt.payload)
	}
	c := newShelf(f)
	e := env(f)
	f.Fuzz(func(t *testing.T, payload string) {
		plan, err := pipeline.Compile(json.RawMessage(payload), c)
		if err != nil {
			for _, f := range ordinaut.AsError(err).All() {
				if f.Code == "" || f.Code == ordinaut.CodeInternal || f.Message == "" || f.Fix == "" {
					t.Errorf("got %#v, want code, message and fix", f)
				}
			}
			return
		}
		lines := follow(plan.Begin(e), nil)
		if end := lines[len(lines)-1]; strings.HasPrefix(end, "failed ") && len(strings.Fields(end)) < 4 {
			t.Errorf("got %q, want class, code, and step or place", end)
		}
	})
}
