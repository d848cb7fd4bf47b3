package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Webhook is a webhook as it is shown.
type Webhook struct {
	ID             ordinaut.WebhookID `json:"id" doc:"Its id."`
	URL            string             `json:"url" doc:"Where events are sent to."`
	Topics         []string           `json:"topics" doc:"Patterns of the topics of which it is told." nullable:"false"`
	Filter         string             `json:"filter,omitempty" doc:"What must hold of an event, too."`
	Description    string             `json:"description,omitempty" doc:"What it is there for."`
	Enabled        bool               `json:"enabled" doc:"Whether anything is sent to it."`
	DisabledReason string             `json:"disabled_reason,omitempty" doc:"Why nothing is sent to it."`
	CreatedBy      ordinaut.AgentID   `json:"created_by" doc:"Who made it."`
	CreatedAt      time.Time          `json:"created_at" doc:"When it was made."`
	UpdatedAt      time.Time          `json:"updated_at" doc:"When it was last changed."`
	FailingSince   *time.Time         `json:"failing_since,omitempty" doc:"Nothing has arrived since then."`
	HeldUntil      *time.Time         `json:"held_until,omitempty" doc:"It has asked to be left alone until then."`
	Secret         string             `json:"secret,omitempty" doc:"What signatures are made with (Standard Webhooks); shown when it is made or rotated, and never again."`
	OldSecretUntil *time.Time         `json:"old_secret_until,omitempty" doc:"Deliveries are signed with the secret before, too, until then."`
}

// WebhookList is every webhook.
type WebhookList struct {
	Items []Webhook `json:"items" doc:"The webhooks, oldest first." nullable:"false"`
}

// CreateWebhook asks for events to be sent to a URL.
type CreateWebhook struct {
	URL         string   `json:"url" maxLength:"2000" doc:"Where events are sent to." example:"https://example.com/ordinaut"`
	Topics      []string `json:"topics" minItems:"1" maxItems:"50" doc:"Patterns of topics: * stands for one word, and > at the end for one or more." example:"[\"task.run.failed\",\"order.>\"]"`
	Filter      string   `json:"filter,omitempty" maxLength:"4096" doc:"An expression (JMESPath) over the event: only those for which it holds are sent." example:"data.total > 100"`
	Description string   `json:"description,omitempty" maxLength:"200" doc:"What it is there for."`
}

// UpdateWebhook changes what is sent of it.
type UpdateWebhook struct {
	Webhook     string    `json:"webhook" doc:"The id of the webhook."`
	URL         *string   `json:"url,omitempty" maxLength:"2000" doc:"Where events are sent to."`
	Topics      *[]string `json:"topics,omitempty" minItems:"1" maxItems:"50" doc:"Patterns of topics." nullable:"false"`
	Filter      *string   `json:"filter,omitempty" maxLength:"4096" doc:"What must hold of an event; empty is nothing."`
	Description *string   `json:"description,omitempty" maxLength:"200" doc:"What it is there for."`
	Enabled     *bool     `json:"enabled,omitempty" doc:"Whether anything is sent to it. What happens while it is disabled is not; it can be replayed. Deliveries that were due go on when it is enabled."`
}

// WebhookName asks for one webhook.
type WebhookName struct {
	Webhook string `json:"webhook" doc:"The id of the webhook."`
}

