package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/server"
)

// running is the real server on an address of its own, and its end.
type running struct {
	*served
	key  string
	stop func()
}

// run starts the server in a data folder.
func run(t *testing.T, dir, publicURL string) *running {
	t.Helper()
	out, in := io.Pipe()
	stop, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() {
		err := server.Run(stop, stop, server.Settings{
			DataDir: dir, Listen: "127.0.0.1:0", Timezone: "Europe/Chisinau", PublicURL: publicURL,
			Version: "test", Log: slog.New(slog.DiscardHandler), Out: in,
		})
		in.CloseWithError(errors.Join(io.EOF, err))
		ended <- err
	}()
	said := bufio.NewScanner(out)
	address := ""
	for address == "" && said.Scan() {
		address = regexp.MustCompile(`http://[^/ ]+`).FindString(said.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // which ends with the server
	key, err := os.ReadFile(filepath.Join(dir, auth.KeyFile))
	if address == "" || err != nil {
		t.Fatalf("the server did not start: %v, %v", said.Err(), err)
	}
	r := &running{served: &served{url: address}, key: strings.TrimSpace(string(key))}
	r.stop = func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	return r
}

// ask sends a request as the admin, and reads the answer.
func (r *running) ask(t *testing.T, method, path, body string, answer any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode < 300 {
		err = json.Unmarshal(text, answer)
	}
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s, %v: %s", method, path, res.Status, err, text)
	}
}

// page follows a link, or sends the form of its page from the same site.
func (r *running) page(t *testing.T, path string, form url.Values) (int, string) {
	t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", r.url)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// under asks the server by a name.
func (r *running) under(t *testing.T, name string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/livez", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = name
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// asking is a task that tells its link to somebody, and asks before it sends.
const asking = `{"title": "Newsletter", "key": "newsletter", "schedule_kind": "manual", "payload": {"pipeline": [
	{"id": "tell", "uses": "debug.echo", "with": {"text": "Please look at ${run.links.review}"}},
	{"id": "review", "uses": "orchestrator.request_approval", "with": {"message": "Send it?", "data": "${steps.tell.text}"}},
	{"id": "send", "uses": "debug.echo", "with": {"said_by": "${steps.review.by}"}}]}}`

// waitFor waits until a run stands so.
func (r *running) waitFor(t *testing.T, id ordinaut.RunID, want ordinaut.RunStatus) {
	t.Helper()
	for {
		var run struct{ Status ordinaut.RunStatus }
		r.ask(t, http.MethodGet, fmt.Sprintf("/v1/runs/%s?wait_seconds=0.2", id), "", &run)
		if run.Status == want {
			return
		}
		if run.Status.Final() {
			t.Fatalf("the run has %s, want %s", run.Status, want)
		}
	}
}

var digest = regexp.MustCompile(`name="digest" value="([^"]+)"`)

func TestALinkDecidesOnceAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := run(t, dir, "https://ordinaut.example")
	var made struct{ ID ordinaut.RunID }
	first.ask(t, http.MethodPost, "/v1/tasks", asking, &made)
	first.ask(t, http.MethodPost, "/v1/tasks/newsletter/run", "", &made)
	first.waitFor(t, made.ID, ordinaut.RunWaiting)
	var asked struct{ Link, Data string }
	first.ask(t, http.MethodGet, "/v1/approvals/newsletter", "", &asked)
	if want := "Please look at " + asked.Link; asked.Data != want || !strings.HasPrefix(asked.Link, "https://ordinaut.example/approvals/") {
		t.Errorf("the run told %q, want %q", asked.Data, want)
	}
	if res := first.under(t, "ordinaut.example"); res != http.StatusOK {
		t.Errorf("got %d under its public name", res)
	}
	first.stop()

	again := run(t, dir, "")
	defer again.stop()
	path := strings.TrimPrefix(asked.Link, "https://ordinaut.example")
	status, page := again.page(t, path, nil)
	seen := digest.FindStringSubmatch(page)
	if status != http.StatusOK || seen == nil || !strings.Contains(page, "Send it?") {
		t.Fatalf("got %d: %s", status, page)
	}
	form := url.Values{"decision": {"approved"}, "comment": {"Fine"}, "digest": {seen[1]}}
	if status, page := again.page(t, path, form); status != http.StatusOK || !strings.Contains(page, "You approved it.") {
		t.Errorf("got %d the first time: %s", status, page)
	}
	again.waitFor(t, made.ID, ordinaut.RunSucceeded)
	for _, twice := range []url.Values{form, nil} {
		if status, page := again.page(t, path, twice); status != http.StatusGone || !strings.Contains(page, "It was approved by somebody with the link") {
			t.Errorf("got %d the second time: %s", status, page)
		}
	}
	var run struct{ Output map[string]string }
	again.ask(t, http.MethodGet, "/v1/runs/"+string(made.ID), "", &run)
	if run.Output["said_by"] != auth.LinkAgent {
		t.Errorf("got it decided by %q, want %q", run.Output["said_by"], auth.LinkAgent)
	}
}

func TestAPublicURLMustBeOne(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"ordinaut.example", "ftp://ordinaut.example", "https://", "https://me@ordinaut.example", "https://ordinaut.example?x=1", "https://ordinaut.example#x", "http://[::1"} {
		err := server.Run(t.Context(), t.Context(), server.Settings{DataDir: t.TempDir(), Listen: "127.0.0.1:0", PublicURL: bad})
		if e := ordinaut.AsError(err); e.Code != ordinaut.CodeFieldValue || e.At != "/public_url" {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}
