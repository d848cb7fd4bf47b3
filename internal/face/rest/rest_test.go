package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

const token = "the-token"

// world is a face over a small set of operations, with its log and the switch of
// its store.
type world struct {
	t       testing.TB
	handler http.Handler
	log     *bytes.Buffer
	down    error
	stuck   error // why the queue cannot be read
}

func newWorld(t testing.TB, set *op.Set) *world {
	t.Helper()
	w := &world{t: t, log: &bytes.Buffer{}}
	w.handler = rest.New(rest.Options{
		Ops:     set,
		Version: "1.2.3",
		Log:     slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Ready:   func(context.Context) error { return w.down },
		Metrics: telemetry.NewMetrics("1.2.3", func(context.Context) (ordinaut.Backlog, error) { return ordinaut.Backlog{}, w.stuck }),
		Authenticate: func(sent string) (ordinaut.Agent, error) {
			switch sent {
			case token:
				return ordinaut.Agent{ID: "agent-1", Name: "admin", Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}}, nil
			case "weak":
				return ordinaut.Agent{ID: "agent-2", Name: "weak"}, nil
			case "broken":
				return ordinaut.Agent{}, errors.New("the database said SELECT")
			}
			return ordinaut.Agent{}, &ordinaut.Error{Code: ordinaut.CodeAuthInvalid, Message: "the bearer token is not valid", Fix: "send the right one"}
		},
	})
	return w
}

// reply is an answer with its body read as JSON.
type reply struct {
	*http.Response
	text string
	body map[string]any
}

// ask sends a request. Headers are "Name: value"; a body is sent as JSON unless
// a header says otherwise.
func (w *world) ask(method, target, body string, headers ...string) reply {
	w.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		switch {
		case name == "Host":
			r.Host = value
		case value == "":
			r.Header.Del(name)
		default:
			r.Header.Set(name, value)
		}
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	got := reply{Response: rec.Result(), text: rec.Body.String()}
	if strings.Contains(rec.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(rec.Body.Bytes(), &got.body); err != nil {
			w.t.Fatalf("%s %s answered %q: %v", method, target, got.text, err)
		}
	}
	return got
}

// fault is the n-th fault of a problem.
func (r reply) fault(t testing.TB, n int) map[string]any {
	t.Helper()
	list, _ := r.body["errors"].([]any)
	if n >= len(list) {
		t.Fatalf("there is no fault %d in %s", n, r.text)
	}
	one, _ := list[n].(map[string]any)
	return one
}

// want fails unless the answer has the status and, for problems, the code.
func (r reply) want(t testing.TB, status int, code ordinaut.Code) {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("got status %d, want %d: %s", r.StatusCode, status, r.text)
	}
	if code == "" {
		return
	}
	if got := r.body["code"]; got != string(code) {
		t.Errorf("got code %v, want %s", got, code)
	}
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("got content type %q of a problem", got)
	}
}

// tea makes the task that most tests ask for.
func (w *world) tea() map[string]any {
	w.t.Helper()
	made := w.ask("POST", "/v1/tasks", `{"title":"Tea","key":"tea"}`)
	made.want(w.t, http.StatusCreated, "")
	return made.body
}
