package main

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type message struct {
	ChatID int64  `json:"chat_id"`
	Text   string `json:"text"`
}

type sent struct {
	OK bool `json:"ok"`
}

// serveMessages sends messages to sent.jsonl.
func (d desk) serveMessages(s *mcp.Server) {
	tool := &mcp.Tool{Name: "send_message", Description: "Send a message to a chat."}
	mcp.AddTool(s, tool, func(_ context.Context, _ *mcp.CallToolRequest, m message) (*mcp.CallToolResult, sent, error) {
		return nil, sent{true}, d.add("sent.jsonl", m)
	})
}
