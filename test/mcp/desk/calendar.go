package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// appointment is an entry of calendar.json: it takes place every day.
type appointment struct {
	Title   string `json:"title"`
	At      string `json:"at"` // 15:04, in UTC
	Minutes int    `json:"minutes"`
}

type window struct {
	Start time.Time `json:"start" jsonschema:"the first instant"`
	End   time.Time `json:"end" jsonschema:"the instant after the last"`
}

type event struct {
	Title string    `json:"title"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

type events struct {
	Events []event `json:"events"`
}

func (d desk) serveCalendar(s *mcp.Server) {
	tool := &mcp.Tool{
		Name: "list_events", Description: "List the events that begin between two instants.",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}
	mcp.AddTool(s, tool, func(_ context.Context, _ *mcp.CallToolRequest, w window) (*mcp.CallToolResult, events, error) {
		var daily []appointment
		if err := d.read("calendar.json", &daily); err != nil {
			return nil, events{}, err
		}
		found := events{Events: []event{}}
		for _, a := range daily {
			days, err := a.between(w)
			if err != nil {
				return nil, events{}, err
			}
			found.Events = append(found.Events, days...)
		}
		slices.SortFunc(found.Events, func(a, b event) int {
			return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Title, b.Title))
		})
		return nil, found, nil
	})
}

// between gives the days of an appointment that begin in the window.
func (a appointment) between(w window) ([]event, error) {
	at, err := time.Parse("15:04", a.At)
	if err != nil {
		return nil, fmt.Errorf("appointment %s: %w", a.Title, err)
	}
	var days []event
	day := w.Start.UTC().Truncate(24 * time.Hour)
	for start := day.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute); start.Before(w.End); start = start.AddDate(0, 0, 1) {
		if !start.Before(w.Start) {
			days = append(days, event{a.Title, start, start.Add(time.Duration(a.Minutes) * time.Minute)})
		}
	}
	return days, nil
}
