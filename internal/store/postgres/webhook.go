package postgres

import (
	"context"
	"time"

	"github.com/ordinaut/ordinaut"
)

// CreateWebhook stores a new webhook.
func (s *Store) CreateWebhook(ctx context.Context, w ordinaut.Webhook, c ordinaut.Change) error {
	topics, err := encoded(w.Topics)
	if err != nil {
		return err
	}
	return s.change(ctx, c, func(t *tx) error {
		_, err := t.exec("InsertWebhook", id(w.ID), w.Rev, plain(w.URL), plain(w.Description), topics, plain(w.Filter),
			w.Secrets.Now, w.Secrets.Old, w.Secrets.OldUntil,
			string(w.CreatedBy), w.CreatedAt, w.UpdatedAt, w.After, plain(w.Disabled),
			w.FailingSince, w.HoldUntil)
		t.signal(ordinaut.SignalDeliveries) // who sends looks at the log again
		return err
	})
}

// UpdateWebhook makes the webhook what it is to be.
func (s *Store) UpdateWebhook(ctx context.Context, was, is ordinaut.Webhook, c ordinaut.Change) error {
	topics, err := encoded(is.Topics)
	if err != nil {
		return err
	}
	return s.change(ctx, c, func(t *tx) error {
		done, err := t.changed("UpdateWebhook", id(was.ID), was.Rev, is.Rev, plain(is.URL), plain(is.Description), topics, plain(is.Filter),
			is.Secrets.Now, is.Secrets.Old, is.Secrets.OldUntil, is.UpdatedAt, is.After, plain(is.Disabled))
		if err != nil || done {
			t.signal(ordinaut.SignalDeliveries)
			return err
		}
		_, err = seen(t, "Webhook", scanWebhook, id(was.ID))
		return moved(err)
	})
}

// moved is why something could not be updated, after it was looked for.
func moved(found error) error {
	if found == nil {
		return ordinaut.ErrMoved
	}
	return found
}

// DeleteWebhook forgets a webhook and its deliveries.
func (s *Store) DeleteWebhook(ctx context.Context, which ordinaut.WebhookID, c ordinaut.Change) error {
	return s.change(ctx, c, func(t *tx) error {
		gone, err := t.changed("DeleteWebhook", id(which))
		return missing(gone, err)
	})
}

// missing is ErrNotFound when nothing was changed.
func missing(changed bool, err error) error {
	if err == nil && !changed {
		return ordinaut.ErrNotFound
	}
	return err
}

// Webhook finds a webhook.
func (s *Store) Webhook(ctx context.Context, which ordinaut.WebhookID) (ordinaut.Webhook, error) {
	return first(ctx, s, "Webhook", scanWebhook, id(which))
}

// ListWebhooks lists webhooks, oldest first.
func (s *Store) ListWebhooks(ctx context.Context) ([]ordinaut.Webhook, error) {
	return all(ctx, s, "ListWebhooks", scanWebhook)
}

func scanWebhook(r row, w *ordinaut.Webhook) error {
	return r.Scan(&w.ID, &w.Rev, &w.URL, &w.Description, decoded{&w.Topics}, &w.Filter,
		&w.Secrets.Now, &w.Secrets.Old, &w.Secrets.OldUntil,
		&w.CreatedBy, &w.CreatedAt, &w.UpdatedAt, &w.After, &w.Disabled,
		&w.FailingSince, &w.HoldUntil)
}

// answered notes on a webhook what its answer to a try says of it, when that is
// anything new.
func (t *tx) answered(which ordinaut.WebhookID, o ordinaut.DeliveryOutcome, tried time.Time) (ordinaut.Webhook, error) {
	var hold *time.Time
	if o.Hold > 0 {
		until := t.now.Add(o.Hold)
		hold = &until
	}
	if _, err := t.exec("AnswerOfWebhook", id(which), o.Status == ordinaut.DeliveryDelivered, tried, hold); err != nil {
		return ordinaut.Webhook{}, err
	}
	return seen(t, "Webhook", scanWebhook, id(which))
}
