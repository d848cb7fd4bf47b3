package mcpclient

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// reach is a server at a URL.
func reach(t testing.TB, url string, o Options) *Server {
	t.Helper()
	s, err := New(toolfile.Server{Name: "fs", Kind: toolfile.HTTP, URL: url, Headers: map[string]string{"Authorization": "Bearer t"}}, o)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	return s
}

// host serves a handler on the loopback.
func host(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return web
}

func streamable(o *mcp.StreamableHTTPOptions, s *mcp.Server) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, o)
}

func TestAServerIsReachedOverHTTP(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]*mcp.StreamableHTTPOptions{
		"with sessions":              {},
		"without":                    {Stateless: true},
		"with one document a answer": {JSONResponse: true},
		"without sessions or events": {Stateless: true, JSONResponse: true},
	} {
		for _, revision := range mcp.SupportedProtocolVersions() {
			if revision > lastWithHandshake && !o.Stateless {
				continue // it has no sessions
			}
			t.Run(name+", revision "+revision, func(t *testing.T) {
				t.Parallel()
				web := host(t, streamable(o, sdkServer(&mcp.ServerOptions{SupportedProtocolVersions: []string{revision}}, echo())))
				s := reach(t, web.URL, Options{})
				tools, err := s.Tools(t.Context())
				if err != nil || len(tools) != 1 || string(tools[0].InputSchema) != `{"type":"object"}` {
					t.Fatalf("got %v, %v; want the tool", tools, err)
				}
				for range 3 {
					output, err := call(t.Context(), s, "echo", `{"n":12345678901234567890}`)
					if want := `{"text":"{\"n\":12345678901234567890}","json":{"n":12345678901234567890}}`; err != nil || output != want {
						t.Errorf("got %s, %v; want %s", output, err, want)
					}
				}
				if got := s.Status(); got.Protocol != revision || got.Where != web.URL || got.Restarts != 0 {
					t.Errorf("got %+v, want revision %s at %s", got, revision, web.URL)
				}
			})
		}
	}
}

// greets is a handler of a server of an old revision that answers calls as f
// does.
func greets(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
		}
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &m)
		switch {
		case r.Method == http.MethodGet && r.Header.Get("Last-Event-ID") == "":
			w.WriteHeader(http.StatusMethodNotAllowed)
		case m.Method == "server/discover":
			http.Error(w, "what?", http.StatusBadRequest)
		case m.Method == "initialize":
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Mcp-Session-Id", "s1")
			fmt.Fprint(w, result(string(m.ID), `{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"h","version":"0"}}`))
		case m.Method == "notifications/initialized":
			_, _ = io.WriteString(w, "thank you") // instead of nothing, as some servers do
		default:
			r.Header.Set("Test-Id", string(m.ID))
			r.Header.Set("Test-Method", m.Method)
			f(w, r)
		}
	}
}

// replies answers with a body of a content type.
func replies(kind string, body func(id string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body(r.Header.Get("Test-Id")))
	}
}

