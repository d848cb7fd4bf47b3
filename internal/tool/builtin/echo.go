package builtin

import (
	"context"
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// debugEcho answers with what it was asked. It shows how templates render, and
// stands in for a tool that does not exist yet.
func debugEcho() builtin {
	return builtin{
		Tool: ordinaut.Tool{
			Address:      "debug.echo",
			Title:        "Echo",
			Description:  "Answers with its own arguments, whatever they are.",
			InputSchema:  json.RawMessage(`{"type": "object", "description": "Anything."}`),
			OutputSchema: json.RawMessage(`{"type": "object", "description": "The arguments, under their own names."}`),
			ReadOnly:     true,
			Idempotent:   true,
			Examples: []ordinaut.ToolExample{{
				Input:  json.RawMessage(`{"message": "Hello from Ordinaut"}`),
				Output: json.RawMessage(`{"message": "Hello from Ordinaut"}`),
			}},
		},
		work: func(_ context.Context, c tool.Call) (any, error) { return c.Args, nil },
	}
}
