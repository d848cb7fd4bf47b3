package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type which struct {
	N int `json:"n" jsonschema:"the number of the line, counted from 0"`
}

type spoken struct {
	Text string `json:"text"`
}

type heard struct {
	Value any `json:"value"`
}

// serveParrot says the lines of lines.json, as structured content and as plain
// text, and repeats what it hears.
func (d desk) serveParrot(s *mcp.Server) {
	line := d.lines()
	mcp.AddTool(s, &mcp.Tool{Name: "say", Description: "Say a line."},
		func(_ context.Context, _ *mcp.CallToolRequest, w which) (*mcp.CallToolResult, spoken, error) {
			line, err := line(w.N)
			return nil, spoken{line}, err
		})
	mcp.AddTool(s, &mcp.Tool{Name: "say_plainly", Description: "Say a line, without structure."},
		func(_ context.Context, _ *mcp.CallToolRequest, w which) (*mcp.CallToolResult, any, error) {
			line, err := line(w.N)
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: line}}}, nil, err
		})
	mcp.AddTool(s, &mcp.Tool{Name: "hear", Description: "Repeat a value."},
		func(_ context.Context, _ *mcp.CallToolRequest, h heard) (*mcp.CallToolResult, heard, error) {
			return nil, h, nil
		})
}

// lines gives a function that finds a line.
func (d desk) lines() func(n int) (string, error) {
	read := sync.OnceValues(func() (lines []string, err error) {
		err = d.read("lines.json", &lines)
		return lines, err
	})
	return func(n int) (string, error) {
		lines, err := read()
		if err != nil {
			return "", err
		}
		if n < 0 || n >= len(lines) {
			return "", fmt.Errorf("there is no line %d", n)
		}
		return lines[n], nil
	}
}
