package builtin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
)

// exampleSite is api.example.com as the examples of http.request tell of it. No
// other host exists.
type exampleSite struct{}

func (exampleSite) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "api.example.com" {
		return nil, fmt.Errorf("no host %s", r.URL.Host)
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPost && r.Header.Get("Content-Type") == "application/json":
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id": 7}`)
	case r.Header.Get("Authorization") != "":
		_, _ = io.WriteString(w, `{"items": ["Write", "Send"]}`)
	}
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// ask calls http.request, which may reach the server only. URL in the arguments
// stands for the server's.
func ask(t *testing.T, server *httptest.Server, args string) (tool.Result, error) {
	t.Helper()
	client, err := egress.New(egress.Options{Allow: []string{strings.TrimPrefix(server.URL, "http://")}, Redirects: 3, UserAgent: "ordinaut/test"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := tool.New(t.Context(), builtin.Tools(builtin.Options{Client: client})...)
	if err != nil {
		t.Fatal(err)
	}
	return c.Call(t.Context(), tool.Call{Address: "http.request", Args: json.RawMessage(strings.ReplaceAll(args, "URL", server.URL)), IdempotencyKey: "run/step"})
}

// mirror answers with the request that it got.
func mirror(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var lines []string
		for _, name := range []string{"Accept", "Content-Type", "Idempotency-Key", "User-Agent", "X-Flag", "X-Number"} {
			if v := r.Header.Get(name); v != "" {
				lines = append(lines, name+": "+v)
			}
		}
		fmt.Fprintf(w, "%s %s\n%s\n%s", r.Method, r.RequestURI, strings.Join(lines, "\n"), body)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestHTTPRequestSendsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	server := mirror(t)
	tests := []struct{ name, args, want string }{
		{"a GET", `{"url": "URL/a?b=1", "query": {"c": [1, "x y"], "d": null, "e": false}}`,
			"GET /a?b=1&c=1&c=x+y&e=false\nUser-Agent: ordinaut/test\n"},
		{"headers of any simple type", `{"url": "URL", "headers": {"X-Number": 5, "X-Flag": true, "accept": "text/plain", "user-agent": "mine"}}`,
			"GET /\nAccept: text/plain\nUser-Agent: mine\nX-Flag: true\nX-Number: 5\n"},
		{"JSON, byte for byte", `{"url": "URL", "json": {"n": 12345678901234567890, "a<b": 1.50}}`,
			"POST /\nContent-Type: application/json\nIdempotency-Key: run/step\nUser-Agent: ordinaut/test\n" + `{"n": 12345678901234567890, "a<b": 1.50}`},
		{"null as JSON", `{"url": "URL", "method": "PUT", "json": null}`,
			"PUT /\nContent-Type: application/json\nUser-Agent: ordinaut/test\nnull"},
		{"a form", `{"url": "URL", "form": {"b": "x&y", "a": [1, 2]}}`,
			"POST /\nContent-Type: application/x-www-form-urlencoded\nIdempotency-Key: run/step\nUser-Agent: ordinaut/test\na=1&a=2&b=x%26y"},
		{"text", `{"url": "URL", "method": "PATCH", "body": "hi", "headers": {"content-type": "text/markdown", "Idempotency-Key": "mine"}}`,
			"PATCH /\nContent-Type: text/markdown\nIdempotency-Key: mine\nUser-Agent: ordinaut/test\nhi"},
		{"empty text", `{"url": "URL", "body": ""}`,
			"POST /\nContent-Type: text/plain; charset=utf-8\nIdempotency-Key: run/step\nUser-Agent: ordinaut/test\n"},
		{"a GET with a body", `{"url": "URL", "method": "GET", "body": "hi"}`,
			"GET /\nContent-Type: text/plain; charset=utf-8\nUser-Agent: ordinaut/test\nhi"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result, err := ask(t, server, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Body string }
			if err := json.Unmarshal(result.Output, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, strings.ReplaceAll(got.Body, "\n\n", "\n")); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHTTPRequestFailsWithAReason(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			http.Error(w, `{"error": "no such item"}`, http.StatusNotFound)
		case "/busy":
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/moved":
			http.Redirect(w, r, "/ok", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/long":
			_, _ = w.Write(make([]byte, 9<<20))
		}
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	tests := []struct {
		name, args string
		class      ordinaut.Class
		code       ordinaut.Code
		at         string
		message    string
	}{
		{"a status that is no success", `{"url": "URL/missing"}`, ordinaut.ClassToolError, ordinaut.CodeToolFailed, "", host + ` answered 404 Not Found: {"error": "no such item"}`},
		{"a server that is busy", `{"url": "URL/busy"}`, ordinaut.ClassRateLimited, ordinaut.CodeEgressTooMany, "", host + " answered 429 Too Many Requests"},
		{"another status than is expected", `{"url": "URL/ok", "expect": [201]}`, ordinaut.ClassToolError, ordinaut.CodeToolFailed, "", host + " answered 200 OK"},
		{"a redirect that is not followed", `{"url": "URL/moved", "follow_redirects": false}`, ordinaut.ClassToolError, ordinaut.CodeToolFailed, "", host + ` answered 302 Found: <a href="/ok">Found</a>.`},
		{"json and body", `{"url": "URL", "json": 1, "body": "x"}`, ordinaut.ClassInvalidInput, ordinaut.CodeToolInput, "/body", "http.request: json and body cannot be sent together"},
		{"json, form and body", `{"url": "URL", "json": 1, "form": {}, "body": "x"}`, ordinaut.ClassInvalidInput, ordinaut.CodeToolInput, "/form", "http.request: json and form and body cannot be sent together"},
		{"a method in lower case", `{"url": "URL", "method": "post"}`, ordinaut.ClassInvalidInput, ordinaut.CodeToolInput, "/method", "http.request: method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
		{"no URL", `{}`, ordinaut.ClassInvalidInput, ordinaut.CodeToolInput, "/url", "http.request: url is missing"},
		{"a header that is not the caller's", `{"url": "URL", "headers": {"Host": "x"}}`, ordinaut.ClassInvalidInput, ordinaut.CodeFieldValue, "/headers/Host", "the header Host is not yours to send"},
		{"a URL that is none", `{"url": "http://[::1"}`, ordinaut.ClassInvalidInput, ordinaut.CodeFieldValue, "/url", "the URL cannot be read: missing ']' in host"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ask(t, server, tt.args)
			var f *tool.Failure
			if !errors.As(err, &f) {
				t.Fatalf("got %v, want a failure", err)
			}
			want := ordinaut.Failure{Class: tt.class, Code: tt.code, At: tt.at, Message: tt.message, Fix: f.Err.Fix, RetryAfter: f.Err.RetryAfter}
			if diff := cmp.Diff(want, f.Record("")); diff != "" || f.Err.Fix == "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if tt.code == ordinaut.CodeEgressTooMany && f.Err.RetryAfter != 7*time.Second {
				t.Errorf("got a wait of %v, want the 7 s that the server asks for", f.Err.RetryAfter)
			}
		})
	}
	for args, code := range map[string]ordinaut.Code{`{"url": "URL/away"}`: ordinaut.CodeEgressDenied, `{"url": "URL/long"}`: ordinaut.CodeEgressTooLarge, `{"url": "http://10.0.0.1"}`: ordinaut.CodeEgressDenied} {
		if _, err := ask(t, server, args); !errors.Is(err, &ordinaut.Error{Code: code}) {
			t.Errorf("%s: got %v, want %s", args, err, code)
		}
	}
}

func TestOnlyARequestThatMayHaveBeenCarriedOutIsInDoubt(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/half":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		case "/gone":
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	tests := []struct {
		name, args string
		want       bool
	}{
		{"a POST without an answer", `{"url": "URL", "json": 1}`, true},
		{"a POST with half an answer", `{"url": "URL/half", "json": 1}`, true},
		{"a PUT, which may be sent again", `{"url": "URL", "json": 1, "method": "PUT"}`, false},
		{"a GET, which changes nothing", `{"url": "URL"}`, false},
		{"a POST that was answered", `{"url": "URL/gone", "json": 1}`, false},
		{"a POST that went nowhere", `{"url": "http://10.0.0.1", "json": 1}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ask(t, server, tt.args)
			if f := tool.FailureOf(err); err == nil || f.Record("").Doubt != tt.want {
				t.Errorf("got %v, want doubt: %t", f, tt.want)
			}
		})
	}
}

func TestHTTPRequestAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/json", http.StatusFound)
		case "/json":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id": 12345678901234567890}`)
		case "/bytes":
			w.Header().Set("Content-Type", "image/png")
			_, _ = io.WriteString(w, "\x89PNG")
		case "/conflict":
			w.WriteHeader(http.StatusConflict)
		}
	}))
	t.Cleanup(server.Close)
	tests := []struct{ name, args, want string }{
		{"JSON after a redirect", `{"url": "URL/moved"}`, `{"status": 200, "headers": {"content-type": "application/json", "content-length": "28"}, "body": {"id": 12345678901234567890}, "url": "URL/json"}`},
		{"bytes", `{"url": "URL/bytes"}`, `{"status": 200, "headers": {"content-type": "image/png", "content-length": "4"}, "body": "iVBORw==", "encoding": "base64", "url": "URL/bytes"}`},
		{"a status that is expected", `{"url": "URL/conflict", "expect": [200, 409]}`, `{"status": 409, "headers": {"content-length": "0"}, "body": null, "url": "URL/conflict"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result, err := ask(t, server, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			want := decode(t, []byte(strings.ReplaceAll(tt.want, "URL", server.URL)))
			if diff := cmp.Diff(want, decode(t, result.Output)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}
