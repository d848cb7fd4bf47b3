package mcpclient

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/spawn"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// TestMain lets the test binary be a keeper of processes, and a server.
func TestMain(m *testing.M) {
	spawn.Main()
	if script := os.Getenv("MCPCLIENT_TEST_SERVER"); script != "" {
		serveProcess(script)
		return
	}
	os.Exit(m.Run())
}

// peer is a server of a test, on the other end of a connection in memory.
type peer func(stdin io.Reader, stdout io.Writer)

// dialPeers makes the server of the test speak to peers, a new one at each start,
// the last one again and again.
func dialPeers(s *Server, peers ...peer) {
	var mu sync.Mutex
	s.dial = func(_ context.Context, g *gate, _ func(string)) (*link, error) {
		mu.Lock()
		p := peers[0]
		peers = peers[min(1, len(peers)-1):]
		mu.Unlock()
		if p == nil {
			return nil, errors.New("nobody is there")
		}
		stdin, theirIn := net.Pipe()
		stdout, theirOut := net.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer func() { _, _ = theirIn.Close(), theirOut.Close() }()
			p(theirIn, theirOut)
		}()
		pipe := newPipe(stdin, stdout, g)
		return &link{
			transport: pipe, where: "memory", ended: ended,
			epitaph: func() string { return "last words" },
			abort:   pipe.close,
			stop:    func(context.Context) { pipe.close(); <-ended },
		}, nil
	}
}

// newServer is a server of the name fs that is closed with the test.
func newServer(t testing.TB, o Options, peers ...peer) *Server {
	t.Helper()
	s, err := New(toolfile.Server{Name: "fs", Kind: toolfile.Stdio, Command: "fs"}, o)
	if err != nil {
		t.Fatal(err)
	}
	dialPeers(s, peers...)
	closed(t, s)
	return s
}

// closed closes a server with the test, and makes sure that it can be.
func closed(t testing.TB, s *Server) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

// sdk is a peer made with the SDK, with the tools that add gives it.
func sdk(o *mcp.ServerOptions, add ...func(*mcp.Server)) peer {
	return func(stdin io.Reader, stdout io.Writer) {
		s := sdkServer(o, add...)
		_ = s.Run(context.Background(), &mcp.IOTransport{Reader: io.NopCloser(stdin), Writer: nopCloser{stdout}})
	}
}

func sdkServer(o *mcp.ServerOptions, add ...func(*mcp.Server)) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "files", Version: "1.2.3"}, o)
	for _, add := range add {
		add(s)
	}
	return s
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// anything is a schema that takes every object.
func anything() json.RawMessage { return json.RawMessage(`{"type":"object"}`) }

// withTool adds a tool that answers as f does.
func withTool(name string, f mcp.ToolHandler) func(*mcp.Server) {
	return func(s *mcp.Server) { s.AddTool(&mcp.Tool{Name: name, InputSchema: anything()}, f) }
}

// echo adds a tool that answers with its arguments.
func echo() func(*mcp.Server) {
	return withTool("echo", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(r.Params.Arguments)}}}, nil
	})
}

// script is a peer that answers the greeting, and to each request for a tool as
// the function says, line by line. It writes nothing when it says nothing.
func script(answer func(id, name string) string) peer {
	return func(stdin io.Reader, stdout io.Writer) {
		in := bufio.NewScanner(stdin)
		in.Buffer(nil, 1<<24)
		for in.Scan() {
			var m struct {
				ID     json.RawMessage `json:"id"`
				Method string          `json:"method"`
				Params struct {
					Name string `json:"name"`
				} `json:"params"`
			}
			if json.Unmarshal(in.Bytes(), &m) != nil {
				continue
			}
			id := string(m.ID)
			switch m.Method {
			case "initialize":
				say(stdout, result(id, `{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"scripted","version":"0"}}`))
			case "server/discover":
				say(stdout, `{"jsonrpc":"2.0","id":`+id+`,"error":{"code":-32601,"message":"what?"}}`)
			case "tools/call", "tools/list":
				say(stdout, answer(id, m.Params.Name))
			case "ping":
				say(stdout, answer(id, "ping"))
			}
		}
	}
}

