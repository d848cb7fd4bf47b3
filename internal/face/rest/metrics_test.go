package rest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut/internal/face/facetest"
)

func TestRequestsAreCountedByTheirPattern(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	w.tea()
	w.ask("GET", "/v1/tasks/tea", "")
	w.ask("GET", "/v1/tasks/coffee/", "")
	w.ask("GET", "/v1/a/path/of/nobody", "")
	w.ask("BREW", "/v1/tasks", "")
	w.ask("GET", "/v1//tasks", "")
	got := w.ask("GET", "/metrics", "", "Authorization: ")
	got.want(t, http.StatusOK, "")
	for _, want := range []string{
		`ordinaut_http_requests_total{method="GET",route="/v1/tasks/{task}",status="200"} 1`,
		`ordinaut_http_requests_total{method="GET",route="/v1/tasks/{task}",status="404"} 1`,
		`ordinaut_http_requests_total{method="POST",route="/v1/tasks",status="201"} 1`,
		`ordinaut_http_requests_total{method="other",route="other",status="404"} 2`,
		`ordinaut_http_requests_total{method="other",route="other",status="405"} 1`,
		`ordinaut_http_request_duration_seconds_count{route="/v1/tasks"} 1`,
		`ordinaut_queue_runs{state="due"} 0`,
		`ordinaut_build_info{go="go1.`,
		"\ngo_goroutines ",
	} {
		if !strings.Contains(got.text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(got.text, "coffee") || strings.Contains(got.text, "BREW") {
		t.Error("the metrics tell what clients sent")
	}
	w.ask("GET", "/ext/observability/metrics/", "").want(t, http.StatusOK, "")
}

func TestMetricsThatCannotBeReadHideNoOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	w.stuck = errors.New("open /var/lib/secret.db: permission denied")
	got := w.ask("GET", "/metrics", "")
	got.want(t, http.StatusOK, "")
	if !strings.Contains(got.text, "ordinaut_runs_total") || strings.Contains(got.text, "secret") || strings.Contains(got.text, "ordinaut_queue") {
		t.Errorf("got %s", got.text)
	}
	if !strings.Contains(w.log.String(), "permission denied") {
		t.Errorf("the log does not say why: %s", w.log)
	}
}
