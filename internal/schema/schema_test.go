package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/schema"
)

func decode(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return v
}

func compile(t testing.TB, text string) *schema.Schema {
	t.Helper()
	s, err := schema.Compile(json.RawMessage(text))
	if err != nil {
		t.Fatalf("compile %.200s: %v", text, err)
	}
	return s
}

// told writes faults as people read them, one a line.
func told(faults ordinaut.Errors) (lines []string) {
	for _, f := range faults {
		lines = append(lines, fmt.Sprintf("%s %s: %s; %s", f.Code, f.At, f.Message, f.Fix))
	}
	return lines
}

const task = `{
	"type": "object",
	"properties": {
		"title": {"type": "string", "minLength": 1, "maxLength": 10, "description": "What people call it.", "examples": ["Briefing"]},
		"kind": {"enum": ["cron", "rrule", "once"]},
		"priority": {"type": "integer", "minimum": 1, "maximum": 9},
		"share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.25},
		"key": {"type": "string", "pattern": "^[a-z]+$"},
		"at": {"type": "string", "format": "date-time"},
		"tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3, "uniqueItems": true},
		"labels": {"type": "object", "propertyNames": {"maxLength": 3}, "additionalProperties": {"type": "string"}, "minProperties": 1, "maxProperties": 2},
		"note": {"type": ["string", "null"]},
		"target": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
		"step": {"oneOf": [
			{"type": "object", "properties": {"do": {"const": "call"}, "tool": {"type": "string"}}, "required": ["do", "tool"]},
			{"type": "object", "properties": {"do": {"const": "wait"}, "seconds": {"type": "integer"}}, "required": ["do", "seconds"]}
		]},
		"either": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
		"pair": {"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": false},
		"version": {"const": 2},
		"re": {"format": "regex"},
		"maps": {"items": {"propertyNames": {"maxLength": 3}}},
		"never": false,
		"not_zero": {"not": {"const": 0}},
		"some": {"contains": {"const": 1}, "maxContains": 2},
		"from": {"type": "string"},
		"until": {"$ref": "#/$defs/time"}
	},
	"required": ["title"],
	"dependentRequired": {"from": ["until"]},
	"additionalProperties": false,
	"$defs": {"time": {"type": "string"}}
}`

const value, required, unknown, wrong = "field.invalid_value ", "field.required ", "field.unknown ", "field.wrong_type "

type misfit struct {
	name, value string
	want        []string
}

