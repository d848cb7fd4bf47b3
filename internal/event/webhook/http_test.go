package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/event/webhook"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// reached is a request that came to a server.
type reached struct {
	header http.Header
	body   []byte
}

// listener is a server of somebody's who is told of events.
type listener struct {
	*httptest.Server
	mu  sync.Mutex
	got []reached
}

// listen answers each request by its number, from 1.
func listen(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *listener {
	t.Helper()
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		l.got = append(l.got, reached{r.Header, body})
		n := len(l.got)
		l.mu.Unlock()
		answer(n, w, r)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) requests() []reached {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]reached(nil), l.got...)
}

func fine(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// local reaches the servers of these tests.
func local(t *testing.T) *http.Client {
	t.Helper()
	c, err := egress.New(egress.Options{Allow: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// quick are pauses that a test can wait for.
func quick() []time.Duration {
	return []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
}

// vouchedFor checks a signature by its own reading of Standard Webhooks: with
// which of the secrets the request is signed.
func vouchedFor(t *testing.T, r reached, secrets ...string) (by []int) {
	t.Helper()
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(secret[len("whsec_"):])
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, key)
		io.WriteString(mac, r.header.Get("webhook-id")+"."+r.header.Get("webhook-timestamp")+"."+string(r.body))
		want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		for _, got := range strings.Split(r.header.Get("webhook-signature"), " ") {
			if got == want {
				by = append(by, i)
			}
		}
	}
	return by
}

func TestAWebhookIsToldOfItsEventsAndOfNoOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := listen(t, fine)
	w.publish("order.paid", 0) // before there was a webhook
	hook, secret := w.subscribeIf(l.URL+"/in?x=1", "data.n > `1`", "order.*", "stock.>")
	w.publish("order.paid", 1)
	w.publish("order.paid", 2)
	w.publish("order.paid.late", 3)
	w.publish("stock.a.b", 4)
	defer w.run(webhook.Options{Client: local(t)})()
	ds := w.ended(hook.ID, 2)
	got := map[string]string{}
	for _, r := range l.requests() {
		var e struct {
			SpecVersion, ID, Source, Type, Time string
			Seq                                 int
			Data                                json.RawMessage
		}
		if err := json.Unmarshal(r.body, &e); err != nil {
			t.Fatalf("%s: %v", r.body, err)
		}
		if e.SpecVersion != "1.0" || e.ID == "" || e.Source != "test" || e.Seq == 0 || e.Time == "" {
			t.Errorf("got %s, want a whole CloudEvent", r.body)
		}
		got[e.Type] = string(e.Data)
		if by := vouchedFor(t, r, event.NewSecret(), secret); !cmp.Equal(by, []int{1}) {
			t.Errorf("got a signature %q by %v, want it by the secret", r.header.Get("webhook-signature"), by)
		}
		if ct := r.header.Get("Content-Type"); ct != "application/cloudevents+json" {
			t.Errorf("got content type %q", ct)
		}
	}
	if diff := cmp.Diff(map[string]string{"order.paid": `{"n":2}`, "stock.a.b": `{"n":4}`}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	for _, d := range ds {
		if d.Status != ordinaut.DeliveryDelivered || d.Answer.Code != 204 || d.Tries != 1 {
			t.Errorf("got %+v, want it delivered at once", d)
		}
	}
}

func TestWhatDoesNotArriveIsTriedAgainUnderItsId(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(n int, w http.ResponseWriter, r *http.Request)
		fault  string // of the first try
	}{
		"an error": {func(_ int, w http.ResponseWriter, _ *http.Request) { http.Error(w, "no database", 500) }, "answered 500"},
		"a redirect": {func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "answered 307"},
		"a stall":             {func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "did not answer within"},
		"a broken connection": {func(int, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			l := listen(t, func(n int, w http.ResponseWriter, r *http.Request) {
				if n < 3 {
					c.answer(n, w, r)
					return
				}
				fine(n, w, r)
			})
			hook, _ := w.subscribe(l.URL, ">")
			w.publish("a", 1)
			end := w.run(webhook.Options{Client: local(t), Pauses: []time.Duration{300 * time.Millisecond, time.Millisecond}, Wait: 200 * time.Millisecond})
			defer end()
			first := w.until(hook.ID, func(ds []ordinaut.WebhookDelivery) bool { return len(ds) == 1 && ds[0].Answer.Fault != "" })[0]
			if !strings.Contains(first.Answer.Fault, c.fault) {
				t.Errorf("got fault %q, want %q in it", first.Answer.Fault, c.fault)
			}
			if d := w.ended(hook.ID, 1)[0]; d.Status != ordinaut.DeliveryDelivered || d.Tries != 3 {
				t.Errorf("got %+v, want it delivered at the third try", d)
			}
			ids := map[string]bool{}
			for _, r := range l.requests() {
				ids[r.header.Get("webhook-id")] = true
			}
			if len(l.requests()) != 3 || len(ids) != 1 {
				t.Errorf("got %d requests under %d ids, want 3 under one", len(l.requests()), len(ids))
			}
		})
	}
}

func TestWhoIsGoneIsSentNothingMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := listen(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	hook, _ := w.subscribe(l.URL, "a")
	w.publish("a", 1)
	defer w.run(webhook.Options{Client: local(t), Pauses: quick()})()
	if d := w.ended(hook.ID, 1)[0]; d.Status != ordinaut.DeliveryFailed || d.Tries != 1 {
		t.Errorf("got %+v, want it given up at once", d)
	}
	events := w.eventsOf("webhook.disabled", 1)
	if events[0].Subject != string(hook.ID) || !strings.Contains(string(events[0].Data), "410") {
		t.Errorf("got %+v, want that the webhook was disabled", events[0])
	}
	if got, err := w.store.Webhook(t.Context(), hook.ID); err != nil || got.Disabled == "" {
		t.Errorf("got %+v, %v, want it disabled", got, err)
	}
}

// eventsOf waits for so many events of a topic.
func (w *world) eventsOf(topic string, n int) []ordinaut.Event {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
	defer cancel()
	grown, end := w.store.Watch(ordinaut.SignalLog)
	defer end()
	for {
		events, err := w.store.ListEvents(ctx, ordinaut.EventFilter{Topics: []string{topic}})
		w.must(err)
		if len(events) >= n {
			return events
		}
		select {
		case <-ctx.Done():
			w.Fatalf("got %d events %s, want %d", len(events), topic, n)
		case <-grown:
		}
	}
}

func TestWhoAsksToBeLeftAloneIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := listen(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fine(n, w, r)
	})
	hook, _ := w.subscribe(l.URL, ">")
	w.publish("a", 1)
	defer w.run(webhook.Options{Client: local(t), Pauses: quick()})()
	w.until(hook.ID, func(ds []ordinaut.WebhookDelivery) bool { return len(ds) == 1 && ds[0].Answer.Code == 429 })
	w.publish("a", 2) // which must wait as well
	w.ended(hook.ID, 2)
	requests := l.requests()
	if len(requests) != 3 {
		t.Fatalf("got %d requests, want 3", len(requests))
	}
	got, err := w.store.Webhook(t.Context(), hook.ID)
	w.must(err)
	if got.HoldUntil == nil {
		t.Error("got no time until which the webhook is left alone")
	}
	for _, r := range requests[1:] {
		if at := r.header.Get("webhook-timestamp"); at == requests[0].header.Get("webhook-timestamp") {
			t.Errorf("got another request in the second of the first, want it a second later")
		}
	}
}

