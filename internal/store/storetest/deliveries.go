package storetest

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
)

func deliveries() []promise {
	return []promise{
		{"an event has one delivery to a webhook, however often it is added", deliveryIsOne},
		{"a delivery comes back as it was added, without data as well", deliveryComesBack},
		{"a claimed delivery is nobody else's until its claim is over", deliveryIsLeased},
		{"a webhook has no more deliveries under way than it may, whoever sends them", deliveriesAreFew},
		{"many who claim at once get each delivery once", deliveriesAreShared},
		{"a delivery that failed is tried again at its time, and given up at the end", deliveryIsRetried},
		{"what is late does not settle what somebody else has", deliveryIsFenced},
		{"a webhook is failing since its first failure, until something arrives", webhookFails},
		{"a webhook that asks to be left alone, or is disabled, is sent nothing", webhookIsHeld},
		{"what was sent can be sent again, and what was not can be added", deliveryAgain},
		{"deliveries are listed page by page, newest first", deliveriesByPage},
		{"deliveries that ended long ago are pruned, and others are not", deliveriesArePruned},
		{"a delivery that is due signals deliveries", deliverySignals},
	}
}

// delivery is one of an event to a webhook.
func delivery(w ordinaut.Webhook, seq int64) ordinaut.WebhookDelivery {
	return ordinaut.WebhookDelivery{
		ID: ordinaut.DeliveryID(newID()), WebhookID: w.ID,
		Event: ordinaut.Event{
			Seq: seq, ID: "e", Source: "s", Topic: "order.paid", Subject: "7", At: time.UnixMicro(1_700_000_000_000_001).UTC(),
			Data: json.RawMessage(`{"a": 1}`), Depth: 2,
		},
	}
}

// addDeliveries adds a delivery of each event.
func (f *fixture) addDeliveries(w ordinaut.Webhook, seqs ...int64) []ordinaut.WebhookDelivery {
	f.Helper()
	var ds []ordinaut.WebhookDelivery
	for _, seq := range seqs {
		ds = append(ds, delivery(w, seq))
	}
	same(f, "added", get(f.store.AddDeliveries(f.ctx, ds))(f), len(ds))
	return ds
}

func (f *fixture) claimDeliveries(owner string, n, each int) ordinaut.ClaimedDeliveries {
	f.Helper()
	return get(f.store.ClaimDeliveries(f.ctx, owner, n, each, lease))(f)
}

// claimDelivery claims the only delivery that is due.
func (f *fixture) claimDelivery(owner string) ordinaut.WebhookDelivery {
	f.Helper()
	c := f.claimDeliveries(owner, 2, 2)
	if len(c.Deliveries) != 1 {
		f.Fatalf("got %d deliveries, want 1", len(c.Deliveries))
	}
	return c.Deliveries[0]
}

func (f *fixture) settle(d ordinaut.WebhookDelivery, o ordinaut.DeliveryOutcome) ordinaut.Webhook {
	f.Helper()
	return get(f.store.SettleDelivery(f.ctx, d, o))(f)
}

func arrived() ordinaut.DeliveryOutcome {
	return ordinaut.DeliveryOutcome{
		Status: ordinaut.DeliveryDelivered,
		Answer: ordinaut.DeliveryAnswer{Code: 204, Took: 1500 * time.Microsecond, Body: "thanks"},
	}
}

func missed(again time.Duration) ordinaut.DeliveryOutcome {
	return ordinaut.DeliveryOutcome{
		Status: ordinaut.DeliveryPending, Again: again,
		Answer: ordinaut.DeliveryAnswer{Code: 503, Fault: "it is busy"},
	}
}

func (f *fixture) deliveriesOf(filter ordinaut.DeliveryFilter) []ordinaut.WebhookDelivery {
	f.Helper()
	return get(f.store.ListWebhookDeliveries(f.ctx, filter))(f)
}

// seqs are the positions of the events of deliveries.
func seqs(ds []ordinaut.WebhookDelivery) []int64 {
	all := []int64{}
	for _, d := range ds {
		all = append(all, d.Event.Seq)
	}
	return all
}

func deliveryIsOne(f *fixture) {
	w, other := f.newWebhook(), f.newWebhook()
	f.addDeliveries(w, 1, 2)
	again := []ordinaut.WebhookDelivery{delivery(w, 2), delivery(w, 3), delivery(other, 2)}
	same(f, "added", get(f.store.AddDeliveries(f.ctx, again))(f), 2)
	same(f, "deliveries", seqs(f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID})), []int64{3, 2, 1})
	f.settle(f.claimDeliveries("a", 1, 1).Deliveries[0], arrived())
	same(f, "added later", get(f.store.AddDeliveries(f.ctx, []ordinaut.WebhookDelivery{delivery(w, 1)}))(f), 0)
}