func misfits() []misfit {
	return []misfit{
		{"all is well", `{"title": "x", "note": null, "target": ["a"], "step": {"do": "wait", "seconds": 1}, "pair": [1, "a"], "some": [1], "priority": 9}`, nil},
		{"a missing field", `{}`, []string{required + "/title: title is missing; add title, a string: What people call it"}},
		{"a field that does not exist", `{"title": "x", "titel": 1}`, []string{unknown + "/titel: titel is not accepted here; did you mean title?"}},
		{"a field that is like none", `{"title": "x", "zzzzzz": 1}`, []string{unknown + "/zzzzzz: zzzzzz is not accepted here; leave it out, or use one of at, either, from, key, kind, labels, maps, never, not_zero, note, pair, priority, re, share, some, step, tags, target, title, until, …"}},
		{"a field that must not be", `{"title": "x", "never": 1}`, []string{unknown + "/never: never is not accepted here; leave it out"}},
		{"the wrong type", `{"title": 5}`, []string{wrong + "/title: title must be a string, not a number; send a string"}},
		{"a number in quotes", `{"title": "x", "priority": "5"}`, []string{wrong + "/priority: priority must be an integer, not a string; send an integer, without quotes around it"}},
		{"a fraction", `{"title": "x", "priority": 1.5}`, []string{wrong + "/priority: priority must be an integer, not a number; send an integer"}},
		{"the wrong type at the top", `[]`, []string{wrong + ": the value must be an object, not an array; send an object"}},
		{"one of several types", `{"title": "x", "note": 1}`, []string{wrong + "/note: note must be a string or null, not a number; send a string or null"}},
		{"a misspelt value", `{"title": "x", "kind": "corn"}`, []string{value + "/kind: kind must be one of cron, rrule, once; did you mean cron?"}},
		{"an unknown value", `{"title": "x", "kind": "yearly"}`, []string{value + "/kind: kind must be one of cron, rrule, once; send one of them"}},
		{"another constant", `{"title": "x", "version": 1}`, []string{value + "/version: version must be 2; send 2"}},
		{"too short", `{"title": ""}`, []string{value + "/title: title must have at least 1 character, and has 0; send at least 1 character"}},
		{"too long", `{"title": "ăâîșțăâîșță"}`, []string{value + "/title: title must have at most 10 characters, and has 11; send at most 10 characters"}},
		{"too small", `{"title": "x", "priority": 0}`, []string{value + "/priority: priority must be at least 1; send a number that is at least 1"}},
		{"too large", `{"title": "x", "priority": 10}`, []string{value + "/priority: priority must be at most 9; send a number that is at most 9"}},
		{"at an open bound", `{"title": "x", "share": 0}`, []string{value + "/share: share must be more than 0; send a number that is more than 0"}},
		{"at the other open bound", `{"title": "x", "share": 1}`, []string{value + "/share: share must be less than 1; send a number that is less than 1"}},
		{"no multiple", `{"title": "x", "share": 0.3}`, []string{value + "/share: share must be a multiple of 0.25; send a number that is a multiple of 0.25"}},
		{"the wrong form", `{"title": "x", "key": "A"}`, []string{value + "/key: key does not have the form ^[a-z]+$; send text that matches ^[a-z]+$"}},
		{"the wrong format", `{"title": "x", "at": "tomorrow"}`, []string{value + "/at: at is not a valid date-time; send a valid date-time, such as 2026-01-31T08:30:00Z"}},
		{"too few items", `{"title": "x", "tags": []}`, []string{value + "/tags: tags must have at least 1 item, and has 0; send at least 1 item"}},
		{"too many items", `{"title": "x", "tags": ["a", "b", "c", "d"]}`, []string{value + "/tags: tags must have at most 3 items, and has 4; send at most 3 items"}},
		{"an item twice", `{"title": "x", "tags": ["a", "b", "a"]}`, []string{value + "/tags: tags has the same item at 0 and 2; leave one of them out"}},
		{"a wrong item", `{"title": "x", "tags": ["a", 2]}`, []string{wrong + "/tags/1: item 1 must be a string, not a number; send a string"}},
		{"too few fields", `{"title": "x", "labels": {}}`, []string{value + "/labels: labels must have at least 1 field, and has 0; send at least 1 field"}},
		{"too many fields", `{"title": "x", "labels": {"a": "", "b": "", "c": ""}}`, []string{value + "/labels: labels must have at most 2 fields, and has 3; send at most 2 fields"}},
		{"a wrong name", `{"title": "x", "labels": {"a/long": ""}}`, []string{value + `/labels/a~1long: "a/long" is not accepted as a name here; rename it`}},
		{"a wrong name in a list", `{"title": "x", "priority": 1, "maps": [{"ok": 1}, {"long": 2}]}`, []string{value + `/maps/1/long: "long" is not accepted as a name here; rename it`}},
		{"a pattern that cannot be read", `{"title": "x", "re": "("}`, []string{value + "/re: re is not a valid regex; send a valid regex"}},
		{"a pattern that is too long", `{"title": "x", "re": "` + strings.Repeat("a", 513) + `"}`, []string{value + "/re: re is not a valid regex; send a valid regex"}},
		{"none of several types", `{"title": "x", "target": 3}`, []string{wrong + "/target: target must be a string or an array, not a number; send a string or an array"}},
		{"the right type of several, with a fault", `{"title": "x", "target": [3]}`, []string{wrong + "/target/0: item 0 must be a string, not a number; send a string"}},
		{"the right form of several, with a fault", `{"title": "x", "step": {"do": "wait"}}`, []string{required + "/step/seconds: seconds is missing; add seconds, an integer"}},
		{"none of several forms", `{"title": "x", "step": {"do": "sing"}}`, []string{value + "/step/do: do must be one of call, wait; send one of them"}},
		{"two forms that exclude each other", `{"title": "x", "either": {"a": 1, "b": 2}}`, []string{value + "/either: either fits more than one of the forms of which it must fit one; leave out what belongs to the other form"}},
		{"more items than places", `{"title": "x", "pair": [1, "a", 2]}`, []string{unknown + "/pair/2: item 2 is not accepted here; leave it out"}},
		{"what must not be", `{"title": "x", "not_zero": 0}`, []string{value + "/not_zero: not_zero is not accepted; see what the schema says of it"}},
		{"a missing item", `{"title": "x", "some": [2]}`, []string{value + "/some: some lacks an item of the kind that must be in it; add it"}},
		{"too many of a kind", `{"title": "x", "some": [1, 1, 1]}`, []string{value + "/some: some has too many items of one kind; leave some of them out"}},
		{"a field that another needs", `{"title": "x", "from": "a"}`, []string{required + "/until: until is missing beside from; add until"}},
		{"all faults at once, by place", `{"until": 1, "kind": "x", "priority": 0}`, []string{
			value + "/kind: kind must be one of cron, rrule, once; send one of them",
			value + "/priority: priority must be at least 1; send a number that is at least 1",
			required + "/title: title is missing; add title, a string: What people call it",
			wrong + "/until: until must be a string, not a number; send a string",
		}},
	}
}

