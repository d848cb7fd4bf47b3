package service

import (
	"context"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// ReplayWebhook asks for one delivery, or events of a range, to be sent to a
// webhook again.
type ReplayWebhook struct {
	Webhook  string     `json:"webhook" doc:"The id of the webhook."`
	Delivery string     `json:"delivery,omitempty" doc:"The id of one delivery."`
	From     *time.Time `json:"from,omitempty" doc:"Events of this time or later."`
	To       *time.Time `json:"to,omitempty" doc:"Events before this time; now, when left out."`
	After    int64      `json:"after,omitempty" minimum:"0" doc:"Events behind this position of the log."`
	Until    int64      `json:"until,omitempty" minimum:"0" doc:"Events up to this position of the log."`
}

// Replayed says what is sent again.
type Replayed struct {
	DryRun bool            `json:"dry_run" doc:"Nothing was done; this is what would be."`
	Count  int             `json:"count" doc:"How many events are sent."`
	More   bool            `json:"more" doc:"The range has more of them than are sent at once; replay behind last_seq."`
	Last   int64           `json:"last_seq,omitempty" doc:"The position of the last one."`
	Items  []ReplayedEvent `json:"items" doc:"The events, oldest first." nullable:"false"`
}

// ReplayedEvent is an event that is sent again.
type ReplayedEvent struct {
	Seq   int64     `json:"seq,omitempty" doc:"Its position in the log."`
	ID    string    `json:"id" doc:"Its id."`
	Topic string    `json:"topic" doc:"Its topic."`
	Time  time.Time `json:"time" doc:"When it was written down."`
}

// ReplayWebhook sends again what was sent, and sends what was not: the events
// of a range that the webhook is for as it is now, whether it was enabled then or
// not. What was sent before keeps its id, so that a receiver that counts each
// delivery once takes no notice.
func (s *Service) ReplayWebhook(ctx context.Context, r ReplayWebhook) (Replayed, error) {
	w, err := s.findWebhook(ctx, r.Webhook)
	if err != nil {
		return Replayed{}, err
	}
	if err := r.check(); err != nil {
		return Replayed{}, err
	}
	c := ordinaut.ChangeFrom(ctx)
	answer := Replayed{DryRun: c.DryRun, Items: []ReplayedEvent{}}
	ds, more, err := s.toReplay(ctx, w, r)
	if err != nil {
		return Replayed{}, err
	}
	answer.Count, answer.More = len(ds), more
	for _, d := range ds {
		seq := max(d.Event.Seq, 0)
		answer.Last = max(answer.Last, seq)
		answer.Items = append(answer.Items, ReplayedEvent{Seq: seq, ID: d.Event.ID, Topic: d.Event.Topic, Time: d.Event.At})
	}
	if c.DryRun || len(ds) == 0 {
		return answer, nil
	}
	if err := s.store.SendAgain(ctx, ds, c.About(string(w.ID))); err != nil {
		return Replayed{}, fmt.Errorf("send deliveries again: %w", err)
	}
	return answer, nil
}

// check refuses a request that means nothing, or two things.
func (r ReplayWebhook) check() error {
	ranged := r.From != nil || r.To != nil || r.After != 0 || r.Until != 0
	switch {
	case r.Delivery == "" && !ranged:
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/delivery", Message: "it is not said what is to be sent again",
			Fix: "name a delivery, or say from when or behind which position", Examples: []string{`{"after": 100}`, `{"from": "2027-01-04T10:00:00Z"}`},
		}
	case r.Delivery != "" && ranged:
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/delivery", Sent: r.Delivery, Message: "a delivery and a range are asked for at once",
			Fix: "send one of them",
		}
	}
	return nil
}

// toReplay is what is asked for.
func (s *Service) toReplay(ctx context.Context, w ordinaut.Webhook, r ReplayWebhook) (ds []ordinaut.WebhookDelivery, more bool, err error) {
	if r.Delivery == "" {
		return s.toReplayRange(ctx, w, r)
	}
	ds, err = s.store.ListWebhookDeliveries(ctx, ordinaut.DeliveryFilter{WebhookID: w.ID, ID: ordinaut.DeliveryID(r.Delivery), Limit: 1})
	if err == nil && len(ds) == 0 {
		err = &ordinaut.Error{
			Code: ordinaut.CodeDeliveryNotFound, At: "/delivery", Sent: r.Delivery,
			Message: fmt.Sprintf("the webhook has no delivery %q, or it is no longer kept", r.Delivery),
			Fix:     fmt.Sprintf("see its deliveries with ordinaut webhooks deliveries %s", w.ID),
		}
	}
	return ds, false, err
}

// toReplayRange is the events of a range that the webhook is for.
func (s *Service) toReplayRange(ctx context.Context, w ordinaut.Webhook, r ReplayWebhook) ([]ordinaut.WebhookDelivery, bool, error) {
	sub, err := event.Subscribe(w)
	if err != nil {
		return nil, false, err
	}
	f := ordinaut.EventFilter{Topics: w.Topics, After: r.After, Until: r.Until, Limit: limits.WebhookReplay}
	replace(&f.From, r.From)
	replace(&f.To, r.To)
	var ds []ordinaut.WebhookDelivery
	for {
		events, err := s.store.ListEvents(ctx, f)
		if err != nil {
			return nil, false, err
		}
		for _, e := range events {
			f.After = e.Seq
			wants, err := sub.Wants(&event.Seen{Event: e})
			if !wants || err != nil {
				continue // a filter that cannot be evaluated wants nothing
			}
			if len(ds) == limits.WebhookReplay {
				return ds, true, nil
			}
			ds = append(ds, sub.Delivery(e))
		}
		if len(events) < f.Limit {
			return ds, false, nil
		}
	}
}
