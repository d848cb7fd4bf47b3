package builtin

import (
	"cmp"
	"encoding/json"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// debugLog writes a line to the log of the run.
func debugLog() builtin {
	return builtin{
		Tool: ordinaut.Tool{
			Address:     "debug.log",
			Title:       "Log",
			Description: "Writes a line to the log of the run.",
			InputSchema: json.RawMessage(`{
				"type": "object",
				"properties": {
					"message": {"description": "What to write. Text goes in as it is, anything else as JSON.", "examples": ["The inbox is empty"]},
					"level": {"enum": ["debug", "info", "warn", "error"], "default": "info", "description": "How much it matters."},
					"data": {"description": "A value to write behind the message, as JSON."}
				},
				"required": ["message"],
				"additionalProperties": false
			}`),
			OutputSchema: json.RawMessage(`{
				"type": "object",
				"properties": {
					"logged": {"const": true},
					"line": {"type": "string", "description": "The line as it was written."}
				},
				"required": ["logged", "line"]
			}`),
			Idempotent: true,
			Examples: []ordinaut.ToolExample{{
				Input:  json.RawMessage(`{"message": "Unread mail", "level": "warn", "data": {"count": 5}}`),
				Output: json.RawMessage(`{"logged": true, "line": "WARN Unread mail {\"count\":5}"}`),
			}},
		},
		work: reading(writeLine),
	}
}

type logged struct {
	Message any             `json:"message"`
	Level   string          `json:"level"`
	Data    json.RawMessage `json:"data"`
}

func writeLine(c tool.Call, in logged) (any, error) {
	message, err := asText(in.Message)
	if err != nil {
		return nil, err
	}
	line := strings.ToUpper(cmp.Or(in.Level, "info")) + " " + message
	if in.Data != nil {
		data, err := asText(in.Data)
		if err != nil {
			return nil, err
		}
		line += " " + data
	}
	c.Log(line)
	return map[string]any{"logged": true, "line": line}, nil
}

// asText is a value as part of a text: text as it is, anything else as JSON.
func asText(v any) (string, error) {
	if text, ok := v.(string); ok {
		return text, nil
	}
	b, err := jsonguard.Encode(v)
	return string(b), err
}
