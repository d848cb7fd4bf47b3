package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/event/webhook"
	"github.com/ordinaut/ordinaut/internal/limits"
)

const shared = "a shared secret"

// hook makes a hook with the shared secret.
func (w *world) hook(name string, v ordinaut.HookVerify, m ordinaut.HookMap) ordinaut.Hook {
	w.Helper()
	h := ordinaut.Hook{
		Name: name, Rev: 1, Verify: v, Map: m, CreatedBy: w.agent,
		Secrets: ordinaut.Secrets{Now: w.vault.Seal(event.AboutHook(name), shared)},
	}
	w.must(w.store.CreateHook(w.Context(), h, w.change("hook.create")))
	return h
}

// headers are of a JSON body with the shared secret as bearer token.
func headers(more ...string) http.Header {
	h := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + shared}}
	for i := 0; i < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return h
}

func hexMAC(parts ...string) string {
	mac := hmac.New(sha256.New, []byte(shared))
	for _, p := range parts {
		mac.Write([]byte(p))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func (w *world) door() *webhook.Door {
	return webhook.NewDoor(w.store, w.vault, slog.New(slog.DiscardHandler))
}

// told are the events that hooks have told, as text.
func (w *world) told() []string {
	w.Helper()
	events, err := w.store.ListEvents(w.Context(), ordinaut.EventFilter{})
	w.must(err)
	var all []string
	for _, e := range events {
		if strings.HasPrefix(e.Source, "ordinaut/hooks/") {
			all = append(all, fmt.Sprintf("%s %s %q %s %s", e.Source, e.Topic, e.Subject, e.ID, e.Data))
		}
	}
	return all
}

func TestWhatIsSentToAHookBecomesAnEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hook("plain", ordinaut.VerifySecret, ordinaut.HookMap{})
	w.hook("github", ordinaut.VerifyGitHub, ordinaut.HookMap{
		Topic: `join('.', ['github', headers."x-github-event"])`, Data: "{who: body.sender.login, hook: hook}", Subject: "body.repository.id",
	})
	d := w.door()
	receive := func(hook string, h http.Header, body string) webhook.Received {
		t.Helper()
		got, err := d.Receive(t.Context(), hook, h, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	receive("plain", headers("Idempotency-Key", "k1"), `{"a": 1.10}`)
	push := `{"sender":{"login":"ada"},"repository":{"id":12345678901234567890}}`
	signed := headers("X-Hub-Signature-256", "sha256="+hexMAC(push), "X-GitHub-Event", "push", "X-GitHub-Delivery", "d-1")
	first, again := receive("github", signed, push), receive("github", signed, push)
	if first.Repeat || !again.Repeat || first.EventID != "d-1" || first.StatusCode() != http.StatusAccepted {
		t.Errorf("got %+v, then %+v, want the second to be a repeat", first, again)
	}
	if got := receive("plain", headers(), ""); got.EventID == "" {
		t.Error("got no id of an event without one")
	}
	want := []string{
		`ordinaut/hooks/plain hook.plain "" k1 {"a": 1.10}`,
		`ordinaut/hooks/github github.push "12345678901234567890" d-1 {"hook":"github","who":"ada"}`,
	}
	if diff := cmp.Diff(want, w.told()[:2]); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	h, err := w.store.Hook(t.Context(), "github")
	w.must(err)
	d.Close(t.Context())
	h, err = w.store.Hook(t.Context(), "github")
	w.must(err)
	if h.Tally.Accepted != 1 || h.Tally.Repeated != 1 {
		t.Errorf("got %+v, want one accepted and one repeated", h.Tally)
	}
}

func TestSlackHearsItsChallengeAndFormsAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hook("slack", ordinaut.VerifySlack, ordinaut.HookMap{})
	d := w.door()
	send := func(media, body string) (webhook.Received, error) {
		at := strconv.FormatInt(time.Now().Unix(), 10)
		return d.Receive(t.Context(), "slack", http.Header{
			"Content-Type": {media}, "X-Slack-Request-Timestamp": {at}, "X-Slack-Signature": {"v0=" + hexMAC("v0:", at, ":", body)},
		}, []byte(body))
	}
	got, err := send("application/json", `{"type":"url_verification","challenge":"say it"}`)
	if got.Challenge != "say it" || got.StatusCode() != http.StatusOK || err != nil || len(w.told()) != 0 {
		t.Errorf("got %+v, %v and %v, want the challenge alone", got, err, w.told())
	}
	const form = "application/x-www-form-urlencoded"
	for _, body := range []string{"command=%2Fgo&text=a&text=b&trigger_id=t1", "payload=%7B%22trigger_id%22%3A%22t2%22%7D"} {
		if _, err := send(form, body); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`ordinaut/hooks/slack hook.slack "" t1 {"command":"/go","text":["a","b"],"trigger_id":"t1"}`,
		`ordinaut/hooks/slack hook.slack "" t2 {"trigger_id":"t2"}`,
	}
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestADoorRefusesWhatBecomesNoEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, m := range map[string]ordinaut.HookMap{
		"plain": {}, "null": {Topic: "body.topic"}, "list": {Topic: "body.list"}, "reserved": {Topic: "'task.run.failed'"}, "wild": {Topic: "'a.>'"},
		"sum": {ID: "sum(body.list)"}, "long": {Subject: "body.long"}, "own": {Topic: "'hook.own.part'"}, "true": {Subject: "body.yes"},
	} {
		w.hook(name, ordinaut.VerifySecret, m)
	}
	off := w.hook("off", ordinaut.VerifySecret, ordinaut.HookMap{})
	is := off
	is.Rev, is.Disabled = 2, true
	w.must(w.store.UpdateHook(t.Context(), off, is, w.change("hook.update")))
	d := w.door()
	body := `{"list":["a"],"yes":true,"long":"` + strings.Repeat("x", 300) + `"}`
	for _, c := range []struct {
		hook, media, body string
		code              ordinaut.Code
	}{
		{"nobody", "", "{}", ordinaut.CodeHookNotFound},
		{"off", "", "{}", ordinaut.CodeHookNotFound},
		{"plain", "text/plain", "hello", ordinaut.CodeUnsupportedMedia},
		{"plain", "application/x-www-form-urlencoded", "%zz", ordinaut.CodeRequestMalformed},
		{"plain", "", `{"a":1,"a":2}`, ordinaut.CodeRequestDuplicate},
		{"plain", "", `"` + strings.Repeat("x", limits.EventDataBytes) + `"`, ordinaut.CodeRequestTooLarge},
		{"null", "", body, ordinaut.CodeHookMapping},
		{"list", "", body, ordinaut.CodeHookMapping},
		{"true", "", body, ordinaut.CodeHookMapping},
		{"sum", "", body, ordinaut.CodeHookMapping},
		{"long", "", body, ordinaut.CodeHookMapping},
		{"reserved", "", body, ordinaut.CodeEventReserved},
		{"wild", "", body, ordinaut.CodeEventTopic},
	} {
		h := headers()
		if c.media != "" {
			h.Set("Content-Type", c.media)
		}
		if got, err := d.Receive(t.Context(), c.hook, h, []byte(c.body)); !errors.Is(err, &ordinaut.Error{Code: c.code}) {
			t.Errorf("%s: got %+v, %v, want %s", c.hook, got, err, c.code)
		}
	}
	if _, err := d.Receive(t.Context(), "own", headers(), []byte(body)); err != nil {
		t.Errorf("a topic of its own: got %v, want none", err)
	}
	if n := len(w.told()); n != 1 {
		t.Errorf("got %d events, want one", n)
	}
}

// tallies counts how often counts are written down.
type tallies struct {
	webhook.Inbox
	mu     sync.Mutex
	writes int
}

func (s *tallies) TallyHook(ctx context.Context, name string, more ordinaut.HookTally) error {
	s.mu.Lock()
	s.writes++
	s.mu.Unlock()
	return s.Inbox.TallyHook(ctx, name, more)
}

func TestRubbishIsCountedAndKeepsNobodyBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.hook("plain", ordinaut.VerifySecret, ordinaut.HookMap{})
		counting := &tallies{Inbox: w.store}
		d := webhook.NewDoor(counting, w.vault, nil)
		for range 100 {
			_, err := d.Receive(t.Context(), "plain", headers("Authorization", "Bearer guess"), []byte("{}"))
			e := ordinaut.AsError(err)
			if e.Code != ordinaut.CodeHookRefused || strings.Contains(e.Error(), shared) {
				t.Fatalf("got %v, want a refusal that tells nothing", err)
			}
		}
		d.Close(t.Context())
		d.Close(t.Context())
		h, err := w.store.Hook(t.Context(), "plain")
		w.must(err)
		if h.Tally.Refused != 100 || h.Tally.Refusal == "" || h.Tally.RefusedAt == nil || counting.writes != 2 {
			t.Errorf("got %+v in %d writes, want 100 in 2", h.Tally, counting.writes)
		}
		if n := len(w.told()); n != 0 {
			t.Errorf("got %d events, want none", n)
		}
		w.must(w.store.Close())
	})
}
