package server_test

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
)

// runReaching is the real server, which may reach this computer, until the end of
// the test.
func runReaching(t *testing.T) *running {
	t.Helper()
	dir, out, in := t.TempDir(), (*io.PipeReader)(nil), (*io.PipeWriter)(nil)
	out, in = io.Pipe()
	stop, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() {
		err := server.Run(stop, stop, server.Settings{
			DataDir: dir, Listen: "127.0.0.1:0", Version: "test", Log: slog.New(slog.DiscardHandler), Out: in,
			Allow: []string{"127.0.0.1"},
		})
		in.CloseWithError(errors.Join(io.EOF, err))
		ended <- err
	}()
	said, address := bufio.NewScanner(out), ""
	for address == "" && said.Scan() {
		address = regexp.MustCompile(`http://[^/ ]+`).FindString(said.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // which ends with the server
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	key, err := os.ReadFile(filepath.Join(dir, auth.KeyFile))
	if address == "" || err != nil {
		t.Fatalf("the server did not start: %v, %v", said.Err(), err)
	}
	return &running{served: &served{url: address}, key: strings.TrimSpace(string(key))}
}

// heardOf is a request that came to a webhook.
type heardOf struct {
	header http.Header
	body   []byte
}

// listening is the URL of a webhook, and what comes to it.
func listening(t *testing.T) (url string, heard <-chan heardOf) {
	t.Helper()
	came := make(chan heardOf, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came <- heardOf{r.Header, body}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/in", came
}

// next is what comes next.
func next(t *testing.T, heard <-chan heardOf) heardOf {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	select {
	case h := <-heard:
		return h
	case <-ctx.Done():
		t.Fatal("nothing came")
		return heardOf{}
	}
}

// TestAnEventComesInByAHookAndGoesOutByAWebhook goes the whole way over HTTP.
func TestAnEventComesInByAHookAndGoesOutByAWebhook(t *testing.T) {
	t.Parallel()
	r := runReaching(t)
	url, heard := listening(t)
	var webhook struct{ ID, Secret string }
	r.ask(t, http.MethodPost, "/v1/webhooks", `{"url": "`+url+`", "topics": ["github.*"], "filter": "data.ref"}`, &webhook)
	r.ask(t, http.MethodPost, "/v1/hooks", `{"name": "github", "verify": "github", "secret": "It is a secret", "map": {"topic": "join('.', ['github', headers.\"x-github-event\"])"}}`, &struct{}{})
	send := func(secret, body string) (int, string) {
		t.Helper()
		mac := hmac.New(sha256.New, []byte(secret))
		io.WriteString(mac, body)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/v1/hooks/github", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Content-Type": "application/json", "X-GitHub-Event": "push", "X-GitHub-Delivery": "d-1",
			"X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil)),
		} {
			req.Header.Set(name, value)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(answer)
	}
	if code, answer := send("a guess", `{"ref":"evil"}`); code != http.StatusUnauthorized || strings.Contains(answer, "It is a secret") {
		t.Errorf("got %d %s, want 401 that tells nothing", code, answer)
	}
	if code, answer := send("It is a secret", `{"ref":"main"}`); code != http.StatusAccepted || !strings.Contains(answer, `"event_id":"d-1"`) {
		t.Errorf("got %d %s, want 202 with the id", code, answer)
	}
	got := next(t, heard)
	if !strings.Contains(string(got.body), `"type":"github.push"`) || !strings.Contains(string(got.body), `{"ref":"main"}`) {
		t.Errorf("got %s, want the push", got.body)
	}
	if !event.Signed(webhook.Secret, got.header.Get("webhook-id"), got.header.Get("webhook-timestamp"), got.header.Get("webhook-signature"), got.body) {
		t.Errorf("got a signature %q that is not by the secret", got.header.Get("webhook-signature"))
	}
	if code, answer := send("It is a secret", `{"ref":"main"}`); code != http.StatusAccepted || !strings.Contains(answer, `"repeat":true`) {
		t.Errorf("got %d %s, want 202 and that it is a repeat", code, answer)
	}
}

// TestTheCommandsAboutWebhooksWork carries out the commands of the page about
// webhooks against a server that works.
func TestTheCommandsAboutWebhooksWork(t *testing.T) {
	t.Parallel()
	page := documents(t)["webhooks.md"]
	ops, err := server.Ops(t.Context(), service.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := runReaching(t)
	url, heard := listening(t)
	env := map[string]string{"ORDINAUT_URL": r.url, "ORDINAUT_TOKEN": r.key, "HOME": t.TempDir()}
	commands := regexp.MustCompile(`(?m)^\$ ordinaut (.*)$`).FindAllStringSubmatch(page, -1)
	id := ""
	for _, c := range commands {
		command := strings.NewReplacer("https://example.com/ordinaut", url, "$WEBHOOK", id).Replace(c[1])
		var out, said strings.Builder
		exit := cli.Run(t.Context(), append(splitWords(command), "-o", "json"), cli.Options{
			Ops: ops, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said, Env: func(name string) string { return env[name] },
		})
		if exit != cli.ExitOK {
			t.Fatalf("%s: got exit code %d: %s", c[0], exit, &said)
		}
		if found := regexp.MustCompile(`"id": ?"([^"]+)"`).FindStringSubmatch(out.String()); id == "" && found != nil {
			id = found[1]
		}
		if strings.HasPrefix(c[1], "webhooks test") {
			next(t, heard)
			if !strings.Contains(out.String(), `"delivered"`) {
				t.Errorf("%s: got %s, want that it was delivered", c[0], &out)
			}
		}
	}
	if len(commands) < 14 {
		t.Errorf("the page shows %d commands", len(commands))
	}
}
