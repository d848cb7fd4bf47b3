package sqlite

import (
	"context"
	"database/sql"

	"github.com/ordinaut/ordinaut"
)

// CreateWebhook stores a new webhook.
func (s *Store) CreateWebhook(ctx context.Context, w ordinaut.Webhook, c ordinaut.Change) error {
	topics, err := encoded(w.Topics)
	if err != nil {
		return err
	}
	return s.change(ctx, c, func(t *tx) error {
		_, err := t.exec("InsertWebhook", string(w.ID), w.Rev, w.URL, w.Description, topics, w.Filter,
			w.Secrets.Now, w.Secrets.Old, microsOrNull(w.Secrets.OldUntil),
			string(w.CreatedBy), micros(w.CreatedAt), micros(w.UpdatedAt), w.After, w.Disabled,
			microsOrNull(w.FailingSince), microsOrNull(w.HoldUntil))
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
		done, err := t.changed("UpdateWebhook", string(was.ID), was.Rev, is.Rev, is.URL, is.Description, topics, is.Filter,
			is.Secrets.Now, is.Secrets.Old, microsOrNull(is.Secrets.OldUntil), micros(is.UpdatedAt), is.After, is.Disabled)
		if err != nil || done {
			t.signal(ordinaut.SignalDeliveries)
			return err
		}
		_, err = seen(t, "Webhook", scanWebhook, string(was.ID))
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
func (s *Store) DeleteWebhook(ctx context.Context, id ordinaut.WebhookID, c ordinaut.Change) error {
	return s.change(ctx, c, func(t *tx) error {
		gone, err := t.changed("DeleteWebhook", string(id))
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
func (s *Store) Webhook(ctx context.Context, id ordinaut.WebhookID) (ordinaut.Webhook, error) {
	return first(ctx, s.read, "Webhook", scanWebhook, string(id))
}

// ListWebhooks lists webhooks, oldest first.
func (s *Store) ListWebhooks(ctx context.Context) ([]ordinaut.Webhook, error) {
	return all(ctx, s.read, "ListWebhooks", scanWebhook)
}

func scanWebhook(r *sql.Rows, w *ordinaut.Webhook) error {
	return r.Scan(&w.ID, &w.Rev, &w.URL, &w.Description, decoded{&w.Topics}, &w.Filter,
		&w.Secrets.Now, &w.Secrets.Old, optional{&w.Secrets.OldUntil},
		&w.CreatedBy, (*instant)(&w.CreatedAt), (*instant)(&w.UpdatedAt), &w.After, &w.Disabled,
		optional{&w.FailingSince}, optional{&w.HoldUntil})
}

// answered notes on a webhook what its answer to a try says of it, when that is
// anything new.
func (t *tx) answered(id ordinaut.WebhookID, o ordinaut.DeliveryOutcome, tried int64) (ordinaut.Webhook, error) {
	var hold any
	if o.Hold > 0 {
		hold = micros(t.now.Add(o.Hold))
	}
	if _, err := t.exec("AnswerOfWebhook", string(id), o.Status == ordinaut.DeliveryDelivered, tried, hold); err != nil {
		return ordinaut.Webhook{}, err
	}
	return seen(t, "Webhook", scanWebhook, string(id))
}
