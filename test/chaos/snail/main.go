// Command snail is an MCP server on standard input and output whose tools take
// their time: slow stops when it is told to, deaf does not listen, and breed leaves
// a process behind that lives for ever.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// egg is the argument of a process that was left behind.
const egg = "egg"

func main() {
	if len(os.Args) == 2 && os.Args[1] == egg {
		select {}
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "snail", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "slow", Description: "Take some time."}, answer(slow))
	mcp.AddTool(server, &mcp.Tool{Name: "deaf", Description: "Take some time, whatever is said."}, answer(deaf))
	mcp.AddTool(server, &mcp.Tool{Name: "breed", Description: "Start a process, and take some time."}, answer(breed))
	if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
		fmt.Fprintln(os.Stderr, "snail:", err)
		os.Exit(1)
	}
}

// taking is how long a call is to take.
type taking struct {
	Seconds float64 `json:"seconds"`
}

func (t taking) passed() <-chan time.Time {
	return time.After(time.Duration(t.Seconds * float64(time.Second)))
}

// answer makes a tool that gives nothing but the time it was to take.
func answer(do func(context.Context, taking) error) mcp.ToolHandlerFor[taking, taking] {
	return func(ctx context.Context, _ *mcp.CallToolRequest, t taking) (*mcp.CallToolResult, taking, error) {
		return nil, t, do(ctx, t)
	}
}

func slow(ctx context.Context, t taking) error {
	select {
	case <-t.passed():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func deaf(_ context.Context, t taking) error {
	<-t.passed()
	return nil
}

func breed(ctx context.Context, t taking) error {
	if err := exec.Command(os.Args[0], egg).Start(); err != nil {
		return err
	}
	return slow(ctx, t)
}
