package schema_test

import (
	"encoding/json"
	"fmt"

	"github.com/ordinaut/ordinaut/internal/schema"
)

func ExampleSchema_Validate() {
	s, err := schema.Compile(json.RawMessage(`{
		"properties": {"level": {"enum": ["info", "warn"]}, "count": {"type": "integer"}},
		"required": ["message"]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, fault := range s.Validate(map[string]any{"level": "wran", "count": schema.Unknown{}}) {
		fmt.Println(fault)
	}
	// Output:
	// field.invalid_value: level must be one of info, warn (at /level); did you mean warn?
	// field.required: message is missing (at /message); add message
}
