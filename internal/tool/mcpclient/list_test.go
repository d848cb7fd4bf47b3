package mcpclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// lists is a peer with these definitions.
func lists(definitions ...string) peer {
	return answers(func(id string) string {
		return result(id, `{"tools":[`+strings.Join(definitions, ",")+`]}`)
	})
}

// logger gathers what is logged.
func logger() (*slog.Logger, *notebook) {
	n := newNotebook()
	return slog.New(slog.NewTextHandler(writer{n}, &slog.HandlerOptions{Level: slog.LevelDebug})), n
}

type writer struct{ *notebook }

func (w writer) Write(p []byte) (int, error) {
	w.add(string(p))
	return len(p), nil
}

func TestADefinitionIsReadAsItCame(t *testing.T) {
	t.Parallel()
	s := newServer(t, Options{}, lists(
		`{"name":"read","title":"Read","description":"Reads <b> & more","inputSchema":{"type":"object","properties":{"z":{"maximum":9007199254740993},"a":{"const":1.0}}},"outputSchema":{"type":"object"},`+
			`"annotations":{"title":"other","readOnlyHint":true,"idempotentHint":true},"icons":[{"src":7}],"execution":{"taskSupport":"no"}}`,
		`{"name":"dotted.name","annotations":{"title":"Named here"}}`))
	got, err := s.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []ordinaut.Tool{
		{
			Address: "fs.read", Title: "Read", Description: "Reads <b> & more", ReadOnly: true, Idempotent: true,
			InputSchema:  json.RawMessage(`{"type":"object","properties":{"z":{"maximum":9007199254740993},"a":{"const":1.0}}}`),
			OutputSchema: json.RawMessage(`{"type":"object"}`),
		},
		{Address: "fs.dotted.name", Title: "Named here"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeUsedIsLeftOut(t *testing.T) {
	t.Parallel()
	schemaOf := func(schema string) string { return `{"name":"bad","inputSchema":` + schema + `}` }
	bombs := map[string]string{
		"a name with a space":    `{"name":"a b"}`,
		"no name":                `{"inputSchema":{}}`,
		"a name that is long":    `{"name":"` + strings.Repeat("x", longestName+1) + `"}`,
		"a name of dots":         `{"name":".."}`,
		"a name that is none":    `{"name":7}`,
		"null":                   `null`,
		"a text":                 `"tool"`,
		"annotations of a list":  `{"name":"bad","annotations":[]}`,
		"a cycle":                schemaOf(`{"$ref":"#"}`),
		"a cycle over two":       schemaOf(`{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}`),
		"a cycle of choice":      schemaOf(`{"anyOf":[{"$ref":"#"}]}`),
		"a file":                 schemaOf(`{"$ref":"file:///etc/passwd"}`),
		"a number out of range":  schemaOf(`{"multipleOf":0}`),
		"a schema that is large": schemaOf(`{"description":"` + strings.Repeat("x", limits.SchemaBytes) + `"}`),
		"a text for a schema":    schemaOf(`"object"`),
		"an output bomb":         `{"name":"bad","inputSchema":{"type":"object"},"outputSchema":{"$ref":"#"}}`,
		"a header of no text":    schemaOf(`{"type":"object","properties":{"a":{"type":"object","x-mcp-header":"A"}}}`),
	}
	for name, definition := range bombs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, said := logger()
			s := newServer(t, Options{Log: log}, lists(`{"name":"good"}`, definition, `{"name":"good"}`, `{"name":"better"}`))
			tools, err := s.Tools(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"fs.good", "fs.better"}, addresses(tools)); diff != "" {
				t.Errorf("tools (-want +got):\n%s", diff)
			}
			if got := strings.Count(strings.Join(said.all(), ""), "level=WARN"); got < 1 {
				t.Errorf("got the log %q, want a warning", said.all())
			}
		})
	}
}

func TestTheConfigurationChoosesTools(t *testing.T) {
	t.Parallel()
	s := newServer(t, Options{}, lists(`{"name":"a"}`, `{"name":"b"}`, `{"name":"c"}`, `{"name":"d d"}`))
	s.config.Include, s.config.Exclude = []string{"a", "b"}, []string{"b"}
	tools, err := s.Tools(t.Context())
	if diff := cmp.Diff([]string{"fs.a"}, addresses(tools)); err != nil || diff != "" {
		t.Errorf("got %v, tools (-want +got):\n%s", err, diff)
	}
}

