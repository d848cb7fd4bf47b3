package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// served is the real operations over the real store, behind a real HTTP server,
// without an engine.
type served struct {
	url   string
	store ordinaut.Store
}

const testToken = "the token of the test"

func serve(t *testing.T) *served {
	t.Helper()
	return serveWith(t, nil)
}

// serveWith serves with a catalog of tools; nil is that of the built-in ones.
func serveWith(t *testing.T, tools *tool.Catalog) *served {
	t.Helper()
	return serveOptions(t, service.Options{Tools: tools})
}

// serveOptions serves with a store of its own.
func serveOptions(t *testing.T, o service.Options) *served {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	admin, err := server.Admin(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	o.Store, o.Version = store, "test"
	ops, err := server.Ops(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(rest.New(rest.Options{
		Ops: ops, Version: "test",
		Ready:        func(context.Context) error { return nil },
		Authenticate: func(string) (ordinaut.Agent, error) { return admin, nil },
	}))
	t.Cleanup(func() {
		h.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &served{url: h.URL, store: store}
}

// post sends a body; the response is closed with the test.
func (s *served) post(t *testing.T, path, body string) *http.Response {
	t.Helper()
	return s.do(t, http.MethodPost, path, body)
}

func (s *served) do(t *testing.T, method, path, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func (s *served) countTasks(t *testing.T) int {
	t.Helper()
	n, err := s.store.CountTasks(t.Context(), ordinaut.TaskFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
