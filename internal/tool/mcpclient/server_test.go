package mcpclient

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/tool"
)

func TestAServerIsStartedWhenItIsNeeded(t *testing.T) {
	t.Parallel()
	s := newServer(t, Options{Version: "1"}, sdk(&mcp.ServerOptions{Instructions: "be kind"}, echo()))
	if got := s.Status(); got.State != Stopped || got.Calls != 0 {
		t.Errorf("got %+v before the first call, want a stopped server", got)
	}
	output, err := call(t.Context(), s, "echo", `{"n":12345678901234567890,"a":[1.0]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"text":"{\"n\":12345678901234567890,\"a\":[1.0]}","json":{"n":12345678901234567890,"a":[1.0]}}`
	if output != want {
		t.Errorf("got %s, want %s", output, want)
	}
	got := s.Status()
	want2 := Status{
		Name: "fs", Kind: "stdio", State: Ready, Since: got.Since, Where: "memory",
		Protocol: "2026-07-28", ServerName: "files", ServerVersion: "1.2.3", Instructions: "be kind", Calls: 1,
	}
	if diff := cmp.Diff(want2, got); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestManyCallsShareOneSession(t *testing.T) {
	t.Parallel()
	s := newServer(t, Options{}, sdk(nil, echo()))
	var work sync.WaitGroup
	for range 50 {
		work.Go(func() {
			if output, err := call(t.Context(), s, "echo", `{"a":1}`); err != nil || !strings.Contains(output, `"a":1`) {
				t.Errorf("got %s, %v; want the arguments", output, err)
			}
		})
	}
	work.Wait()
	if got := s.Status(); got.Calls != 50 || got.Restarts != 0 {
		t.Errorf("got %d calls and %d restarts, want 50 and 0", got.Calls, got.Restarts)
	}
}

func TestACallerWhoLeavesDoesNotStopTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		s := newServer(t, Options{}, func(stdin io.Reader, stdout io.Writer) {
			<-open
			sdk(nil, echo())(stdin, stdout)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := call(ctx, s, "echo", `{}`); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the time", err)
		}
		if got := s.Status().State; got != Starting {
			t.Errorf("got %s, want a start that goes on", got)
		}
		close(open)
		if _, err := call(t.Context(), s, "echo", `{}`); err != nil {
			t.Error(err)
		}
		if got := s.Status().Restarts; got != 0 {
			t.Errorf("got %d restarts, want the one start for both", got)
		}
	})
}

func TestAServerThatIsNotUsedIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, Options{}, sdk(nil, echo()))
		for range 3 {
			if _, err := call(t.Context(), s, "echo", `{}`); err != nil {
				t.Fatal(err)
			}
			pass(limits.ToolIdle - time.Second)
			if got := s.Status().State; got != Ready {
				t.Errorf("got %s within the time, want ready", got)
			}
		}
		pass(2 * time.Second)
		if got := s.Status().State; got != Stopped {
			t.Errorf("got %s after the time, want stopped", got)
		}
		if _, err := call(t.Context(), s, "echo", `{}`); err != nil {
			t.Error(err)
		}
		if got := s.Status(); got.Restarts != 1 || got.State != Ready || got.LastError != "" {
			t.Errorf("got %+v, want a server that was started again", got)
		}
	})
}

// pass lets virtual time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestAServerThatCannotStartRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, Options{}, nil, nil, nil, sdk(nil, echo()))
		for _, rest := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			_, err := call(t.Context(), s, "echo", `{}`)
			wantFailure(t, err, ordinaut.CodeToolStart, ordinaut.ClassUnavailable, "fs", "nobody is there")
			_, err = call(t.Context(), s, "echo", `{}`)
			fault := wantFailure(t, err, ordinaut.CodeToolResting, ordinaut.ClassUnavailable, "nobody is there")
			if fault.RetryAfter != rest {
				t.Errorf("got a rest of %s, want %s", fault.RetryAfter, rest)
			}
			if got := s.Status(); got.State != Resting || got.RestsUntil.IsZero() || got.LastError == "" {
				t.Errorf("got %+v, want a resting server", got)
			}
			pass(rest)
			if got := s.Status().State; got != Failed {
				t.Errorf("got %s after the rest, want failed", got)
			}
		}
		if _, err := call(t.Context(), s, "echo", `{}`); err != nil {
			t.Error(err)
		}
		if got := s.Status().State; got != Ready {
			t.Errorf("got %s, want ready", got)
		}
	})
}

func TestRestsGrowToAMinute(t *testing.T) {
	t.Parallel()
	var r rest
	var got []time.Duration
	for range 9 {
		r.failed(0)
		got = append(got, r.left().Round(time.Second))
	}
	s := time.Second
	if diff := cmp.Diff([]time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 60 * s, 60 * s, 60 * s}, got); diff != "" {
		t.Errorf("rests (-want +got):\n%s", diff)
	}
}

func TestAServerThatBreaksIsStartedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		breaks := func(stdin io.Reader, stdout io.Writer) {
			r, w := io.Pipe()
			go script(func(string, string) string { _ = r.Close(); return "" })(stdin, w)
			_, _ = io.Copy(stdout, r)
		}
		s := newServer(t, Options{}, breaks, breaks, sdk(nil, echo()))
		_, err := call(t.Context(), s, "echo", `{}`)
		wantFailure(t, err, ordinaut.CodeToolEnded, ordinaut.ClassUnavailable, "last words")
		_, err = call(t.Context(), s, "echo", `{}`)
		wantFailure(t, err, ordinaut.CodeToolEnded, ordinaut.ClassUnavailable)
		_, err = call(t.Context(), s, "echo", `{}`)
		wantFailure(t, err, ordinaut.CodeToolResting, ordinaut.ClassUnavailable)
		pass(time.Second)
		if _, err := call(t.Context(), s, "echo", `{}`); err != nil {
			t.Error(err)
		}
	})
}

func TestAServerThatHangsIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := script(func(id, name string) string {
			if name == "wait" || name == "ping" {
				return ""
			}
			return text(id, "quick")
		})
		s := newServer(t, Options{}, hangs)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if _, err := call(ctx, s, "wait", `{}`); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the time", err)
		}
		if took := time.Since(begun); took != time.Second {
			t.Errorf("the call took %s, want a second", took)
		}
		if _, err := call(t.Context(), s, "quick", `{}`); err != nil {
			t.Errorf("got %v while nobody knows that it hangs", err)
		}
		pass(2*limits.ToolAbandon + time.Second)
		if got := s.Status().State; got != Stopped {
			t.Errorf("got %s after a ping without an answer, want stopped", got)
		}
		if _, err := call(t.Context(), s, "quick", `{}`); err != nil {
			t.Error(err)
		}
	})
}

func TestAServerThatAnswersPingsStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, Options{}, script(func(id, name string) string {
			if name == "ping" {
				return result(id, "{}")
			}
			return ""
		}))
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := call(ctx, s, "wait", `{}`)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the end of the time", err)
			}
		}
		pass(time.Minute)
		if got := s.Status(); got.State != Ready || got.Restarts != 0 {
			t.Errorf("got %+v, want the same server", got)
		}
	})
}

func TestCloseFailsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	s := newServer(t, Options{}, script(func(_, name string) string {
		if name == "wait" {
			close(begun)
		}
		return ""
	}))
	failed := make(chan error, 1)
	go func() {
		_, err := call(context.Background(), s, "wait", `{}`)
		failed <- err
	}()
	<-begun
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	wantFailure(t, <-failed, ordinaut.CodeToolEnded, ordinaut.ClassUnavailable)
	_, err := call(t.Context(), s, "wait", `{}`)
	wantFailure(t, err, ordinaut.CodeToolEnded, ordinaut.ClassUnavailable)
	if _, err := s.Tools(t.Context()); err == nil {
		t.Error("a closed server lists its tools")
	}
}

func TestTheServerIsToldWhoCalls(t *testing.T) {
	t.Parallel()
	type seen struct {
		Meta mcp.Meta
		Args string
	}
	got := make(chan seen, 1)
	s := newServer(t, Options{}, sdk(nil, withTool("note", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		got <- seen{r.Params.Meta, string(r.Params.Arguments)}
		return &mcp.CallToolResult{}, nil
	})))
	s.config.Idempotency = map[string]string{"note": "key"}
	c := tool.Call{Address: "fs.note", Args: []byte(`{"a":1}`), IdempotencyKey: "r1/s1", RunID: "r1", Step: "s1", Attempt: 2, Log: func(string) {}}
	result, err := s.Call(t.Context(), c)
	if err != nil || string(result.Output) != `{"text":""}` {
		t.Fatalf("got %s, %v; want an empty text", result.Output, err)
	}
	told := <-got
	for key, want := range map[string]any{
		"ordinaut/idempotency-key": "r1/s1", "ordinaut/run-id": "r1", "ordinaut/step": "s1", "ordinaut/attempt": 2.0,
	} {
		if told.Meta[key] != want {
			t.Errorf("got %s %v, want %v", key, told.Meta[key], want)
		}
	}
	if want := `{"a":1,"key":"r1/s1"}`; told.Args != want {
		t.Errorf("got the arguments %s, want %s", told.Args, want)
	}
	c.Args = []byte(`{"key":"mine"}`)
	if _, err := s.Call(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if told := <-got; told.Args != `{"key":"mine"}` {
		t.Errorf("got the arguments %s, want what was sent", told.Args)
	}
}
