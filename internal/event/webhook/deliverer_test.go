package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event/webhook"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// inTime runs a test in virtual time, on a store that closes within it.
func inTime(t *testing.T, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		test(w)
		w.must(w.store.Close())
	})
}

// idle is a time between two looks at which virtual days take seconds.
const idle = 10 * time.Minute

// pass lets virtual time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func answered(r *http.Request, code int) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: http.NoBody, Request: r}
}

func TestAWebhookThatFailsForADayIsDisabled(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		began := time.Now()
		var at []time.Duration
		end := w.run(webhook.Options{Look: idle, Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			at = append(at, time.Since(began).Round(time.Second))
			return answered(r, 500), nil
		})}})
		hook, _ := w.subscribe("http://example.com/", "a")
		w.publish("a", 1)
		pass(28 * time.Hour)
		end()
		if len(at) != 10 || at[9] < 24*time.Hour || at[1] > 7*time.Second {
			w.Errorf("got tries after %v, want 10 over a day", at)
		}
		got, err := w.store.Webhook(w.Context(), hook.ID)
		w.must(err)
		if !strings.Contains(got.Disabled, "nothing has arrived since") || !strings.Contains(got.Disabled, "500") {
			w.Errorf("got disabled %q, want it for a day without an arrival", got.Disabled)
		}
		w.eventsOf("webhook.disabled", 1)
	})
}

func TestAWebhookThatTakesSomethingIsNotDisabled(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		end := w.run(webhook.Options{Look: idle, Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			if bytes.Contains(body, []byte(`"type":"bad"`)) {
				return answered(r, 500), nil
			}
			return answered(r, 200), nil
		})}})
		hook, _ := w.subscribe("http://example.com/", ">")
		w.publish("bad", 1)
		for range 28 {
			pass(time.Hour)
			w.publish("good", 1)
		}
		pass(time.Minute)
		end()
		got, err := w.store.Webhook(w.Context(), hook.ID)
		w.must(err)
		if ds := w.ended(hook.ID, 29); got.Disabled != "" || len(ds) != 29 {
			w.Errorf("got disabled %q after %d deliveries, want it enabled", got.Disabled, len(ds))
		}
	})
}

func TestWhatWasMissedWhileNobodyListenedIsNotSent(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		var got []string
		end := w.run(webhook.Options{Look: idle, Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			var e struct{ Data struct{ N int } }
			_ = json.NewDecoder(r.Body).Decode(&e)
			got = append(got, fmt.Sprint(e.Data.N))
			return answered(r, 200), nil
		})}})
		before := make([]ordinaut.Event, 700) // more than are read at a time
		for i := range before {
			before[i] = ordinaut.Event{ID: newID(), Source: "test", Topic: "a"}
		}
		_, err := w.store.Publish(w.Context(), before, w.change("event.publish"))
		w.must(err)
		w.subscribe("http://example.com/", "a")
		pass(time.Minute)
		w.publish("a", 5000)
		pass(time.Minute)
		end()
		if fmt.Sprint(got) != "[5000]" {
			w.Errorf("got %v, want what happened since there is a webhook", got)
		}
	})
}

func TestOldDeliveriesAreForgotten(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		end := w.run(webhook.Options{Look: idle, Keep: 2 * time.Hour, Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) { return answered(r, 200), nil })}})
		hook, _ := w.subscribe("http://example.com/", "a")
		w.publish("a", 1)
		pass(time.Minute)
		if n := len(w.ended(hook.ID, 1)); n != 1 {
			w.Errorf("got %d deliveries, want one", n)
		}
		pass(4 * time.Hour)
		end()
		ds, err := w.store.ListWebhookDeliveries(w.Context(), ordinaut.DeliveryFilter{WebhookID: hook.ID})
		w.must(err)
		if len(ds) != 0 {
			w.Errorf("got %d deliveries, want none", len(ds))
		}
	})
}

// mortal is a store of a process that dies after so many calls: from then on
// nothing that it does reaches the store, and nothing comes back.
type mortal struct {
	webhook.Store
	mu   sync.Mutex
	left int
}

var errDead = errors.New("the process is dead")

// call says whether the process still lives; after is to be asked again when the
// call was made, since one may die before its answer is there.
func (m *mortal) call() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left--; m.left < 0 {
		return errDead
	}
	return nil
}

func (m *mortal) ReadEvents(ctx context.Context, r ordinaut.Reader, n int, lease time.Duration) (ordinaut.Reading, error) {
	if err := m.call(); err != nil {
		return ordinaut.Reading{}, err
	}
	got, err := m.Store.ReadEvents(ctx, r, n, lease)
	return got, errors.Join(err, m.call())
}

func (m *mortal) AdvanceReader(ctx context.Context, r ordinaut.Reader, from, to int64) error {
	if err := m.call(); err != nil {
		return err
	}
	return errors.Join(m.Store.AdvanceReader(ctx, r, from, to), m.call())
}

func (m *mortal) AddDeliveries(ctx context.Context, ds []ordinaut.WebhookDelivery) (int, error) {
	if err := m.call(); err != nil {
		return 0, err
	}
	n, err := m.Store.AddDeliveries(ctx, ds)
	return n, errors.Join(err, m.call())
}

