package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/ordinaut/ordinaut/internal/schema"
)

func TestPatternsOfOtherEnginesAreNotChecked(t *testing.T) {
	t.Parallel()
	for name, pattern := range map[string]string{
		"lookahead":        `^(?=.*[a-z]).{8,}$`,
		"lookbehind":       `(?<!a)b`,
		"a back reference": `(a)\\1`,
		"a code point":     `[\\u{1F600}]`,
		"long repetition":  `^.{1,5000}$`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := schema.Compile(json.RawMessage(`{"type": "object", "properties": {"pattern": {"type": "string", "pattern": "` + pattern + `", "maxLength": 3}},
				"default": {"pattern": "(?=a)"}, "required": ["pattern"]}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Validate(map[string]any{"pattern": "xyz"}); got != nil {
				t.Errorf("got %v, want nothing", got)
			}
			if got := s.Validate(map[string]any{"pattern": "wxyz"}); len(got) != 1 {
				t.Errorf("got %v, want the other rules kept", got)
			}
		})
	}
}
