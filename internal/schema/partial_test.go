package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut/internal/schema"
)

func TestUnknownPartsAreGivenTheBenefitOfTheDoubt(t *testing.T) {
	t.Parallel()
	s := compile(t, `{
		"type": "object",
		"properties": {
			"text": {"type": "string", "minLength": 3},
			"count": {"type": "integer"},
			"list": {"type": "array", "uniqueItems": true, "maxItems": 3, "items": {"enum": [1, 2, 3]}},
			"kind": {"type": "string"},
			"target": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["to"]}]}
		},
		"required": ["text"],
		"if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["count"]}, "else": {"properties": {"count": {"minimum": 10}}},
		"unevaluatedProperties": false
	}`)
	unknown := schema.Unknown{}
	tests := []struct {
		name  string
		value any
		want  []string // places
	}{
		{"everything is unknown", unknown, nil},
		{"an unknown text", map[string]any{"text": unknown}, nil},
		{"a missing field beside an unknown one", map[string]any{"count": unknown}, []string{"/text"}},
		{"a wrong field beside an unknown one", map[string]any{"text": unknown, "count": "x"}, []string{"/count"}},
		{"unknown items", map[string]any{"text": "abc", "list": []any{unknown, unknown}}, nil},
		{"a wrong item beside an unknown one", map[string]any{"text": "abc", "list": []any{unknown, json.Number("7")}}, []string{"/list/1"}},
		{"too many items, though unknown", map[string]any{"text": "abc", "list": []any{unknown, unknown, unknown, unknown}}, []string{"/list"}},
		{"an unknown part that may fit a form", map[string]any{"text": "abc", "target": map[string]any{"to": unknown}}, nil},
		{"a part that fits no form, beside an unknown one", map[string]any{"text": unknown, "target": map[string]any{}}, []string{"/target/to"}},
		{"a branch that an unknown part decides", map[string]any{"text": "abc", "kind": unknown, "count": json.Number("1")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var places []string
			faults := s.Validate(tt.value)
			for _, f := range faults {
				places = append(places, f.At)
			}
			if diff := cmp.Diff(tt.want, places); diff != "" {
				t.Errorf("places (-want +got):\n%s\n%v", diff, told(faults))
			}
		})
	}
}
