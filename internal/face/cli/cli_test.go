package cli_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/op"
)

const token = "the-token"

// terminal is a user at a command line, before a server with a small set of
// operations.
type terminal struct {
	t     *testing.T
	set   *op.Set
	env   map[string]string
	stdin string
	dev   func(context.Context, cli.DevSettings) error

	client *http.Client
}

// result is what one command line did.
type result struct {
	exit   int
	stdout string
	stderr string
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	set := facetest.Ops(t)
	server := httptest.NewServer(serve(set))
	t.Cleanup(server.Close)
	return &terminal{t: t, set: set, env: map[string]string{
		"ORDINAUT_URL": server.URL, "ORDINAUT_TOKEN": token, "HOME": t.TempDir(),
	}}
}

func serve(set *op.Set) http.Handler {
	return rest.New(rest.Options{
		Ops:   set,
		Ready: func(context.Context) error { return nil },
		Authenticate: func(sent string) (ordinaut.Agent, error) {
			if sent != token {
				return ordinaut.Agent{}, &ordinaut.Error{Code: ordinaut.CodeAuthInvalid, Message: "the bearer token is not valid", Fix: "send the right one"}
			}
			return ordinaut.Agent{ID: "agent-1", Name: "admin", Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}}, nil
		},
	})
}

// run carries out a command line; its words are separated by spaces, and a word
// may be quoted with '.
func (u *terminal) run(line string) result {
	u.t.Helper()
	return u.runWith(u.t.Context(), words(line)...)
}

func (u *terminal) runWith(ctx context.Context, args ...string) result {
	u.t.Helper()
	var stdout, stderr bytes.Buffer
	exit := cli.Run(ctx, args, cli.Options{
		Ops: u.set, Dev: u.dev, Version: "1.2.3",
		Stdin: strings.NewReader(u.stdin), Stdout: &stdout, Stderr: &stderr,
		Env:    func(name string) string { return u.env[name] },
		Client: u.client,
	})
	return result{exit, stdout.String(), stderr.String()}
}

// words splits a line at spaces, outside of quotes.
func words(line string) []string {
	var list []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			list = append(list, part)
		} else {
			list = append(list, strings.Fields(part)...)
		}
	}
	return list
}

func (u *terminal) file(name, text string) string {
	u.t.Helper()
	path := filepath.Join(u.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		u.t.Fatal(err)
	}
	return path
}