func (m *mortal) ClaimDeliveries(ctx context.Context, owner string, n, each int, lease time.Duration) (ordinaut.ClaimedDeliveries, error) {
	if err := m.call(); err != nil {
		return ordinaut.ClaimedDeliveries{}, err
	}
	c, err := m.Store.ClaimDeliveries(ctx, owner, n, each, lease)
	if err := errors.Join(err, m.call()); err != nil {
		return ordinaut.ClaimedDeliveries{}, err
	}
	return c, nil
}

func (m *mortal) SettleDelivery(ctx context.Context, d ordinaut.WebhookDelivery, o ordinaut.DeliveryOutcome) (ordinaut.Webhook, error) {
	if err := m.call(); err != nil {
		return ordinaut.Webhook{}, err
	}
	w, err := m.Store.SettleDelivery(ctx, d, o)
	return w, errors.Join(err, m.call())
}

// receiver notes how often each event came to each webhook, and fails now and then.
type receiver struct {
	mu    sync.Mutex
	dice  *rand.Rand
	came  map[string]map[int]int // by path and number of the event: how often it was taken
	under map[string]map[int]map[string]bool
	wrong []string
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	var e struct {
		Type string
		Data struct{ N int }
	}
	err := json.NewDecoder(req.Body).Decode(&e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || "/"+e.Type != req.URL.Path {
		r.wrong = append(r.wrong, fmt.Sprintf("%s at %s: %v", e.Type, req.URL.Path, err))
	}
	if r.came[e.Type] == nil {
		r.came[e.Type], r.under[e.Type] = map[int]int{}, map[int]map[string]bool{}
	}
	if r.under[e.Type][e.Data.N] == nil {
		r.under[e.Type][e.Data.N] = map[string]bool{}
	}
	r.under[e.Type][e.Data.N][req.Header.Get("Webhook-Id")] = true
	switch r.dice.IntN(10) {
	case 0:
		return nil, errors.New("the line is cut")
	case 1:
		return answered(req, 503), nil
	}
	r.came[e.Type][e.Data.N]++
	return answered(req, 200), nil
}

// TestNoEventIsMissedWhicheverProcessDies lets processes die before and behind each
// kind of call, two at a time, while events come. The sweep is sized for seconds.
func TestNoEventIsMissedWhicheverProcessDies(t *testing.T) {
	t.Parallel()
	const seed, events, deaths = 7, 120, 60
	inTime(t, func(w *world) {
		dice := rand.New(rand.NewPCG(seed, 0))
		r := &receiver{dice: rand.New(rand.NewPCG(seed, 1)), came: map[string]map[int]int{}, under: map[string]map[int]map[string]bool{}}
		a, _ := w.subscribe("http://example.com/a", "a")
		b, _ := w.subscribeIf("http://example.com/b", "data.n < `1000`", "b", "a.none")
		n := 0
		for life := range deaths {
			var ends []func()
			for i := range 2 {
				s := &mortal{Store: w.store, left: dice.IntN(40)}
				ends = append(ends, w.run(webhook.Options{Look: limits.Lease, Store: s, Client: &http.Client{Transport: r}, Owner: fmt.Sprintf("p%d.%d", life, i)}))
			}
			for range events / deaths {
				w.publish("a", n)
				w.publish("b", n)
				w.publish("b", n+5000)
				w.publish("c", n)
				n++
			}
			pass(time.Duration(dice.IntN(90)) * time.Second)
			for _, end := range ends {
				end()
			}
		}
		end := w.run(webhook.Options{Look: idle, Client: &http.Client{Transport: r}, Owner: "last"})
		pass(2 * 26 * time.Hour)
		end()
		more := 0
		for _, hook := range []ordinaut.Webhook{a, b} {
			ds := w.ended(hook.ID, events)
			topic := hook.Topics[0]
			if len(ds) != events || len(r.came[topic]) != events {
				w.Errorf("%s: got %d deliveries of %d events, want %d of each", topic, len(ds), len(r.came[topic]), events)
			}
			for n, times := range r.came[topic] {
				more += times - 1
				if ids := len(r.under[topic][n]); ids != 1 {
					w.Errorf("%s %d: got it under %d ids, want one", topic, n, ids)
				}
			}
		}
		if len(r.wrong) > 0 {
			w.Errorf("got what no webhook is for: %v", r.wrong)
		}
		w.Logf("seed %d: %d deaths, %d events to two webhooks each, %d arrived more than once", seed, 2*deaths, events, more)
	})
}

func TestNoMoreIsUnderWayThanAWebhookMayHave(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		var mu sync.Mutex
		under, most := 0, 0
		client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			<-time.After(time.Second)
			mu.Lock()
			under--
			mu.Unlock()
			return answered(r, 200), nil
		})}
		first, second := w.run(webhook.Options{Look: idle, Client: client, Owner: "one"}), w.run(webhook.Options{Look: idle, Client: client, Owner: "two"})
		hook, _ := w.subscribe("http://example.com/", "a")
		for n := range 5 * limits.WebhookEach {
			w.publish("a", n)
		}
		pass(time.Minute)
		first()
		second()
		if n := len(w.ended(hook.ID, 5*limits.WebhookEach)); most != limits.WebhookEach || n != 5*limits.WebhookEach {
			w.Errorf("got up to %d at once of %d, want %d", most, n, limits.WebhookEach)
		}
	})
}
