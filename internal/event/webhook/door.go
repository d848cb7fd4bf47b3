package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/event"
)

// Inbox is what a door needs of the store.
type Inbox interface {
	ordinaut.Hooks
	Publish(ctx context.Context, events []ordinaut.Event, c ordinaut.Change) ([]bool, error)
}

// Door takes in what others send to hooks.
type Door struct {
	store Inbox
	vault auth.Vault
	tally *tally
}

// NewDoor makes a door. A nil logger logs nothing.
func NewDoor(store Inbox, vault auth.Vault, log *slog.Logger) *Door {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Door{store: store, vault: vault, tally: newTally(store, log)}
}

// Received is the answer to who has sent something.
type Received struct {
	EventID string `json:"event_id,omitempty"` // of the event that it became
	Repeat  bool   `json:"repeat,omitempty"`   // it had come before
	// Challenge is what Slack wants to hear of a hook that it is told of.
	Challenge string `json:"challenge,omitempty"`
}

// StatusCode is 202 for what became an event, and 200 for a challenge.
func (r Received) StatusCode() int {
	if r.Challenge != "" {
		return http.StatusOK
	}
	return http.StatusAccepted
}

// Receive verifies what was sent to a hook, over the bytes as they came, and
// publishes it as an event.
func (d *Door) Receive(ctx context.Context, name string, header http.Header, body []byte) (Received, error) {
	h, err := d.store.Hook(ctx, name)
	if errors.Is(err, ordinaut.ErrNotFound) || err == nil && h.Disabled {
		return Received{}, &ordinaut.Error{
			Code: ordinaut.CodeHookNotFound, At: "/hook", Sent: name,
			Message: fmt.Sprintf("there is no hook %q that takes anything in", name), Fix: "check the end of the URL",
		}
	}
	if err != nil {
		return Received{}, err
	}
	now := time.Now()
	secrets, err := open(d.vault, event.AboutHook(h.Name), h.Secrets, now)
	if err != nil {
		return Received{}, err
	}
	if why := verify(h, message{header: header, body: body, at: now, secrets: secrets}); why != "" {
		d.tally.refused(ctx, h.Name, string(why), now)
		return Received{}, &ordinaut.Error{
			Code: ordinaut.CodeHookRefused, Message: "this is not believed: " + string(why),
			Fix: "check that sender and hook have the same secret and speak of the same kind of signature",
		}
	}
	return d.accept(ctx, h, header, body, now)
}

// accept publishes what was verified.
func (d *Door) accept(ctx context.Context, h ordinaut.Hook, header http.Header, body []byte, now time.Time) (Received, error) {
	value, err := readBody(header, body)
	if err == nil && h.Verify == ordinaut.VerifySlack {
		if c := challenge(value); c != "" {
			return Received{Challenge: c}, nil
		}
	}
	var e ordinaut.Event
	if err == nil {
		e, err = occurred(h, header, value)
	}
	if err != nil {
		d.tally.refused(ctx, h.Name, ordinaut.AsError(err).Message, now)
		return Received{}, err
	}
	if e.ID == "" {
		e.ID = uuid.Must(uuid.NewV7()).String()
	}
	c := ordinaut.Change{Actor: h.CreatedBy, Action: "hook.receive", Subject: h.Name}
	fresh, err := d.store.Publish(ctx, []ordinaut.Event{e}, c)
	if err != nil {
		return Received{}, fmt.Errorf("publish what came to hook %s: %w", h.Name, err)
	}
	repeat := len(fresh) == 1 && !fresh[0]
	d.tally.accepted(ctx, h.Name, repeat, now)
	return Received{EventID: e.ID, Repeat: repeat}, nil
}

// challenge is what Slack asks a new hook to say after it; "" when it asks for
// nothing.
func challenge(body json.RawMessage) string {
	var asked struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal(body, &asked) != nil || asked.Type != "url_verification" {
		return ""
	}
	return asked.Challenge
}

// Close writes down what was counted last.
func (d *Door) Close(ctx context.Context) { d.tally.flushAll(ctx) }
