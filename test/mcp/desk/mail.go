package main

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type howMany struct {
	Count int `json:"count" jsonschema:"at most this many"`
}

type mail struct {
	From    string `json:"from"`
	Subject string `json:"subject"`
	Read    bool   `json:"read"`
}

type mails struct {
	Messages []mail `json:"messages"`
	Unread   int    `json:"unread" jsonschema:"how many there are in all"`
}

func (d desk) serveMail(s *mcp.Server) {
	tool := &mcp.Tool{
		Name: "top_unread", Description: "List the newest messages that nobody has read.",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}
	mcp.AddTool(s, tool, func(_ context.Context, _ *mcp.CallToolRequest, h howMany) (*mcp.CallToolResult, mails, error) {
		var inbox []mail // newest first
		if err := d.read("mail.json", &inbox); err != nil {
			return nil, mails{}, err
		}
		found := mails{Messages: []mail{}}
		for _, m := range inbox {
			if m.Read {
				continue
			}
			if found.Unread++; len(found.Messages) < h.Count {
				found.Messages = append(found.Messages, m)
			}
		}
		return nil, found, nil
	})
}
