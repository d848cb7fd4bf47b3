package mcpclient

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// seeds are what servers have been seen to send, and what would hurt.
func seeds() []string {
	return []string{
		"", "\n\n", "{", "[", "{}", "[]", "[{}]", "null", "Welcome!", "\xff\xfe",
		text("2", "good"),
		result("2", `{"content":[{"type":"text","text":"{}"}],"structuredContent":{"a":1}}`),
		result("2", `{"tools":[{"name":"a","inputSchema":{"$ref":"#"}}],"nextCursor":"x","ttlMs":1}`),
		result("2", `{"content":`+strings.Repeat("[", 100)),
		`{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no","data":[]}}`,
		`{"jsonrpc":"2.0","id":2,"result":null}`,
		`{"jsonrpc":"2.0","id":1,"method":"ping"}`,
		`{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":null}`,
		`{"jsonrpc":"2.0","method":"notifications/elicitation/complete"}`,
		`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1e300}}`,
		`{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":[1]}}`,
		`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}`,
	}
}

// FuzzFrames lets a server answer the first call with any bytes, and then end.
// Whatever they are, the call ends too, with an output that is JSON or an error,
// and nothing of the session is left.
func FuzzFrames(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newServer(t, Options{}, func(stdin io.Reader, stdout io.Writer) {
			heard := newLines(stdin)
			greeting, theirs := io.Pipe()
			go script(func(string, string) string { return "" })(greeting, stdout)
			for range 3 { // discover, initialize, initialized
				line, _ := heard.next(limits.ToolFrameBytes)
				_, _ = theirs.Write(append(line, '\n'))
			}
			_ = theirs.Close()
			_, _ = heard.next(limits.ToolFrameBytes)
			go func() { _, _ = io.Copy(io.Discard, heard.in) }() // replies to what it asks
			_, _ = stdout.Write(data)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		output, err := call(ctx, s, "x", "{}")
		if ctx.Err() != nil {
			t.Error("the call hangs")
		}
		if err == nil && !json.Valid([]byte(output)) {
			t.Errorf("got the output %q, which is not JSON", output)
		}
	})
}

// FuzzEvents reads any bytes as a stream of events. What comes out is events,
// and every message in them has passed the gate.
func FuzzEvents(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte("data: " + seed + "\n\n"))
		f.Add([]byte("id: 1\r\nevent: message\r\nretry: 5\r\ndata:" + seed + "\r\n\r\n: \ndata"))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g := &gate{heard: func(string, json.RawMessage) {}, noise: func([]byte) {}, failed: func(error) {}}
		out, _ := io.ReadAll(newEvents(io.NopCloser(bytes.NewReader(data)), g))
		for in := bufio.NewScanner(bytes.NewReader(out)); in.Scan(); {
			field, value, found := strings.Cut(in.Text(), ": ")
			switch {
			case in.Text() == "", found && (field == "id" || field == "retry"):
			case !found || field != "data":
				t.Errorf("got the line %q", in.Text())
			default:
				if err := jsonguard.Check([]byte(value), jsonguard.Limits{}); err != nil {
					t.Errorf("got the message %q: %v", value, err)
				}
				if _, err := jsonrpc.DecodeMessage([]byte(value)); err != nil {
					t.Errorf("got the message %q: %v", value, err)
				}
			}
		}
	})
}