func deliveryComesBack(f *fixture) {
	w := f.newWebhook()
	given := delivery(w, 5)
	given.Event.Data = nil
	get(f.store.AddDeliveries(f.ctx, []ordinaut.WebhookDelivery{given, delivery(w, 6)}))(f)
	got := f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID, ID: given.ID})[0]
	given.Status, given.CreatedAt, given.DueAt = ordinaut.DeliveryPending, got.CreatedAt, got.CreatedAt
	same(f, "without data", got, given)
	same(f, "data", string(f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID})[0].Event.Data), `{"a": 1}`)
	c := f.claimDeliveries("a", 1, 1)
	same(f, "webhook", c.Webhooks[w.ID], w)
	f.settle(c.Deliveries[0], arrived())
	done := f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID, Status: ordinaut.DeliveryDelivered})
	same(f, "answer", done[0].Answer, arrived().Answer)
	if d := done[0]; d.Tries != 1 || d.Owner != "" || d.TriedAt == nil || d.EndedAt == nil {
		f.Errorf("got %+v, want one try that has ended", d)
	}
}

func deliveryIsLeased(f *fixture) {
	w := f.newWebhook()
	f.addDeliveries(w, 1)
	d := f.claimDelivery("a")
	same(f, "owner and tries", []any{d.Owner, d.Tries}, []any{"a", 1})
	c := f.claimDeliveries("b", 9, 9)
	same(f, "while it is claimed", len(c.Deliveries), 0)
	if c.Next == nil || *c.Next <= 0 || *c.Next > lease {
		f.Errorf("got next in %v, want the end of the claim", c.Next)
	}
	f.pass(lease)
	same(f, "tries after", f.claimDelivery("b").Tries, 2)
}

func deliveriesAreFew(f *fixture) {
	w, other := f.newWebhook(), f.newWebhook()
	f.addDeliveries(w, 1, 2, 3, 4)
	f.addDeliveries(other, 1)
	same(f, "first", len(f.claimDeliveries("a", 9, 2).Deliveries), 3)
	same(f, "second", len(f.claimDeliveries("b", 9, 2).Deliveries), 0)
	mine := f.claimDeliveries("b", 1, 3).Deliveries
	same(f, "with room for one more", seqs(mine), []int64{3})
	f.settle(mine[0], arrived())
	same(f, "after one has ended", seqs(f.claimDeliveries("b", 9, 3).Deliveries), []int64{4})
}

func deliveriesAreShared(f *fixture) {
	w := f.newWebhook()
	var all []int64
	for seq := range int64(40) {
		all = append(all, seq+1)
	}
	f.addDeliveries(w, all...)
	got := make([][]ordinaut.WebhookDelivery, 4)
	together(len(got), func(i int) {
		for range 10 {
			c, err := f.store.ClaimDeliveries(f.ctx, newID(), 3, 1000, lease)
			if err != nil {
				f.Error(err)
			}
			got[i] = append(got[i], c.Deliveries...)
		}
	})
	// Who claims while another does may be given nothing, and asks again.
	got = append(got, f.claimDeliveries("the rest", len(all), len(all)).Deliveries)
	times := map[int64]int{}
	for _, ds := range got {
		for _, seq := range seqs(ds) {
			times[seq]++
		}
	}
	for _, seq := range all {
		if times[seq] != 1 {
			f.Errorf("delivery of event %d: got claimed %d times, want once", seq, times[seq])
		}
	}
}

func deliveryIsRetried(f *fixture) {
	w := f.newWebhook()
	f.addDeliveries(w, 1)
	f.settle(f.claimDelivery("a"), missed(time.Minute))
	c := f.claimDeliveries("a", 9, 9)
	same(f, "before its time", len(c.Deliveries), 0)
	if c.Next == nil || *c.Next > time.Minute {
		f.Errorf("got next in %v, want within a minute", c.Next)
	}
	f.pass(time.Minute)
	d := f.claimDelivery("a")
	same(f, "the last answer", d.Answer.Fault, "it is busy")
	gone := missed(0)
	gone.Status = ordinaut.DeliveryFailed
	f.settle(d, gone)
	f.pass(time.Hour)
	same(f, "after it was given up", len(f.claimDeliveries("a", 9, 9).Deliveries), 0)
	same(f, "failed", len(f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID, Status: ordinaut.DeliveryFailed})), 1)
}

func deliveryIsFenced(f *fixture) {
	w := f.newWebhook()
	f.addDeliveries(w, 1)
	late := f.claimDelivery("a")
	f.pass(lease)
	mine := f.claimDelivery("a")
	_, err := f.store.SettleDelivery(f.ctx, late, arrived())
	f.refused(err, ordinaut.ErrLeaseLost)
	f.settle(mine, arrived())
	_, err = f.store.SettleDelivery(f.ctx, mine, arrived())
	f.refused(err, ordinaut.ErrLeaseLost)
}

