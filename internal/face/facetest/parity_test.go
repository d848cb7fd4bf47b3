package facetest_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/face/rest"
)

// start serves a fresh small set of operations.
func start(t *testing.T) facetest.Server {
	t.Helper()
	server := httptest.NewServer(rest.New(rest.Options{
		Ops:   facetest.Ops(t),
		Ready: func(context.Context) error { return nil },
		Authenticate: func(string) (ordinaut.Agent, error) {
			return ordinaut.Agent{ID: "agent-1", Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}}, nil
		},
	}))
	t.Cleanup(server.Close)
	return facetest.Server{URL: server.URL, Token: "any"}
}

func TestDifferencesAreFound(t *testing.T) {
	t.Parallel()
	starts := 0
	unlike := func(t *testing.T) facetest.Server {
		starts++
		s := start(t)
		if starts == 2 { // the command line asks a server that knows no tea
			return s
		}
		facetest.Differences(t, facetest.Ops(t), func(*testing.T) facetest.Server { return s }, facetest.Script{
			Questions: []facetest.Question{{Op: "task.create", Request: `{"key":"tea","title":"Tea"}`}},
		})
		return s
	}
	got := facetest.Differences(t, facetest.Ops(t), unlike, facetest.Script{
		Volatile: []string{"sentence"},
		Questions: []facetest.Question{
			{Op: "task.get", Request: `{"task":"tea"}`, Code: "task.not_found"},
			{Op: "task.update", Request: `{"task":"tea","title":null}`, Code: "field.required"},
			{Op: "task.fly"},
		},
	})
	for i, want := range []string{
		"question 0, task.get {\"task\":\"tea\"}: the answers differ",
		`got code "", want "task.not_found"`,
		"question 1",
		"question 1",
		"there is no such operation",
	} {
		if i >= len(got) || !strings.Contains(got[i], want) {
			t.Fatalf("got %q, want difference %d to say %q", got, i, want)
		}
	}
	all := facetest.Differences(t, facetest.Ops(t), start, facetest.Script{})
	if len(all) != len(facetest.Ops(t).All()) {
		t.Errorf("got %q, want every operation missed", all)
	}
}

func TestHTTPAndCommandLineGiveTheSameAnswers(t *testing.T) {
	t.Parallel()
	facetest.Parity(t, facetest.Ops(t), start, facetest.Script{Questions: []facetest.Question{
		{Op: "task.list"},
		{Op: "task.create", Request: `{"key":"tea","title":"Tea \u001b[2J <b>","priority":9,"labels":{"room":"kitchen"},"tags":["a","b"],"payload":{"pipeline":[{"uses":"debug.echo"}]}}`},
		{Op: "task.create", Request: `{"title":"Second","urgent":true}`},
		{Op: "task.create", Request: `{"title":"","priority":12,"key":"NO"}`, Code: "request.invalid"},
		{Op: "task.create", Request: `{"key":"tea","title":"Again"}`},
		{Op: "task.get", Request: `{"task":"tea"}`},
		{Op: "task.get", Request: `{"task":"{{1.id}}"}`},
		{Op: "task.get", Request: `{"task":"a/b ü"}`, Code: "task.not_found"},
		{Op: "task.list", Request: `{"status":"active","limit":1,"tags":["a","b"],"all":true}`},
		{Op: "task.list", Request: `{"status":"activ"}`, Code: "field.invalid_value"},
		{Op: "task.update", Request: `{"task":"tea","title":"Green tea"}`},
		{Op: "task.run", Request: `{"task":"tea"}`},
		{Op: "run.get", Request: `{"run":"{{11.id}}","wait_seconds":1}`},
		{Op: "task.run", Request: `{"task":"tea","fail":true,"wait_seconds":1}`},
		{Op: "schedule.preview", Request: `{"every":"90m","count":3}`},
		{Op: "schedule.preview", Request: `{"every":"soon"}`, Code: "schedule.invalid_interval"},
		{Op: "task.delete", Request: `{"task":"tea"}`},
	}})
}
