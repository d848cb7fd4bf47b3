package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

func groupsOfConsumers() []promise {
	return []promise{
		{"events of a group's topics are given out in order, and no others", groupGives},
		{"each event is given to one of many consumers", groupShares},
		{"two groups have each event, each for itself", groupsAreTheirOwn},
		{"what is not acknowledged in time is given to another", groupGivesAgain},
		{"what is acknowledged by anybody is dealt with", groupAcknowledges},
		{"an event that was given out too often is given up", groupGivesUp},
		{"a consumer gives back what it cannot do, for later or for good", groupRejects},
		{"a group begins anew where it is told", groupSeeks},
		{"groups are listed with their lag, and deleted", groupIsListed},
		{"a group that is not there is not found, and one that is there is not made again", groupIsMissing},
		{"what is pruned before it was acknowledged is given up", groupLosesPruned},
		{"a group finds its events far behind many others", groupLooksFar},
	}
}

// newGroup makes a group that begins at the end of the log.
func (f *fixture) newGroup(name string, topics ...string) {
	f.Helper()
	_, end := f.ends()
	f.must(f.store.CreateGroup(f.ctx, ordinaut.Group{Name: name, Topics: topics, CreatedBy: f.agent.ID, After: end}, f.change("group.create")))
}

// take claims events of the group g.
func (f *fixture) take(consumer string, n int) []ordinaut.Delivery {
	f.Helper()
	return get(f.store.ClaimEvents(f.ctx, "g", consumer, n, lease))(f)
}

// outOf are deliveries in words: topic and tries.
func outOf(ds []ordinaut.Delivery) (words []string) {
	for _, d := range ds {
		words = append(words, fmt.Sprint(d.Topic, " ", d.Tries))
	}
	return words
}

func seqsOf(ds []ordinaut.Delivery) (seqs []int64) {
	for _, d := range ds {
		seqs = append(seqs, d.Seq)
	}
	return seqs
}

// ack acknowledges deliveries of the group g.
func (f *fixture) ack(ds []ordinaut.Delivery) int {
	f.Helper()
	return get(f.store.AckEvents(f.ctx, "g", seqsOf(ds)))(f)
}

func groupGives(f *fixture) {
	f.publishTopics("order.early")
	f.newGroup("g", "order.*", "x")
	f.publishTopics("order.a", "y", "x", "order.b.c", "order.d")
	first := f.take("w", 2)
	same(f, "first", outOf(first), []string{"order.a 1", "x 1"})
	same(f, "of", []any{first[0].Consumer, first[0].Until, first[0].Dead}, []any{"w", f.now().Add(lease), ""})
	same(f, "data", string(first[0].Data), `{"n":1}`)
	same(f, "second", outOf(f.take("v", 5)), []string{"order.d 1"})
	same(f, "nothing more", outOf(f.take("v", 5)), nil)
}

func groupShares(f *fixture) {
	const events, consumers = 200, 8
	f.newGroup("g", "x")
	batch := make([]ordinaut.Event, events)
	for i := range batch {
		batch[i] = event("x")
	}
	f.publish(batch...)
	var mu sync.Mutex
	times := map[int64]int{}
	together(consumers, func(i int) {
		for {
			some, err := f.store.ClaimEvents(f.ctx, "g", fmt.Sprint("c", i), 7, time.Hour)
			if err != nil {
				f.Errorf("claim: %v", err)
			}
			if len(some) == 0 {
				return
			}
			if n, err := f.store.AckEvents(f.ctx, "g", seqsOf(some)); n != len(some) || err != nil {
				f.Errorf("got %d acknowledged and error %v, want %d", n, err, len(some))
			}
			mu.Lock()
			for _, d := range some {
				times[d.Seq]++
			}
			mu.Unlock()
		}
	})
	same(f, "events", len(times), events)
	for seq, n := range times {
		if n != 1 {
			f.Errorf("event %d: got it given out %d times, want once", seq, n)
		}
	}
}

func groupsAreTheirOwn(f *fixture) {
	f.newGroup("g", "x")
	f.newGroup("h", ">")
	f.publishTopics("x")
	f.ack(f.take("w", 1))
	same(f, "of the other", outOf(get(f.store.ClaimEvents(f.ctx, "h", "w", 9, lease))(f)), []string{"x 1"})
}

func groupGivesAgain(f *fixture) {
	f.newGroup("g", "*")
	f.publishTopics("a", "b")
	f.take("w", 1)
	f.pass(lease - time.Second)
	same(f, "in time", outOf(f.take("v", 1)), []string{"b 1"})
	f.pass(time.Second)
	f.publishTopics("c")
	same(f, "when it is over", outOf(f.take("v", 9)), []string{"a 2", "c 1"})
}

func groupAcknowledges(f *fixture) {
	f.newGroup("g", "*")
	f.publishTopics("a", "b")
	late := f.take("w", 1)
	f.pass(lease)
	f.take("v", 9)
	same(f, "by the one who had it", f.ack(late), 1)
	same(f, "again", f.ack(late), 0)
	same(f, "of a position that nobody has", get(f.store.AckEvents(f.ctx, "g", []int64{9999}))(f), 0)
	f.pass(lease)
	same(f, "left", outOf(f.take("w", 9)), []string{"b 2"})
}

