package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schema"
)

func TestCompileAcceptsWhatToolsUse(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, schema string }{
		{"anything", `{}`},
		{"true", `true`},
		{"its own id", `{"$id": "https://example.com/a.json", "$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}`},
		{"draft 2020-12", `{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}`},
		{"draft-07 with definitions and items by position", `{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"$ref": "#/definitions/a"}], "additionalItems": false, "definitions": {"a": true}, "dependencies": {"a": ["b"], "c": {"minProperties": 1}}}`},
		{"a tree", `{"properties": {"children": {"items": {"$ref": "#"}}}}`},
		{"a list that refers through a definition", `{"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/node"}]}}}}}`},
		{"a field called $ref", `{"properties": {"$ref": {"type": "string"}, "pattern": {"type": "integer"}, "$id": {}}}`},
		{"a reference with escapes", `{"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": true}}`},
		{"patterns for names", `{"patternProperties": {"^x-": {"type": "string"}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			compile(t, tt.schema)
		})
	}
}

// doubling refers to the next of n definitions twice, each time.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString(`{"$ref": "#/$defs/d0", "$defs": {`)
	for i := range n {
		fmt.Fprintf(&b, `"d%d": {"allOf": [{"$ref": "#/$defs/d%d"}, {"$ref": "#/$defs/d%d"}]}, `, i, i+1, i+1)
	}
	fmt.Fprintf(&b, `"d%d": true}}`, n)
	return b.String()
}

// many has n subschemas.
func many(n int) string { return `{"allOf": [` + strings.Repeat("true,", n-2) + "true]}" }

// nested has n levels.
func nested(n int) string {
	return strings.Repeat(`{"items":`, n-1) + "true" + strings.Repeat("}", n-1)
}

type refusal struct{ name, schema, at string }

func refusals() []refusal {
	return []refusal{
		{"not JSON", `{`, ""},
		{"not a schema", `3`, ""},
		{"a word that is no type", `{"type": "strin"}`, "/type"},
		{"a bound that is no number", `{"properties": {"a": {"minimum": "1"}}}`, "/properties/a/minimum"},
		{"a reference to itself", `{"$ref": "#"}`, ""},
		{"two references to each other", `{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}`, "/$defs/a"},
		{"a choice of itself", `{"anyOf": [{"$ref": "#"}, {"type": "string"}]}`, ""},
		{"a negation of itself", `{"not": {"$ref": "#"}}`, ""},
		{"26 definitions that refer to the next twice", doubling(26), "/$defs/d14"},
		{"a file", `{"$ref": "file:///etc/passwd"}`, "/$ref"},
		{"an address", `{"items": {"$ref": "http://127.0.0.1/"}}`, "/items/$ref"},
		{"a reference that is no text", `{"$ref": 5}`, "/$ref"},
		{"a reference to an anchor", `{"$ref": "#a", "$anchor": "a"}`, "/$ref"},
		{"a reference into nothing", `{"$ref": "#/$defs/a"}`, "/$ref"},
		{"a reference past a list", `{"$ref": "#/allOf/7", "allOf": [true]}`, "/$ref"},
		{"a reference into a text", `{"$ref": "#/title/x", "title": "t"}`, "/$ref"},
		{"a dynamic reference", `{"items": {"$dynamicRef": "#a"}}`, "/items/$dynamicRef"},
		{"an id inside", `{"items": {"$id": "x"}}`, "/items/$id"},
		{"another draft", `{"$schema": "http://json-schema.org/draft-04/schema#"}`, "/$schema"},
		{"200,000 nested negations", strings.Repeat(`{"not":`, 20_000) + "true" + strings.Repeat("}", 20_000), ""},
		{"a number that costs gigabytes", `{"multipleOf": 1e100000000}`, ""},
		{"a tiny number that costs gigabytes", `{"multipleOf": 1e-100000000}`, ""},
		{"a number of 41 digits", `{"const": ` + strings.Repeat("9", 41) + `}`, ""},
		{"a pattern with lookahead under a negation", `{"not": {"pattern": "(?=a)"}}`, "/not/pattern"},
		{"a pattern that is mistaken", `{"pattern": "(a"}`, "/pattern"},
		{"a pattern of 513 characters", `{"items": {"pattern": "` + strings.Repeat("a", 513) + `"}}`, "/items/pattern"},
		{"a pattern for names with lookbehind", `{"patternProperties": {"(?<=a)": true}}`, "/patternProperties/(?<=a)"},
		{"patterns that are long when written out", `{"anyOf": [{"pattern": "` + strings.Repeat(".{1000}", 49) + `"}, {"pattern": ".{1000}"}]}`, "/anyOf/1/pattern"},
		{"a keyword that must hold schemas and does not", `{"items": 5}`, "/items"},
		{"one subschema too many", many(limits.SchemaSubschemas + 1), "/allOf/1999"},
		{"one level too many", nested(limits.SchemaDepth + 1), strings.Repeat("/items", limits.SchemaDepth)},
		{"one byte too many", `{"title": "` + strings.Repeat("a", limits.SchemaBytes-12) + `"}`, ""},
	}
}

func TestCompileRefusesWhatCouldHurt(t *testing.T) {
	t.Parallel()
	for _, tt := range refusals() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := schema.Compile(json.RawMessage(tt.schema))
			if took := time.Since(start); took > patience {
				t.Errorf("took %v, want at most %v", took, patience)
			}
			e := ordinaut.AsError(err)
			if err == nil || e.Code != ordinaut.CodeToolSchema || e.Message == "" || e.Fix == "" {
				t.Fatalf("got %#v, want an invalid schema with message and fix", err)
			}
			if e.At != tt.at {
				t.Errorf("got place %q, want %q (%v)", e.At, tt.at, err)
			}
		})
	}
}

func TestCompileAcceptsWhatIsAtTheLimits(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]string{
		"exactly as many subschemas":  many(limits.SchemaSubschemas),
		"exactly as many levels":      nested(limits.SchemaDepth),
		"exactly as many bytes":       `{"title": "` + strings.Repeat("a", limits.SchemaBytes-13) + `"}`,
		"thousands of ways":           doubling(11),
		"a pattern of 512 characters": `{"pattern": "` + strings.Repeat("a", 512) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compile(t, s)
		})
	}
}

func TestInvalidSchemasTellAllTheirFaults(t *testing.T) {
	t.Parallel()
	_, err := schema.Compile(json.RawMessage(`{"type": "strin", "minLength": "x", "properties": {"a": {"required": "b"}}}`))
	var places []string
	for _, f := range ordinaut.AsError(err).All() {
		places = append(places, f.At)
	}
	if diff := cmp.Diff([]string{"/minLength", "/properties/a/required", "/type"}, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}
