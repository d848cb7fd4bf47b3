package mcp

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/test/realtest"
)

// call is a call of a tool through a pipeline, and what must come of it.
type call struct {
	tool  string
	with  map[string]any
	check check
}

// check says what is wrong with an outcome.
type check func(t *testing.T, o outcome)

// outcome is what came of a call.
type outcome struct {
	service.Step
	output map[string]any
	log    []string // what the call logged
}

// gives wants exactly this output.
func gives(want map[string]any) check {
	return func(t *testing.T, o outcome) {
		t.Helper()
		succeeded(t, o)
		if diff := cmp.Diff(want, o.output); diff != "" {
			t.Errorf("output (-want +got):\n%s", diff)
		}
	}
}

// says wants an output with all these texts in it, wherever they are.
func says(parts ...string) check {
	return func(t *testing.T, o outcome) {
		t.Helper()
		succeeded(t, o)
		for _, part := range parts {
			if !slices.ContainsFunc(texts(o.output), func(s string) bool { return strings.Contains(s, part) }) {
				t.Errorf("got %.2000s, want %q in it", o.Output, part)
			}
		}
	}
}

// refuses wants the tool itself to say no, with all these texts in its message.
func refuses(parts ...string) check {
	return func(t *testing.T, o outcome) {
		t.Helper()
		if o.Status != ordinaut.StepFailed || o.Error == nil || o.Error.Class != ordinaut.ClassToolError {
			t.Fatalf("the step is %s with %.2000s, %+v; want an error of the tool", o.Status, o.Output, o.Error)
		}
		for _, part := range parts {
			if !strings.Contains(o.Error.Message, part) {
				t.Errorf("it says %q, want %q in it", o.Error.Message, part)
			}
		}
	}
}

// all wants all of it.
func all(checks ...check) check {
	return func(t *testing.T, o outcome) {
		t.Helper()
		for _, check := range checks {
			check(t, o)
		}
	}
}

func succeeded(t *testing.T, o outcome) {
	t.Helper()
	if o.Status != ordinaut.StepSucceeded {
		t.Fatalf("the step is %s: %+v", o.Status, o.Error)
	}
}

// texts are all texts in a JSON value.
func texts(value any) (all []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	case map[string]any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	}
	return all
}

// call makes the call in a task of its own.
func (o instance) call(t *testing.T, address string, with map[string]any) outcome {
	t.Helper()
	run := o.once(t, address, realtest.Step{"id": "only", "uses": address, "with": with})
	if len(run.Steps) != 1 {
		t.Fatalf("the run has %d steps, want 1: %s, %+v", len(run.Steps), run.Status, run.Error)
	}
	result := outcome{Step: run.Steps[0], log: o.logged(t, run.ID)}
	if len(result.Output) > 0 {
		if err := json.Unmarshal(result.Output, &result.output); err != nil {
			t.Fatalf("the output is no object: %v: %.2000s", err, result.Output)
		}
	}
	return result
}

// logged is what the steps of a run have written to its log.
func (o instance) logged(t *testing.T, run ordinaut.RunID) []string {
	t.Helper()
	var messages []string
	for line := range strings.Lines(o.Log()) {
		var entry struct {
			Message string         `json:"msg"`
			Run     ordinaut.RunID `json:"run_id"`
			Step    string
		}
		// The server also prints lines for people.
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Run == run && entry.Step != "" {
			messages = append(messages, entry.Message)
		}
	}
	return messages
}
