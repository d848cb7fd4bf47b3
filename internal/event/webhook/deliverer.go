package webhook

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// Store is what a deliverer needs of the store.
type Store interface {
	ordinaut.Webhooks
	ordinaut.WebhookDeliveries
	ordinaut.Readers
	Publish(ctx context.Context, events []ordinaut.Event, c ordinaut.Change) ([]bool, error)
	Watch(s ordinaut.Signal) (<-chan struct{}, func())
}

// Options is what a deliverer works with. Store, Client and Vault must be set.
type Options struct {
	Store  Store
	Client *http.Client // that decides what may be reached, and follows no redirect
	Vault  auth.Vault
	Log    *slog.Logger
	Owner  string        // the name under which it holds what it reads and sends; one of each process
	Keep   time.Duration // how long deliveries that have ended are kept

	Wait   time.Duration   // for an answer
	Pauses []time.Duration // between the tries of a delivery; nil are those over a day
	Look   time.Duration   // the longest time between two looks, however few signals come
}

// Deliverer sends events to webhooks. Any number of them may be at one store.
type Deliverer struct {
	store  Store
	sender sender
	pauses []time.Duration
	look   time.Duration
	match  matcher
	log    *slog.Logger
	owner  string
	keep   time.Duration
	slots  chan struct{} // taken by each delivery under way
	freed  chan struct{} // hears when one is given back
}

// NewDeliverer makes a deliverer. It does nothing until Run.
func NewDeliverer(o Options) *Deliverer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Pauses == nil {
		o.Pauses = pauses()
	}
	return &Deliverer{
		store: o.Store, log: o.Log,
		sender: sender{client: o.Client, vault: o.Vault, wait: cmp.Or(o.Wait, limits.WebhookWait)},
		pauses: o.Pauses, look: cmp.Or(o.Look, look), owner: cmp.Or(o.Owner, "deliverer"),
		keep:  cmp.Or(o.Keep, limits.KeepDeliveries),
		match: matcher{log: o.Log, compiled: map[ordinaut.WebhookID]*event.Subscription{}},
		slots: make(chan struct{}, limits.WebhookSends),
		freed: make(chan struct{}, 1),
	}
}

// Run works until stop ends, and then waits for the deliveries under way. When
// abort ends they are cut off, and tried again by whoever is there.
func (d *Deliverer) Run(stop, abort context.Context) {
	var wait sync.WaitGroup
	for _, part := range []func(context.Context){d.fan, d.prune, func(stop context.Context) { d.deliver(stop, abort, &wait) }} {
		wait.Go(func() { part(stop) })
	}
	wait.Wait()
}

const (
	look    = 5 * time.Second // the longest time between two looks, unless another is chosen
	calm    = time.Second     // after an error
	pruning = time.Hour
)

// rest waits until so much time has passed, one of the signals comes, or ctx
// ends. It says whether ctx goes on.
func rest(ctx context.Context, wait time.Duration, signals ...<-chan struct{}) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	var one, other <-chan struct{}
	switch len(signals) {
	case 2:
		one, other = signals[0], signals[1]
	case 1:
		one = signals[0]
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-one:
	case <-other:
	}
	return ctx.Err() == nil
}

// deliver claims what is due and sends it, each delivery in a goroutine of its
// own that wait waits for.
func (d *Deliverer) deliver(stop, abort context.Context, wait *sync.WaitGroup) {
	signal, end := d.store.Watch(ordinaut.SignalDeliveries)
	defer end()
	for {
		next := d.look
		claimed, err := d.claim(stop)
		switch {
		case stop.Err() != nil && err != nil:
			return
		case err != nil:
			d.log.Error("deliveries cannot be claimed", telemetry.Err(err))
			next = calm
		case claimed.Next != nil:
			next = min(next, *claimed.Next)
		}
		for _, one := range claimed.Deliveries {
			d.slots <- struct{}{} // there is one: no more were claimed than are free
			wait.Go(func() { d.one(abort, claimed.Webhooks[one.WebhookID], one) })
		}
		if !rest(stop, next, signal, d.freed) {
			return
		}
	}
}

// claim takes as many deliveries as there are free slots.
func (d *Deliverer) claim(ctx context.Context) (ordinaut.ClaimedDeliveries, error) {
	free := cap(d.slots) - len(d.slots)
	if free == 0 {
		return ordinaut.ClaimedDeliveries{}, nil
	}
	return d.store.ClaimDeliveries(ctx, d.owner, free, limits.WebhookEach, limits.WebhookLease)
}

// one sends a delivery and records what came of it.
func (d *Deliverer) one(abort context.Context, w ordinaut.Webhook, one ordinaut.WebhookDelivery) {
	defer func() {
		<-d.slots
		select {
		case d.freed <- struct{}{}:
		default:
		}
	}()
	a := d.sender.send(abort, w, one)
	o := outcome(d.pauses, one.Tries, a)
	if abort.Err() != nil && a.Fault != "" {
		o = ordinaut.DeliveryOutcome{Status: ordinaut.DeliveryPending, Answer: a.DeliveryAnswer}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(abort), recording)
	defer cancel()
	now, err := d.store.SettleDelivery(ctx, one, o)
	if err != nil {
		// The claim ends by itself, and the delivery is then sent again.
		d.log.Warn("what came of a delivery is not recorded", keyWebhook, w.ID, telemetry.Err(err))
		return
	}
	if why := farewell(now, o, a.gone, time.Now()); why != "" && now.Rev == w.Rev && now.Disabled == "" {
		d.disable(ctx, now, why)
	}
}

// recording is how long it may take to write down what came of a delivery.
const recording = 10 * time.Second

// disable ends a webhook that is of no use any more, and says so by an event. One
// that somebody has edited meanwhile is left as it is.
func (d *Deliverer) disable(ctx context.Context, w ordinaut.Webhook, why string) {
	off := w
	off.Rev++
	off.Disabled, off.UpdatedAt = why, time.Now().UTC().Truncate(time.Microsecond)
	c := ordinaut.Change{Action: "webhook.disable", Subject: string(w.ID)}
	if err := d.store.UpdateWebhook(ctx, w, off, c); err != nil {
		d.log.Warn("a webhook is not disabled", keyWebhook, w.ID, telemetry.Err(err))
		return
	}
	d.log.Warn("a webhook is disabled", keyWebhook, w.ID, telemetry.KeyReason, why)
	told, err := disabled(off)
	if err == nil {
		_, err = d.store.Publish(ctx, []ordinaut.Event{told}, c)
	}
	if err != nil {
		d.log.Warn("nobody is told that a webhook is disabled", keyWebhook, w.ID, telemetry.Err(err))
	}
}

// prune forgets deliveries that ended long ago.
func (d *Deliverer) prune(stop context.Context) {
	const rows = 1000
	for rest(stop, pruning) {
		more, err := true, error(nil)
		for more && err == nil && stop.Err() == nil {
			more, err = d.store.PruneDeliveries(stop, d.keep, rows)
		}
		if err != nil && stop.Err() == nil {
			d.log.Error("old deliveries are not forgotten", telemetry.Err(err))
		}
	}
}
