package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/cli"
)

func listenFault() error {
	return &ordinaut.Error{Code: ordinaut.CodeFieldValue, At: "/listen", Message: "another program listens there", Fix: "choose another address"}
}

// runner is a server whose run ends after a time, and that waits as it is asked
// to, or answers at once.
type runner struct {
	ends    time.Time
	end     string // the run as it is shown at its end
	deaf    bool   // to the wish to wait
	asked   int
	waiting time.Duration
}

func (s *runner) client() *http.Client {
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		s.asked++
		wait := s.wish(r)
		s.waiting = max(s.waiting, wait)
		if s.deaf {
			wait = 0
		}
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(min(wait, time.Until(s.ends))):
		}
		if time.Now().Before(s.ends) {
			return respond(202, "application/json", `{"id":"run-1","status":"running","success":null}`)
		}
		return respond(200, "application/json", s.end)
	})}
}

// wish reads how long the request asks to wait.
func (s *runner) wish(r *http.Request) time.Duration {
	text := r.URL.Query().Get("wait_seconds")
	if r.Body != nil {
		var b [512]byte
		n, _ := r.Body.Read(b[:])
		_, text, _ = strings.Cut(string(b[:n]), `"wait_seconds":`)
	}
	var seconds int
	_, _ = fmt.Sscanf(text, "%d", &seconds)
	return time.Duration(seconds) * time.Second
}

const succeeded = `{"id":"run-1","status":"succeeded","success":true,"error":null}`

func TestWaitingForARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		runs     time.Duration
		end      string
		deaf     bool
		line     string
		exit     int
		says     string
		took     time.Duration
		askedMax int
	}{
		{"until it ends, however long", 50 * time.Minute, succeeded, false, "run tea --wait", cli.ExitOK, "", 50 * time.Minute, 155},
		{"a run that ends in time", 25 * time.Second, succeeded, false, "run tea --wait=1m", cli.ExitOK, "", 25 * time.Second, 4},
		{"a run that takes too long", time.Hour, succeeded, false, "run tea --wait=45", cli.ExitTimedOut, "the run is running after 45s", 45 * time.Second, 5},
		{"a server that answers at once", 10 * time.Second, succeeded, true, "run tea --wait=1m", cli.ExitOK, "", 10 * time.Second, 12},
		{"a run that fails", time.Second, `{"id":"run-1","status":"failed","error":{"message":"no such room","step":"send","fix":"name another"}}`, false,
			"run tea --wait", cli.ExitRunFailed, "the run failed: no such room", time.Second, 1},
		{"a run that is withdrawn", time.Second, `{"id":"run-1","status":"canceled","reason":"paused"}`, false,
			"run tea --wait", cli.ExitRunFailed, "the run canceled: paused", time.Second, 1},
		{"a run that is only looked at", 25 * time.Second, succeeded, false, "runs get run-1 --wait=30s", cli.ExitOK, "", 25 * time.Second, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newTerminal(t)
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s := &runner{ends: start.Add(c.runs), end: c.end, deaf: c.deaf}
				u.client = s.client()
				got := u.runWith(t.Context(), words(c.line)...)
				if got.exit != c.exit || !strings.Contains(got.stderr, c.says) {
					t.Errorf("got exit %d, %s; want %d, %s", got.exit, got.stderr, c.exit, c.says)
				}
				if !strings.Contains(got.stdout, "run-1") {
					t.Errorf("the run is not shown: %s", got.stdout)
				}
				if took := time.Since(start); took != c.took || s.asked > c.askedMax {
					t.Errorf("took %s and %d questions, want %s and at most %d", took, s.asked, c.took, c.askedMax)
				}
				if s.waiting > time.Minute {
					t.Errorf("the server was asked to wait %s at once", s.waiting)
				}
			})
		})
	}
}

func TestWaitingCanBeInterrupted(t *testing.T) {
	t.Parallel()
	for _, deaf := range []bool{false, true} {
		u := newTerminal(t)
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(30*time.Second+time.Millisecond, cancel)
			u.client = (&runner{ends: time.Now().Add(time.Hour), deaf: deaf}).client()
			got := u.runWith(ctx, "run", "tea", "--wait")
			if got.exit != cli.ExitInterrupted || !strings.Contains(got.stderr, "the run goes on; look at it: ordinaut runs get run-1") {
				t.Errorf("got exit %d, %s", got.exit, got.stderr)
			}
		})
	}
}

func TestAServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	synctest.Test(t, func(t *testing.T) {
		u.client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		got := u.runWith(t.Context(), "tasks", "list")
		if got.exit != cli.ExitTimedOut || !strings.Contains(got.stderr, "did not answer in time") {
			t.Errorf("got exit %d, %s", got.exit, got.stderr)
		}
	})
}

func TestAConnectionThatBreaks(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	u.client = &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed })}
	if got := u.run("tasks list"); got.exit != cli.ExitUnreachable {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}

func TestAnAnswerThatIsNoRunCannotBeWaitedFor(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	u.client = &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { return respond(200, "application/json", `[]`) })}
	if got := u.run("run tea --wait"); got.exit != cli.ExitFailed || !strings.Contains(got.stderr, "read the run") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}

func TestARunThatWasWaitedForIsSummarized(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	end := `{"id": "run-1", "status": "succeeded", "output": {"text": "` + strings.Repeat("x", 500) + `"}, "steps": [
		{"path": "fetch", "tool": "http.request", "status": "succeeded", "started_at": "2026-11-23T08:00:00Z", "finished_at": "2026-11-23T08:00:01.5Z", "input": {"url": "https://a.example"}},
		{"path": "note", "tool": "debug.log", "status": "skipped", "started_at": "2026-11-23T08:00:02Z", "finished_at": null},
		{"path": "tell", "tool": "debug.log", "status": "succeeded", "started_at": "2026-11-23T08:00:02Z", "finished_at": "2026-11-23T08:00:02.0012Z"}
	]}`
	synctest.Test(t, func(t *testing.T) {
		s := &runner{ends: time.Now(), end: end}
		u.client = s.client()
		got := u.runWith(t.Context(), words("run tea --wait")...)
		want := "Run run-1 succeeded\n" +
			"  fetch  http.request  succeeded  1.5s\n" +
			"  note   debug.log     skipped\n" +
			"  tell   debug.log     succeeded  1.2ms\n" +
			`Output {"text":"` + strings.Repeat("x", 390) + "…\n"
		if got.stdout != want || !strings.Contains(got.stderr, "ordinaut runs get run-1") {
			t.Errorf("got\n%s%s\nwant\n%s", got.stdout, got.stderr, want)
		}
	})
}
