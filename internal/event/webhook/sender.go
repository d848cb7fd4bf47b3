package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// sender makes a single try.
type sender struct {
	client *http.Client
	vault  auth.Vault
	wait   time.Duration // for an answer
}

// send sends a delivery, and tells what came of it. Nothing that goes wrong is an
// error of its own: it is the answer.
func (s sender) send(ctx context.Context, w ordinaut.Webhook, d ordinaut.WebhookDelivery) answer {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	a, err := s.try(ctx, w, d, began)
	if err != nil {
		a.Fault = s.fault(ctx, err)
	}
	a.Took = time.Since(began)
	return a
}

// fault is why there was no answer, in words that hold nothing of our own
// network.
func (s sender) fault(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("it did not answer within %s", s.wait)
	case ctx.Err() != nil:
		return "the server was stopped while it was sent"
	}
	return ordinaut.AsError(err).Message
}

func (s sender) try(ctx context.Context, w ordinaut.Webhook, d ordinaut.WebhookDelivery, at time.Time) (a answer, err error) {
	req, err := s.request(ctx, w, d, at)
	if err != nil {
		return a, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }() // no more of it is wanted
	body, err := io.ReadAll(io.LimitReader(resp.Body, limits.WebhookAnswerBytes))
	a.Code, a.Body = resp.StatusCode, strings.ToValidUTF8(string(body), "\uFFFD")
	if err != nil {
		return a, err
	}
	told := egress.Answer{URL: resp.Request.URL, Status: resp.StatusCode, Header: resp.Header, Body: body}
	if !told.OK() {
		refusal := told.Refusal()
		a.Fault, a.wait, a.gone = refusal.Message, refusal.RetryAfter, resp.StatusCode == http.StatusGone
	}
	return a, nil
}

// request is the delivery as it is sent: the time is that of this try, the id
// that of all of them.
func (s sender) request(ctx context.Context, w ordinaut.Webhook, d ordinaut.WebhookDelivery, at time.Time) (*http.Request, error) {
	body, err := event.Cloud(d.Event)
	if err != nil {
		return nil, fmt.Errorf("write event %d: %w", d.Event.Seq, err)
	}
	secrets, err := open(s.vault, event.AboutWebhook(w.ID), w.Secrets, at)
	if err != nil {
		return nil, &ordinaut.Error{Code: ordinaut.CodeInternal, Message: "its secret cannot be read; rotate it", Err: err}
	}
	signature, err := event.Sign(secrets, string(d.ID), at, body)
	if err != nil {
		return nil, fmt.Errorf("sign delivery %s: %w", d.ID, err)
	}
	u, err := egress.ParseURL(w.URL)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", event.MediaType)
	req.Header.Set(event.HeaderID, string(d.ID))
	req.Header.Set(event.HeaderTimestamp, fmt.Sprint(at.Unix()))
	req.Header.Set(event.HeaderSignature, signature)
	return req, nil
}

// open opens the secrets that are good at a time.
func open(v auth.Vault, about string, s ordinaut.Secrets, at time.Time) ([]string, error) {
	var secrets []string
	for _, sealed := range s.Both(at) {
		secret, err := v.Open(about, sealed)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}
