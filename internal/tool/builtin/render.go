package builtin

import (
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// textRender fills in a template that is itself data: one that comes from the
// params of a task or from another tool. A template that stands in the pipeline
// is rendered there already, before this tool sees it.
func textRender() builtin {
	return builtin{
		Tool: ordinaut.Tool{
			Address: "text.render",
			Title:   "Render text",
			Description: "Fills in the ${name} places of a template with given values. In a pipeline, every ${…} is filled in before the tool is called: " +
				"write $${name} for a place that this tool is to fill, or pass a template from elsewhere, such as ${params.template}.",
			InputSchema: json.RawMessage(`{
				"type": "object",
				"properties": {
					"template": {"type": "string", "description": "Text with ${…} places. Each holds an expression that begins with one of the names in values.", "examples": ["Good morning, ${name}!"]},
					"values": {"type": "object", "description": "The values by name."}
				},
				"required": ["template"],
				"additionalProperties": false
			}`),
			OutputSchema: json.RawMessage(`{
				"type": "object",
				"properties": {"text": {"type": "string"}},
				"required": ["text"]
			}`),
			ReadOnly:   true,
			Idempotent: true,
			Examples: []ordinaut.ToolExample{{
				Input:  json.RawMessage(`{"template": "Good morning, ${name}: ${length(events)} events, first ${events[0].title}.", "values": {"name": "Ada", "events": [{"title": "Standup"}, {"title": "Review"}]}}`),
				Output: json.RawMessage(`{"text": "Good morning, Ada: 2 events, first Standup."}`),
			}},
		},
		work: reading(renderText),
	}
}

type rendered struct {
	Template string         `json:"template"`
	Values   map[string]any `json:"values"`
}

func renderText(c tool.Call, in rendered) (any, error) {
	template, err := expr.ParseTemplate(in.Template)
	if err != nil {
		return nil, ordinaut.AsError(err).Under("/template")
	}
	value, err := template.Render(&expr.Env{Roots: in.Values, RunID: string(c.RunID)})
	if err != nil {
		return nil, ordinaut.AsError(err).Under("/template")
	}
	if value == nil {
		return nil, &ordinaut.Error{
			Code:    ordinaut.CodeExprNull,
			At:      "/template",
			Sent:    in.Template,
			Message: "the template gives nothing",
			Fix:     "read something that is there, or say what to write instead, as in ${name || 'none'}",
		}
	}
	text, err := asText(value)
	return map[string]string{"text": text}, err
}
