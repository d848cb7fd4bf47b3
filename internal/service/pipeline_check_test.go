package service_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

type shownCheck struct {
	Valid    bool
	Errors   []shownFault
	Warnings []shownFault
	Tools    []string
	Steps    []struct {
		ID, Uses    string
		Reads       []string
		Conditional bool
		Timeout     float64 `json:"timeout_seconds"`
		Outcome     string
		Input       json.RawMessage
	}
}

type shownFault struct{ Code, Pointer, Message, Fix string }

// places are the faults by code and place.
func (c shownCheck) places() (places []string) {
	for _, f := range c.Errors {
		places = append(places, f.Code+" "+f.Pointer)
	}
	return places
}

const threeSteps = `{"params": {"city": "Chisinau"}, "pipeline": [
	{"id": "a", "uses": "debug.echo", "save_as": "first", "with": {"city": "${params.city}", "at": "${now+24h}", "by": "${task.key} ${task.labels.app}"}},
	{"id": "b", "uses": "debug.log", "if": "steps.first.city == 'Balti'", "timeout_seconds": 5, "with": {"message": "${steps.first.city}"}},
	{"id": "c", "uses": "debug.log", "with": {"message": "${steps}", "level": "${params.level || 'info'}"}}]}`

func TestAGoodPipelineIsOutlined(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		got := read[shownCheck](t, w.Do("pipeline.check", `{"payload": `+threeSteps+`, "params": {"x": 1}, "timezone": "Europe/Chisinau"}`))
		if !got.Valid || len(got.Errors) > 0 || len(got.Steps) != 3 {
			t.Fatalf("got %+v", got)
		}
		if diff := cmp.Diff([]string{"debug.echo", "debug.log"}, got.Tools); diff != "" {
			t.Errorf("tools (-want +got):\n%s", diff)
		}
		b, c := got.Steps[1], got.Steps[2]
		if diff := cmp.Diff([]string{"a"}, b.Reads); diff != "" || !b.Conditional || b.Timeout != 5 {
			t.Errorf("%+v (-want +got):\n%s", b, diff)
		}
		if diff := cmp.Diff([]string{"a", "b"}, c.Reads); diff != "" || c.Conditional || c.Timeout != 30 {
			t.Errorf("%+v (-want +got):\n%s", c, diff)
		}
	})
}

func TestWhatIsWrongWithAPipelineIsAnAnswer(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		got := read[shownCheck](t, w.Do("pipeline.check", `{"params": [], "timezone": "Europe/Chisinaw", "payload": {"pipeline": [
			{"id": "a", "uses": "debug.ecko"}, {"uses": "debug.log", "with": {"message": "${steps.b}"}, "undo": "x"}]}}`))
		want := []string{
			"tool.not_found /payload/pipeline/0/uses", "field.wrong_type /payload/pipeline/1/undo",
			"pipeline.unknown_step /payload/pipeline/1/with/message", "field.wrong_type /params", "schedule.unknown_timezone /timezone",
		}
		if diff := cmp.Diff(sorted(want), sorted(got.places())); diff != "" || got.Valid {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"debug.ecko", "debug.log"}, got.Tools); diff != "" {
			t.Errorf("tools (-want +got):\n%s", diff)
		}
		for _, f := range got.Errors {
			if f.Message == "" || f.Fix == "" {
				t.Errorf("%+v says too little", f)
			}
		}
	})
}

func TestStepsAreRenderedFromSamples(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for name, c := range map[string]struct {
			more string
			want []string
		}{
			"a sample by id, or by save_as": {`"sample": {"first": {"city": "Balti"}, "b": {"logged": true}}`, []string{
				`a called {"at":"2027-01-05T08:30:00+02:00","by":"report x","city":"Chisinau"}`,
				`b called {"message":"Balti"}`,
				`c called {"level":"info","message":{"a":{"city":"Balti"},"b":{"logged":true},"first":{"city":"Balti"}}}`,
			}},
			"a step whose condition does not hold": {`"sample": {"a": {"city": "Kyiv"}}, "params": {"city": "Lviv", "level": "warn"}`, []string{
				`a called {"at":"2027-01-05T08:30:00+02:00","by":"report x","city":"Lviv"}`,
				`b skipped `,
				`c called {"level":"warn","message":{"a":{"city":"Kyiv"},"b":null,"first":{"city":"Kyiv"}}}`,
			}},
			"no sample": {`"params": {"level": "loud"}`, []string{
				`a called {"at":"2027-01-05T08:30:00+02:00","by":"report x","city":"Chisinau"}`,
				`b unknown `, `c unknown `,
				`field.required /sample/a`, `field.required /sample/a`, `field.required /sample/b`,
			}},
			"what does not fit, and what is not there": {`"sample": {"a": {"town": "Balti"}, "b": null}, "params": {"level": "loud"}`, []string{
				`a called {"at":"2027-01-05T08:30:00+02:00","by":"report x","city":"Chisinau"}`,
				`b skipped `,
				`c called {"level":"loud","message":{"a":{"town":"Balti"},"b":null,"first":{"town":"Balti"}}}`,
				`tool.invalid_input /payload/pipeline/2/with/level`,
			}},
		} {
			got := read[shownCheck](t, w.Do("pipeline.render", fmt.Sprintf(
				`{"payload": %s, "timezone": "Europe/Chisinau", "now": "2027-01-04T06:30:00.9Z", "key": "report", "labels": {"app": "x"}, %s}`, threeSteps, c.more)))
			var lines []string
			for _, s := range got.Steps {
				lines = append(lines, fmt.Sprintf("%s %s %s", s.ID, s.Outcome, s.Input))
			}
			lines = append(lines, got.places()...)
			if diff := cmp.Diff(c.want, lines); diff != "" || got.Valid != (len(got.Errors) == 0) {
				t.Errorf("%s: valid %v (-want +got):\n%s", name, got.Valid, diff)
			}
		}
	})
}

func TestAStepThatCannotBeRenderedSaysWhy(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		got := read[shownCheck](t, w.Do("pipeline.render", `{"payload": {"pipeline": [
			{"id": "a", "uses": "debug.echo"}, {"uses": "debug.log", "with": {"message": "to ${steps.a.name}"}}]}, "sample": {"a": {"nam": 1}}}`))
		if len(got.Errors) != 1 || got.Steps[1].Outcome != "failed" {
			t.Fatalf("got %+v", got)
		}
		if f := got.Errors[0]; f.Pointer != "/payload/pipeline/1/with/message" || !strings.Contains(f.Message, "nam") {
			t.Errorf("got %+v", f)
		}
		refused(t, w, "pipeline.render", `{"payload": {"pipeline": []}}`, ordinaut.CodePipelineEmpty)
		e := refused(t, w, "pipeline.render", `{"payload": `+threeSteps+`, "sample": {"frist": 1}}`, ordinaut.CodePipelineReference)
		if e.At != "/sample/frist" || e.Fix != "did you mean first?" {
			t.Errorf("got %v", e)
		}
		e = refused(t, w, "pipeline.render", `{"payload": `+threeSteps+`, "sample": {"zzzzzz": 1}}`, ordinaut.CodePipelineReference)
		if diff := cmp.Diff([]string{"a", "first", "b", "c"}, e.Examples); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