func TestAllPagesAreRead(t *testing.T) {
	t.Parallel()
	s := newServer(t, Options{}, sdk(&mcp.ServerOptions{PageSize: 7}, func(s *mcp.Server) {
		for n := range 50 {
			withTool(fmt.Sprintf("t%02d", n), nil)(s)
		}
	}))
	for range 2 {
		if tools, err := s.Tools(t.Context()); err != nil || len(tools) != 50 {
			t.Errorf("got %d tools, %v; want 50", len(tools), err)
		}
	}
}

func TestPagesEndSomewhere(t *testing.T) {
	t.Parallel()
	pages := func(page func(n int) string) peer {
		var mu sync.Mutex
		var n int
		return answers(func(id string) string {
			mu.Lock()
			defer mu.Unlock()
			n++
			return result(id, page(n))
		})
	}
	for name, tt := range map[string]struct {
		page func(n int) string
		want int
	}{
		"when the cursor stays":     {func(n int) string { return fmt.Sprintf(`{"tools":[{"name":"t%d"}],"nextCursor":"again"}`, n) }, 2},
		"when they never end":       {func(n int) string { return fmt.Sprintf(`{"tools":[],"nextCursor":"%d"}`, n) }, 0},
		"when there are many tools": {func(n int) string { return manyTools(n*400, 400) }, limits.ToolsPerServer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, Options{}, pages(tt.page))
			if tools, err := s.Tools(t.Context()); err != nil || len(tools) != tt.want {
				t.Errorf("got %d tools, %v; want %d", len(tools), err, tt.want)
			}
		})
	}
	t.Run("with an error when a cursor is none", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, Options{}, pages(func(int) string { return `{"tools":[],"nextCursor":[]}` }))
		_, err := s.Tools(t.Context())
		wantFailure(t, err, ordinaut.CodeToolEnded, ordinaut.ClassUnavailable, "no answer that can be used")
	})
}

func manyTools(from, n int) string {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `,{"name":"t%d"}`, from+i)
	}
	return fmt.Sprintf(`{"tools":[%s],"nextCursor":"%d"}`, b.String()[1:], from)
}

func TestChangesOfTheListAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := sdkServer(nil, echo())
		var told [][]string
		s := newServer(t, Options{Changed: func(tools []ordinaut.Tool) { told = append(told, addresses(tools)) }},
			func(stdin io.Reader, stdout io.Writer) {
				_ = server.Run(t.Context(), &mcp.IOTransport{Reader: io.NopCloser(stdin), Writer: nopCloser{stdout}})
			})
		if _, err := s.Tools(t.Context()); err != nil {
			t.Fatal(err)
		}
		for n := range 5 {
			withTool(fmt.Sprintf("more%d", n), nil)(server)
		}
		pass(time.Minute)
		server.RemoveTools("more0", "more1", "more2", "more3")
		pass(time.Minute)
		server.RemoveTools("more0")
		withTool("more4", nil)(server)
		pass(time.Minute)
		want := [][]string{{"fs.echo", "fs.more0", "fs.more1", "fs.more2", "fs.more3", "fs.more4"}, {"fs.echo", "fs.more4"}}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestANewProcessWithOtherToolsIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told [][]string
		s := newServer(t, Options{Changed: func(tools []ordinaut.Tool) { told = append(told, addresses(tools)) }},
			sdk(nil, echo()), sdk(nil, echo(), withTool("new", nil)))
		if _, err := s.Tools(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(limits.ToolIdle + time.Second)
		if _, err := call(t.Context(), s, "echo", "{}"); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if diff := cmp.Diff([][]string{{"fs.echo", "fs.new"}}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestAFloodOfChangesIsRead(t *testing.T) {
	t.Parallel()
	log, said := logger()
	s := newServer(t, Options{Log: log}, script(func(id, name string) string {
		return strings.Repeat(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`+"\n", 2_000) + text(id, "good")
	}))
	if _, err := call(t.Context(), s, "x", "{}"); err != nil {
		t.Fatal(err)
	}
	if got := len(said.all()); got > 10 {
		t.Errorf("got %d lines of log, want few", got)
	}
}