func TestAWebhookIsSignedWithBothSecretsForADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := listen(t, fine)
	hook, old := w.subscribe(l.URL, ">")
	secret := event.NewSecret()
	next := hook
	next.Rev, next.Secrets = 2, hook.Secrets.Next(w.vault.Seal(event.AboutWebhook(hook.ID), secret), time.Now().Add(limits.SecretOverlap))
	w.must(w.store.UpdateWebhook(t.Context(), hook, next, w.change("webhook.rotate")))
	w.publish("a", 1)
	defer w.run(webhook.Options{Client: local(t)})()
	w.ended(hook.ID, 1)
	if by := vouchedFor(t, l.requests()[0], old, secret); !cmp.Equal(by, []int{0, 1}) {
		t.Errorf("got it signed by %v, want by both", by)
	}
}

func TestPrivateAddressesAreNotReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var reached atomic.Int64
	canary, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	w.must(err)
	defer canary.Close()
	go func() {
		for {
			c, err := canary.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(canary.Addr().String())
	guarded, err := egress.New(egress.Options{})
	w.must(err)
	defer w.run(webhook.Options{Client: guarded, Pauses: quick()})()
	for _, host := range []string{"127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "127.1"} {
		hook, _ := w.subscribe("http://"+host+":"+port+"/", "probe")
		w.publish("probe", 1)
		if d := w.ended(hook.ID, 1)[0]; d.Status != ordinaut.DeliveryFailed || d.Answer.Code != 0 {
			t.Errorf("%s: got %+v, want it refused", host, d)
		}
		w.must(w.store.DeleteWebhook(t.Context(), hook.ID, w.change("webhook.delete")))
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("got %d connections, want none", n)
	}
}

func TestASecretThatCannotBeOpenedSignsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := listen(t, fine)
	hook, _ := w.subscribe(l.URL, ">")
	next := hook
	next.Rev, next.Secrets = 2, ordinaut.Secrets{Now: []byte("of another store")}
	w.must(w.store.UpdateWebhook(t.Context(), hook, next, w.change("webhook.update")))
	w.publish("a", 1)
	defer w.run(webhook.Options{Client: local(t), Pauses: quick()})()
	if d := w.ended(hook.ID, 1)[0]; !strings.Contains(d.Answer.Fault, "rotate it") || d.Status != ordinaut.DeliveryFailed || len(l.requests()) != 0 {
		t.Errorf("got %+v and %d requests, want that nothing is sent", d, len(l.requests()))
	}
}

func TestWhatIsCutOffByAStopIsSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	came := make(chan struct{}, 1)
	l := listen(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			came <- struct{}{}
			<-r.Context().Done()
			return
		}
		fine(n, w, r)
	})
	hook, _ := w.subscribe(l.URL, ">")
	w.publish("a", 1)
	end := w.run(webhook.Options{Client: local(t)})
	<-came
	end()
	ds := w.until(hook.ID, func(ds []ordinaut.WebhookDelivery) bool { return len(ds) == 1 && ds[0].Owner == "" })
	if d := ds[0]; d.Status != ordinaut.DeliveryPending || !strings.Contains(d.Answer.Fault, "stopped") {
		t.Errorf("got %+v, want it handed back", d)
	}
	defer w.run(webhook.Options{Client: local(t)})()
	if d := w.ended(hook.ID, 1)[0]; d.Status != ordinaut.DeliveryDelivered {
		t.Errorf("got %+v, want it delivered", d)
	}
}

func TestOneThatIsStalledDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stalled := listen(t, func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	quickly := listen(t, fine)
	slow, _ := w.subscribe(stalled.URL, ">")
	fast, _ := w.subscribe(quickly.URL, ">")
	for n := range 2 * limits.WebhookEach {
		w.publish("a", n)
	}
	defer w.run(webhook.Options{Client: local(t), Wait: time.Minute})()
	w.ended(fast.ID, 2*limits.WebhookEach)
	ds := w.until(slow.ID, func(ds []ordinaut.WebhookDelivery) bool { return len(ds) == 2*limits.WebhookEach })
	under := 0
	for _, d := range ds {
		under += d.Tries
	}
	if under != limits.WebhookEach {
		t.Errorf("got %d under way to the one that stalls, want %d", under, limits.WebhookEach)
	}
}
