package builtin

import (
	"cmp"
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// dataTransform picks and reshapes data with an expression.
func dataTransform() builtin {
	return builtin{
		Tool: ordinaut.Tool{
			Address:     "data.transform",
			Title:       "Transform data",
			Description: "Evaluates a JMESPath expression on a value and answers with what it finds; null when it finds nothing.",
			InputSchema: json.RawMessage(`{
				"type": "object",
				"properties": {
					"input": {"description": "The value to read from, such as ${steps.fetch}."},
					"data": {"description": "Another name for input."},
					"expression": {"type": "string", "minLength": 1, "maxLength": 4096, "description": "JMESPath, without ${ } around it: the names are those of the fields of input.", "examples": ["items[?done].title"]}
				},
				"required": ["expression"],
				"oneOf": [{"required": ["input"]}, {"required": ["data"]}],
				"additionalProperties": false
			}`),
			OutputSchema: json.RawMessage(`{"description": "What the expression finds: a value of any type."}`),
			ReadOnly:     true,
			Idempotent:   true,
			Examples: []ordinaut.ToolExample{{
				Input:  json.RawMessage(`{"input": {"items": [{"title": "Write", "done": true}, {"title": "Send", "done": false}]}, "expression": "{open: items[?!done].title, count: length(items)}"}`),
				Output: json.RawMessage(`{"count": 2, "open": ["Send"]}`),
			}},
		},
		work: reading(transform),
	}
}

type transformed struct {
	Input      any    `json:"input"`
	Data       any    `json:"data"`
	Expression string `json:"expression"`
}

func transform(c tool.Call, in transformed) (any, error) {
	e, err := expr.Parse(in.Expression)
	if err != nil {
		return nil, ordinaut.AsError(err).Under("/expression")
	}
	found, err := e.Search(&expr.Env{RunID: string(c.RunID)}, cmp.Or(in.Input, in.Data))
	if err != nil {
		return nil, ordinaut.AsError(err).Under("/expression")
	}
	return found, nil
}
