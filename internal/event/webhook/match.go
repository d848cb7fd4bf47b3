package webhook

import (
	"log/slog"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// A matcher knows to which webhooks an event goes.
type matcher struct {
	log      *slog.Logger
	compiled map[ordinaut.WebhookID]*event.Subscription
}

// deliveries are those of the events to the webhooks.
func (m *matcher) deliveries(events []ordinaut.Event, webhooks []ordinaut.Webhook) []ordinaut.WebhookDelivery {
	var all []ordinaut.WebhookDelivery
	for _, e := range events {
		seen := &event.Seen{Event: e}
		for _, w := range webhooks {
			if w.Disabled != "" || !w.Covers(e) {
				continue
			}
			s := m.subscription(w)
			wants, err := s.Wants(seen)
			if err != nil {
				m.log.Debug("the filter of a webhook cannot be evaluated", keyWebhook, w.ID, keySeq, e.Seq, telemetry.Err(err))
			}
			if wants {
				all = append(all, s.Delivery(e))
			}
		}
	}
	return all
}

// subscription is what a webhook looks out for, as of its last edit. It was
// checked when the webhook was stored.
func (m *matcher) subscription(w ordinaut.Webhook) *event.Subscription {
	if s := m.compiled[w.ID]; s != nil && s.Webhook().Rev == w.Rev {
		return s
	}
	s, err := event.Subscribe(w)
	if err != nil {
		m.log.Error("a webhook cannot be read", keyWebhook, w.ID, telemetry.Err(err))
		s = &event.Subscription{}
	}
	m.compiled[w.ID] = s
	return s
}

// The keys of log attributes that only this room writes.
const (
	keyWebhook = "webhook_id"
	keyHook    = "hook"
	keySeq     = "seq" // the position of an event
)
