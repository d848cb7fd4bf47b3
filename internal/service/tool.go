package service

import (
	"context"
	"encoding/json"

	"github.com/ordinaut/ordinaut/internal/op"
)

// Tool is a tool that steps can use.
type Tool struct {
	Address      string          `json:"address" doc:"What a step names under uses."`
	Title        string          `json:"title" doc:"Its name for people."`
	Description  string          `json:"description" doc:"What it does."`
	InputSchema  json.RawMessage `json:"input_schema" doc:"JSON Schema of its arguments."`
	OutputSchema json.RawMessage `json:"output_schema" doc:"JSON Schema of what it gives."`
	ReadOnly     bool            `json:"read_only" doc:"It changes nothing."`
	Examples     []ToolExample   `json:"examples" doc:"Calls that work." nullable:"false"`
}

// ToolExample is a call of a tool and what it gives.
type ToolExample struct {
	Input  json.RawMessage `json:"input" doc:"The arguments."`
	Output json.RawMessage `json:"output" doc:"The result."`
}

// ToolList is every tool there is.
type ToolList struct {
	Items []Tool `json:"items" doc:"The tools, by address." nullable:"false"`
}

// ListTools lists the tools that steps can use.
func (s *Service) ListTools(context.Context, op.Nothing) (ToolList, error) {
	list := ToolList{Items: []Tool{}}
	for _, t := range s.tools.List() {
		shown := Tool{
			Address: t.Address, Title: t.Title, Description: t.Description,
			InputSchema: t.InputSchema, OutputSchema: t.OutputSchema, ReadOnly: t.ReadOnly,
			Examples: []ToolExample{},
		}
		for _, e := range t.Examples {
			shown.Examples = append(shown.Examples, ToolExample{Input: e.Input, Output: e.Output})
		}
		list.Items = append(list.Items, shown)
	}
	return list, nil
}
