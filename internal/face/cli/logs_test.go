package cli_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ordinaut/ordinaut/internal/face/cli"
)

const followed = "01a1f6e2-7c1b-7d3e-9f43-0a3c1d2e4f50"

// line is an event of a run's stream.
func line(id int, kind, step, status, text string) string {
	return fmt.Sprintf("id: %d\nevent: %s\ndata: {\"seq\":%d,\"at\":\"2027-07-01T08:00:0%dZ\",\"kind\":%q,\"step\":%q,\"status\":%q,\"text\":\"%s\"}\n\n",
		id, kind, id, id, kind, step, status, text)
}

// shaky is a server whose connections break; each part is what one of them
// carries.
type shaky struct {
	parts []string
	from  []string // what each connection asked to go on behind
}

func (s *shaky) client() *http.Client {
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(r.URL.Path, "/stream") {
			return respond(200, "application/json", `{"id":"`+followed+`","status":"running"}`)
		}
		s.from = append(s.from, r.Header.Get("Last-Event-ID"))
		if len(s.parts) == 0 {
			return nil, errors.New("connection refused")
		}
		part := s.parts[0]
		s.parts = s.parts[1:]
		if part == "away" {
			return nil, errors.New("connection refused")
		}
		return respond(200, "text/event-stream", part)
	})}
}

func TestALogIsFollowedThroughBrokenConnections(t *testing.T) {
	t.Parallel()
	end := func(status string) string {
		return "id: 3\nevent: end\ndata: {\"status\":\"" + status + "\",\"error\":null}\n\n"
	}
	for _, c := range []struct {
		name  string
		parts []string
		exit  int
		from  string
		lines int
	}{
		{"a run that succeeds", []string{line(1, "run", "", "running", "started") + end("succeeded")}, cli.ExitOK, "", 1},
		{"a run that fails", []string{line(1, "run", "", "running", "started") + end("failed")}, cli.ExitRunFailed, "", 1},
		{"a connection that breaks, and a server that is away", []string{
			":\n\n" + line(1, "run", "", "running", "started"), "away", "away",
			line(2, "step", "a", "failed", `failed: no\u001b[31m luck`) + "event: cut\ndata: {}\n\n", end("succeeded"),
		}, cli.ExitOK, ",1,1,1,2", 2},
		{"a server that is not there", []string{"away"}, cli.ExitUnreachable, "", 0},
		{"a server that does not come back", []string{line(1, "run", "", "running", "started")}, cli.ExitUnreachable, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			set := newHermit(t).set
			synctest.Test(t, func(t *testing.T) {
				s := &shaky{parts: c.parts}
				u := &terminal{t: t, set: set, client: s.client(), env: map[string]string{"ORDINAUT_URL": "http://127.0.0.1:1", "ORDINAUT_TOKEN": token}}
				got := u.run("logs " + followed + " -f")
				if got.exit != c.exit || strings.Count(got.stdout, "\n") != c.lines || strings.Contains(got.stdout, "\x1b") {
					t.Errorf("got exit %d, want %d\n%s%s", got.exit, c.exit, got.stdout, got.stderr)
				}
				if from := strings.Join(s.from, ","); c.from != "" && from != c.from {
					t.Errorf("it went on behind %s, want %s", from, c.from)
				}
			})
		})
	}
}

func TestAnArtifactIsFetchedWhole(t *testing.T) {
	t.Parallel()
	const content = `{"a": "large"}`
	sum := sha256.Sum256([]byte(content))
	tag := hex.EncodeToString(sum[:])
	hermit := newHermit(t)
	hermit.client = &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Etag": {`"` + tag + `"`}}, Body: io.NopCloser(strings.NewReader(content))}, nil
	})}
	if got := hermit.run("artifacts get x"); got.stdout != content || got.exit != cli.ExitOK {
		t.Errorf("got %+v", got)
	}
	file := filepath.Join(t.TempDir(), "out.json")
	got := hermit.run("artifacts get x -O " + file)
	if text, err := os.ReadFile(file); err != nil || string(text) != content || got.exit != cli.ExitOK {
		t.Errorf("got %q, %v, %+v", text, err, got)
	}
	tag = "other"
	if got := hermit.run("artifacts get x -O " + file + "2"); got.exit != cli.ExitUnreachable {
		t.Errorf("got %+v for content that is not what was stored", got)
	}
	if files, err := os.ReadDir(filepath.Dir(file)); err != nil || len(files) != 1 {
		t.Errorf("got %v, %v; want that nothing is left", files, err)
	}
}

func TestAMomentIsNamedOrSoLongAgo(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"logs x --since yesterday", "logs", "logs a b", "artifacts get"} {
		if got := newHermit(t).run(args); got.exit != cli.ExitUsage {
			t.Errorf("%s: got %+v, want that it cannot be understood", args, got)
		}
	}
}
