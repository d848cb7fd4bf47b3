package schema_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

// patience is for what takes milliseconds, with room for the race detector on a
// busy machine, and would take minutes if it were not bounded.
const patience = 20 * time.Second

// Each of these schemas passes every static check, and would work for minutes,
// or for ever, on a value of a few kilobytes.
func TestValidateRefusesValuesThatCostTooMuch(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"x":`, 60) + "1" + strings.Repeat("}", 60)
	letters := `["` + strings.Repeat("a", 64<<10) + `"]`
	numbers := "[" + strings.Repeat("1,", 2_000) + "1]"
	var enum strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&enum, `"%d",`, i)
	}
	tests := []struct{ name, schema, value string }{
		{"a recursion that doubles at each level", `{"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"x": {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}}}}`, deep},
		{"a recursion by two keywords", `{"properties": {"x": {"$ref": "#"}}, "patternProperties": {"x": {"$ref": "#"}}}`, deep},
		{"a recursion into items", `{"prefixItems": [{"$ref": "#"}], "contains": {"$ref": "#"}, "unevaluatedItems": {"$ref": "#"}}`, strings.Repeat("[", 60) + strings.Repeat("]", 60)},
		{"a pattern of thousands of steps", `{"items": {"pattern": "(.{1000}){1}.{1000}.{1000}x"}}`, letters},
		{"a list of values for each of many items", `{"items": {"enum": [` + strings.TrimSuffix(enum.String(), ",") + `]}}`, numbers},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := compile(t, tt.schema)
			start := time.Now()
			faults := s.Validate(decode(t, tt.value))
			if took := time.Since(start); took > patience {
				t.Errorf("took %v, want at most %v", took, patience)
			}
			if len(faults) != 1 || !strings.Contains(faults[0].Message, "too large to be checked") {
				t.Errorf("got %v, want that the value is too large to be checked", told(faults))
			}
		})
	}
}

// Faults are told quickly, however many there are and however many names they
// could have meant.
func TestManyFaultsAreToldQuickly(t *testing.T) {
	t.Parallel()
	var properties, members, values strings.Builder
	for i := range 900 {
		fmt.Fprintf(&properties, `"%s%d": true,`, strings.Repeat("a", 58), i)
		fmt.Fprintf(&values, `"%s%d",`, strings.Repeat("a", 58), i)
	}
	for i := range 5_000 {
		fmt.Fprintf(&members, `"%s%d": 1,`, strings.Repeat("a", 56), i)
	}
	wrong := "[" + strings.TrimSuffix(strings.Repeat(`"`+strings.Repeat("a", 60)+`",`, 1_000), ",") + "]"
	tests := []struct{ name, schema, value string }{
		{"unknown fields", `{"additionalProperties": false, "properties": {` + strings.TrimSuffix(properties.String(), ",") + "}}", "{" + strings.TrimSuffix(members.String(), ",") + "}"},
		{"missing fields", `{"required": [` + strings.TrimSuffix(values.String(), ",") + "]}", "{}"},
		{"unknown values", `{"items": {"enum": [` + strings.TrimSuffix(values.String(), ",") + `]}}`, wrong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := compile(t, tt.schema)
			start := time.Now()
			faults := s.Validate(decode(t, tt.value))
			if took := time.Since(start); took > patience {
				t.Errorf("took %v, want at most %v", took, patience)
			}
			if len(faults) != 50 {
				t.Errorf("got %d faults, want 50", len(faults))
			}
		})
	}
}

func TestValidateAcceptsLargeHonestValues(t *testing.T) {
	t.Parallel()
	rows := "[" + strings.TrimSuffix(strings.Repeat(`{"id":1,"name":"n","tags":["a","b"]},`, 3_000), ",") + "]"
	tree := strings.Repeat(`{"name":"n","children":[`, 30) + strings.Repeat("]}", 30)
	tests := []struct{ name, schema, value string }{
		{"rows", `{"items": {"$ref": "#/$defs/row"}, "$defs": {"row": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string", "pattern": "^[a-z]{1,63}$"}, "tags": {"items": {"enum": ["a", "b"]}}}, "required": ["id", "name"], "additionalProperties": false}}}`, rows},
		{"a tree", `{"properties": {"name": {"type": "string"}, "children": {"items": {"$ref": "#"}}}}`, tree},
		{"a long text", `{"type": "string", "minLength": 1, "pattern": "\\S"}`, `"` + strings.Repeat("a", 256<<10) + `"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := jsonguard.Check([]byte(tt.value), jsonguard.Limits{}); err != nil {
				t.Fatal(err)
			}
			if faults := compile(t, tt.schema).Validate(decode(t, tt.value)); len(faults) > 0 {
				t.Errorf("got %v, want no faults", told(faults)[:1])
			}
		})
	}
}