// CreateWebhook makes a webhook, to which events are sent from now on.
func (s *Service) CreateWebhook(ctx context.Context, r CreateWebhook) (Webhook, error) {
	if err := s.CheckWebhook(ctx, r); err != nil {
		return Webhook{}, err
	}
	known, err := s.store.ListWebhooks(ctx)
	if err != nil {
		return Webhook{}, err
	}
	if len(known) >= limits.Webhooks {
		return Webhook{}, &ordinaut.Error{
			Code: ordinaut.CodeWebhookLimit, Message: fmt.Sprintf("there are %d webhooks already", len(known)),
			Fix: "delete one that is not needed, with ordinaut webhooks delete",
		}
	}
	now, end, err := s.present(ctx)
	if err != nil {
		return Webhook{}, err
	}
	c := ordinaut.ChangeFrom(ctx)
	w := ordinaut.Webhook{
		ID: ordinaut.WebhookID(newID()), Rev: 1, URL: r.URL, Topics: r.Topics, Filter: r.Filter, Description: r.Description,
		CreatedBy: c.Actor, CreatedAt: now, UpdatedAt: now, After: end,
	}
	secret := event.NewSecret()
	vault, err := s.vault(ctx)
	if err != nil {
		return Webhook{}, err
	}
	w.Secrets.Now = vault.Seal(event.AboutWebhook(w.ID), secret)
	if err := s.store.CreateWebhook(ctx, w, c.About(string(w.ID))); err != nil {
		return Webhook{}, fmt.Errorf("store webhook: %w", err)
	}
	shown := showWebhook(w)
	shown.Secret = secret
	return shown, nil
}

// present is the store's clock and the end of the log of events.
func (s *Service) present(ctx context.Context) (now time.Time, end int64, err error) {
	if _, end, err = s.store.EventEnds(ctx); err != nil {
		return now, 0, err
	}
	now, err = s.now(ctx)
	return now.UTC().Truncate(time.Microsecond), end, err
}

// vault seals the secrets that are shared with others.
func (s *Service) vault(ctx context.Context) (auth.Vault, error) {
	secret, err := s.store.Secret(ctx, VaultSecret)
	if err != nil {
		return auth.Vault{}, fmt.Errorf("read the secret of the vault: %w", err)
	}
	return auth.NewVault(secret)
}

// VaultSecret is the name of the store's secret from which the key is derived
// that seals secrets shared with others.
const VaultSecret = "webhooks"

// CheckWebhook finds everything that is wrong with a webhook before it is made.
func (s *Service) CheckWebhook(_ context.Context, r CreateWebhook) error {
	return checkWebhook(ordinaut.Webhook{URL: r.URL, Topics: r.Topics, Filter: r.Filter})
}

func checkWebhook(w ordinaut.Webhook) error {
	var faults ordinaut.Errors
	if _, err := egress.ParseURL(w.URL); err != nil {
		faults.Add(ordinaut.AsError(err).Under("/url"))
	}
	faults.Add(checkPatterns(w.Topics, func(i int) string { return "/topics/" + strconv.Itoa(i) }))
	if w.Filter != "" {
		alone := ordinaut.Webhook{Topics: []string{">"}, Filter: w.Filter}
		if _, err := event.Subscribe(alone); err != nil {
			faults.Add(ordinaut.AsError(err).Moved("/filter"))
		}
	}
	return faults.Err()
}

// ListWebhooks lists the webhooks and how they do.
func (s *Service) ListWebhooks(ctx context.Context, _ op.Nothing) (WebhookList, error) {
	known, err := s.store.ListWebhooks(ctx)
	list := WebhookList{Items: make([]Webhook, len(known))}
	for i, w := range known {
		list.Items[i] = showWebhook(w)
	}
	return list, err
}

// GetWebhook shows a webhook and how it does.
func (s *Service) GetWebhook(ctx context.Context, r WebhookName) (Webhook, error) {
	w, err := s.findWebhook(ctx, r.Webhook)
	return showWebhook(w), err
}

func (s *Service) findWebhook(ctx context.Context, id string) (ordinaut.Webhook, error) {
	w, err := s.store.Webhook(ctx, ordinaut.WebhookID(id))
	if errors.Is(err, ordinaut.ErrNotFound) {
		err = noWebhook(id)
	}
	return w, err
}

func noWebhook(id string) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeWebhookNotFound, At: "/webhook", Sent: id,
		Message: fmt.Sprintf("there is no webhook %q", id), Fix: "see their ids with ordinaut webhooks list",
	}
}

