package rest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/op"
)

// failingWith is one operation that fails as its caller wants.
func failingWith(t *testing.T, fail func(context.Context) error) *world {
	t.Helper()
	set, err := op.NewSet(op.New(op.Op{Name: "a.fail", Method: "POST", Path: "/v1/fail", Aliases: []string{"POST /fail"}, Effect: op.Read},
		func(ctx context.Context, _ op.Nothing) (op.Nothing, error) { return op.Nothing{}, fail(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(t, set)
}

func TestEveryCodeHasItsStatus(t *testing.T) {
	t.Parallel()
	want := map[ordinaut.Kind]int{
		ordinaut.KindMalformed: 400, ordinaut.KindInvalid: 422, ordinaut.KindUnauthorized: 401, ordinaut.KindDenied: 403,
		ordinaut.KindNotFound: 404, ordinaut.KindConflict: 409, ordinaut.KindTooMany: 429, ordinaut.KindUnavailable: 503, ordinaut.KindInternal: 500,
	}
	special := map[ordinaut.Code]int{
		ordinaut.CodeRequestTooLarge: 413, ordinaut.CodeUnsupportedMedia: 415, ordinaut.CodeMethodNotAllowed: 405, ordinaut.CodeRequestTooSlow: 408,
	}
	for _, info := range ordinaut.Codes() {
		t.Run(string(info.Code), func(t *testing.T) {
			t.Parallel()
			w := failingWith(t, func(context.Context) error { return &ordinaut.Error{Code: info.Code, Message: "m", Fix: "f"} })
			status := special[info.Code]
			if status == 0 {
				status = want[info.Kind]
			}
			got := w.ask("POST", "/v1/fail", "")
			got.want(t, status, info.Code)
			if got.body["title"] != info.Title || got.body["type"] != "https://ordinaut.dev/errors/"+string(info.Code) {
				t.Errorf("got %s", got.text)
			}
		})
	}
}

func TestAProblemSaysEverythingOnce(t *testing.T) {
	t.Parallel()
	w := failingWith(t, func(context.Context) error {
		return &ordinaut.Error{
			Code: ordinaut.CodeUnavailable, Message: "busy", Fix: "wait", RetryAfter: 1500 * time.Millisecond,
			Faults: []*ordinaut.Error{
				{Code: ordinaut.CodeFieldValue, At: "/a", Message: "m1", Fix: "f1", Sent: 3, Examples: []string{"4"}},
				{Code: ordinaut.CodeFieldType, At: "/b", Message: "m2", Fix: "f2"},
			},
		}
	})
	got := w.ask("POST", "/v1/fail", "", "X-Request-ID: my-id")
	want := map[string]any{
		"type": "https://ordinaut.dev/errors/unavailable", "title": ordinaut.CodeUnavailable.Info().Title, "status": 503.0,
		"detail": "busy", "instance": "/v1/fail", "code": "unavailable", "fix": "wait", "request_id": "my-id", "retryable": true,
		"errors": []any{
			map[string]any{"code": "field.invalid_value", "pointer": "/a", "message": "m1", "fix": "f1", "value": 3.0, "examples": []any{"4"}},
			map[string]any{"code": "field.wrong_type", "pointer": "/b", "message": "m2", "fix": "f2"},
		},
	}
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
	if got.Header.Get("Retry-After") != "2" {
		t.Errorf("got Retry-After %q, want whole seconds, rounded up", got.Header.Get("Retry-After"))
	}
}

func TestTheOriginalsPathsSayErrorsInItsWordsToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	got := w.ask("GET", "/tasks/none", "")
	got.want(t, http.StatusNotFound, ordinaut.CodeTaskNotFound)
	if got.body["error"] != "task.not_found" || got.body["message"] != got.body["detail"] {
		t.Errorf("got %s", got.text)
	}
	if _, err := time.Parse(time.RFC3339, got.body["timestamp"].(string)); err != nil {
		t.Error(err)
	}
	if now := w.ask("GET", "/v1/tasks/none", ""); now.body["error"] != nil {
		t.Errorf("got %s on a path of ours", now.text)
	}
}

func TestValuesAreEchoedShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 150)
	for _, c := range []struct {
		name string
		sent any
		want any
	}{
		{"nothing", nil, nil},
		{"a short text", "x", "x"},
		{"a long text, cut between characters", "a" + long, "a" + strings.Repeat("ü", 99) + "…"},
		{"a short object", map[string]any{"a": 1.0}, map[string]any{"a": 1.0}},
		{"a long list, as text", []string{long}, `["` + strings.Repeat("ü", 99) + "…"},
		{"what is no JSON", make(chan int), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := failingWith(t, func(context.Context) error {
				return &ordinaut.Error{Code: ordinaut.CodeFieldValue, At: "/a", Message: "m", Sent: c.sent}
			})
			if diff := cmp.Diff(c.want, w.ask("POST", "/v1/fail", "").fault(t, 0)["value"]); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOurFaultsAreLoggedWithTheirCauseAndShownWithout(t *testing.T) {
	t.Parallel()
	w := failingWith(t, func(context.Context) error { return errors.New("SELECT * FROM secrets") })
	got := w.ask("POST", "/v1/fail", "", "X-Request-ID: id-1")
	got.want(t, http.StatusInternalServerError, ordinaut.CodeInternal)
	if strings.Contains(got.text, "SELECT") {
		t.Errorf("the answer shows the cause: %s", got.text)
	}
	if log := w.log.String(); strings.Count(log, "SELECT") != 1 || !strings.Contains(log, `"request_id":"id-1"`) || !strings.Contains(log, `"operation":"a.fail"`) {
		t.Errorf("got log %s", log)
	}
}

func TestAnUnavailableStoreIsAWarning(t *testing.T) {
	t.Parallel()
	w := failingWith(t, func(context.Context) error {
		return &ordinaut.Error{Code: ordinaut.CodeStorageFull, Message: "the disk is full", Err: errors.New("ENOSPC")}
	})
	w.ask("POST", "/v1/fail", "").want(t, http.StatusServiceUnavailable, ordinaut.CodeStorageFull)
	if log := w.log.String(); !strings.Contains(log, `"level":"WARN"`) || !strings.Contains(log, "ENOSPC") {
		t.Errorf("got log %s", log)
	}
}

func TestAPanicIsAProblemAndItsStackIsLoggedOnce(t *testing.T) {
	t.Parallel()
	w := failingWith(t, func(context.Context) error { panic("at the disco") })
	got := w.ask("POST", "/v1/fail", "")
	got.want(t, http.StatusInternalServerError, ordinaut.CodeInternal)
	if got.body["request_id"] == "" || strings.Contains(got.text, "disco") {
		t.Errorf("got %s", got.text)
	}
	if log := w.log.String(); strings.Count(log, "at the disco") != 1 || strings.Count(log, `"stack"`) != 1 {
		t.Errorf("got log %s", log)
	}
}

func TestAnAbortedAnswerStaysAborted(t *testing.T) {
	t.Parallel()
	w := failingWith(t, func(context.Context) error { panic(http.ErrAbortHandler) })
	defer func() {
		if cause := recover(); cause != http.ErrAbortHandler {
			t.Errorf("got panic %v, want ErrAbortHandler", cause)
		}
	}()
	w.ask("POST", "/v1/fail", "")
}

func TestARequestThatWasCalledOffIsNobodysFault(t *testing.T) {
	t.Parallel()
	w := failingWith(t, func(ctx context.Context) error { return context.Cause(ctx) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, "POST", "/v1/fail", nil)
	r.Host = "localhost"
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
	if strings.Contains(w.log.String(), `"level":"ERROR"`) {
		t.Errorf("got log %s", w.log)
	}
}

// unwritable is a result that cannot be written.
type unwritable struct {
	C chan int `json:"c"`
}

func TestAResultThatCannotBeWrittenIsOurFault(t *testing.T) {
	t.Parallel()
	set, err := op.NewSet(op.New(op.Op{Name: "a.b", Method: "GET", Path: "/v1/a", Effect: op.Read},
		func(context.Context, op.Nothing) (any, error) { return unwritable{}, nil }))
	if err != nil {
		t.Fatal(err)
	}
	newWorld(t, set).ask("GET", "/v1/a", "").want(t, http.StatusInternalServerError, ordinaut.CodeInternal)
}
