package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/mcpclient"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// echoArgument makes this program the MCP server that all sides call.
const echoArgument = "mcp-echo-server"

// message is what is sent to and fro.
type message struct {
	Message string `json:"message"`
}

// serveEcho is an MCP server with one tool, on standard input and output, made
// with the SDK and nothing else.
func serveEcho(ctx context.Context) error {
	server := mcp.NewServer(&mcp.Implementation{Name: "echo", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "say", Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true}},
		func(_ context.Context, _ *mcp.CallToolRequest, in message) (*mcp.CallToolResult, message, error) {
			return nil, in, nil
		})
	return server.Run(ctx, &mcp.StdioTransport{})
}

// middles turns the times of single calls into a sample.
func middles(times []time.Duration, wall, cpu time.Duration) sample {
	slices.Sort(times)
	return sample{ops: len(times), wall: wall, cpu: cpu, p50: times[len(times)/2]}
}

// timeCalls calls one after the other, and times each.
func timeCalls(n int, call func() error) (sample, error) {
	times := make([]time.Duration, n)
	whole, err := measured(n, func() error {
		for i := range times {
			began := time.Now()
			if err := call(); err != nil {
				return err
			}
			times[i] = time.Since(began)
		}
		return nil
	})
	return middles(times, whole.wall, whole.cpu), err
}

const warmCalls = 50 // before anything is measured

// callBare calls with the SDK alone: its client, its transport.
func callBare(ctx context.Context, n int) (sample, error) {
	program, err := os.Executable()
	if err != nil {
		return sample{}, err
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "bench", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: exec.CommandContext(ctx, program, echoArgument)}, nil)
	if err != nil {
		return sample{}, err
	}
	defer session.Close()
	call := func() error {
		result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "say", Arguments: message{"hello"}})
		if err == nil && result.IsError {
			err = errors.New("the tool said no")
		}
		return err
	}
	if _, err := timeCalls(warmCalls, call); err != nil {
		return sample{}, err
	}
	return timeCalls(n, call)
}

// echoCatalog is a catalog with the echo server in it.
func echoCatalog(ctx context.Context) (c *tool.Catalog, end func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	server, err := mcpclient.New(toolfile.Server{Name: "echo", Kind: toolfile.Stdio, Command: program, Args: []string{echoArgument}}, mcpclient.Options{Version: "bench"})
	if err != nil {
		return nil, nil, err
	}
	if c, err = tool.New(ctx); err != nil {
		return nil, nil, err
	}
	c.Serve(tool.Server{Name: "echo", Transport: server})
	c.Look(ctx)
	return c, func() { _ = server.Close(context.WithoutCancel(ctx)) }, nil
}

// callCatalog calls as a step does: guarded, checked against both schemas,
// through the keeper.
func callCatalog(ctx context.Context, n int) (sample, error) {
	c, end, err := echoCatalog(ctx)
	if err != nil {
		return sample{}, err
	}
	defer end()
	call := func() error {
		_, err := c.Call(ctx, tool.Call{Address: "echo.say", Args: json.RawMessage(`{"message":"hello"}`), IdempotencyKey: "k", RunID: "r", Step: "s", Attempt: 1})
		return err
	}
	if _, err := timeCalls(warmCalls, call); err != nil {
		return sample{}, err
	}
	return timeCalls(n, call)
}

// stepsOfRun is how many steps a run has whose steps are measured: with so many,
// the commit at its end hardly counts.
const stepsOfRun = 100

// callSteps calls as steps of runs, one run after the other: a template is
// rendered, the tool called, the result recorded. A sample is one step.
func callSteps(ctx context.Context, dir string, n int) (sample, error) {
	h, err := openHouse(ctx, dir)
	if err != nil {
		return sample{}, err
	}
	defer h.store.Close()
	catalog, end, err := echoCatalog(ctx)
	if err != nil {
		return sample{}, err
	}
	defer end()
	runs := max(n/stepsOfRun, 2)
	if err := h.use(ctx, catalog); err != nil {
		return sample{}, err
	}
	ids, err := h.queueLong(ctx, runs)
	if err != nil {
		return sample{}, err
	}
	whole, err := h.drain(ctx, runs, 1)
	if err != nil {
		return sample{}, err
	}
	times := make([]time.Duration, runs)
	for i, id := range ids {
		run, err := h.store.Run(ctx, id)
		if err != nil {
			return sample{}, err
		}
		if run.Status != ordinaut.RunSucceeded {
			return sample{}, fmt.Errorf("run %s is %s: %v", id, run.Status, run.Failure)
		}
		times[i] = run.FinishedAt.Sub(*run.StartedAt) / stepsOfRun
	}
	s := middles(times, whole.wall, whole.cpu)
	s.ops = runs * stepsOfRun
	return s, nil
}

// queueLong queues runs of many steps, which may not overlap.
func (h *house) queueLong(ctx context.Context, runs int) ([]ordinaut.RunID, error) {
	steps := make([]string, stepsOfRun)
	for i := range steps {
		steps[i] = `{"uses": "echo.say", "with": {"message": "${task.title}"}}`
	}
	ctx, err := h.agent(ctx, "steps")
	if err != nil {
		return nil, err
	}
	t, err := h.create(ctx, `{"title": "hello", "schedule_kind": "manual", "payload": {"pipeline": [`+strings.Join(steps, ",")+`]}}`)
	if err != nil {
		return nil, err
	}
	agent, _ := ordinaut.AgentFrom(ctx)
	ids := make([]ordinaut.RunID, runs)
	for i := range ids {
		ids[i] = ordinaut.RunID(newID())
		err := h.store.CreateRun(ctx, ordinaut.Run{ID: ids[i], TaskID: t.ID, Trigger: ordinaut.TriggerManual},
			ordinaut.Change{Actor: agent.ID, Action: "task.run"}.About(string(ids[i])))
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// mcpRounds is how many rounds of these short calls stand for one of others: how
// fast the system wakes a thread moves their time more than anything we do.
const mcpRounds = 3

func reportMCP(ctx context.Context, o options, r report) error {
	all, err := alternate(ctx, o.dir, mcpRounds*o.pairs,
		side{"the SDK alone", func(ctx context.Context, _ string) (sample, error) { return callBare(ctx, o.n) }},
		side{"Ordinaut, a call through the catalog", func(ctx context.Context, _ string) (sample, error) { return callCatalog(ctx, o.n) }},
		side{"Ordinaut, a step of a run", func(ctx context.Context, dir string) (sample, error) { return callSteps(ctx, dir, o.n) }},
	)
	if err != nil {
		return err
	}
	bare, call, step := all[0], all[1], all[2]
	r.title(fmt.Sprintf("Calls of one MCP tool over standard input and output, one after the other; steps in runs of %d read-only calls", stepsOfRun))
	r.sides(all...)
	r.effort(call, bare)
	r.goals(
		goal{what: "a call, median, of the SDK's", got: call.over(bare, sample.middle), unit: "×", gate: 1.3, target: 1.15, atMost: true},
	)
	_, inRun, _ := step.spread(sample.middle)
	_, alone, _ := call.spread(sample.middle)
	fmt.Fprintf(r.out, "  a step of a run takes %s µs, of which %s are the call; the rest is mostly the commit that makes its result durable\n", figure(inRun), figure(alone))
	return nil
}
