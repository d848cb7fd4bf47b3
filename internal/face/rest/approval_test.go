package rest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/op"
)

var update = flag.Bool("update", false, "write the golden files anew")

// desk is where one thing is decided about.
type desk struct {
	asked   map[string]any
	taken   []decision
	refusal error // of the next decision
	actor   ordinaut.AgentID
	log     bytes.Buffer
}

type decision struct {
	Approval string          `json:"approval"`
	Decision string          `json:"decision"`
	Comment  string          `json:"comment,omitempty"`
	Items    json.RawMessage `json:"items,omitempty"`
	To       string          `json:"to,omitempty"`
	Digest   string          `json:"digest,omitempty"`
}

type approvalName struct {
	Approval string `json:"approval"`
}

const (
	linkedRun  = "0197a3c0-0000-7000-8000-00005f3c9a1b"
	linkedPath = "review"
)

// newDesk is a face with a desk, and the link to what is asked there.
func newDesk(t *testing.T) (d *desk, handler http.Handler, link string) {
	t.Helper()
	noon := time.Date(2027, 3, 1, 12, 0, 0, 0, time.FixedZone("EET", 7200))
	d = &desk{asked: map[string]any{
		"id": linkedRun + ":" + linkedPath, "kind": "approval", "state": "open", "task": "newsletter", "title": "Weekly <newsletter>", "step": linkedPath,
		"message": "Send it to everybody?\n<script>alert(1)</script>", "data": map[string]any{"subject": "Spring & more", "readers": 1204},
		"then":     []map[string]any{{"step": "send", "tool": "mail.send", "with": map[string]any{"to": "list@example.com", "body": "</pre><b>Hello"}}},
		"asked_at": noon, "deadline": noon.Add(48 * time.Hour), "default": "rejected",
		"decisions": []string{"approved", "rejected", "changes"}, "back_to": []string{"collect", "draft"}, "digest": "d1",
	}}
	set, err := op.NewSet(
		op.New(op.Op{Name: "approval.get", Method: "GET", Path: "/v1/approvals/{approval}", Scope: ordinaut.ScopeRunsRead, Effect: op.Read},
			func(context.Context, approvalName) (map[string]any, error) {
				if d.asked == nil {
					return nil, &ordinaut.Error{Code: ordinaut.CodeApprovalNotFound, Message: "no such step"}
				}
				return d.asked, nil
			}),
		op.New(op.Op{Name: "approval.decide", Method: "POST", Path: "/v1/approvals/{approval}/decide", Scope: ordinaut.ScopeRunsControl, Effect: op.Write}, d.decide),
	)
	if err != nil {
		t.Fatal(err)
	}
	links := auth.NewLinks("https://ordinaut.example/", []byte("secret"))
	return d, rest.New(rest.Options{
		Ops: set, Log: slog.New(slog.NewJSONHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Ready: func(context.Context) error { return nil }, Hosts: []string{"ordinaut.example"},
		Authenticate: func(string) (ordinaut.Agent, error) {
			return ordinaut.Agent{}, &ordinaut.Error{Code: ordinaut.CodeAuthInvalid}
		},
		Guests: &rest.Guests{Links: links, Agent: ordinaut.Agent{
			ID: "guest", Name: auth.LinkAgent, Scopes: []ordinaut.Scope{ordinaut.ScopeRunsRead, ordinaut.ScopeRunsControl},
		}},
	}), links.URL(linkedRun, linkedPath)
}

func (d *desk) decide(ctx context.Context, said decision) (map[string]any, error) {
	if err := d.refusal; err != nil {
		d.refusal = nil
		return nil, err
	}
	d.actor = ordinaut.ChangeFrom(ctx).Actor
	d.taken = append(d.taken, said)
	at := time.Date(2027, 3, 1, 13, 0, 0, 0, time.UTC)
	d.asked["state"] = "decided"
	d.asked["decision"] = map[string]any{"decision": said.Decision, "by": "link", "comment": said.Comment, "at": at}
	return map[string]any{"status": "queued"}, nil
}

// visit follows a link, or sends the form of its page.
func visit(t *testing.T, h http.Handler, link string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, link, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, link, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://ordinaut.example")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestThePages compares the pages that people see with those in testdata.
func TestThePages(t *testing.T) {
	t.Parallel()
	items := []any{map[string]any{"id": "A-17", "sum": 1204.5}, "a text that \u202eturns\u0007", 3}
	for _, c := range []struct {
		name   string
		change map[string]any
		form   url.Values
		status int
	}{
		{"asked", nil, nil, http.StatusOK},
		{"items", map[string]any{"data": items, "back_to": nil, "then": nil}, nil, http.StatusOK},
		{"doubt", map[string]any{"kind": "doubt", "data": nil, "back_to": nil, "decisions": []string{"retry", "done", "fail"}, "default": "fail"}, nil, http.StatusOK},
		{"decided", map[string]any{"state": "decided", "decision": map[string]any{"decision": "approved", "by": "ada", "comment": "fine"}}, nil, http.StatusGone},
		{"in_time", map[string]any{"state": "decided", "decision": map[string]any{"decision": "rejected", "timed_out": true}}, nil, http.StatusGone},
		{"closed", map[string]any{"state": "closed"}, nil, http.StatusGone},
		{"thanks", nil, url.Values{"decision": {"approved"}, "digest": {"d1"}}, http.StatusOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, h, link := newDesk(t)
			for name, value := range c.change {
				d.asked[name] = value
			}
			w := visit(t, h, link, c.form)
			if w.Code != c.status {
				t.Errorf("got status %d, want %d", w.Code, c.status)
			}
			compareGolden(t, "approval_"+c.name+".html", w.Body.Bytes())
		})
	}
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got), write it anew with -update:\n%s", file, diff)
	}
}