// UpdateWebhook changes a webhook. What it is told of changes from now on.
func (s *Service) UpdateWebhook(ctx context.Context, r UpdateWebhook) (Webhook, error) {
	return s.editWebhook(ctx, r.Webhook, func(w *ordinaut.Webhook, _ time.Time, end int64) error {
		replace(&w.URL, r.URL)
		replace(&w.Topics, r.Topics)
		replace(&w.Filter, r.Filter)
		replace(&w.Description, r.Description)
		enabled := r.Enabled
		switch {
		case enabled == nil:
		case !*enabled:
			w.Disabled = cmp.Or(w.Disabled, "somebody has disabled it")
		case w.Disabled != "":
			w.Disabled, w.After = "", end
		}
		return checkWebhook(*w)
	})
}

// replace sets a value that was sent.
func replace[T any](into, sent *T) {
	if sent != nil {
		*into = *sent
	}
}

// RotateWebhook gives a webhook a new secret. Deliveries are signed with both for
// a while.
func (s *Service) RotateWebhook(ctx context.Context, r WebhookName) (Webhook, error) {
	vault, err := s.vault(ctx)
	if err != nil {
		return Webhook{}, err
	}
	secret := event.NewSecret()
	shown, err := s.editWebhook(ctx, r.Webhook, func(w *ordinaut.Webhook, now time.Time, _ int64) error {
		w.Secrets = w.Secrets.Next(vault.Seal(event.AboutWebhook(w.ID), secret), now.Add(limits.SecretOverlap))
		return nil
	})
	if err == nil {
		shown.Secret = secret
	}
	return shown, err
}

// editWebhook makes an edit to a webhook as it is now.
func (s *Service) editWebhook(ctx context.Context, id string, edit func(w *ordinaut.Webhook, now time.Time, end int64) error) (Webhook, error) {
	was, err := s.findWebhook(ctx, id)
	if err != nil {
		return Webhook{}, err
	}
	now, end, err := s.present(ctx)
	if err != nil {
		return Webhook{}, err
	}
	is := was
	if err := edit(&is, now, end); err != nil {
		return Webhook{}, err
	}
	is.Rev, is.UpdatedAt, is.FailingSince, is.HoldUntil = was.Rev+1, now, nil, nil
	err = s.store.UpdateWebhook(ctx, was, is, ordinaut.ChangeFrom(ctx).About(id))
	switch {
	case errors.Is(err, ordinaut.ErrMoved):
		return Webhook{}, &ordinaut.Error{
			Code: ordinaut.CodeWebhookState, At: "/webhook", Sent: id,
			Message: "somebody has changed the webhook meanwhile", Fix: "look at it again, then send the change again",
		}
	case errors.Is(err, ordinaut.ErrNotFound):
		return Webhook{}, noWebhook(id)
	}
	return showWebhook(is), err
}

// DeleteWebhook forgets a webhook and its deliveries.
func (s *Service) DeleteWebhook(ctx context.Context, r WebhookName) (Webhook, error) {
	w, err := s.findWebhook(ctx, r.Webhook)
	if err == nil {
		err = s.store.DeleteWebhook(ctx, w.ID, ordinaut.ChangeFrom(ctx).About(string(w.ID)))
	}
	if errors.Is(err, ordinaut.ErrNotFound) {
		err = noWebhook(r.Webhook)
	}
	return showWebhook(w), err
}

func showWebhook(w ordinaut.Webhook) Webhook {
	topics := w.Topics
	if topics == nil {
		topics = []string{}
	}
	return Webhook{
		ID: w.ID, URL: w.URL, Topics: topics, Filter: w.Filter, Description: w.Description,
		Enabled: w.Disabled == "", DisabledReason: w.Disabled,
		CreatedBy: w.CreatedBy, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt,
		FailingSince: w.FailingSince, HeldUntil: w.HoldUntil, OldSecretUntil: w.Secrets.OldUntil,
	}
}
