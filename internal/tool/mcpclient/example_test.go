package mcpclient_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/mcpclient"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

func ExampleServer() {
	ctx := context.Background()
	url, stop := weatherServer()
	defer stop()
	server, err := mcpclient.New(toolfile.Server{Name: "weather", Kind: toolfile.HTTP, URL: url}, mcpclient.Options{Version: "1.0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = server.Close(ctx) }()

	tools, err := server.Tools(ctx)
	fmt.Println(tools[0].Address, err)
	result, err := server.Call(ctx, tool.Call{Address: "weather.today", Args: json.RawMessage(`{"city":"Oslo"}`)})
	fmt.Println(string(result.Output), err)
	fmt.Println(server.Status().State, server.Status().ServerName)
	// Output:
	// weather.today <nil>
	// {"celsius":-3,"city":"Oslo"} <nil>
	// ready forecasts
}

// weatherServer is an MCP server of one tool.
func weatherServer() (url string, stop func()) {
	type place struct {
		City string `json:"city"`
	}
	type weather struct {
		City    string `json:"city"`
		Celsius int    `json:"celsius"`
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "forecasts", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "today"}, func(_ context.Context, _ *mcp.CallToolRequest, p place) (*mcp.CallToolResult, weather, error) {
		return nil, weather{p.City, -3}, nil
	})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true}))
	return web.URL, web.Close
}
