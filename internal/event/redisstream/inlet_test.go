package redisstream_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/test/services"
)

func TestWhatComesInIsInTheLog(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	bare := f.add("type", "shop.opened") // before there is a group
	o := f.options()
	o.Actor = "ada"
	f.start(f.store, o)
	f.add("type", "order.paid", "id", "1", "source", "https://shop.example", "subject", "4711", "data", `{"total": 99.5}`)
	f.add("topic", "order.paid", "event_id", "2", "payload", `"words"`)
	f.add("type", "order.paid", "id", "1", "source", "https://shop.example") // once more
	f.await("all are dealt with", func() bool { return f.pending() == 0 && len(f.told()) == 3 })
	source := "redis:" + f.in()
	want := []ordinaut.Event{
		{ID: bare, Source: source, Topic: "shop.opened", Actor: "ada"},
		{ID: "1", Source: "https://shop.example", Topic: "order.paid", Subject: "4711", Data: []byte(`{"total": 99.5}`), Actor: "ada"},
		{ID: "2", Source: source, Topic: "order.paid", Data: []byte(`"words"`), Actor: "ada"},
	}
	if diff := cmp.Diff(want, f.told(), cmpopts.IgnoreFields(ordinaut.Event{}, "Seq", "At")); diff != "" {
		t.Errorf("the events (-want +got):\n%s", diff)
	}
}

// pending is how many entries were read and not acknowledged; -1 while there is no
// group.
func (f *fixture) pending() int64 {
	p, err := f.redis.XPending(f.Context(), f.in(), "ordinaut").Result()
	if err != nil {
		return -1
	}
	return p.Count
}

func TestWhatCanNeverBeAnEventIsPutAside(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	bad := map[string][]string{
		"event.invalid_topic": {"data", "{}"},
		"event.reserved":      {"type", "task.run.failed"},
		"request.malformed":   {"type", "a.b", "data", "{"},
		"field.invalid_value": {"type", "a.b", "data", `"` + strings.Repeat("x", limits.EventDataBytes) + `"`},
	}
	for _, fields := range bad {
		f.add(fields...)
	}
	f.add("type", "a.b", "source", "ordinaut/tasks")
	f.add("type", "a.b", "subject", strings.Repeat("x", 201))
	f.add("type", "a.b", "subject", "\xff")
	good := f.add("type", "a.b")
	f.start(f.store, f.options())
	f.await("they are dealt with", func() bool { return f.pending() == 0 && len(f.told()) == 1 })
	if got := f.told()[0].ID; got != good {
		t.Errorf("the log has %s, want %s", got, good)
	}
	aside := f.entries(f.dead())
	if got, want := len(aside), len(bad)+3; got != want {
		t.Fatalf("%d were put aside, want %d", got, want)
	}
	for code, fields := range bad {
		if !slices.ContainsFunc(aside, func(m redis.XMessage) bool {
			return m.Values["code"] == code && m.Values["entry."+fields[0]] == fields[1]
		}) {
			t.Errorf("nothing was put aside for %s", code)
		}
	}
	for _, m := range aside {
		if m.Values["reason"] == "" || m.Values["stream"] != f.in() || m.Values["entry"] == "" {
			t.Errorf("%.200v does not say where it comes from and why it is here", m.Values)
		}
	}
}

func TestWhatAProcessThatDiedHadReadIsTakenOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	for n := range 300 {
		f.add("type", "a.b", "id", strconv.Itoa(n), "source", "queue")
	}
	if err := f.redis.XGroupCreateMkStream(t.Context(), f.in(), "ordinaut", "0").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.redis.XReadGroup(t.Context(), &redis.XReadGroupArgs{
		Group: "ordinaut", Consumer: "dead", Streams: []string{f.in(), ">"}, Count: 250,
	}).Result(); err != nil {
		t.Fatal(err)
	}
	f.start(f.store, f.options())
	f.start(f.store, f.options())
	f.await("all are in the log", func() bool { return len(f.told()) == 300 && f.pending() == 0 })
}

func TestAProcessGoesOnWithWhatItHadRead(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	f.add("type", "a.b", "id", "1")
	o := f.options()
	o.Idle = patience
	if err := f.redis.XGroupCreateMkStream(t.Context(), f.in(), "ordinaut", "0").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.redis.XReadGroup(t.Context(), &redis.XReadGroupArgs{
		Group: "ordinaut", Consumer: o.Owner, Streams: []string{f.in(), ">"},
	}).Result(); err != nil {
		t.Fatal(err)
	}
	closeDoor := f.start(f.store, o)
	f.await("it is in the log", func() bool { return len(f.told()) == 1 && f.pending() == 0 })
	closeDoor()
	consumers, err := f.redis.XInfoConsumers(t.Context(), f.in(), "ordinaut").Result()
	if err != nil || len(consumers) != 0 {
		t.Errorf("the group has the consumers %v, %v; want none", consumers, err)
	}
}

// picky is a store that is not there at first, and that refuses an event.
type picky struct {
	*sqlite.Store
	away atomic.Int64
}

func (s *picky) Publish(ctx context.Context, events []ordinaut.Event, c ordinaut.Change) ([]bool, error) {
	if s.away.Add(-1) >= 0 {
		return nil, errors.New("the store is away")
	}
	if slices.ContainsFunc(events, func(e ordinaut.Event) bool { return e.Topic == "bad.one" }) {
		return nil, &ordinaut.Error{Code: ordinaut.CodeFieldValue, Message: "this one is refused"}
	}
	return s.Store.Publish(ctx, events, c)
}

func TestAnEntryThatTheStoreRefusesHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	for n := range 50 {
		f.add("type", "a.b", "id", strconv.Itoa(n))
	}
	f.add("type", "bad.one")
	f.add("type", "a.b", "id", "last")
	s := &picky{Store: f.store}
	s.away.Store(3)
	f.start(s, f.options())
	f.await("the others are in the log", func() bool { return len(f.told()) == 51 && f.pending() == 0 })
	if got := f.entries(f.dead()); len(got) != 1 || got[0].Values["entry.type"] != "bad.one" {
		t.Errorf("put aside are %v", got)
	}
}

func TestWhatCameInIsTakenAwayOnceAllGroupsHaveReadIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	if err := f.redis.XGroupCreateMkStream(t.Context(), f.in(), "other", "0").Err(); err != nil {
		t.Fatal(err)
	}
	o := f.options()
	o.MaxLen = 20
	f.start(f.store, o)
	for n := range 100 {
		f.add("type", "a.b", "id", strconv.Itoa(n))
	}
	f.await("all are in the log", func() bool { return len(f.told()) == 100 && f.pending() == 0 })
	if got := f.length(f.in()); got != 100 {
		t.Errorf("the stream has %d entries while another group has read none, want 100", got)
	}
	if err := f.redis.XGroupDestroy(t.Context(), f.in(), "other").Err(); err != nil {
		t.Fatal(err)
	}
	f.await("the oldest are taken away", func() bool { n := f.length(f.in()); f.Log(n); return n >= 20 && n < 40 })
}
