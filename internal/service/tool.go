package service

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// Tool is a tool that steps can use.
type Tool struct {
	Address      string          `json:"address" doc:"What a step names under uses."`
	Title        string          `json:"title" doc:"Its name for people."`
	Description  string          `json:"description" doc:"What it does."`
	InputSchema  json.RawMessage `json:"input_schema" doc:"JSON Schema of its arguments."`
	OutputSchema json.RawMessage `json:"output_schema" doc:"JSON Schema of what it gives."`
	ReadOnly     bool            `json:"read_only" doc:"It changes nothing."`
	Idempotent   bool            `json:"idempotent" doc:"Calling it again with the same arguments changes nothing more."`
	Fingerprint  string          `json:"fingerprint,omitempty" doc:"Stands for the definition, of a tool of a server; it changes when a word of it does."`
	Examples     []ToolExample   `json:"examples" doc:"Calls that work." nullable:"false"`
}

// ToolExample is a call of a tool and what it gives.
type ToolExample struct {
	Input  json.RawMessage `json:"input" doc:"The arguments."`
	Output json.RawMessage `json:"output" doc:"The result."`
}

// ListTools asks for tools.
type ListTools struct {
	Server string `json:"server,omitempty" doc:"Only tools of this server: those whose address begins with its name."`
	Query  string `json:"query,omitempty" doc:"Only tools whose address, title or description has all of these words."`
}

// ToolList is the tools there are.
type ToolList struct {
	Items    []Tool    `json:"items" doc:"The tools, by address." nullable:"false"`
	Warnings []Warning `json:"warnings,omitempty" doc:"Servers whose tools are missing here, and why."`
}

// ListTools lists the tools that steps can use. Servers that were never listed
// are asked first, as far as they answer soon.
func (s *Service) ListTools(ctx context.Context, r ListTools) (ToolList, error) {
	look, cancel := context.WithTimeout(ctx, limits.ToolCheck)
	defer cancel()
	s.tools.Look(look)
	list := ToolList{Items: []Tool{}}
	words := strings.Fields(strings.ToLower(r.Query))
	for _, t := range s.tools.List() {
		if (r.Server == "" || strings.HasPrefix(t.Address, r.Server+".")) && mentions(t, words) {
			list.Items = append(list.Items, s.showTool(t))
		}
	}
	for _, server := range s.servers.Servers() {
		if server.Fault != "" {
			list.Warnings = append(list.Warnings, Warning{
				Code: ordinaut.CodeToolUnavailable, Message: server.Name + ": " + server.Fault,
				Fix: "see what ordinaut tools test " + server.Name + " says",
			})
		}
	}
	return list, nil
}

// mentions says whether a tool's words contain all of the words.
func mentions(t ordinaut.Tool, words []string) bool {
	text := strings.ToLower(t.Address + " " + t.Title + " " + t.Description)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func (s *Service) showTool(t ordinaut.Tool) Tool {
	shown := Tool{
		Address: t.Address, Title: t.Title, Description: t.Description,
		InputSchema: t.InputSchema, OutputSchema: t.OutputSchema, ReadOnly: t.ReadOnly, Idempotent: t.Idempotent,
		Fingerprint: s.tools.Fingerprint(t.Address), Examples: []ToolExample{},
	}
	for _, e := range t.Examples {
		shown.Examples = append(shown.Examples, ToolExample{Input: e.Input, Output: e.Output})
	}
	return shown
}

// ToolName asks for one tool.
type ToolName struct {
	Tool string `json:"tool" doc:"Its address." example:"debug.echo"`
}

// GetTool shows a tool with the shapes of what it takes and gives.
func (s *Service) GetTool(ctx context.Context, r ToolName) (Tool, error) {
	look, cancel := context.WithTimeout(ctx, limits.ToolCheck)
	defer cancel()
	s.tools.Look(look, r.Tool)
	t, err := s.tools.Find(r.Tool)
	if err != nil {
		return Tool{}, ordinaut.AsError(err).Moved("/tool")
	}
	return s.showTool(t), nil
}

// CallTool asks for one call of a tool, outside of any task.
type CallTool struct {
	Tool           string          `json:"tool" doc:"Its address." example:"debug.echo"`
	With           json.RawMessage `json:"with,omitempty" doc:"The arguments, as the tool is to get them: nothing in them is a template."`
	TimeoutSeconds float64         `json:"timeout_seconds,omitempty" exclusiveMinimum:"0" maximum:"3600" default:"30" doc:"How long it may take."`
}

// ToolCalled is what came of a call.
type ToolCalled struct {
	Output json.RawMessage `json:"output" doc:"What the tool gave."`
	Log    []string        `json:"log" doc:"What it said meanwhile." nullable:"false"`
	TookMS int64           `json:"took_ms" doc:"How long it took, in milliseconds."`
}

// CallTool calls a tool once and shows what it gives.
func (s *Service) CallTool(ctx context.Context, r CallTool) (ToolCalled, error) {
	timeout := limits.StepTimeout
	if r.TimeoutSeconds > 0 {
		timeout = time.Duration(r.TimeoutSeconds * float64(time.Second))
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	var log notes
	id := newID()
	result, err := s.tools.Call(ctx, tool.Call{
		Address: r.Tool, Args: r.With, IdempotencyKey: id, RunID: ordinaut.RunID(id), Attempt: 1, Zone: s.zone, Log: log.add,
	})
	if err != nil {
		return ToolCalled{}, callFault(err)
	}
	return ToolCalled{Output: result.Output, Log: log.all(), TookMS: time.Since(began).Milliseconds()}, nil
}

// callFault puts the fault of a call where the caller sent what it is about.
func callFault(err error) error {
	e := tool.FailureOf(err).Err
	switch e.Code {
	case ordinaut.CodeToolNotFound, ordinaut.CodeToolUnavailable:
		return e.Moved("/tool")
	case ordinaut.CodeToolInput:
		return e.Under("/with")
	case ordinaut.CodeInternal:
		return fmt.Errorf("call a tool: %w", err)
	}
	return e
}
