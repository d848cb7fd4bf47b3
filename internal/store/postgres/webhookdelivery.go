package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// AddDeliveries stores deliveries and says how many were new.
func (s *Store) AddDeliveries(ctx context.Context, ds []ordinaut.WebhookDelivery) (added int, err error) {
	err = s.write(ctx, func(t *tx) error {
		added = 0
		for _, d := range ds {
			fresh, err := t.addDelivery(d)
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("add %d deliveries: %w", len(ds), err)
	}
	return added, nil
}

// addDelivery stores a delivery, and says whether it was new.
func (t *tx) addDelivery(d ordinaut.WebhookDelivery) (bool, error) {
	bare := d.Event
	bare.Data = nil
	event, err := encoded(bare)
	if err != nil {
		return false, err
	}
	fresh, err := t.changed("InsertDelivery", id(d.ID), id(d.WebhookID), d.Event.Seq, event, document(d.Event.Data), t.now)
	if fresh {
		t.signal(ordinaut.SignalDeliveries)
	}
	return fresh, err
}

// ClaimDeliveries gives due deliveries to an owner.
func (s *Store) ClaimDeliveries(ctx context.Context, owner string, n, each int, lease time.Duration) (ordinaut.ClaimedDeliveries, error) {
	var c ordinaut.ClaimedDeliveries
	err := s.write(ctx, func(t *tx) error {
		c = ordinaut.ClaimedDeliveries{Webhooks: map[ordinaut.WebhookID]ordinaut.Webhook{}}
		if err := t.claimDeliveries(&c, owner, n, each, lease); err != nil {
			return err
		}
		return t.nextDelivery(&c)
	})
	if err != nil {
		return ordinaut.ClaimedDeliveries{}, fmt.Errorf("claim deliveries: %w", err)
	}
	return c, nil
}

// room is how many more deliveries a webhook may have under way.
type room struct {
	webhook ordinaut.WebhookID
	more    int
}

func scanRoom(r row, m *room) error { return r.Scan(&m.webhook, &m.more) }

func (t *tx) claimDeliveries(c *ordinaut.ClaimedDeliveries, owner string, n, each int, lease time.Duration) error {
	due, err := seenAll(t, "DueWebhooks", scanRoom, t.now, each)
	if err != nil {
		return err
	}
	for _, d := range due {
		most := min(d.more, n-len(c.Deliveries))
		if most <= 0 {
			continue
		}
		claimed, err := changedRows(t, "ClaimDeliveries", scanDelivery, id(d.webhook), t.now, owner, t.now.Add(lease), most)
		if err != nil {
			return err
		}
		if c.Webhooks[d.webhook], err = seen(t, "Webhook", scanWebhook, id(d.webhook)); err != nil {
			return err
		}
		slices.SortFunc(claimed, func(a, b ordinaut.WebhookDelivery) int { return cmp.Compare(a.Event.Seq, b.Event.Seq) })
		c.Deliveries = append(c.Deliveries, claimed...)
	}
	return nil
}

// nextDelivery says how long it is until more is due.
func (t *tx) nextDelivery(c *ordinaut.ClaimedDeliveries) error {
	at, err := seen(t, "NextDelivery", func(r row, at **time.Time) error { return r.Scan(at) }, t.now)
	if err != nil || at == nil {
		return err
	}
	left := max(at.Sub(t.now), 0)
	c.Next = &left
	return nil
}

// SettleDelivery records what came of a try.
func (s *Store) SettleDelivery(ctx context.Context, d ordinaut.WebhookDelivery, o ordinaut.DeliveryOutcome) (w ordinaut.Webhook, err error) {
	err = s.write(ctx, func(t *tx) error {
		due, ended := t.now, &t.now
		if o.Status == ordinaut.DeliveryPending {
			due, ended = t.now.Add(o.Again), nil
		}
		done, err := t.changed("SettleDelivery", id(d.ID), d.Owner, d.Tries, string(o.Status), due, ended,
			o.Answer.Code, o.Answer.Took.Microseconds(), plain(o.Answer.Body), plain(o.Answer.Fault))
		if err != nil {
			return err
		}
		if !done {
			return ordinaut.ErrLeaseLost
		}
		t.signal(ordinaut.SignalDeliveries) // there is room for another one
		w, err = t.answered(d.WebhookID, o, cmp.Or(deref(d.TriedAt), t.now))
		return err
	})
	if err != nil && !errors.Is(err, ordinaut.ErrLeaseLost) {
		err = fmt.Errorf("settle delivery %s: %w", d.ID, err)
	}
	return w, err
}

// deref is what a pointer points to; the zero time for nil.
func deref(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// SendAgain has deliveries sent from their beginning.
func (s *Store) SendAgain(ctx context.Context, ds []ordinaut.WebhookDelivery, c ordinaut.Change) error {
	return s.change(ctx, c, func(t *tx) error {
		for _, d := range ds {
			fresh, err := t.addDelivery(d)
			if err == nil && !fresh {
				_, err = t.exec("SendAgain", id(d.WebhookID), d.Event.Seq, t.now)
			}
			if err != nil {
				return err
			}
		}
		t.signal(ordinaut.SignalDeliveries)
		return nil
	})
}

// ListWebhookDeliveries lists deliveries, newest first.
func (s *Store) ListWebhookDeliveries(ctx context.Context, f ordinaut.DeliveryFilter) ([]ordinaut.WebhookDelivery, error) {
	return all(ctx, s, "ListDeliveriesOfWebhook", scanDelivery,
		id(f.WebhookID), id(f.Before), string(f.Status), id(f.ID), page(f.Limit))
}

func scanDelivery(r row, d *ordinaut.WebhookDelivery) error {
	var data []byte
	var took int64
	err := r.Scan(&d.ID, &d.WebhookID, decoded{&d.Event}, &data, &d.Status, &d.CreatedAt, &d.DueAt,
		&d.Owner, &d.Tries, &d.TriedAt, &d.EndedAt, &d.Answer.Code, &took, &d.Answer.Body, &d.Answer.Fault)
	d.Event.Data, d.Answer.Took = data, time.Duration(took)*time.Microsecond
	return err
}

// PruneDeliveries deletes deliveries that ended long ago.
func (s *Store) PruneDeliveries(ctx context.Context, keep time.Duration, limit int) (more bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		deleted, err := t.exec("PruneDeliveries", t.now.Add(-keep), limit)
		more = int(deleted) >= limit
		return err
	})
	if err != nil {
		return false, fmt.Errorf("prune deliveries: %w", err)
	}
	return more, nil
}
