package service_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

type shownWebhook struct {
	ID, URL, Secret, Filter, Description string
	Topics                               []string
	Enabled                              bool
	DisabledReason                       string     `json:"disabled_reason"`
	OldSecretUntil                       *time.Time `json:"old_secret_until"`
}

type shownDelivery struct {
	ID, Status, Error, Answer string
	Tries, Code               int
	Event                     shownEvent
}

func newWebhook(t *testing.T, w *ordinauttest.World, fields string) shownWebhook {
	t.Helper()
	return read[shownWebhook](t, w.Do("webhook.create", `{"url": "https://example.com/in", "topics": ["order.*"]`+fields+`}`))
}

// openedBy opens a sealed secret as whoever sends does.
func openedBy(t *testing.T, w *ordinauttest.World, about string, sealed []byte) string {
	t.Helper()
	key, err := w.Store.Secret(t.Context(), service.VaultSecret)
	if err != nil {
		t.Fatal(err)
	}
	vault, err := auth.NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := vault.Open(about, sealed)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestTheSecretOfAWebhookIsShownOnce(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		made := newWebhook(t, w, "")
		if !strings.HasPrefix(made.Secret, "whsec_") || !made.Enabled {
			t.Fatalf("got %+v, want an enabled webhook with its secret", made)
		}
		for _, name := range []string{"webhook.get", "webhook.update"} {
			if got := read[shownWebhook](t, w.Do(name, `{"webhook": "`+made.ID+`"}`)); got.Secret != "" {
				t.Errorf("%s: got the secret %q", name, got.Secret)
			}
		}
		rotated := read[shownWebhook](t, w.Do("webhook.rotate", `{"webhook": "`+made.ID+`"}`))
		if until := rotated.OldSecretUntil; rotated.Secret == made.Secret || until == nil || !until.Equal(time.Now().Add(limits.SecretOverlap)) {
			t.Errorf("got %+v, want another secret, and the old one for a day", rotated)
		}
		kept, err := w.Store.Webhook(t.Context(), ordinaut.WebhookID(made.ID))
		if err != nil {
			t.Fatal(err)
		}
		about := event.AboutWebhook(kept.ID)
		got := []string{openedBy(t, w, about, kept.Secrets.Now), openedBy(t, w, about, kept.Secrets.Old)}
		if diff := cmp.Diff([]string{rotated.Secret, made.Secret}, got); diff != "" {
			t.Errorf("secrets (-want +got):\n%s", diff)
		}
		audit, err := w.Store.Audit(t.Context(), 0, 0)
		if text := fmt.Sprintf("%+v", audit); err != nil || strings.Contains(text, "whsec_") {
			t.Errorf("got %s, %v, want no secret in the audit", text, err)
		}
	})
}

func TestAWebhookIsCheckedBeforeItIsMade(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for request, want := range map[string]string{
			`{"url": "ftp://example.com/", "topics": ["a"]}`:                           "/url",
			`{"url": "https://me:secret@example.com/", "topics": ["a"]}`:               "/url",
			`{"url": "https://example.com/", "topics": ["a", "b..c"]}`:                 "/topics/1",
			`{"url": "https://example.com/", "topics": ["a"], "filter": "dat.x"}`:      "/filter",
			`{"url": "https://example.com/", "topics": ["a"], "filter": "data.x ="}`:   "/filter",
			`{"url": "https://example.com/", "topics": []}`:                            "/topics",
			`{"url": "https://example.com/", "topics": ["a"], "secret": "whsec_aaaa"}`: "/secret",
		} {
			_, err := w.Call("webhook.create", request)
			if err == nil || ordinaut.AsError(err).At != want {
				t.Errorf("%s: got %v, want a fault at %s", request, err, want)
			}
		}
		if list := read[page[shownWebhook]](t, w.Do("webhook.list", `{}`)); len(list.Items) != 0 {
			t.Errorf("got %v, want none", list.Items)
		}
	})
}

