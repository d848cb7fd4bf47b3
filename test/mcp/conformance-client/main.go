// Command conformance-client is what the protocol project's conformance suite
// runs in the place of a client: it does what a scenario asks for with nothing
// but our MCP servers as tool transports. The suite names the scenario in
// MCP_CONFORMANCE_SCENARIO, gives what it needs in MCP_CONFORMANCE_CONTEXT, and
// passes the URL of its server as the only argument. What we do not offer as a
// client (OAuth, elicitation, resources, prompts) fails here as it would in a
// pipeline.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/mcpclient"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

func main() {
	if err := run(os.Getenv("MCP_CONFORMANCE_SCENARIO"), os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run lists the tools of the server, makes the calls of the scenario, and says
// goodbye.
func run(scenario, url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	server, err := mcpclient.New(
		toolfile.Server{Name: "suite", Kind: toolfile.HTTP, URL: url},
		mcpclient.Options{Version: "conformance", Log: log},
	)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close(ctx) }()
	tools, err := server.Tools(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range calls(scenario, tools) {
		c.Log = func(line string) { log.Info(line) }
		if _, err := server.Call(ctx, c); err != nil {
			log.Warn("call failed", "tool", c.Address, "error", err)
			failed = err
		}
	}
	if refuses(scenario) {
		return nil
	}
	return failed
}

// refuses says whether a scenario is passed by calls that fail.
func refuses(scenario string) bool {
	return scenario == "http-invalid-tool-headers" || scenario == "http-custom-headers"
}

// calls are what a scenario asks for. One that is not listed asks for the list
// of tools alone.
func calls(scenario string, tools []ordinaut.Tool) []tool.Call {
	switch scenario {
	case "tools_call":
		return []tool.Call{call("add_numbers", `{"a":5,"b":3}`)}
	case "sse-retry":
		return []tool.Call{call("test_reconnection", `{}`)}
	case "elicitation-sep1034-client-defaults":
		return []tool.Call{call("test_client_elicitation_defaults", `{}`)}
	case "http-custom-headers":
		return asked()
	case "http-standard-headers", "http-invalid-tool-headers":
		return each(tools, `{"region":"us-west1"}`)
	case "json-schema-2020-12-preservation":
		return []tool.Call{call("json_schema_echo", `{"schema":`+schemaOf("suite.json_schema_2020_12_tool", tools)+`}`)}
	case "sep-2322-client-request-state":
		return each(tools, `{}`)
	}
	return nil
}

func call(name, args string) tool.Call {
	return tool.Call{Address: "suite." + name, Args: json.RawMessage(args)}
}

// each calls every tool with the same arguments.
func each(tools []ordinaut.Tool, args string) (all []tool.Call) {
	for _, t := range tools {
		all = append(all, tool.Call{Address: t.Address, Args: json.RawMessage(args)})
	}
	return all
}

// asked are the calls that the suite spells out.
func asked() (all []tool.Call) {
	var given struct {
		ToolCalls []struct {
			Name      string          `json:"name"`
			Arguments json.RawMessage `json:"arguments"`
		} `json:"toolCalls"`
	}
	_ = json.Unmarshal([]byte(os.Getenv("MCP_CONFORMANCE_CONTEXT")), &given) // without it, there are none
	for _, c := range given.ToolCalls {
		all = append(all, call(c.Name, string(c.Arguments)))
	}
	return all
}

func schemaOf(address string, tools []ordinaut.Tool) string {
	for _, t := range tools {
		if t.Address == address {
			return string(t.InputSchema)
		}
	}
	return "null"
}