func TestThePageRunsNoScriptAndIsInNoFrame(t *testing.T) {
	t.Parallel()
	_, h, link := newDesk(t)
	w := visit(t, h, link, nil)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(w.Body.String())
	sum := sha256.Sum256([]byte(style[1]))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if got := w.Header().Get("Content-Security-Policy"); got != want {
		t.Errorf("got policy %q, want %q, which lets the style of the page through", got, want)
	}
	for name, want := range map[string]string{
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"X-Robots-Tag": "noindex", "Content-Type": "text/html; charset=utf-8",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if strings.Contains(w.Body.String(), "<script") {
		t.Error("the page has a script in it")
	}
}

func TestADecisionIsTakenByTheFormOnly(t *testing.T) {
	t.Parallel()
	d, h, link := newDesk(t)
	for _, target := range []string{link, link + "?decision=approved&digest=d1"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := httptest.NewRequest(method, target, nil)
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	if len(d.taken) > 0 {
		t.Fatalf("got %+v by looking only", d.taken)
	}
	visit(t, h, link, url.Values{"decision": {"changes"}, "digest": {"d1"}, "comment": {"shorter"}, "to": {"draft"}})
	want := []decision{{Approval: linkedRun + ":" + linkedPath, Decision: "changes", Comment: "shorter", To: "draft", Digest: "d1"}}
	if diff := cmp.Diff(want, d.taken); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	if d.actor != "guest" {
		t.Errorf("got actor %q, want that of links", d.actor)
	}
	if again := visit(t, h, link, url.Values{"decision": {"approved"}, "digest": {"d1"}}); again.Code != http.StatusGone || len(d.taken) != 1 {
		t.Errorf("got %d and %d decisions the second time, want 410 and 1", again.Code, len(d.taken))
	}
}

func TestOnlyTheTickedItemsAreApproved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ticked []string
		want   string
		status int
	}{
		"some":             {[]string{"2", "0"}, `["a","c"]`, http.StatusOK},
		"all of them":      {[]string{"0", "1", "2"}, "", http.StatusOK},
		"none":             {nil, "", http.StatusUnprocessableEntity},
		"one that is none": {[]string{"9"}, "", http.StatusUnprocessableEntity},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, h, link := newDesk(t)
			d.asked["data"] = []string{"a", "b", "c"}
			w := visit(t, h, link, url.Values{"decision": {"approved"}, "digest": {"d1"}, "items": {"chosen"}, "item": c.ticked})
			if w.Code != c.status {
				t.Fatalf("got status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			if c.status == http.StatusOK && string(d.taken[0].Items) != c.want {
				t.Errorf("got items %s, want %s", d.taken[0].Items, c.want)
			}
		})
	}
}