func TestValidateTellsEachFault(t *testing.T) {
	t.Parallel()
	s := compile(t, task)
	for _, tt := range misfits() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, told(s.Validate(decode(t, tt.value)))); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsShowWhatWasSentAndWhatWouldDo(t *testing.T) {
	t.Parallel()
	s := compile(t, `{"properties": {
		"kind": {"enum": ["cron", 2]},
		"title": {"type": "string", "examples": ["Briefing", "Report"]},
		"level": {"type": "string", "default": "info"},
		"key": {"maxLength": 3}
	}, "required": ["title"]}`)
	long := strings.Repeat("é", 150)
	tests := []struct {
		name, value string
		sent        any
		examples    []string
	}{
		{"the values of an enum", `{"kind": "x", "title": ""}`, "x", []string{"cron", "2"}},
		{"the examples of the schema", `{}`, nil, []string{"Briefing", "Report"}},
		{"the default of the schema", `{"level": 5, "title": ""}`, json.Number("5"), []string{"info"}},
		{"an object is not shown", `{"kind": {}, "title": ""}`, nil, []string{"cron", "2"}},
		{"long text is cut between characters", `{"key": "` + long + `", "title": ""}`, long[:200] + "…", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := s.Validate(decode(t, tt.value))
			if len(faults) != 1 {
				t.Fatalf("got %v, want one fault", told(faults))
			}
			if diff := cmp.Diff(tt.sent, faults[0].Sent); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.examples, faults[0].Examples); diff != "" {
				t.Errorf("examples (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateTellsABoundedNumberOfFaults(t *testing.T) {
	t.Parallel()
	s := compile(t, `{"items": {"type": "string"}}`)
	if got := len(s.Validate(decode(t, "["+strings.Repeat("1,", 999)+"1]"))); got != 50 {
		t.Errorf("got %d faults, want 50", got)
	}
}

func TestDocumentsCompileTheirParts(t *testing.T) {
	t.Parallel()
	d, err := schema.Open(json.RawMessage(`{"openapi": "3.1.0", "components": {"schemas": {
		"Task.create": {"type": "object", "properties": {"schedule": {"$ref": "#/components/schemas/Schedule"}}, "additionalProperties": false},
		"Schedule": {"type": "object", "properties": {"kind": {"enum": ["cron", "once"]}}}
	}}}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a schema and what it refers to", func(t *testing.T) {
		s, err := d.Schema("/components/schemas/Task.create")
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"field.unknown /shedule: shedule is not accepted here; did you mean schedule?",
			"field.invalid_value /schedule/kind: kind must be one of cron, once; did you mean once?",
		}
		if diff := cmp.Diff(want[1:], told(s.Validate(decode(t, `{"schedule": {"kind": "onc"}}`)))); diff != "" {
			t.Errorf("faults (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[:1], told(s.Validate(decode(t, `{"shedule": {}}`)))); diff != "" {
			t.Errorf("faults (-want +got):\n%s", diff)
		}
	})
	t.Run("a schema that is not there", func(t *testing.T) {
		if _, err := d.Schema("/components/schemas/Nothing"); err == nil {
			t.Error("got nil, want an error")
		}
	})
	t.Run("a document that is not JSON", func(t *testing.T) {
		if _, err := schema.Open(json.RawMessage(`{`)); err == nil {
			t.Error("got nil, want an error")
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	s := compile(b, task)
	v := decode(b, `{"title": "Briefing", "kind": "rrule", "priority": 5, "tags": ["a", "b"], "labels": {"a": "b"}, "note": null}`)
	b.ReportAllocs()
	for b.Loop() {
		if faults := s.Validate(v); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}

// No schema stops the process or lets it work for long, and every refusal says
// what to do.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{task, `{"$ref": "#"}`, `{"properties": {"a": {"$ref": "#"}}}`, `{"pattern": "a{1000}"}`, `{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{}]}`} {
		f.Add(s, `{"title": "x", "a": {"a": [1]}}`)
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if jsonguard.Check([]byte(text), jsonguard.Limits{}) != nil || jsonguard.Check([]byte(value), jsonguard.Limits{}) != nil {
			return
		}
		start := time.Now()
		s, err := schema.Compile(json.RawMessage(text))
		if err != nil {
			for _, e := range ordinaut.AsError(err).All() {
				if e.Code != ordinaut.CodeToolSchema || e.Message == "" || e.Fix == "" {
					t.Errorf("got %#v, want code, message and fix", e)
				}
			}
			return
		}
		for _, e := range s.Validate(decode(t, value)) {
			if e.Code == "" || e.Message == "" || e.Fix == "" {
				t.Errorf("got %#v, want code, message and fix", e)
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
