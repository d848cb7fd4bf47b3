package service

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// WebhookDelivery is an event that is sent to a webhook, as it is shown.
type WebhookDelivery struct {
	ID         ordinaut.DeliveryID     `json:"id" doc:"Its id, which is the header webhook-id of every try."`
	Event      Event                   `json:"event" doc:"What is sent."`
	Status     ordinaut.DeliveryStatus `json:"status" enum:"pending,delivered,failed" doc:"Where it stands; one that failed was given up."`
	Tries      int                     `json:"tries" doc:"How often it was tried."`
	Code       int                     `json:"code,omitempty" doc:"The HTTP status of the last answer."`
	TookMS     int64                   `json:"took_ms,omitempty" doc:"How long the last try took, in milliseconds."`
	Answer     string                  `json:"answer,omitempty" doc:"The beginning of the last answer."`
	Error      string                  `json:"error,omitempty" doc:"Why the last try did not arrive."`
	CreatedAt  time.Time               `json:"created_at" doc:"Since when it is to be sent."`
	TriedAt    *time.Time              `json:"tried_at,omitempty" doc:"When it was tried last."`
	NextTryAt  *time.Time              `json:"next_try_at,omitempty" doc:"When it is tried next; while it is under way, when it is taken for lost."`
	FinishedAt *time.Time              `json:"finished_at,omitempty" doc:"When it arrived, or was given up."`
}

// ListWebhookDeliveries asks for deliveries to a webhook.
type ListWebhookDeliveries struct {
	Webhook string                  `json:"webhook" doc:"The id of the webhook."`
	Status  ordinaut.DeliveryStatus `json:"status,omitempty" enum:"pending,delivered,failed" doc:"Only those that stand so."`
	Limit   int                     `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	Cursor  string                  `json:"cursor,omitempty" doc:"next_cursor of the page before."`
}

// WebhookDeliveryPage is one page of deliveries.
type WebhookDeliveryPage struct {
	Items      []WebhookDelivery `json:"items" doc:"The deliveries, newest first." nullable:"false"`
	NextCursor *string           `json:"next_cursor" doc:"Send it as cursor for the next page; null on the last."`
}

// ListWebhookDeliveries lists what was sent to a webhook, and what came of it.
func (s *Service) ListWebhookDeliveries(ctx context.Context, r ListWebhookDeliveries) (WebhookDeliveryPage, error) {
	before, err := readCursor(r.Cursor)
	if err != nil {
		return WebhookDeliveryPage{}, err
	}
	w, err := s.findWebhook(ctx, r.Webhook)
	if err != nil {
		return WebhookDeliveryPage{}, err
	}
	limit := pageLimit(r.Limit)
	found, err := s.store.ListWebhookDeliveries(ctx, ordinaut.DeliveryFilter{
		WebhookID: w.ID, Status: r.Status, Before: ordinaut.DeliveryID(before), Limit: limit + 1,
	})
	if err != nil {
		return WebhookDeliveryPage{}, err
	}
	found, next := cutPage(found, limit, func(d ordinaut.WebhookDelivery) string { return string(d.ID) })
	page := WebhookDeliveryPage{Items: make([]WebhookDelivery, len(found)), NextCursor: next}
	for i, d := range found {
		page.Items[i] = showWebhookDelivery(d)
	}
	return page, nil
}

func showWebhookDelivery(d ordinaut.WebhookDelivery) WebhookDelivery {
	d.Event.Seq = max(d.Event.Seq, 0)
	shown := WebhookDelivery{
		ID: d.ID, Event: showEvent(d.Event), Status: d.Status, Tries: d.Tries, Code: d.Answer.Code,
		Answer: d.Answer.Body, Error: d.Answer.Fault, CreatedAt: d.CreatedAt, TriedAt: d.TriedAt, FinishedAt: d.EndedAt,
	}
	if d.Answer.Took > 0 {
		shown.TookMS = max(d.Answer.Took.Milliseconds(), 1)
	}
	if d.Status == ordinaut.DeliveryPending {
		shown.NextTryAt = &d.DueAt
	}
	return shown
}

// TestWebhook asks for a ping.
type TestWebhook struct {
	Webhook     string `json:"webhook" doc:"The id of the webhook."`
	WaitSeconds int    `json:"wait_seconds,omitempty" minimum:"0" maximum:"60" default:"20" doc:"How long to wait for what comes of the first try."`
}

// SetDefaults waits for a try unless told otherwise.
func (r *TestWebhook) SetDefaults() { r.WaitSeconds = 20 }

// TestWebhook sends an event webhook.ping to one webhook, whatever its topics are,
// and tells what came of it. It is in no log.
func (s *Service) TestWebhook(ctx context.Context, r TestWebhook) (WebhookDelivery, error) {
	w, err := s.findWebhook(ctx, r.Webhook)
	if err != nil {
		return WebhookDelivery{}, err
	}
	if w.Disabled != "" {
		return WebhookDelivery{}, &ordinaut.Error{
			Code: ordinaut.CodeWebhookState, At: "/webhook", Sent: r.Webhook, Message: "the webhook is disabled: " + w.Disabled,
			Fix: fmt.Sprintf("enable it first, with ordinaut webhooks update %s --enabled", w.ID),
		}
	}
	now, err := s.now(ctx)
	if err != nil {
		return WebhookDelivery{}, err
	}
	sub, err := event.Subscribe(w)
	if err != nil {
		return WebhookDelivery{}, err
	}
	changed, end := s.store.Watch(ordinaut.SignalDeliveries)
	defer end()
	d := sub.Delivery(ping(w.ID, now))
	if err := s.store.SendAgain(ctx, []ordinaut.WebhookDelivery{d}, ordinaut.ChangeFrom(ctx).About(string(w.ID))); err != nil {
		return WebhookDelivery{}, fmt.Errorf("send a ping: %w", err)
	}
	tried, err := s.awaitTry(ctx, d, time.Duration(r.WaitSeconds)*time.Second, changed)
	return showWebhookDelivery(tried), err
}

// ping is an event that is in no log. Its position says so by being negative, and
// is another one each time.
func ping(id ordinaut.WebhookID, now time.Time) ordinaut.Event {
	data, _ := json.Marshal(map[string]any{"webhook_id": id, "message": "this is a test"}) // strings can be written
	return ordinaut.Event{
		Seq: -now.UnixMicro(), ID: newID(), Source: ordinaut.SourceOrdinaut, Topic: "webhook.ping", Subject: string(id), At: now, Data: data,
	}
}

// awaitTry waits until a delivery was tried, or the time is over.
func (s *Service) awaitTry(ctx context.Context, d ordinaut.WebhookDelivery, wait time.Duration, changed <-chan struct{}) (ordinaut.WebhookDelivery, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		found, err := s.store.ListWebhookDeliveries(ctx, ordinaut.DeliveryFilter{WebhookID: d.WebhookID, ID: d.ID, Limit: 1})
		if err != nil {
			return d, err
		}
		if len(found) == 0 {
			return d, noWebhook(string(d.WebhookID))
		}
		if d = found[0]; d.Status != ordinaut.DeliveryPending || d.Tries > 0 && d.Owner == "" {
			return d, nil
		}
		again := time.NewTimer(limits.StreamLook) // a signal may be lost
		select {
		case <-ctx.Done():
			again.Stop()
			return d, ctx.Err()
		case <-timer.C:
			again.Stop()
			return d, nil
		case <-changed:
		case <-again.C:
		}
		again.Stop()
	}
}
