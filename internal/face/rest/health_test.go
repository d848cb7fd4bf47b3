package rest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
)

func TestHealthWhileTheStoreWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	for path, want := range map[string]string{
		"/livez": "alive", "/health/live": "alive", "/readyz": "ready", "/health/ready": "ready",
		"/healthz": "healthy", "/healthz?verbose": "healthy", "/health": "healthy",
	} {
		got := w.ask("GET", path, "")
		got.want(t, http.StatusOK, "")
		if got.body["status"] != want {
			t.Errorf("%s: got %s, want %s", path, got.text, want)
		}
	}
	if got := w.ask("GET", "/healthz?verbose", ""); got.body["checks"] == nil {
		t.Errorf("got %s", got.text)
	}
}

func TestHealthWhileTheStoreDoesNotWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	w.down = errors.New("open /var/lib/secret.db: permission denied")
	w.ask("GET", "/livez", "").want(t, http.StatusOK, "")
	for _, path := range []string{"/readyz", "/health/ready", "/healthz"} {
		got := w.ask("GET", path, "")
		got.want(t, http.StatusServiceUnavailable, ordinaut.CodeUnavailable)
		if got.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
	verbose := w.ask("GET", "/healthz?verbose", "")
	verbose.want(t, http.StatusServiceUnavailable, "")
	report := w.ask("GET", "/health", "")
	report.want(t, http.StatusOK, "")
	summary, _ := report.body["summary"].(map[string]any)
	if report.body["status"] != "unhealthy" || summary["unhealthy_checks"] != 1.0 || summary["healthy_checks"] != 1.0 {
		t.Errorf("got %s", report.text)
	}
	if strings.Contains(report.text+verbose.text, "secret") {
		t.Error("health shows the inside to callers without a token")
	}
}
