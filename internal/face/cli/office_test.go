package cli_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
)

// newOffice is a user before a server with the real operations over a real
// store.
func newOffice(t *testing.T) *terminal {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	user, err := store.EnsureAgent(t.Context(), ordinaut.Agent{
		ID: ordinaut.AgentID(uuid.NewString()), Name: "user", Kind: ordinaut.AgentPerson,
		Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}, CreatedAt: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	set := operations(t, store)
	server := httptest.NewServer(rest.New(rest.Options{
		Ops:          set,
		Ready:        func(context.Context) error { return nil },
		Authenticate: func(string) (ordinaut.Agent, error) { return user, nil },
	}))
	t.Cleanup(func() {
		server.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &terminal{t: t, set: set, env: map[string]string{
		"ORDINAUT_URL": server.URL, "ORDINAUT_TOKEN": token, "HOME": t.TempDir(),
	}}
}

// newHermit is a user without a server.
func newHermit(t *testing.T) *terminal {
	t.Helper()
	return &terminal{t: t, set: operations(t, nil), env: map[string]string{"ORDINAUT_URL": "http://127.0.0.1:1", "HOME": t.TempDir()}}
}

// operations are the real ones.
func operations(t *testing.T, store ordinaut.Store) *op.Set {
	t.Helper()
	tools, err := tool.New(t.Context(), builtin.Tools(builtin.Options{})...)
	if err != nil {
		t.Fatal(err)
	}
	set, err := op.NewSet(service.New(service.Options{Store: store, Tools: tools, Version: "1.2.3"}).Ops()...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