func TestAWebhookIsToldOfNothingThatHappenedWhileItWasDisabled(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		tell(w, "order.paid", 1)
		made := newWebhook(t, w, "")
		after := func() int64 {
			kept, err := w.Store.Webhook(t.Context(), ordinaut.WebhookID(made.ID))
			if err != nil {
				t.Fatal(err)
			}
			return kept.After
		}
		first := after()
		if first == 0 {
			t.Error("got it told of what happened before it was made")
		}
		tell(w, "order.paid", 2)
		update := func(fields string) shownWebhook {
			return read[shownWebhook](t, w.Do("webhook.update", `{"webhook": "`+made.ID+`", `+fields+`}`))
		}
		if got := update(`"enabled": true, "topics": ["a", "b"], "filter": ""`); after() != first || len(got.Topics) != 2 {
			t.Errorf("got %+v behind %d, want it to go on behind %d", got, after(), first)
		}
		if got := update(`"enabled": false`); got.Enabled || got.DisabledReason == "" {
			t.Errorf("got %+v, want it disabled with a reason", got)
		}
		refused(t, w, "webhook.test", `{"webhook": "`+made.ID+`"}`, ordinaut.CodeWebhookState)
		if got := update(`"enabled": true`); !got.Enabled || after() <= first {
			t.Errorf("got %+v behind %d, want it enabled from now on", got, after())
		}
		w.Do("webhook.delete", `{"webhook": "`+made.ID+`"}`)
		for _, name := range []string{"webhook.get", "webhook.delete", "webhook.rotate", "webhook.test", "webhook.deliveries"} {
			refused(t, w, name, `{"webhook": "`+made.ID+`"}`, ordinaut.CodeWebhookNotFound)
		}
	})
}

// answer claims what is due to webhooks and settles it.
func answer(t *testing.T, w *ordinauttest.World, o ordinaut.DeliveryOutcome) (sent []ordinaut.WebhookDelivery) {
	t.Helper()
	c, err := w.Store.ClaimDeliveries(t.Context(), "test", 100, 100, time.Minute)
	for _, d := range c.Deliveries {
		if _, settled := w.Store.SettleDelivery(t.Context(), d, o); settled != nil {
			err = settled
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return c.Deliveries
}

func TestAPingIsSentAndAwaited(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		made := newWebhook(t, w, "")
		done := make(chan json.RawMessage)
		go func() { done <- w.Do("webhook.test", `{"webhook": "`+made.ID+`"}`) }()
		ordinauttest.Pass(time.Second)
		answer(t, w, ordinaut.DeliveryOutcome{
			Status: ordinaut.DeliveryPending, Again: time.Hour, Answer: ordinaut.DeliveryAnswer{Code: 500, Fault: "it is broken"},
		})
		got := read[shownDelivery](t, <-done)
		if got.Error != "it is broken" || got.Code != 500 || got.Tries != 1 || got.Event.Type != "webhook.ping" || got.Event.Seq != 0 {
			t.Errorf("got %+v, want what came of the ping", got)
		}
		if got := read[shownDelivery](t, w.Do("webhook.test", `{"webhook": "`+made.ID+`", "wait_seconds": 3}`)); got.Status != "pending" || got.Tries != 0 {
			t.Errorf("got %+v, want that nobody has tried yet", got)
		}
		list := read[page[shownDelivery]](t, w.Do("webhook.deliveries", `{"webhook": "`+made.ID+`", "limit": 1}`))
		if len(list.Items) != 1 || list.NextCursor == nil {
			t.Fatalf("got %+v, want the first of two pages", list)
		}
		rest := read[page[shownDelivery]](t, w.Do("webhook.deliveries", `{"webhook": "`+made.ID+`", "cursor": "`+*list.NextCursor+`"}`))
		if len(rest.Items) != 1 || rest.NextCursor != nil || rest.Items[0].ID == list.Items[0].ID {
			t.Errorf("got %+v, want the other one", rest)
		}
		if events := read[eventPage](t, w.Do("event.list", `{"topic": "webhook.>"}`)); len(events.Items) != 0 {
			t.Errorf("got %+v, want pings in no log", events.Items)
		}
	})
}

