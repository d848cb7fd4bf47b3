package cli_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/op"
)

// verdict is a decision as it is sent.
type verdict struct {
	Approval string          `json:"approval" doc:"Which one."`
	Decision string          `json:"decision" enum:"approved,rejected,changes" doc:"What is decided."`
	Comment  string          `json:"comment,omitempty" doc:"Why."`
	Items    json.RawMessage `json:"items,omitempty" doc:"Which of them."`
	To       string          `json:"to,omitempty" doc:"Where to."`
	Digest   string          `json:"digest,omitempty" doc:"What was seen."`
	Wait     float64         `json:"wait_seconds,omitempty" doc:"How long."`
}

// newJudge is a user who decides, and what has been decided.
func newJudge(t *testing.T) (*terminal, *[]verdict) {
	t.Helper()
	taken := &[]verdict{}
	type state struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	}
	set, err := op.NewSet(
		op.New(op.Op{Name: "run.get", Summary: "Show a run", Method: "GET", Path: "/v1/runs/{run}", Command: "runs get", Args: []string{"run"}, Effect: op.Read},
			func(context.Context, struct {
				Run string `json:"run"`
			}) (state, error) {
				return state{"run-1", "succeeded"}, nil
			}),
		op.New(op.Op{
			Name: "approval.decide", Summary: "Decide", Details: "Once.", Method: "POST", Path: "/v1/approvals/{approval}/decide",
			Command: "approvals decide", Args: []string{"approval"}, Effect: op.Write,
		}, func(_ context.Context, v verdict) (state, error) {
			*taken = append(*taken, v)
			return state{"run-1", "queued"}, nil
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(serve(set))
	t.Cleanup(server.Close)
	return &terminal{t: t, set: set, env: map[string]string{"ORDINAUT_URL": server.URL, "ORDINAUT_TOKEN": token, "HOME": t.TempDir()}}, taken
}

func TestEveryDecisionHasItsWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line, says string
		want       verdict
	}{
		{"approve tea", "Approved tea\n  status      queued\n", verdict{Approval: "tea", Decision: "approved"}},
		{"approve tea --comment 'Looks good' --items '[1]' --digest d", "Approved tea\n", verdict{Approval: "tea", Decision: "approved", Comment: "Looks good", Items: json.RawMessage("[1]"), Digest: "d"}},
		{"reject 5f3c9a1b:review --comment no", "Rejected 5f3c9a1b:review\n", verdict{Approval: "5f3c9a1b:review", Decision: "rejected", Comment: "no"}},
		{"approvals changes 'tea:loop[0].ok' --to draft", "Sent back tea:loop[0].ok\n", verdict{Approval: "tea:loop[0].ok", Decision: "changes", To: "draft"}},
		{"approvals decide tea --decision rejected", "Decided run-1\n", verdict{Approval: "tea", Decision: "rejected"}},
		{"approve tea -o json", `{"id":"run-1","status":"queued"}`, verdict{Approval: "tea", Decision: "approved"}},
	} {
		t.Run(c.line, func(t *testing.T) {
			t.Parallel()
			u, taken := newJudge(t)
			got := u.run(c.line)
			if got.exit != cli.ExitOK || !strings.HasPrefix(got.stdout, c.says) {
				t.Errorf("got exit %d and\n%s%s\nwant\n%s", got.exit, got.stdout, got.stderr, c.says)
			}
			if diff := cmp.Diff([]verdict{c.want}, *taken); diff != "" {
				t.Errorf("decided (-want +got):\n%s", diff)
			}
		})
	}
}

func TestADecisionSaysNothingThatMakesNoSenseWithIt(t *testing.T) {
	t.Parallel()
	u, taken := newJudge(t)
	for line, says := range map[string]string{
		"approve":                           "ordinaut approve takes one APPROVAL",
		"approve a b":                       "ordinaut approve takes one APPROVAL",
		"approve tea --to draft":            "unknown flag: --to",
		"approve tea --decision rejected":   "unknown flag: --decision",
		"reject tea --items []":             "unknown flag: --items",
		"approvals changes tea --items []":  "unknown flag: --items",
		"approve tea --items no-json":       "it is JSON, or @FILE to read it from a file",
		"approvals":                         "",
		"approvals decide tea --decision x": "decision must be one of approved, rejected, changes",
	} {
		got := u.run(line)
		if !strings.Contains(got.stderr, says) || (got.exit == cli.ExitOK) != (says == "") {
			t.Errorf("%s: got exit %d: %s%s", line, got.exit, got.stdout, got.stderr)
		}
	}
	if len(*taken) > 0 {
		t.Errorf("got %+v decided", *taken)
	}
}

func TestADecisionCanWaitForTheEndOfTheRun(t *testing.T) {
	t.Parallel()
	u, _ := newJudge(t)
	got := u.run("approve tea --wait")
	if got.exit != cli.ExitOK || got.stdout != "Run run-1 succeeded\n" {
		t.Errorf("got exit %d and\n%s%s", got.exit, got.stdout, got.stderr)
	}
}

// TestARunThatWaitsForItsUserSaysSo waits for a run that asks twice, the second
// time after it was sent back.
func TestARunThatWaitsForItsUserSaysSo(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		asks := func(since, message string) string {
			return `{"id": "run-1", "status": "waiting", "steps": [{"path": "nap", "wait": {"kind": "sleep", "since": "2027-01-01T00:00:00Z"}},
				{"path": "review", "wait": {"kind": "approval", "since": "` + since + `", "message": "` + message + `", "fix": "ordinaut approve run-1"}}]}`
		}
		u.client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-time.After((&runner{}).wish(r))
			switch passed := time.Since(start); {
			case passed < 5*time.Minute:
				return respond(200, "application/json", asks("2027-01-01T00:00:00Z", "Send it?"))
			case passed < 10*time.Minute:
				return respond(200, "application/json", asks("2027-01-01T00:05:00Z", "And now?"))
			}
			return respond(200, "application/json", succeeded)
		})}
		got := u.runWith(t.Context(), words("run tea --wait")...)
		want := "the run waits at review: Send it?\n  to go on  ordinaut approve run-1\n" +
			"the run waits at review: And now?\n  to go on  ordinaut approve run-1\nall of it: ordinaut runs get run-1\n"
		if got.exit != cli.ExitOK || got.stderr != want {
			t.Errorf("got exit %d and\n%s\nwant\n%s", got.exit, got.stderr, want)
		}
	})
}
