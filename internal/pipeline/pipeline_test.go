package pipeline_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schema"
)

// shelf is a catalog in which each tool has an input schema.
type shelf map[string]*schema.Schema

func newShelf(t testing.TB) shelf {
	t.Helper()
	s := shelf{}
	for address, input := range map[string]string{
		"debug.echo":    `{"type": "object"}`,
		"bank.pay":      `{"type": "object"}`,
		"bank.refund":   `{"type": "object"}`,
		"flow.run_task": `{"type": "object", "required": ["task"]}`,
		"debug.log":     `{"type": "object", "properties": {"message": {"type": "string"}, "level": {"enum": ["info", "warn"]}}, "required": ["message"], "additionalProperties": false}`,

		"google-calendar-mcp.list_events": `{"type": "object", "properties": {"start": {"format": "date-time"}, "end": {"format": "date-time"}}, "required": ["start", "end"]}`,
		"weather-mcp.forecast":            `{"type": "object", "required": ["city"]}`,
		"imap-mcp.top_unread":             `{"type": "object", "properties": {"count": {"type": "integer"}}}`,
		"llm.plan":                        `{"type": "object", "required": ["instruction"]}`,
		"telegram-mcp.send_message":       `{"type": "object", "properties": {"chat_id": {"type": "integer"}, "text": {"type": "string"}}, "required": ["chat_id", "text"]}`,
	} {
		s.add(t, address, json.RawMessage(input))
	}
	for _, tool := range pipeline.Controls() {
		s.add(t, tool.Address, tool.InputSchema)
	}
	return s
}

func (s shelf) add(t testing.TB, address string, input json.RawMessage) {
	t.Helper()
	compiled, err := schema.Compile(input)
	if err != nil {
		t.Fatal(err)
	}
	s[address] = compiled
}

func (s shelf) Find(address string) (ordinaut.Tool, error) {
	if _, ok := s[address]; ok {
		return ordinaut.Tool{Address: address, ReadOnly: address == "debug.echo", Idempotent: address == "flow.run_task"}, nil
	}
	if strings.HasPrefix(address, "away.") {
		return ordinaut.Tool{}, &ordinaut.Error{Code: ordinaut.CodeToolUnavailable, Sent: address, Message: "away cannot be reached", Fix: "wait"}
	}
	e := &ordinaut.Error{Code: ordinaut.CodeToolNotFound, Sent: address, Message: fmt.Sprintf("there is no tool %q", address), Fix: "list the tools and use an address from there"}
	if near := ordinaut.Nearest(address, slices.Sorted(maps.Keys(s))); near != "" {
		e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
	}
	return ordinaut.Tool{}, e
}

func (s shelf) CheckInput(address string, args any) ordinaut.Errors {
	if s[address] == nil {
		return nil
	}
	return s[address].Validate(args)
}

// told writes faults as people read them, one a line.
func told(faults ordinaut.Errors) (lines []string) {
	for _, f := range faults {
		lines = append(lines, fmt.Sprintf("%s %s: %s; %s", f.Code, f.At, f.Message, f.Fix))
	}
	return lines
}

func compile(t testing.TB, payload string) *pipeline.Plan {
	t.Helper()
	p, err := pipeline.Compile(json.RawMessage(payload), newShelf(t))
	if err != nil {
		t.Fatalf("compile: %v", told(ordinaut.AsError(err).All()))
	}
	return p
}

// env is a run of a task in Chisinau, at half past eight in the morning there.
func env(t testing.TB) pipeline.Env {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Chisinau")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 27, 6, 30, 0, 0, time.UTC)
	return pipeline.Env{
		Zone: zone,
		Task: ordinaut.Task{ID: "task-1", Key: "briefing", Definition: ordinaut.Definition{
			Title:  "Briefing",
			Labels: map[string]string{"team": "ops"},
		}},
		Run: ordinaut.Run{
			ID: "run-1", Trigger: ordinaut.TriggerSchedule, Failures: 1,
			Nominal: &at, ScheduledFor: at.Add(3 * time.Second), Now: &at,
		},
	}
}

// succeeded is the result of a step that answered.
func succeeded(path, output string) ordinaut.StepResult {
	return ordinaut.StepResult{Path: path, Status: ordinaut.StepSucceeded, Output: json.RawMessage(output)}
}

// check says what is wrong with a payload.
func check(payload string, c pipeline.Catalog) ordinaut.Errors {
	if _, err := pipeline.Compile(json.RawMessage(payload), c); err != nil {
		return ordinaut.AsError(err).All()
	}
	return nil
}
