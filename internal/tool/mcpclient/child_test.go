package mcpclient

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

func TestAProcessIsCalled(t *testing.T) {
	t.Parallel()
	s := process(t, "echo", Options{})
	tools, err := s.Tools(t.Context())
	if err != nil || len(tools) != 1 || tools[0].Address != "fs.echo" {
		t.Fatalf("got %v, %v; want the one tool", addresses(tools), err)
	}
	output, err := call(t.Context(), s, "echo", `{"a":1}`)
	if want := `{"text":"{\"a\":1}","json":{"a":1}}`; err != nil || output != want {
		t.Errorf("got %s, %v; want %s", output, err, want)
	}
}

func TestAProcessThatDoesNotStartSaysWhy(t *testing.T) {
	t.Parallel()
	t.Run("by its last words", func(t *testing.T) {
		t.Parallel()
		_, err := process(t, "dies", Options{}).Tools(t.Context())
		wantFailure(t, err, ordinaut.CodeToolStart, ordinaut.ClassUnavailable, "fs", "3", "starting up | missing API key")
	})
	t.Run("by the name of the missing program", func(t *testing.T) {
		t.Parallel()
		s, err := New(toolfile.Server{Name: "fs", Kind: toolfile.Stdio, Command: "no-such-program-anywhere"}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		closed(t, s)
		_, err = s.Tools(t.Context())
		wantFailure(t, err, ordinaut.CodeToolStart, ordinaut.ClassUnavailable, "fs", "no-such-program-anywhere")
	})
	t.Run("by how long it was waited for", func(t *testing.T) {
		t.Parallel()
		s := process(t, "never answers", Options{})
		s.config.StartTimeout = 1500 * time.Millisecond
		_, err := s.Tools(t.Context())
		wantFailure(t, err, ordinaut.CodeToolStart, ordinaut.ClassUnavailable, "1.5s", "still thinking")
	})
}

func TestAProcessThatDiesInACallSaysWhy(t *testing.T) {
	t.Parallel()
	s := process(t, "dies in a call", Options{})
	_, err := call(t.Context(), s, "boom", `{}`)
	wantFailure(t, err, ordinaut.CodeToolEnded, ordinaut.ClassUnavailable, "7", "out of cheese")
}

func TestAProcessThatDiesOfTheLatestRevisionIsGreetedAsBefore(t *testing.T) {
	t.Parallel()
	s := process(t, "dies of what is new", Options{})
	for range 2 {
		output, err := call(t.Context(), s, "any", `{}`)
		if want := `{"text":"old but fine"}`; err != nil || output != want {
			t.Errorf("got %s, %v; want %s", output, err, want)
		}
	}
	if !s.legacy {
		t.Error("the next start would let it die again")
	}
}

func TestWhatAProcessSaysGoesToTheCall(t *testing.T) {
	t.Parallel()
	s := process(t, "chatters", Options{})
	book := newNotebook()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := s.Call(ctx, tool.Call{Address: "fs.talk", Args: json.RawMessage("{}"), Log: book.add})
	if want := `{"text":"fine"}`; err != nil || string(r.Output) != want {
		t.Fatalf("got %s, %v; want %s", r.Output, err, want)
	}
	if got := strings.Join(book.all(), "\n"); !strings.Contains(got, "working on talk") && !strings.Contains(got, "not of the protocol: {not json") {
		t.Errorf("got the log %q, want what it said", got)
	}
}
