package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// ReaderName is the name under which the log is read for webhooks.
const ReaderName = "webhooks"

const (
	batch = 500                   // events that are read at a time
	chunk = 1000                  // deliveries that are added at a time
	pace  = 20 * time.Millisecond // between two looks: events that come together are read together
)

// fan reads the log, and adds a delivery for each event and webhook that belong
// together. One process at a time does.
func (d *Deliverer) fan(stop context.Context) {
	grown, end := d.store.Watch(ordinaut.SignalLog)
	defer end()
	edited, unwatch := d.store.Watch(ordinaut.SignalDeliveries) // enabling a webhook tells so, too
	defer unwatch()
	for {
		more, err := d.fanOut(stop)
		next, signals := d.look, []<-chan struct{}{grown}
		switch {
		case stop.Err() != nil:
			return
		case errors.Is(err, ordinaut.ErrHeld), errors.Is(err, ordinaut.ErrLeaseLost):
			signals = nil // somebody else reads
		case errors.Is(err, errIdle):
			signals = []<-chan struct{}{edited}
		case err != nil:
			d.log.Error("the log of events is not read for webhooks", telemetry.Err(err))
			next, signals = calm, nil
		case more:
			continue
		}
		if !rest(stop, next, signals...) || !rest(stop, pace) {
			return
		}
	}
}

// errIdle says that there is no webhook to read for.
var errIdle = errors.New("there is no webhook")

// fanOut reads a batch, and says whether there may be more. A process that dies
// between adding and advancing reads the batch again, and adds nothing twice.
//
// The webhooks are listed after the events were read: so one that is not in the
// list was made later, and its beginning lies behind these events.
func (d *Deliverer) fanOut(ctx context.Context) (more bool, err error) {
	webhooks, err := d.enabled(ctx)
	if err != nil {
		return false, err
	}
	if len(webhooks) == 0 {
		return false, errIdle
	}
	reader := ordinaut.Reader{Name: ReaderName, Owner: d.owner, FromStart: true}
	reading, err := d.store.ReadEvents(ctx, reader, batch, limits.Lease)
	if err != nil || len(reading.Events) == 0 {
		return false, err
	}
	if webhooks, err = d.enabled(ctx); err != nil {
		return false, err
	}
	last := reading.Events[len(reading.Events)-1].Seq
	if begin := beginning(webhooks); begin > last {
		return true, d.store.AdvanceReader(ctx, reader, reading.After, begin)
	}
	for ds := range slices.Chunk(d.match.deliveries(reading.Events, webhooks), chunk) {
		if _, err := d.store.AddDeliveries(ctx, ds); err != nil {
			return false, err
		}
	}
	return true, d.store.AdvanceReader(ctx, reader, reading.After, last)
}

// enabled lists the webhooks to which something is sent.
func (d *Deliverer) enabled(ctx context.Context) ([]ordinaut.Webhook, error) {
	all, err := d.store.ListWebhooks(ctx)
	if err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	return slices.DeleteFunc(all, func(w ordinaut.Webhook) bool { return w.Disabled != "" }), nil
}

// beginning is the position behind which the first event lies that any of the
// webhooks is for: what was not read while there were none need not be read.
func beginning(webhooks []ordinaut.Webhook) int64 {
	if len(webhooks) == 0 {
		return 0
	}
	first := slices.MinFunc(webhooks, func(a, b ordinaut.Webhook) int { return int(min(max(a.After-b.After, -1), 1)) })
	return first.After
}

// disabled is the event that says that a webhook was disabled.
func disabled(w ordinaut.Webhook) (ordinaut.Event, error) {
	data, err := json.Marshal(map[string]any{"webhook_id": w.ID, "reason": w.Disabled})
	return ordinaut.Event{
		ID: fmt.Sprintf("webhook/%s/%d", w.ID, w.Rev), Source: ordinaut.SourceOrdinaut,
		Topic: "webhook.disabled", Subject: string(w.ID), Data: data,
	}, err
}
