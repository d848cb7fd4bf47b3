package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// material is what a plan is made of. Its parts are objects: a server whose
// caller sends them as text refuses the call.
type material struct {
	Instruction string  `json:"instruction"`
	Calendar    events  `json:"calendar"`
	Weather     weather `json:"weather"`
	Emails      mails   `json:"emails"`
}

type plan struct {
	Text string `json:"text"`
}

// servePlans stands in for a language model: it writes the same text whenever it
// is asked the same.
func (d desk) servePlans(s *mcp.Server) {
	tool := &mcp.Tool{Name: "plan", Description: "Write a text about what is handed over."}
	mcp.AddTool(s, tool, func(_ context.Context, _ *mcp.CallToolRequest, m material) (*mcp.CallToolResult, plan, error) {
		return nil, plan{m.String()}, nil
	})
}

func (m material) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s: %s, %d°C\n", m.Instruction, m.Weather.City, m.Weather.Conditions, m.Weather.Degrees)
	for _, e := range m.Calendar.Events {
		fmt.Fprintf(&text, "%s %s\n", e.Start.Format("15:04"), e.Title)
	}
	fmt.Fprintf(&text, "%d unread\n", m.Emails.Unread)
	for _, mail := range m.Emails.Messages {
		fmt.Fprintf(&text, "- %s: %s\n", mail.From, mail.Subject)
	}
	return text.String()
}