func webhookFails(f *fixture) {
	w := f.newWebhook()
	f.addDeliveries(w, 1)
	first := f.claimDelivery("a")
	w = f.settle(first, missed(time.Second))
	if w.FailingSince == nil || !w.FailingSince.Equal(*first.TriedAt) {
		f.Errorf("got failing since %v, want %v", w.FailingSince, first.TriedAt)
	}
	f.pass(time.Minute)
	w = f.settle(f.claimDelivery("a"), missed(time.Second))
	same(f, "since the first", w.FailingSince, first.TriedAt)
	f.pass(time.Minute)
	w = f.settle(f.claimDelivery("a"), arrived())
	same(f, "after it arrived", w.FailingSince, nil)
}

func webhookIsHeld(f *fixture) {
	w := f.newWebhook()
	f.addDeliveries(w, 1, 2)
	busy := missed(time.Second)
	busy.Hold = time.Hour
	f.settle(f.claimDeliveries("a", 1, 1).Deliveries[0], busy)
	f.pass(time.Minute)
	c := f.claimDeliveries("a", 9, 9)
	same(f, "held", len(c.Deliveries), 0)
	if c.Next == nil || *c.Next < 58*time.Minute || *c.Next > time.Hour {
		f.Errorf("got next in %v, want the end of the hold", c.Next)
	}
	w = f.readWebhook(w.ID)
	off := w
	off.Disabled, off.Rev = "gone", 2
	f.must(f.store.UpdateWebhook(f.ctx, w, off, f.change("webhook.update")))
	f.pass(time.Hour)
	c = f.claimDeliveries("a", 9, 9)
	same(f, "disabled", []any{len(c.Deliveries), c.Next == nil}, []any{0, true})
	on := off
	on.Disabled, on.Rev = "", 3
	f.must(f.store.UpdateWebhook(f.ctx, off, on, f.change("webhook.update")))
	same(f, "enabled again", len(f.claimDeliveries("a", 9, 9).Deliveries), 2)
}

func deliveryAgain(f *fixture) {
	w := f.newWebhook()
	given := f.addDeliveries(w, 1, 2)
	gone := missed(0)
	gone.Status = ordinaut.DeliveryFailed
	for _, d := range f.claimDeliveries("a", 9, 9).Deliveries {
		f.settle(d, gone)
	}
	c := f.change("webhook.replay").About(string(w.ID))
	f.must(f.store.SendAgain(f.ctx, []ordinaut.WebhookDelivery{delivery(w, 2), delivery(w, 3)}, c))
	again := f.claimDeliveries("a", 9, 9).Deliveries
	same(f, "sent again", seqs(again), []int64{2, 3})
	same(f, "its id and tries", []any{again[0].ID, again[0].Tries, again[0].EndedAt == nil}, []any{given[1].ID, 1, true})
}

func deliveriesByPage(f *fixture) {
	w, other := f.newWebhook(), f.newWebhook()
	f.addDeliveries(w, 1, 2, 3)
	f.addDeliveries(other, 1)
	page := f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID, Limit: 2})
	same(f, "first page", seqs(page), []int64{3, 2})
	same(f, "next page", seqs(f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID, Limit: 2, Before: page[1].ID})), []int64{1})
	same(f, "of another status", f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID, Status: ordinaut.DeliveryFailed}), nil)
	same(f, "an id that is none", f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID, ID: "x"}), nil)
}

func deliveriesArePruned(f *fixture) {
	w := f.newWebhook()
	f.addDeliveries(w, 1, 2, 3)
	for _, d := range f.claimDeliveries("a", 2, 2).Deliveries {
		f.settle(d, arrived())
	}
	f.pass(time.Hour)
	same(f, "too young", get(f.store.PruneDeliveries(f.ctx, 2*time.Hour, 9))(f), false)
	same(f, "more", get(f.store.PruneDeliveries(f.ctx, time.Minute, 1))(f), true)
	same(f, "the rest", get(f.store.PruneDeliveries(f.ctx, time.Minute, 9))(f), false)
	same(f, "kept", seqs(f.deliveriesOf(ordinaut.DeliveryFilter{WebhookID: w.ID})), []int64{3})
}

func deliverySignals(f *fixture) {
	var w ordinaut.Webhook
	f.expectSignal(ordinaut.SignalDeliveries, "a webhook", true, func() { w = f.newWebhook() })
	f.expectSignal(ordinaut.SignalDeliveries, "a delivery", true, func() { f.addDeliveries(w, 1) })
	f.expectSignal(ordinaut.SignalDeliveries, "one that was there", false, func() {
		get(f.store.AddDeliveries(f.ctx, []ordinaut.WebhookDelivery{delivery(w, 1)}))(f)
	})
	var d ordinaut.WebhookDelivery
	f.expectSignal(ordinaut.SignalDeliveries, "a claim", false, func() { d = f.claimDelivery("a") })
	f.expectSignal(ordinaut.SignalDeliveries, "its end", true, func() { f.settle(d, arrived()) })
}
