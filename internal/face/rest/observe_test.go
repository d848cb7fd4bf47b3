package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut/internal/face/facetest"
)

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	for _, path := range []string{"/v1/tasks", "/v1/tasks/none", "/none", "/health", "/openapi.yaml"} {
		got := w.ask("GET", path, "")
		if got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got headers %v", path, got.Header)
		}
		if uuid.Validate(got.Header.Get("X-Request-ID")) != nil {
			t.Errorf("%s: got request id %q", path, got.Header.Get("X-Request-ID"))
		}
	}
}

func TestRequestIDsOfClientsAreKeptIfTheyAreHarmless(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	for id, kept := range map[string]bool{
		"abc-DEF_1.2":            true,
		strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false,
		"two words":              false,
		"<script>":               false,
		"line\x1b[2J":            false,
	} {
		got := w.ask("GET", "/livez", "", "X-Request-ID: "+id).Header.Get("X-Request-ID")
		if (got == id) != kept {
			t.Errorf("sent %q, got %q", id, got)
		}
	}
}

func TestTheLogOfRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	w.ask("GET", "/v1/tasks", "", "X-Request-ID: id-1")
	for _, want := range []string{`"level":"DEBUG"`, `"request_id":"id-1"`, `"operation":"task.list"`, `"agent_id":"agent-1"`, `"status":200`, `"took_ms"`} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, w.log)
		}
	}
	if strings.Contains(w.log.String(), token) {
		t.Error("the log holds the token")
	}
}

func TestHealthIsNeverLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	w.down = http.ErrServerClosed
	for _, path := range []string{"/livez", "/readyz", "/healthz", "/health", "/health/live", "/health/ready/"} {
		w.ask("GET", path, "")
	}
	if w.log.Len() > 0 {
		t.Errorf("got log %s", w.log)
	}
}