func groupGivesUp(f *fixture) {
	f.newGroup("g", "*")
	f.publishTopics("poison")
	for n := range limits.DeliveryTries {
		same(f, "given", outOf(f.take("w", 9)), []string{fmt.Sprint("poison ", n+1)})
		f.pass(lease)
	}
	f.publishTopics("good")
	same(f, "given", outOf(f.take("w", 9)), []string{"good 1"})
	dead := get(f.store.ListDeliveries(f.ctx, "g", true, 0))(f)
	same(f, "given up", outOf(dead), []string{fmt.Sprint("poison ", limits.DeliveryTries)})
	if dead[0].Dead == "" {
		f.Error("got no reason, want one")
	}
	same(f, "pending", outOf(get(f.store.ListDeliveries(f.ctx, "g", false, 0))(f)), []string{"good 1"})
	same(f, "acknowledged late", f.ack(dead), 0)
	same(f, "given up", len(get(f.store.ListDeliveries(f.ctx, "g", true, 0))(f)), 0)
}

func groupRejects(f *fixture) {
	f.newGroup("g", "*")
	f.publishTopics("a", "b", "c")
	all := f.take("w", 9)
	later := f.now().Add(time.Hour)
	same(f, "later", get(f.store.RejectEvents(f.ctx, "g", seqsOf(all[:1]), later, ""))(f), 1)
	same(f, "for good", get(f.store.RejectEvents(f.ctx, "g", seqsOf(all[1:2]), time.Time{}, "it is broken"))(f), 1)
	same(f, "again", get(f.store.RejectEvents(f.ctx, "g", seqsOf(all[1:2]), time.Time{}, "it is broken"))(f), 0)
	dead := get(f.store.ListDeliveries(f.ctx, "g", true, 9))(f)
	same(f, "given up", []any{len(dead), dead[0].Topic, dead[0].Dead}, []any{1, "b", "it is broken"})
	f.pass(lease)
	same(f, "before its time", outOf(f.take("w", 9)), []string{"c 2"})
	f.pass(time.Hour)
	same(f, "at its time", outOf(f.take("w", 9)), []string{"a 2", "c 3"})
}

func groupSeeks(f *fixture) {
	_, start := f.ends()
	f.publishTopics("a", "b")
	f.newGroup("g", "*")
	f.publishTopics("c")
	f.take("w", 9)
	f.must(f.store.SeekGroup(f.ctx, "g", start, f.change("group.seek")))
	same(f, "pending", len(get(f.store.ListDeliveries(f.ctx, "g", false, 0))(f)), 0)
	same(f, "from the start", outOf(f.take("w", 9)), []string{"a 1", "b 1", "c 1"})
}

func groupIsListed(f *fixture) {
	f.newGroup("h", "x")
	made := f.now()
	_, end := f.ends()
	f.newGroup("g", "*")
	f.publishTopics("a", "b", "c")
	taken := f.take("w", 2)
	get(f.store.RejectEvents(f.ctx, "g", seqsOf(taken[:1]), time.Time{}, "no"))(f)
	same(f, "groups", get(f.store.ListGroups(f.ctx))(f), []ordinaut.Group{
		{Name: "g", Topics: []string{"*"}, CreatedBy: f.agent.ID, CreatedAt: made, After: end + 2, Lag: 1, Pending: 1, Dead: 1},
		{Name: "h", Topics: []string{"x"}, CreatedBy: f.agent.ID, CreatedAt: made, After: end, Lag: 3},
	})
	f.must(f.store.DeleteGroup(f.ctx, "g", f.change("group.delete")))
	same(f, "groups", len(get(f.store.ListGroups(f.ctx))(f)), 1)
	f.newGroup("g", "*")
	same(f, "a new one of the name has nothing pending", len(get(f.store.ListDeliveries(f.ctx, "g", false, 0))(f)), 0)
}

func groupIsMissing(f *fixture) {
	_, claim := f.store.ClaimEvents(f.ctx, "none", "w", 1, lease)
	_, ack := f.store.AckEvents(f.ctx, "none", []int64{1})
	_, reject := f.store.RejectEvents(f.ctx, "none", []int64{1}, f.now(), "")
	_, list := f.store.ListDeliveries(f.ctx, "none", false, 0)
	seek := f.store.SeekGroup(f.ctx, "none", 0, f.change("group.seek"))
	gone := f.store.DeleteGroup(f.ctx, "none", f.change("group.delete"))
	for _, err := range []error{claim, ack, reject, list, seek, gone} {
		f.refused(err, ordinaut.ErrNotFound)
	}
	f.newGroup("g", "*")
	f.refused(f.store.CreateGroup(f.ctx, ordinaut.Group{Name: "g"}, f.change("group.create")), ordinaut.ErrTaken)
}

func groupLosesPruned(f *fixture) {
	f.newGroup("g", "*")
	f.publishTopics("a", "b")
	lost := f.take("w", 1)
	f.pass(time.Hour)
	f.publishTopics("c")
	keep := forever()
	keep.Events = time.Minute
	f.prune(keep)
	kept := f.take("w", 9)
	same(f, "given", outOf(kept), []string{"c 1"})
	f.ack(kept)
	dead := get(f.store.ListDeliveries(f.ctx, "g", true, 0))(f)
	same(f, "given up", seqsOf(dead), seqsOf(lost))
	if dead[0].Dead == "" {
		f.Error("got no reason, want one")
	}
	f.pass(time.Hour)
	f.prune(keep)
	same(f, "given up, later", len(get(f.store.ListDeliveries(f.ctx, "g", true, 0))(f)), 0)
}

func groupLooksFar(f *fixture) {
	f.newGroup("g", "x")
	batch := make([]ordinaut.Event, 2100)
	for i := range batch {
		batch[i] = event("y")
	}
	f.publish(batch...)
	f.publishTopics("x")
	got := f.take("w", 9)
	same(f, "given", outOf(got), []string{"x 1"})
	if !slices.Contains(seqsOf(got), get(f.store.ListGroups(f.ctx))(f)[0].After) {
		f.Error("got a group that stands before what it gave out, want it at the end")
	}
}
