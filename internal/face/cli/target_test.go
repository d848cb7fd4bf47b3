package cli_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/face/cli"
)

// nowhere is an address on which nothing listens.
func nowhere(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

func TestAServerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	u.env["ORDINAUT_URL"] = nowhere(t)
	got := u.run("tasks list")
	if got.exit != cli.ExitUnreachable || !strings.Contains(got.stderr, "start it: ordinaut dev") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	asJSON := u.run("tasks list -o json")
	if !strings.Contains(asJSON.stderr, `"code":"command.unreachable"`) {
		t.Errorf("got %s", asJSON.stderr)
	}
}

func TestAServerElsewhereThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	got := u.run("tasks list --url http://unknown.invalid")
	if got.exit != cli.ExitUnreachable || strings.Contains(got.stderr, "start it") || !strings.Contains(got.stderr, "8080") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}

func TestWhatNeedsNoServerIsComputedHere(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	want := u.run("schedules preview 90m -o json")
	u.env["ORDINAUT_URL"] = nowhere(t)
	got := u.run("schedules preview 90m -o json")
	if got.exit != cli.ExitOK || got.stdout != want.stdout {
		t.Errorf("got exit %d, %s, want %s", got.exit, got.stdout, want.stdout)
	}
	if !strings.Contains(got.stderr, "computed here") {
		t.Errorf("got %q on stderr", got.stderr)
	}
	if wrong := u.run("schedules preview soon -o json"); !strings.Contains(wrong.stderr, `"pointer":"/every"`) {
		t.Errorf("got %s", wrong.stderr)
	}
	if wrong := u.run("schedules preview soon"); wrong.exit != cli.ExitInvalid || !strings.Contains(wrong.stderr, "EVERY") {
		t.Errorf("got exit %d, %s", wrong.exit, wrong.stderr)
	}
}

func TestTheServerAndTheKeyOfTheDataFolderAreFound(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	dir := t.TempDir()
	running := cli.Running{URL: u.env["ORDINAUT_URL"], PID: 1}
	if err := running.Save(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "admin.key"), []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	u.env = map[string]string{"ORDINAUT_DATA_DIR": dir}
	if got := u.run("tasks list"); got.exit != cli.ExitOK {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	u.env = map[string]string{}
	if got := u.runWith(t.Context(), "tasks", "list", "--data-dir", dir); got.exit != cli.ExitOK {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	if err := running.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := running.Remove(dir); err == nil {
		t.Error("it was removed twice")
	}
}

func TestTheTokenCanComeFromAFile(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	delete(u.env, "ORDINAUT_TOKEN")
	without := u.run("tasks list")
	if without.exit != cli.ExitUnauthorized || !strings.Contains(without.stderr, "ORDINAUT_TOKEN_FILE") {
		t.Errorf("got exit %d, %s", without.exit, without.stderr)
	}
	u.env["ORDINAUT_TOKEN_FILE"] = u.file("token", token+"\n")
	if got := u.run("tasks list"); got.exit != cli.ExitOK {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	u.env["ORDINAUT_TOKEN_FILE"] = "nowhere"
	if got := u.run("tasks list"); got.exit != cli.ExitUsage || !strings.Contains(got.stderr, "ORDINAUT_TOKEN_FILE") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	u.env["ORDINAUT_TOKEN"] = "wrong"
	if got := u.run("tasks list"); got.exit != cli.ExitUnauthorized {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}

// transport answers requests without a network.
type transport func(*http.Request) (*http.Response, error)

// RoundTrip answers.
func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(status int, media, body string) (*http.Response, error) {
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", media)
	rec.WriteHeader(status)
	_, err := rec.WriteString(body)
	return rec.Result(), err
}

func TestTheKeyOfTheDataFolderNeverLeavesTheComputer(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "admin.key"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	sent := map[string]string{}
	u.client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		sent[r.URL.Host] = r.Header.Get("Authorization")
		return respond(200, "application/json", `{"items":[]}`)
	})}
	u.env = map[string]string{"ORDINAUT_DATA_DIR": dir}
	for _, host := range []string{"clock.example", "127.0.0.1:1", "[::1]:1", "localhost", "10.0.0.1"} {
		u.run("tasks list --url http://" + host)
		_, _, here := strings.Cut(" 127.0.0.1:1 [::1]:1 localhost ", " "+host+" ")
		if got := sent[host] == "Bearer secret"; got != here {
			t.Errorf("%s: sent %q", host, sent[host])
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(other.Close)
	first := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	t.Cleanup(first.Close)
	u.env["ORDINAUT_URL"] = first.URL
	got := u.run("tasks list")
	if got.exit != cli.ExitUnreachable || reached {
		t.Errorf("got exit %d, %s; the other server was reached: %v", got.exit, got.stderr, reached)
	}
}

func TestWhatIsNoOrdinautIsSaidSo(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	for _, c := range []struct {
		status      int
		media, body string
		exit        int
		says        string
	}{
		{200, "text/html", "<html>", cli.ExitUnreachable, "is not Ordinaut"},
		{404, "application/json", "{}", cli.ExitUnreachable, "is not Ordinaut"},
		{200, "application/json", `{"items":`, cli.ExitFailed, "read the answer"},
		{500, "application/problem+json", `{`, cli.ExitFailed, "read the problem"},
		{500, "application/problem+json", `{"code":"internal","detail":"something went wrong","request_id":"id-7"}`, cli.ExitFailed, "id-7"},
		{409, "application/problem+json", `{"code":"task.wrong_state","detail":"it is paused"}`, cli.ExitConflict, "it is paused"},
		{403, "application/problem+json", `{"code":"auth.missing_scope","detail":"no"}`, cli.ExitUnauthorized, "no"},
	} {
		u.client = &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { return respond(c.status, c.media, c.body) })}
		got := u.run("tasks list")
		if got.exit != c.exit || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%d %s %s: got exit %d, %s", c.status, c.media, c.body, got.exit, got.stderr)
		}
	}
}

func TestTheDevCommandHandsOverItsSettings(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	u.env = map[string]string{"HOME": "/people/ann", "XDG_DATA_HOME": "/data", "LocalAppData": `C:\data`}
	var got cli.DevSettings
	u.dev = func(_ context.Context, s cli.DevSettings) error { got = s; return nil }
	if r := u.run("dev --data-dir here --listen 0.0.0.0:1 --timezone UTC --log-level debug --insecure-http --tools t.json --allow-address a --allow-address b --calendar-folder c"); r.exit != 0 {
		t.Fatal(r.stderr)
	}
	want := cli.DevSettings{
		DataDir: "here", Listen: "0.0.0.0:1", Timezone: "UTC", LogLevel: -4, InsecureHTTP: true,
		Tools: "t.json", Allow: []string{"a", "b"}, Calendars: []string{"c"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if r := u.run("dev"); r.exit != 0 || got.DataDir == "" || got.Listen != "127.0.0.1:8080" || got.LogLevel != 4 {
		t.Errorf("got %+v, %s", got, r.stderr)
	}
}

func TestFaultsInTheSettingsNameTheirFlag(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	u.dev = func(context.Context, cli.DevSettings) error { return listenFault() }
	if got := u.run("dev"); got.exit != cli.ExitInvalid || !strings.Contains(got.stderr, "--listen") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	if got := u.run("dev --log-level loud"); got.exit != cli.ExitUsage || !strings.Contains(got.stderr, "debug, info") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	u.env = map[string]string{}
	if got := u.run("dev"); got.exit != cli.ExitUsage || !strings.Contains(got.stderr, "--data-dir") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}
