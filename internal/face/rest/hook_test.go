package rest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/limits"
)

func TestAHookIsGivenTheBytesAsTheyCame(t *testing.T) {
	t.Parallel()
	var name, sent, kind string
	h := rest.New(rest.Options{
		Ops: facetest.Ops(t), Version: "1",
		Authenticate: func(string) (ordinaut.Agent, error) { t.Error("a token was asked for"); return ordinaut.Agent{}, nil },
		Inlet: func(_ context.Context, hook string, header http.Header, body []byte) (any, error) {
			name, sent, kind = hook, string(body), header.Get("Content-Type")
			if hook == "bad" {
				return nil, &ordinaut.Error{Code: ordinaut.CodeHookRefused, Message: "this is not believed", Fix: "check the secret"}
			}
			return map[string]string{"event_id": "e"}, nil
		},
	})
	ask := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Host = "127.0.0.1"
		r.Header.Set("Content-Type", "text/strange")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const raw = " { \"a\" : 1 }\r\n"
	if w := ask("/v1/hooks/github", raw); w.Code != http.StatusAccepted || name != "github" || sent != raw || kind != "text/strange" || !strings.Contains(w.Body.String(), `"event_id":"e"`) {
		t.Errorf("got %d %s for %q, %q of %q", w.Code, w.Body, name, sent, kind)
	}
	if w := ask("/v1/hooks/bad", "{}"); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "hook.refused") {
		t.Errorf("got %d %s, want 401", w.Code, w.Body)
	}
	sent = ""
	if w := ask("/v1/hooks/github", strings.Repeat("x", limits.BodyBytes+1)); w.Code != http.StatusRequestEntityTooLarge || sent != "" {
		t.Errorf("got %d %s, want 413", w.Code, w.Body)
	}
}

func TestAHookIsDescribedWhereThereIsOne(t *testing.T) {
	t.Parallel()
	inlet := func(context.Context, string, http.Header, []byte) (any, error) { return nil, nil }
	for want, in := range map[bool]rest.Inlet{true: inlet, false: nil} {
		h := rest.New(rest.Options{
			Ops: facetest.Ops(t), Version: "1", Inlet: in,
			Authenticate: func(string) (ordinaut.Agent, error) { return ordinaut.Agent{ID: "a"}, nil },
		})
		r := httptest.NewRequest(http.MethodGet, "/openapi.json", nil)
		r.Host = "127.0.0.1"
		r.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := strings.Contains(w.Body.String(), `"hook.receive"`); got != want {
			t.Errorf("got it described %v, want %v", got, want)
		}
	}
}
