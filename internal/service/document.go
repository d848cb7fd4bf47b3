package service

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/rehearsal"
)

// TaskFile is a task in a file. It is what creates a task, with the parts of the
// payload described, and with the mark by which editors find the schema.
type TaskFile struct {
	Schema string `json:"$schema,omitempty" doc:"Where this schema is, for editors."`
	CreateTask
	Payload ordinaut.Payload `json:"payload" doc:"What it does."`
}

// SchemaName asks for the schema of a kind of file.
type SchemaName struct {
	File string `json:"file" enum:"task,mocks" doc:"What the file holds."`
}

// FileSchema gives the JSON Schema of a kind of file.
func (s *Service) FileSchema(_ context.Context, r SchemaName) (json.RawMessage, error) {
	if r.File == "mocks" {
		return rehearsal.Schema(), nil
	}
	text, err := op.Document(reflect.TypeFor[TaskFile](), "https://ordinaut.dev/schemas/task.schema.json", "An Ordinaut task", rules())
	if err != nil {
		return nil, fmt.Errorf("describe task files: %w", err)
	}
	return text, nil
}

// rules are what the tags of a task file cannot say.
func rules() map[string]map[string]any {
	needs := func(field string) map[string]any { return map[string]any{"required": []string{field}} }
	return map[string]map[string]any{
		"Step": {"if": map[string]any{"not": needs("foreach")}, "then": needs("uses")},
	}
}
