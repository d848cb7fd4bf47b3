package mcpclient

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// answers is a peer whose tools all answer with the same line.
func answers(line func(id string) string) peer {
	return script(func(id, _ string) string { return line(id) })
}

func TestAHostileAnswerFailsItsOwnCall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		line  func(id string) string
		code  ordinaut.Code
		class ordinaut.Class
		words string
		ends  bool // the session
	}{
		{"that is nested deeply", func(id string) string {
			return result(id, `{"content":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}`)
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "nested deeper", true},
		{"that is too large", func(id string) string {
			return text(id, strings.Repeat("x", limits.ToolFrameBytes))
		}, ordinaut.CodeToolFrame, ordinaut.ClassInvalidOutput, "8388608 bytes", true},
		{"with a key twice", func(id string) string {
			return result(id, `{"content":[],"content":[]}`)
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "twice", true},
		{"that is cut off", func(id string) string {
			return `{"jsonrpc":"2.0","id":` + id + `,"result":{`
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "cannot be read", true},
		{"that is not UTF-8", func(id string) string {
			return result(id, "\"\xff\"")
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "not valid UTF-8", true},
		{"that says nothing", func(id string) string {
			return `{"jsonrpc":"2.0","id":` + id + `}`
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "fs.x", false},
		{"that is an error", func(id string) string {
			return `{"jsonrpc":"2.0","id":` + id + `,"error":{"code":-32000,"message":"the disk is full"}}`
		}, ordinaut.CodeToolFailed, ordinaut.ClassToolError, "-32000: the disk is full", false},
		{"that does not know the tool", func(id string) string {
			return `{"jsonrpc":"2.0","id":` + id + `,"error":{"code":-32602,"message":"unknown tool: x"}}`
		}, ordinaut.CodeToolInput, ordinaut.ClassInvalidInput, "unknown tool: x", false},
		{"that knows no tools", func(id string) string {
			return `{"jsonrpc":"2.0","id":` + id + `,"error":{"code":-32601,"message":"no such method"}}`
		}, ordinaut.CodeToolFailed, ordinaut.ClassToolError, "no such method", false},
		{"that is no object", func(id string) string {
			return result(id, `"done"`)
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "fs.x", false},
		{"whose content is no list", func(id string) string {
			return result(id, `{"content":"done"}`)
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "fs.x", false},
		{"that says that it failed", func(id string) string {
			return result(id, `{"isError":true,"content":[{"type":"text","text":"no such file"}]}`)
		}, ordinaut.CodeToolFailed, ordinaut.ClassToolError, "fs.x failed: no such file", false},
		{"that asks for input", func(id string) string {
			return result(id, `{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{}}}}`)
		}, ordinaut.CodeToolFailed, ordinaut.ClassToolError, "input", false},
		{"with noise without end", func(string) string {
			return strings.Repeat("doing things\n", mostNoise+1)
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "not of the protocol", true},
		{"with requests without end", func(string) string {
			return strings.Repeat(`{"jsonrpc":"2.0","id":1,"method":"ping"}`+"\n", 2_000)
		}, ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "without reading", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, Options{}, answers(tt.line), sdk(nil, echo()))
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := call(ctx, s, "x", `{}`)
			wantFailure(t, err, tt.code, tt.class, tt.words)
			if _, err := call(ctx, s, "echo", `{}`); tt.ends && err != nil {
				t.Errorf("got %v from the server that was started again", err)
			}
		})
	}
}

func TestNoiseIsPutUpWith(t *testing.T) {
	t.Parallel()
	noises := map[string]func(id string) string{
		"a banner":             func(string) string { return "Welcome!\n\n[INFO] started\n{ready}" },
		"a log in JSON":        func(string) string { return `{"level":"info","msg":"called"}` },
		"an unknown id":        func(string) string { return text("4711", "wrong") },
		"an answer to nothing": func(string) string { return `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}` },
		"a list in brackets":   func(string) string { return `[1,2,3]` },
		"a request that nobody offers": func(string) string {
			return `{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"messages":[null],"maxTokens":-1}}` + "\n" +
				`{"jsonrpc":"2.0","id":2,"method":"roots/list"}` + "\n" +
				`{"jsonrpc":"2.0","id":3,"method":"elicitation/create"}` + "\n" +
				`{"jsonrpc":"2.0","id":"x","method":"tools/call","params":[]}`
		},
		"notifications that are not as they should be": func(string) string {
			return `{"jsonrpc":"2.0","method":"notifications/elicitation/complete"}` + "\n" +
				`{"jsonrpc":"2.0","method":"notifications/progress","params":null}` + "\n" +
				`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{"a":1}}}` + "\n" +
				`{"jsonrpc":"2.0","method":"notifications/message","params":[1]}` + "\n" +
				`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}` + "\n" +
				`{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":7}` + "\n" +
				`{"jsonrpc":"2.0","method":""}`
		},
		"a batch": func(id string) string {
			return `[{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"hello"}},` + text(id, "good") + `]`
		},
		"carriage returns": func(id string) string { return text(id, "good") + "\r" },
	}
	for name, noise := range noises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, Options{}, answers(func(id string) string {
				return noise(id) + "\n" + text(id, "good") + "\n" + text(id, "again")
			}))
			for range 3 {
				output, err := call(t.Context(), s, "x", `{}`)
				if want := `{"text":"good"}`; err != nil || output != want {
					t.Errorf("got %s, %v; want %s", output, err, want)
				}
			}
			if got := s.Status().Restarts; got != 0 {
				t.Errorf("got %d restarts, want none", got)
			}
		})
	}
}

func TestNoServerHoldsACaller(t *testing.T) {
	t.Parallel()
	slow := func(stdin io.Reader, stdout io.Writer) {
		r, w := io.Pipe()
		defer func() { _ = r.Close() }()
		go script(func(id, _ string) string { return text(id, "slow") })(stdin, w)
		lines := newLines(r)
		for n := 0; ; n++ {
			line, err := lines.next(1 << 20)
			if err != nil {
				return
			}
			for _, b := range append(line, '\n') {
				if n > 1 {
					<-time.After(time.Second)
				}
				if _, err := stdout.Write([]byte{b}); err != nil {
					return
				}
			}
		}
	}
	for name, p := range map[string]peer{"that writes a byte a second": slow, "that says nothing": answers(func(string) string { return "" })} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t, Options{}, p)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				begun := time.Now()
				if _, err := call(ctx, s, "x", `{}`); err == nil {
					t.Error("got an answer")
				}
				if took := time.Since(begun); took > 3*time.Second {
					t.Errorf("the call took %s, want three seconds", took)
				}
				pass(time.Minute)
				if got := s.Status().State; got == Ready {
					t.Errorf("got %s, want a server that is no longer trusted", got)
				}
			})
		})
	}
}

func TestADeafServerHoldsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, Options{}, func(stdin io.Reader, stdout io.Writer) {
			in := newLines(stdin)
			r, w := io.Pipe()
			go script(func(string, string) string { return "" })(r, stdout)
			for n := 0; n < 3; n++ { // discover, initialize, initialized
				line, err := in.next(1 << 20)
				if err != nil {
					break
				}
				fmt.Fprintf(w, "%s\n", line)
			}
			_ = w.Close()
			_, _ = stdin.Read(make([]byte, 1)) // the beginning of the call
			<-time.After(10 * time.Second)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := call(ctx, s, "x", `{}`); err == nil {
			t.Error("got an answer")
		}
		pass(2*limits.ToolAbandon + time.Second)
		if got := s.Status().State; got != Stopped {
			t.Errorf("got %s, want a server that was given up", got)
		}
	})
}

func TestALineWithoutEndIsReadNoFurther(t *testing.T) {
	t.Parallel()
	endless := &counter{}
	if _, err := newLines(endless).next(limits.ToolFrameBytes); err == nil {
		t.Error("got a line")
	}
	if most := limits.ToolFrameBytes + 1<<17; endless.read > most {
		t.Errorf("read %d bytes, want at most %d", endless.read, most)
	}
}

// counter is bytes without end, counted.
type counter struct{ read int }

func (c *counter) Read(p []byte) (int, error) {
	c.read += len(p)
	return len(p), nil
}
