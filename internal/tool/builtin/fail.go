package builtin

import (
	"cmp"
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// flowFail fails its step. With an if, it turns a result that should not be
// into a run that fails.
func flowFail() builtin {
	return builtin{
		Tool: ordinaut.Tool{
			Address:     "flow.fail",
			Title:       "Fail",
			Description: "Fails the step, and with it the run, for a reason of your own. Give the step an if to fail only then.",
			InputSchema: json.RawMessage(`{
				"type": "object",
				"properties": {
					"message": {"type": "string", "minLength": 1, "description": "Why. It is shown as the error of the run.", "examples": ["The report is empty"]},
					"class": {"enum": ["tool_error", "unavailable", "timeout", "internal", "invalid_input", "invalid_output"], "default": "tool_error", "description": "What sort of failure it counts as. The run tries again after all of them but invalid_input and invalid_output."}
				},
				"required": ["message"],
				"additionalProperties": false
			}`),
			OutputSchema: json.RawMessage(`false`),
			ReadOnly:     true,
			Idempotent:   true,
			Examples: []ordinaut.ToolExample{{
				Input: json.RawMessage(`{"message": "The report is empty"}`),
			}},
		},
		work: reading(fail),
	}
}

type failing struct {
	Message string         `json:"message"`
	Class   ordinaut.Class `json:"class"`
}

func fail(_ tool.Call, in failing) (any, error) {
	return nil, &tool.Failure{Class: cmp.Or(in.Class, ordinaut.ClassToolError), Err: &ordinaut.Error{
		Code:    ordinaut.CodeToolFailed,
		Message: in.Message,
		Fix:     "the pipeline says that this is a failure: mend what the message names, or the condition of the step",
	}}
}