func say(w io.Writer, line string) {
	if line != "" {
		_, _ = io.WriteString(w, line+"\n")
	}
}

func result(id, body string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"result":` + body + `}`
}

// text is an answer of one text.
func text(id, said string) string {
	quoted, _ := json.Marshal(said)
	return result(id, `{"content":[{"type":"text","text":`+string(quoted)+`}]}`)
}

// call calls a tool of the server.
func call(ctx context.Context, s *Server, name, args string) (string, error) {
	r, err := s.Call(ctx, tool.Call{Address: "fs." + name, Args: json.RawMessage(args), Log: func(string) {}})
	return string(r.Output), err
}

// wantFailure makes sure that an error has a code, a class and some words.
func wantFailure(t *testing.T, err error, code ordinaut.Code, class ordinaut.Class, words ...string) *ordinaut.Error {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %s", code)
	}
	f := tool.FailureOf(err)
	if f.Err.Code != code || f.Class != class {
		t.Errorf("got %s of class %s, want %s of class %s: %v", f.Err.Code, f.Class, code, class, err)
	}
	for _, word := range words {
		if !strings.Contains(f.Err.Message, word) {
			t.Errorf("got the message %q, want %q in it", f.Err.Message, word)
		}
	}
	if f.Err.Fix == "" {
		t.Errorf("the error %v says nothing about what to do", f.Err)
	}
	return f.Err
}

// notebook gathers lines.
type notebook struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{}
}

func newNotebook() *notebook { return &notebook{more: make(chan struct{}, 1000)} }

func (n *notebook) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
	select {
	case n.more <- struct{}{}:
	default:
	}
}

func (n *notebook) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string{}, n.lines...)
}

// has waits until a line holds the text.
func (n *notebook) has(t *testing.T, text string) {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		if strings.Contains(strings.Join(n.all(), "\n"), text) {
			return
		}
		select {
		case <-n.more:
		case <-late:
			t.Fatalf("got the lines %q, want %q in them", n.all(), text)
		}
	}
}

func addresses(tools []ordinaut.Tool) (all []string) {
	for _, t := range tools {
		all = append(all, t.Address)
	}
	return all
}

// serveProcess is a server that is a process of its own.
func serveProcess(kind string) {
	switch kind {
	case "echo":
		_ = sdkServer(nil, echo()).Run(context.Background(), &mcp.StdioTransport{})
	case "dies":
		fmt.Fprintln(os.Stderr, "starting up\nmissing API key")
		os.Exit(3)
	case "dies in a call":
		script(func(id, _ string) string {
			fmt.Fprintln(os.Stderr, "panic: out of cheese")
			os.Exit(7)
			return ""
		})(os.Stdin, os.Stdout)
	case "chatters":
		fmt.Println("Welcome to the server!\n\n[INFO] listening")
		script(func(id, name string) string {
			fmt.Fprintln(os.Stderr, "working on "+name)
			return "{not json\n" + `{"level":"info"}` + "\n" + text(id, "fine")
		})(os.Stdin, os.Stdout)
	case "dies of what is new":
		in := bufio.NewReader(os.Stdin)
		first, _ := in.ReadString('\n')
		if !strings.Contains(first, `"initialize"`) {
			os.Exit(1)
		}
		script(func(id, _ string) string { return text(id, "old but fine") })(io.MultiReader(strings.NewReader(first), in), os.Stdout)
	case "never answers":
		fmt.Fprintln(os.Stderr, "still thinking")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

// process is a server of the test binary itself.
func process(t testing.TB, script string, o Options) *Server {
	t.Helper()
	s, err := New(toolfile.Server{
		Name: "fs", Kind: toolfile.Stdio, Command: os.Args[0],
		Env: map[string]string{"MCPCLIENT_TEST_SERVER": script},
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	return s
}