type replayed struct {
	Count  int
	More   bool
	DryRun bool  `json:"dry_run"`
	Last   int64 `json:"last_seq"`
	Items  []struct {
		Seq   int64
		Topic string
	}
}

func TestWhatWasSentAndWhatWasNotCanBeReplayed(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for n := range 3 {
			tell(w, "order.paid", n)
			tell(w, "stock.low", n)
		}
		made := newWebhook(t, w, `, "filter": "data.n > 0"`)
		from := `{"webhook": "` + made.ID + `", "from": "2000-01-01T00:00:00Z"`
		dry := read[replayed](t, w.Do("webhook.replay", from+`, "dry_run": true}`))
		if dry.Count != 2 || !dry.DryRun || dry.Items[0].Topic != "order.paid" || len(answer(t, w, ordinaut.DeliveryOutcome{})) != 0 {
			t.Errorf("got %+v, want two orders, of which none is sent", dry)
		}
		wet := read[replayed](t, w.Do("webhook.replay", from+`}`))
		sent := answer(t, w, ordinaut.DeliveryOutcome{Status: ordinaut.DeliveryDelivered})
		if wet.Count != 2 || len(sent) != 2 || wet.Last != sent[1].Event.Seq {
			t.Fatalf("got %+v and %d sent, want both", wet, len(sent))
		}
		one := read[replayed](t, w.Do("webhook.replay", `{"webhook": "`+made.ID+`", "delivery": "`+string(sent[0].ID)+`"}`))
		again := answer(t, w, ordinaut.DeliveryOutcome{Status: ordinaut.DeliveryDelivered})
		if one.Count != 1 || len(again) != 1 || again[0].ID != sent[0].ID {
			t.Errorf("got %+v and %+v, want the one under its id", one, again)
		}
		behind := read[replayed](t, w.Do("webhook.replay", fmt.Sprintf(`{"webhook": %q, "after": %d, "until": %d, "to": "2100-01-01T00:00:00Z"}`, made.ID, sent[0].Event.Seq, sent[1].Event.Seq)))
		if behind.Count != 1 || behind.Last != sent[1].Event.Seq {
			t.Errorf("got %+v, want what lies behind the first", behind)
		}
		refused(t, w, "webhook.replay", `{"webhook": "`+made.ID+`"}`, ordinaut.CodeFieldRequired)
		refused(t, w, "webhook.replay", `{"webhook": "`+made.ID+`", "delivery": "x", "after": 1}`, ordinaut.CodeFieldValue)
		refused(t, w, "webhook.replay", `{"webhook": "`+made.ID+`", "delivery": "x"}`, ordinaut.CodeDeliveryNotFound)
	})
}

func TestAReplayIsBounded(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		var events []string
		for n := range limits.WebhookReplay {
			events = append(events, fmt.Sprintf(`{"topic": "order.paid", "data": {"n": %d}}`, n))
		}
		w.Do("event.publish", `{"events": [`+strings.Join(events, ",")+`]}`)
		tell(w, "order.paid", 1)
		made := newWebhook(t, w, "")
		got := read[replayed](t, w.Do("webhook.replay", `{"webhook": "`+made.ID+`", "from": "2000-01-01T00:00:00Z", "dry_run": true}`))
		if got.Count != limits.WebhookReplay || !got.More {
			t.Fatalf("got %d, more %v, want %d and more", got.Count, got.More, limits.WebhookReplay)
		}
		rest := read[replayed](t, w.Do("webhook.replay", fmt.Sprintf(`{"webhook": %q, "after": %d, "dry_run": true}`, made.ID, got.Last)))
		if rest.Count != 1 || rest.More {
			t.Errorf("got %+v, want the last one", rest)
		}
	})
}
