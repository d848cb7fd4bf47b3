package main

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type place struct {
	City string `json:"city"`
}

type weather struct {
	City       string `json:"city"`
	Conditions string `json:"conditions"`
	Degrees    int    `json:"degrees" jsonschema:"in Celsius"`
}

func (d desk) serveWeather(s *mcp.Server) {
	tool := &mcp.Tool{
		Name: "forecast", Description: "Say what the weather will be like.",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}
	mcp.AddTool(s, tool, func(_ context.Context, _ *mcp.CallToolRequest, p place) (*mcp.CallToolResult, weather, error) {
		var known []weather
		if err := d.read("weather.json", &known); err != nil {
			return nil, weather{}, err
		}
		for _, w := range known {
			if w.City == p.City {
				return nil, w, nil
			}
		}
		return nil, weather{}, fmt.Errorf("nothing is known of the weather in %s", p.City)
	})
}
