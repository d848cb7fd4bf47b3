package ordinaut

import (
	"context"
	"time"
)

// WebhookID names a webhook; a UUIDv7.
type WebhookID string

// Webhook is a subscription: events that are sent to a URL of somebody's.
type Webhook struct {
	ID          WebhookID
	Rev         int // grows with every edit
	URL         string
	Description string
	Topics      []string // patterns, any of them
	Filter      string   // an expression over the event; "" is true of all
	Secrets     Secrets  // with which it is signed
	CreatedBy   AgentID
	CreatedAt   time.Time
	UpdatedAt   time.Time
	After       int64  // only events behind this position are for it
	Disabled    string // why nothing is sent to it; "" while it is enabled

	FailingSince *time.Time // nothing has arrived since then; nil when the last did, or none was sent
	HoldUntil    *time.Time // it has asked to be left alone until then
}

// Covers says whether a pattern of the webhook covers the event, and the event
// lies behind its beginning.
func (w Webhook) Covers(e Event) bool {
	if e.Seq <= w.After {
		return false
	}
	for _, pattern := range w.Topics {
		if TopicMatches(pattern, e.Topic) {
			return true
		}
	}
	return false
}

// Secrets are the secret of a webhook or a hook and the one before it, each
// sealed: nobody who reads the store can read them.
type Secrets struct {
	Now      []byte
	Old      []byte     // nil when there is none
	OldUntil *time.Time // the old one is good until then
}

// Both are the sealed secrets that are good at a time, the newest first.
func (s Secrets) Both(at time.Time) [][]byte {
	if s.Old == nil || s.OldUntil == nil || !at.Before(*s.OldUntil) {
		return [][]byte{s.Now}
	}
	return [][]byte{s.Now, s.Old}
}

// Next are the secrets after a new one is given, with the one that was the newest
// good for a while.
func (s Secrets) Next(sealed []byte, until time.Time) Secrets {
	return Secrets{Now: sealed, Old: s.Now, OldUntil: &until}
}

// Webhooks keeps subscriptions.
type Webhooks interface {
	// CreateWebhook stores a new webhook.
	CreateWebhook(ctx context.Context, w Webhook, c Change) error
	// UpdateWebhook makes the webhook what it is to be, if it is still as was (by
	// its Rev); ErrMoved if not, ErrNotFound when there is none. What its answers
	// have told (FailingSince, HoldUntil) is forgotten.
	UpdateWebhook(ctx context.Context, was, is Webhook, c Change) error
	// DeleteWebhook forgets a webhook and its deliveries; ErrNotFound when there is
	// none.
	DeleteWebhook(ctx context.Context, id WebhookID, c Change) error
	// Webhook finds a webhook; ErrNotFound when there is none.
	Webhook(ctx context.Context, id WebhookID) (Webhook, error)
	// ListWebhooks lists webhooks, oldest first.
	ListWebhooks(ctx context.Context) ([]Webhook, error)
}