func status(code int, header, value, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if header != "" {
			w.Header().Set(header, value)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

const (
	document = "application/json"
	stream   = "text/event-stream"
)

func TestAnHTTPAnswerFailsItsOwnCall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		code   ordinaut.Code
		class  ordinaut.Class
		words  string
	}{
		{"that is too large", replies(document, func(id string) string { return text(id, strings.Repeat("x", limits.ToolFrameBytes)) }),
			ordinaut.CodeToolFrame, ordinaut.ClassInvalidOutput, "at once"},
		{"that is too large for an event", replies(stream, func(id string) string {
			return "data: " + strings.Repeat("x", limits.ToolFrameBytes) + "\n\n"
		}), ordinaut.CodeToolFrame, ordinaut.ClassInvalidOutput, "at once"},
		{"that has too many lines for an event", replies(stream, func(id string) string {
			return strings.Repeat("data: "+strings.Repeat("x", 1<<16)+"\n", limits.ToolFrameBytes>>16)
		}), ordinaut.CodeToolFrame, ordinaut.ClassInvalidOutput, "at once"},
		{"that is nested deeply", replies(document, func(id string) string { return strings.Repeat("[", 1000) }),
			ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "nested deeper"},
		{"that is nested deeply in an event", replies(stream, func(id string) string { return "data: " + strings.Repeat("[", 1000) + "\n\n" }),
			ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "nested deeper"},
		{"that grows when it is unpacked", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", document)
			w.Header().Set("Content-Encoding", "gzip")
			packed, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			_, _ = packed.Write(bytes.Repeat([]byte(" "), limits.ToolFrameBytes+1))
			_ = packed.Close()
		}, ordinaut.CodeToolFrame, ordinaut.ClassInvalidOutput, "at once"},
		{"that is two", replies(document, func(id string) string { return "[" + text(id, "a") + "," + text(id, "b") + "]" }),
			ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "2 messages"},
		{"that is a page", replies("text/html", func(string) string { return "<html>" }),
			ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, `the answer is of the type "text/html"`},
		{"that is empty", replies(document, func(string) string { return "" }), ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "cannot be read"},
		{"that is something else", replies(document, func(string) string { return `{"ok":true}` }), ordinaut.CodeToolProtocol, ordinaut.ClassUnavailable, "0 messages"},
		{"that ends early", replies(stream, func(string) string { return "event: message\n\n" }),
			ordinaut.CodeToolEnded, ordinaut.ClassUnavailable, "without response"},
		{"of 401", status(401, "", "", "who are you?\n"), ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, "HTTP 401 Unauthorized: who are you?"},
		{"of 429", status(429, "Retry-After", "7", ""), ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, "HTTP 429"},
		{"of 500", status(500, "", "", strings.Repeat("<p>", 1000)), ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, "HTTP 500"},
		{"of 302", status(302, "Location", "http://other.example/secret", ""), ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, "redirects to http://other.example,"},
		{"of 307 to where it came from", status(307, "Location", "/", ""), ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, "redirects"},
		{"of an error of the protocol", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":"no luck"}}`, r.Header.Get("Test-Id"))
		}, ordinaut.CodeToolFailed, ordinaut.ClassToolError, "no luck"},
		{"of a broken error", status(400, "", "", `{"jsonrpc":"2.0","id":`+strings.Repeat("[", 500)), ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, "HTTP 400"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			web := host(t, greets(tt.answer))
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := call(ctx, reach(t, web.URL, Options{}), "x", `{}`)
			fault := wantFailure(t, err, tt.code, tt.class, tt.words)
			if tt.name == "of 429" && fault.RetryAfter != 7*time.Second {
				t.Errorf("got %s until the next try, want 7s", fault.RetryAfter)
			}
			if strings.Contains(fault.Error(), "/secret") {
				t.Errorf("the error %v shows a path", fault)
			}
		})
	}
}

func TestEventsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]func(id string) string{
		"over several lines": func(id string) string {
			return "data: " + strings.ReplaceAll(text(id, "good"), ",", ",\ndata: ") + "\n\n"
		},
		"with carriage returns":   func(id string) string { return "event: message\r\ndata: " + text(id, "good") + "\r\n\r\n" },
		"without a space":         func(id string) string { return "data:" + text(id, "good") + "\n\n" },
		"without an end":          func(id string) string { return "data:" + text(id, "good") },
		"after comments":          func(id string) string { return ": hello\nnonsense\n\ndata\n\n:\ndata: " + text(id, "good") + "\n\n" },
		"after other events":      func(id string) string { return "event: other\ndata: [[[\n\ndata: " + text(id, "good") + "\n\n" },
		"after an event of an id": func(id string) string { return "id: 1\nretry: 5\ndata:\n\ndata: " + text(id, "good") + "\n\n" },
		"in a batch": func(id string) string {
			return `data: [{"jsonrpc":"2.0","id":9,"method":"ping"},` + text(id, "good") + "]\n\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := host(t, greets(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Test-Method") != "tools/call" {
					w.WriteHeader(http.StatusAccepted)
					return
				}
				replies(stream, body)(w, r)
			}))
			s := reach(t, web.URL, Options{})
			for range 2 {
				output, err := call(t.Context(), s, "x", `{}`)
				if want := `{"text":"good"}`; err != nil || output != want {
					t.Errorf("got %s, %v; want %s", output, err, want)
				}
			}
		})
	}
}

func TestASessionThatTheServerForgotIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, forgets := range map[string]http.HandlerFunc{
		"as the protocol wants it":  status(404, "", "", "no such session"),
		"with an error in the body": status(404, "", "", `{"jsonrpc":"2.0","id":3,"error":{"code":-32001,"message":"Session not found"}}`),
		"as an example once had it": status(400, "", "", `{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			web := host(t, greets(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Test-Method") == "tools/call" && calls.Add(1) == 2 {
					forgets(w, r)
					return
				}
				replies(document, func(id string) string { return text(id, "good") })(w, r)
			}))
			s := reach(t, web.URL, Options{})
			for range 3 {
				if _, err := call(t.Context(), s, "x", `{}`); err != nil {
					t.Error(err)
				}
			}
			if got := s.Status(); got.Restarts != 1 {
				t.Errorf("got %d restarts, want 1", got.Restarts)
			}
		})
	}
	t.Run("unless it always forgets", func(t *testing.T) {
		t.Parallel()
		web := host(t, greets(status(404, "", "", "who?")))
		_, err := call(t.Context(), reach(t, web.URL, Options{}), "x", `{}`)
		wantFailure(t, err, ordinaut.CodeToolResting, ordinaut.ClassUnavailable, "has forgotten the session")
	})
}

func TestHeadersGoToTheServerAlone(t *testing.T) {
	t.Parallel()
	var strange atomic.Int32
	other := host(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strange.Add(1) }))
	web := host(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("got the header %q, want the configured one", r.Header.Get("Authorization"))
		}
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	_, err := reach(t, web.URL, Options{}).Tools(t.Context())
	wantFailure(t, err, ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, "redirects to "+other.URL)
	if got := strange.Load(); got != 0 {
		t.Errorf("another origin got %d requests", got)
	}
}

func TestOnlyACallThatMayHaveBeenHeardIsInDoubt(t *testing.T) {
	t.Parallel()
	broken := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   bool
	}{
		{"the connection broke", broken, true},
		{"a gateway got no answer", status(504, "", "", ""), true},
		{"a page says nothing", replies("text/html", func(string) string { return "<html>" }), true},
		{"the events end early", replies(stream, func(string) string { return "event: message\n\n" }), true},
		{"the server refuses", status(503, "", "", ""), false},
		{"the tool says no", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":"no luck"}}`, r.Header.Get("Test-Id"))
		}, false},
		{"it points elsewhere", status(302, "Location", "http://other.example/", ""), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			web := host(t, greets(tt.answer))
			_, err := call(t.Context(), reach(t, web.URL, Options{}), "x", `{}`)
			f, ok := errors.AsType[*tool.Failure](err)
			if !ok || f.Doubt != tt.want {
				t.Errorf("got %+v, want doubt: %t", err, tt.want)
			}
		})
	}
}

func TestAServerThatIsNotThereCannotBeReached(t *testing.T) {
	t.Parallel()
	web := host(t, http.NotFoundHandler())
	url := web.URL
	web.Close()
	s := reach(t, url+"/secret", Options{})
	_, err := s.Tools(t.Context())
	fault := wantFailure(t, err, ordinaut.CodeToolUnavailable, ordinaut.ClassUnavailable, "fs", "refused")
	if strings.Contains(fault.Error(), "secret") {
		t.Errorf("the error %v shows a path", fault)
	}
	_, err = s.Tools(t.Context())
	wantFailure(t, err, ordinaut.CodeToolResting, ordinaut.ClassUnavailable)
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "x", "ftp://a/b", "http://", "http://a b/", "file:///etc/passwd"} {
		if s, err := New(toolfile.Server{Name: "fs", Kind: toolfile.HTTP, URL: url}, Options{}); err == nil {
			t.Errorf("%q made the server %v", url, s)
		}
	}
}

func TestAStandingStreamMayHangFailOrEnd(t *testing.T) {
	t.Parallel()
	for name, get := range map[string]http.HandlerFunc{
		"fail":        status(500, "", "", ""),
		"be a page":   replies("text/html", func(string) string { return "<html>" }),
		"end at once": replies(stream, func(string) string { return "" }),
		"end after event": replies(stream, func(string) string {
			return "id: 1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n\n"
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var gets atomic.Int32
			rest := greets(replies(document, func(id string) string { return text(id, "good") }))
			web := host(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					gets.Add(1)
					get(w, r)
					return
				}
				rest(w, r)
			}))
			s := reach(t, web.URL, Options{})
			for range 3 {
				if _, err := call(t.Context(), s, "x", `{}`); err != nil {
					t.Error(err)
				}
			}
			if got := gets.Load(); got != 1 {
				t.Errorf("the stream was asked for %d times, want once", got)
			}
		})
	}
}

func TestASessionIsGivenBack(t *testing.T) {
	t.Parallel()
	gone := make(chan string, 1)
	web := host(t, greets(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			gone <- r.Header.Get("Mcp-Session-Id") + r.Header.Get("Authorization")
			return
		}
		replies(document, func(id string) string { return text(id, "good") })(w, r)
	}))
	s := reach(t, web.URL, Options{})
	if _, err := call(t.Context(), s, "x", `{}`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-gone; got != "s1Bearer t" {
		t.Errorf("got the end of the session %q, want s1", got)
	}
}

func TestWhatARequestCarriesIsKnown(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]kind{
		`{"jsonrpc":"2.0","id":1,"method":"ping"}`:                 aCall,
		`{"method":"ping","params":{"id":1},"id":"a"}`:             aCall,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`:   aNotification,
		`{"jsonrpc":"2.0","id":1,"result":{"method":"ping"}}`:      aReply,
		`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}`: aReply,
		`{`: nothing, `[]`: nothing, ``: nothing,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
		if got := sent(r); got != want {
			t.Errorf("%s carries %v, want %v", body, got, want)
		}
	}
}
