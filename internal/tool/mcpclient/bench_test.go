package mcpclient

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/spawn"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// BenchmarkCall calls the same tool of the same program in turns, through a
// Server and with nothing but the SDK. The quotient of the medians is what it
// costs to be careful; in turns, because a busy machine is busy for both.
func BenchmarkCall(b *testing.B) {
	for name, args := range payloads() {
		b.Run(name, func(b *testing.B) {
			careful, bare := process(b, "echo", Options{}), bareSession(b)
			c := tool.Call{Address: "fs.echo", Args: args, Log: func(string) {}, RunID: "r", Step: "s", Attempt: 1, IdempotencyKey: "r/s"}
			var ours, theirs []time.Duration
			for b.Loop() {
				begun := time.Now()
				if _, err := careful.Call(b.Context(), c); err != nil {
					b.Fatal(err)
				}
				between := time.Now()
				if _, err := bare.CallTool(b.Context(), &mcp.CallToolParams{Name: "echo", Arguments: args}); err != nil {
					b.Fatal(err)
				}
				ours, theirs = append(ours, between.Sub(begun)), append(theirs, time.Since(between))
			}
			slices.Sort(ours)
			slices.Sort(theirs)
			mine, other := ours[len(ours)/2], theirs[len(theirs)/2]
			b.ReportMetric(float64(mine.Microseconds()), "server-µs")
			b.ReportMetric(float64(other.Microseconds()), "sdk-µs")
			b.ReportMetric(float64(mine)/float64(other), "server/sdk")
		})
	}
}

// bareSession is a session with the program that only the SDK stands in front
// of.
func bareSession(b *testing.B) *mcp.ClientSession {
	p, err := spawn.Start(b.Context(), spawn.Command{
		Path: os.Args[0], Env: spawn.Environ(map[string]string{"MCPCLIENT_TEST_SERVER": "echo"}), Stderr: io.Discard,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.Stop(context.Background()) })
	client := mcp.NewClient(&mcp.Implementation{Name: "bare"}, nil)
	session, err := client.Connect(b.Context(), &mcp.IOTransport{Reader: p.Stdout, Writer: p.Stdin}, nil)
	if err != nil {
		b.Fatal(err)
	}
	return session
}

func payloads() map[string]json.RawMessage {
	row := `{"id":1234,"name":"a row of a table","tags":["x","y"],"score":0.5}`
	return map[string]json.RawMessage{
		"small": json.RawMessage(`{"message":"hello"}`),
		"64KiB": json.RawMessage(`{"rows":[` + strings.Repeat(row+",", 900) + row + `]}`),
	}
}
