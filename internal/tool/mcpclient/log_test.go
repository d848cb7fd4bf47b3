package mcpclient

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/tool"
	"pgregory.net/rapid"
)

func TestAFloodOfLinesIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		j := &journal{write: func(line string) { got = append(got, line) }}
		for n := range 1000 {
			j.add(fmt.Sprint(n))
		}
		if len(got) != linesPerSecond {
			t.Errorf("got %d lines in the first second, want %d", len(got), linesPerSecond)
		}
		pass(time.Second)
		j.add("one\r\ntwo\n\nfour")
		j.close()
		j.add("too late")
		want := []string{"… 980 lines left out", "one", "two", "", "four"}
		if diff := cmp.Diff(want, got[linesPerSecond:]); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

func TestTheEndOfAFloodIsCounted(t *testing.T) {
	t.Parallel()
	var got []string
	j := &journal{write: func(line string) { got = append(got, line) }}
	j.add(strings.Repeat("x\n", linesPerSecond+3))
	j.close()
	if last := got[len(got)-1]; last != "… 3 lines left out" {
		t.Errorf("got %q, want what was left out", last)
	}
}

func TestTextsAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, most := rapid.String().Draw(t, "text"), rapid.IntRange(3, 20).Draw(t, "most")
		got := cut(s, most)
		if len(got) > most || !utf8.ValidString(got) || len(s) <= most && got != s || !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) && got != s {
			t.Errorf("cut(%q, %d) is %q", s, most, got)
		}
	})
}

func TestStandardErrorKeepsItsEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		s := &stderr{told: func(line string) { lines = append(lines, line) }}
		var all strings.Builder
		for range rapid.IntRange(0, 8).Draw(t, "writes") {
			p := []string{"a", "\n", "some words\n", strings.Repeat("x", 5000), strings.Repeat(strings.Repeat("y", 39)+"\n", 2_000)}[rapid.IntRange(0, 4).Draw(t, "which")]
			if n, err := s.Write([]byte(p)); n != len(p) || err != nil {
				t.Fatalf("got %d, %v; want %d", n, err, len(p))
			}
			all.WriteString(p)
		}
		if !strings.HasSuffix(all.String(), string(s.kept)) || len(s.kept) > 2*limits.StderrBytes || len(s.kept) < min(all.Len(), limits.StderrBytes) {
			t.Errorf("got %d bytes kept of %d", len(s.kept), all.Len())
		}
		if got, want := len(lines), strings.Count(all.String(), "\n"); got != want {
			t.Errorf("got %d lines, want %d", got, want)
		}
		for _, line := range lines {
			if len(line) > limits.LogLineBytes {
				t.Errorf("got a line of %d bytes", len(line))
			}
		}
		if tail := s.tail(); len(tail) > 2*lastBytes || strings.Count(tail, "\n") >= lastLines {
			t.Errorf("got the tail %q", tail)
		}
	})
}

func TestProgressGoesToItsCall(t *testing.T) {
	t.Parallel()
	for _, revision := range []string{"2025-06-18", "2026-07-28"} {
		t.Run("in revision "+revision, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, Options{}, sdk(&mcp.ServerOptions{SupportedProtocolVersions: []string{revision}}, withTool("work", working)))
			other, mine := newNotebook(), newNotebook()
			ctx, cancel := context.WithCancel(t.Context())
			waits := make(chan struct{})
			go func() {
				defer close(waits)
				_, _ = s.Call(ctx, tool.Call{Address: "fs.work", Args: json.RawMessage(`{"wait":true}`), Log: other.add})
			}()
			other.has(t, "progress 1")
			_, err := s.Call(ctx, tool.Call{Address: "fs.work", Args: json.RawMessage(`{}`), Log: mine.add})
			if err != nil {
				t.Fatal(err)
			}
			mine.has(t, "progress 1 of 2: half")
			if got := strings.Join(other.all(), "\n"); strings.Contains(got, "half") {
				t.Errorf("got %q in the log of the other call", got)
			}
			cancel()
			<-waits
		})
	}
}

// working is a tool that tells how far it is.
func working(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	token := r.Params.GetProgressToken()
	if string(r.Params.Arguments) != "{}" {
		_ = r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: 1})
		<-ctx.Done()
		return &mcp.CallToolResult{}, nil
	}
	_ = r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: 1, Total: 2, Message: "half"})
	return &mcp.CallToolResult{}, nil
}

func TestMessagesGoToTheCall(t *testing.T) {
	t.Parallel()
	s := newServer(t, Options{}, script(func(id, _ string) string {
		message := `{"jsonrpc":"2.0","method":"notifications/message","params":`
		return message + `{"level":"warning","logger":"tool","data":"careful"}}` + "\n" +
			message + `{"level":"info","data":{"n":1}}}` + "\n" + message + `{"data":"two\nlines"}}` + "\n" + text(id, "good")
	}))
	book := newNotebook()
	if _, err := s.Call(t.Context(), tool.Call{Address: "fs.x", Log: book.add}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"warning tool: careful", `info {"n":1}`, "two", "lines"}, book.all()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestWhatIsSaidBetweenCallsIsLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, said := logger()
		s := newServer(t, Options{Log: log}, func(stdin io.Reader, stdout io.Writer) {
			go func() { <-time.After(time.Second); say(stdout, "by the way") }()
			script(func(id, _ string) string { return text(id, "good") })(stdin, stdout)
		})
		if _, err := call(t.Context(), s, "x", "{}"); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		if got := strings.Join(said.all(), ""); !strings.Contains(got, "by the way") {
			t.Errorf("got the log %q, want what was said", got)
		}
	})
}

func TestACanceledCallIsToldToTheServer(t *testing.T) {
	t.Parallel()
	stopped, begun := make(chan struct{}), make(chan struct{})
	s := newServer(t, Options{}, sdk(nil, withTool("wait", func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		close(begun)
		<-ctx.Done()
		close(stopped)
		return &mcp.CallToolResult{}, nil
	})))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if _, err := call(ctx, s, "wait", `{}`); err == nil {
		t.Error("got an answer")
	}
	<-stopped
}
