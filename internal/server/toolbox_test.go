package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/spawn"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// TestMain lets the test binary be the keeper of child processes, and an MCP
// server.
func TestMain(m *testing.M) {
	spawn.Main()
	if len(os.Args) == 3 && os.Args[1] == "mcp-server" {
		if err := serveTools(strings.Split(os.Args[2], ",")); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		return
	}
	os.Exit(m.Run())
}

// serveTools is an MCP server with these tools, each of which answers with the
// process that it lives in.
func serveTools(names []string) error {
	server := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "7"}, nil)
	for _, name := range names {
		server.AddTool(&mcp.Tool{Name: name, Description: os.Getenv("WORDS"), InputSchema: json.RawMessage(`{"type": "object"}`)},
			func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				return &mcp.CallToolResult{StructuredContent: map[string]int{"pid": os.Getpid()}}, nil
			})
	}
	return server.Run(context.Background(), &mcp.StdioTransport{})
}

// box is a toolbox over a data folder, with what it logs.
type box struct {
	*toolbox
	t   *testing.T
	log *lines
}

// lines is a log that many may write to.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// has says whether something was logged.
func (l *lines) has(words string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), words)
}

// toolboxIn opens the toolbox of a data folder, in which the catalog file has
// the text.
func toolboxIn(t *testing.T, dir, file string) (*box, error) {
	t.Helper()
	b := &box{t: t, log: &lines{}}
	s := Settings{DataDir: dir, Version: "test", Log: slog.New(slog.NewTextHandler(b.log, nil))}
	if file != "" {
		write(t, filepath.Join(dir, cli.ToolsFile), file)
	}
	catalog, err := builtins(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if b.toolbox, err = openToolbox(s, catalog); err != nil {
		return nil, err
	}
	t.Cleanup(b.close)
	return b, nil
}

func mustToolbox(t *testing.T, dir, file string) *box {
	t.Helper()
	b, err := toolboxIn(t, dir, file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// entry is the text of a server that offers the tools.
func entry(t *testing.T, name, tools, words string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`%q: {"command": %q, "args": ["mcp-server", %q], "env": {"WORDS": %q}}`, name, program, tools, words)
}

func file(entries ...string) string {
	return `{"mcpServers": {` + strings.Join(entries, ", ") + `}}`
}

// change rewrites the catalog file, and has it looked at.
func (b *box) change(text string) {
	b.t.Helper()
	write(b.t, b.path, text)
	if !b.changed() {
		b.t.Error("the change of the file was not seen")
	}
	b.reread(b.t.Context())
	if b.changed() {
		b.t.Error("the change of the file is seen twice")
	}
}

// offered lists the tools that are not built in.
func (b *box) offered() (addresses []string) {
	for _, t := range b.catalog.List() {
		if b.catalog.Fingerprint(t.Address) != "" {
			addresses = append(addresses, t.Address)
		}
	}
	return addresses
}

// pid calls a tool, which answers with its process.
func (b *box) pid(address string) int {
	b.t.Helper()
	result, err := b.catalog.Call(b.t.Context(), tool.Call{Address: address})
	if err != nil {
		b.t.Fatal(err)
	}
	var answer struct{ PID int }
	if err := json.Unmarshal(result.Output, &answer); err != nil || answer.PID == 0 {
		b.t.Fatalf("got %s, %v", result.Output, err)
	}
	return answer.PID
}

func TestTheCatalogFileMayChangeWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	b := mustToolbox(t, t.TempDir(), "")
	if got := b.offered(); got != nil || b.changed() {
		t.Errorf("got %v without a file, want nothing", got)
	}
	b.change(file(entry(t, "a", "one,two", ""), entry(t, "b", "one", "")))
	if diff := cmp.Diff([]string{"a.one", "a.two", "b.one"}, b.offered()); diff != "" {
		t.Errorf("after the file came (-want +got):\n%s", diff)
	}
	a, other := b.pid("a.one"), b.pid("b.one")
	b.change(file(entry(t, "a", "one,two", ""), entry(t, "b", "one,three", "")))
	if diff := cmp.Diff([]string{"a.one", "a.two", "b.one", "b.three"}, b.offered()); diff != "" {
		t.Errorf("after b was changed (-want +got):\n%s", diff)
	}
	if b.pid("a.two") != a || b.pid("b.one") == other {
		t.Error("want the process of a kept, and that of b replaced")
	}
	b.change(file(entry(t, "a", "one,two", "")))
	if diff := cmp.Diff([]string{"a.one", "a.two"}, b.offered()); diff != "" {
		t.Errorf("after b was removed (-want +got):\n%s", diff)
	}
	b.change(`{"mcpServers": {"a": {"command": }}`)
	if b.pid("a.one") != a || !b.log.has("cannot be taken over") {
		t.Error("want everything kept when the file is mistaken, and that told")
	}
	if err := os.Remove(b.path); err != nil {
		t.Fatal(err)
	}
	if !b.changed() {
		t.Error("nobody saw that the file is gone")
	}
	if b.reread(t.Context()); b.pid("a.one") != a {
		t.Error("want everything kept when the file is gone")
	}
}

func TestAMistakenCatalogFileKeepsTheServerFromStarting(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":               `{`,
		"a reserved name":       file(entry(t, "flow", "one", "")),
		"a variable not set":    `{"mcpServers": {"a": {"url": "https://${ORDINAUT_TEST_NOT_SET}/mcp"}}}`,
		"a URL that is none":    `{"mcpServers": {"a": {"url": "gopher://a"}}}`,
		"a mistaken HTTP tool":  `{"tools": {"a.b": {"url": "https://${args.host}/x"}}}`,
		"an expression of none": `{"tools": {"a.b": {"url": "https://a.example/x", "output": "body.["}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := toolboxIn(t, t.TempDir(), text)
			if e := ordinaut.AsError(err); err == nil || e.Code == ordinaut.CodeInternal || e.Fix == "" {
				t.Errorf("got %v, want an error with a fix", err)
			}
		})
	}
	_, err := openToolbox(Settings{DataDir: t.TempDir(), Tools: "missing.json", Log: slog.Default()}, &tool.Catalog{})
	if e := ordinaut.AsError(err); e.Code != ordinaut.CodeToolsFile || e.At != "/tools" {
		t.Errorf("got %v for a file that is missing", err)
	}
}

func TestWhatServersOfferIsRemembered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := mustToolbox(t, dir, file(entry(t, "a", "one,two", "before")))
	b.look(t.Context())
	b.close()
	b = mustToolbox(t, dir, file(entry(t, "a", "one,two", "after")))
	if diff := cmp.Diff([]string{"a.one", "a.two"}, b.offered()); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	if got := b.Servers(); len(got) != 1 || got[0].State != ordinaut.ServerStopped {
		t.Errorf("got %+v, want it listed without being started", got)
	}
	b.pid("a.one")
	if !b.log.has("the definition of a tool has changed") {
		t.Error("nobody said that the words of the tools have changed")
	}
	b.close()
	if b = mustToolbox(t, dir, file(entry(t, "a", "one", ""))); b.offered() != nil {
		t.Errorf("got %v of a server that is another now, want nothing", b.offered())
	}
	b.close()
	write(t, filepath.Join(dir, toolCacheFile), `{"broken`)
	if b = mustToolbox(t, dir, file(entry(t, "a", "one", ""))); b.offered() != nil {
		t.Errorf("got %v from a memory that cannot be read, want nothing", b.offered())
	}
}

func TestServersSayHowTheyDo(t *testing.T) {
	t.Parallel()
	off := `"off": {"command": "/bin/off", "args": ["--key=${SECRET}", "two words"], "disabled": true}`
	gone := `"gone": {"command": "no-such-program-anywhere"}`
	b := mustToolbox(t, t.TempDir(), file(entry(t, "a", "one", ""), off, gone))
	b.look(t.Context())
	servers := map[string]ordinaut.ToolServer{}
	for _, s := range b.Servers() {
		servers[s.Name] = s
	}
	a := servers["a"]
	if a.State != ordinaut.ServerReady || a.Version != "test 7" || a.Protocol == "" || !cmp.Equal(a.Tools, []string{"a.one"}) || a.Since.IsZero() {
		t.Errorf("got %+v, want it ready", a)
	}
	if got := servers["off"]; got.State != ordinaut.ServerDisabled || got.Target != `/bin/off "--key=${SECRET}" "two words"` {
		t.Errorf("got %+v, want it disabled, as it is written", got)
	}
	if got := servers["gone"]; got.State != ordinaut.ServerResting && got.State != ordinaut.ServerFailed || got.Fault == "" {
		t.Errorf("got %+v, want it failed, with the reason", got)
	}
	tested, err := b.Test(t.Context(), "a")
	if err != nil || !cmp.Equal(tested.Tools, []string{"a.one"}) {
		t.Errorf("got %+v, %v; want its tools", tested, err)
	}
	for name, code := range map[string]ordinaut.Code{"off": ordinaut.CodeServerNotFound, "gone": ordinaut.CodeToolStart} {
		if _, err := b.Test(t.Context(), name); err == nil || ordinaut.AsError(err).Code != code {
			t.Errorf("test of %s: got %v, want %s", name, err, code)
		}
	}
}

func TestAServerMayTakeThePlaceOfBuiltInTools(t *testing.T) {
	t.Parallel()
	b := mustToolbox(t, t.TempDir(), `{"mcpServers": {`+entry(t, "debug", "echo", "")+`}, "tools": {"text.fetch": {"url": "https://example.com/"}}}`)
	b.look(t.Context())
	var got []string
	for _, listed := range b.catalog.List() {
		if strings.HasPrefix(listed.Address, "debug.") || strings.HasPrefix(listed.Address, "text.") {
			got = append(got, listed.Address)
		}
	}
	if diff := cmp.Diff([]string{"debug.echo", "text.fetch", "text.render"}, got); diff != "" || !b.log.has("takes the place of the built-in tools debug.*") {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}
