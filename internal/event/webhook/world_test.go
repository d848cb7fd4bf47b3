package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/event/webhook"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
)

// world is a store, and a vault for its secrets.
type world struct {
	*testing.T
	store *sqlite.Store
	vault auth.Vault
	agent ordinaut.AgentID
}

// TestMain makes an empty database of the newest schema, to be copied: under the
// race detector a migration takes longer than most tests.
func TestMain(m *testing.M) {
	_, err := fresh()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

var fresh = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "webhook-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	store, err := sqlite.Open(context.Background(), sqlite.Options{Dir: dir})
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "ordinaut.db"))
})

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	content, err := fresh()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "ordinaut.db"), content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w := &world{T: t, store: store}
	secret, err := store.Secret(t.Context(), "webhooks")
	w.must(err)
	w.vault, err = auth.NewVault(secret)
	w.must(err)
	agent, err := store.EnsureAgent(t.Context(), ordinaut.Agent{ID: ordinaut.AgentID(newID()), Name: "ada", Kind: ordinaut.AgentPerson})
	w.must(err)
	w.agent = agent.ID
	return w
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) change(action string) ordinaut.Change {
	return ordinaut.Change{Actor: w.agent, Action: action}
}

// subscribe makes a webhook, and tells its secret.
func (w *world) subscribe(url string, topics ...string) (ordinaut.Webhook, string) {
	w.Helper()
	return w.subscribeIf(url, "", topics...)
}

func (w *world) subscribeIf(url, filter string, topics ...string) (ordinaut.Webhook, string) {
	w.Helper()
	secret := event.NewSecret()
	_, end, err := w.store.EventEnds(w.Context())
	w.must(err)
	id := ordinaut.WebhookID(newID())
	hook := ordinaut.Webhook{
		ID: id, Rev: 1, URL: url, Topics: topics, Filter: filter, CreatedBy: w.agent, After: end,
		Secrets: ordinaut.Secrets{Now: w.vault.Seal(event.AboutWebhook(id), secret)},
	}
	w.must(w.store.CreateWebhook(w.Context(), hook, w.change("webhook.create")))
	return hook, secret
}

// publish tells of an event.
func (w *world) publish(topic string, n int) {
	w.Helper()
	e := ordinaut.Event{ID: newID(), Source: "test", Topic: topic, Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))}
	_, err := w.store.Publish(w.Context(), []ordinaut.Event{e}, w.change("event.publish"))
	w.must(err)
}

// run runs a deliverer until the end that is returned.
func (w *world) run(o webhook.Options) (end func()) {
	if o.Store == nil {
		o.Store = w.store
	}
	o.Vault = w.vault
	stop, cancel := context.WithCancel(context.WithoutCancel(w.Context()))
	abort, cut := context.WithCancel(context.WithoutCancel(w.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); webhook.NewDeliverer(o).Run(stop, abort) }()
	return func() { cancel(); cut(); <-ended }
}

// deliveries are those of a webhook, oldest first, once there are so many that
// have ended.
func (w *world) ended(id ordinaut.WebhookID, n int) []ordinaut.WebhookDelivery {
	w.Helper()
	return w.until(id, func(ds []ordinaut.WebhookDelivery) bool {
		done := 0
		for _, d := range ds {
			if d.Status != ordinaut.DeliveryPending {
				done++
			}
		}
		return done >= n
	})
}

// until waits until deliveries are as they are wanted.
func (w *world) until(id ordinaut.WebhookID, as func([]ordinaut.WebhookDelivery) bool) []ordinaut.WebhookDelivery {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		ds, err := w.store.ListWebhookDeliveries(ctx, ordinaut.DeliveryFilter{WebhookID: id})
		w.must(err)
		if as(ds) {
			return ds
		}
		select {
		case <-ctx.Done():
			w.Fatalf("the deliveries did not come to be as wanted: %+v", ds)
		case <-tick.C:
		}
	}
}

// transport answers requests without a network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
