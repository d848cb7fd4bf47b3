package event

import (
	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// Subscription is what a webhook looks out for, compiled. It never changes, and
// many goroutines may ask it at once.
type Subscription struct {
	webhook  ordinaut.Webhook
	lookouts []*lookout.Lookout
}

// Subscribe compiles what a webhook looks out for, and tells everything that is
// wrong with it.
func Subscribe(w ordinaut.Webhook) (*Subscription, error) {
	s := &Subscription{webhook: w}
	var faults ordinaut.Errors
	for _, topic := range w.Topics {
		l, err := lookout.New(topic, w.Filter)
		faults.Add(err)
		s.lookouts = append(s.lookouts, l)
	}
	return s, faults.Err()
}

// Webhook is the one that subscribes.
func (s *Subscription) Webhook() ordinaut.Webhook { return s.webhook }

// Wants says whether the webhook wants an event, whatever its position in the
// log. A filter that cannot be evaluated wants nothing, and the error says why.
func (s *Subscription) Wants(e *Seen) (bool, error) {
	for _, l := range s.lookouts {
		if !l.Covers(e.Topic) {
			continue
		}
		view, err := e.view()
		if err != nil {
			return false, err
		}
		return l.Sees(view)
	}
	return false, nil
}

// Delivery is a delivery of an event to the webhook, as it is added.
func (s *Subscription) Delivery(e ordinaut.Event) ordinaut.WebhookDelivery {
	return ordinaut.WebhookDelivery{ID: ordinaut.DeliveryID(uuid.Must(uuid.NewV7()).String()), WebhookID: s.webhook.ID, Event: e}
}

// Seen is an event as filters see it, which is made when the first one asks.
type Seen struct {
	ordinaut.Event
	fields map[string]any
}

func (e *Seen) view() (map[string]any, error) {
	if e.fields != nil {
		return e.fields, nil
	}
	document, err := lookout.Document(e.Event)
	if err == nil {
		e.fields, err = lookout.View(document)
	}
	return e.fields, err
}

// AboutWebhook is what the secret of a webhook is sealed about.
func AboutWebhook(id ordinaut.WebhookID) string { return "webhook " + string(id) }

// AboutHook is what the secret of a hook is sealed about.
func AboutHook(name string) string { return "hook " + name }