func TestWhatStandsInTheWayIsSaid(t *testing.T) {
	t.Parallel()
	good := url.Values{"decision": {"approved"}, "digest": {"d1"}, "comment": {"my <words>"}}
	for name, c := range map[string]struct {
		spoil   func(d *desk, link string) string
		form    url.Values
		headers []string
		status  int
		says    string
	}{
		"a token that is not ours":    {func(_ *desk, link string) string { return link[:len(link)-3] + "AAA" }, nil, nil, http.StatusNotFound, "This link does not work"},
		"a form to such a token":      {func(*desk, string) string { return "https://ordinaut.example/approvals/x" }, good, nil, http.StatusNotFound, "This link does not work"},
		"a step that is not there":    {func(d *desk, link string) string { d.asked = nil; return link }, nil, nil, http.StatusNotFound, "Nothing is asked here"},
		"a decision about no step":    {func(d *desk, link string) string { d.asked = nil; return link }, good, nil, http.StatusNotFound, "Nothing is asked here"},
		"something else was shown":    {refusing(ordinaut.CodeApprovalChanged), good, nil, http.StatusConflict, "Nothing was decided: told why."},
		"what was written is kept":    {refusing(ordinaut.CodeApprovalChanged), good, nil, http.StatusConflict, "my &lt;words&gt;</textarea>"},
		"a fault of ours":             {refusing(ordinaut.CodeInternal), good, nil, http.StatusInternalServerError, "This cannot be shown"},
		"a form without its digest":   {nil, url.Values{"decision": {"approved"}}, nil, http.StatusUnprocessableEntity, "the form was not sent whole"},
		"a body that is no form":      {nil, good, []string{"Content-Type: application/json"}, http.StatusBadRequest, "this is not what the form sends"},
		"a page of another site":      {nil, good, []string{"Origin: https://evil.example"}, http.StatusForbidden, "a page of another site"},
		"a page that says not whence": {nil, good, []string{"Origin: null"}, http.StatusForbidden, "a page of another site"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, h, link := newDesk(t)
			if c.spoil != nil {
				link = c.spoil(d, link)
			}
			w := visit(t, h, link, c.form, c.headers...)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("got status %d, want %d with %q: %s", w.Code, c.status, c.says, w.Body)
			}
			if len(d.taken) > 0 {
				t.Errorf("got the decision %+v, want none", d.taken)
			}
		})
	}
}

func TestNoLinkStandsInTheLog(t *testing.T) {
	t.Parallel()
	d, h, link := newDesk(t)
	visit(t, h, link, nil)
	visit(t, h, link+"/", url.Values{"decision": {"approved"}, "digest": {"d1"}})
	visit(t, h, link+"/nothing", nil)
	token := strings.TrimPrefix(link, "https://ordinaut.example"+auth.LinkPath)
	if log := d.log.String(); strings.Contains(log, token) || strings.Count(log, `"path":"/approvals/…"`) != 3 {
		t.Errorf("got the log\n%s", log)
	}
	if len(d.taken) != 1 {
		t.Errorf("got %d decisions, want 1", len(d.taken))
	}
}

func refusing(code ordinaut.Code) func(*desk, string) string {
	return func(d *desk, link string) string {
		d.refusal = &ordinaut.Error{Code: code, Message: "told why"}
		return link
	}
}
