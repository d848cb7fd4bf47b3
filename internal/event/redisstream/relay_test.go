package redisstream_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event/redisstream"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/test/services"
)

func TestTheLogIsAddedInOrder(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	f.publish(1, 700) // before there was a relay: an empty stream is filled
	f.start(f.store, f.options())
	f.await("the first are there", func() bool { return f.length(f.out()) == 700 })
	f.publish(701, 1300)
	f.await("all are there", func() bool { return f.length(f.out()) == 2000 })
	if diff := cmp.Diff(numbers(1, 2000), f.published()); diff != "" {
		t.Errorf("the stream (-want +got):\n%s", diff)
	}
}

func TestAnEntryHasTheAttributesOfCloudEvents(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	f.publish(1, 1)
	e := ordinaut.Event{ID: "2", Source: "test", Topic: "a.b", Actor: "ada", TaskID: "t", RunID: "r", Depth: 2}
	if _, err := f.store.Publish(t.Context(), []ordinaut.Event{e}, ordinaut.Change{Action: "event.publish"}); err != nil {
		t.Fatal(err)
	}
	f.start(f.store, f.options())
	f.await("both are there", func() bool { return f.length(f.out()) == 2 })
	entries := f.entries(f.out())
	for _, m := range entries {
		if at, err := time.Parse(time.RFC3339Nano, m.Values["time"].(string)); err != nil || time.Since(at) > patience {
			t.Errorf("the time is %v", m.Values["time"])
		}
		delete(m.Values, "time")
	}
	want := []redis.XMessage{
		{ID: "1-0", Values: map[string]any{"seq": "1", "id": "1", "source": "test", "type": "order.paid", "subject": "4711", "data": `{"n": 1}`}},
		{ID: "2-0", Values: map[string]any{"seq": "2", "id": "2", "source": "test", "type": "a.b", "agentid": "ada", "taskid": "t", "runid": "r", "depth": "2"}},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("the entries (-want +got):\n%s", diff)
	}
}

func TestAStreamHasItsTopicsOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	o := f.options()
	o.Out = append(o.Out, redisstream.Out{Stream: f.prefix + "few", Topics: []string{"rare.*"}})
	f.start(f.store, o)
	f.publish(1, 600)
	rare := []ordinaut.Event{{ID: "rare", Source: "test", Topic: "rare.one"}}
	if _, err := f.store.Publish(t.Context(), rare, ordinaut.Change{Action: "event.publish"}); err != nil {
		t.Fatal(err)
	}
	f.publish(601, 300)
	f.await("all are in the one", func() bool { return f.length(f.out()) == 901 })
	f.await("and the rare one in the other", func() bool { return f.length(f.prefix+"few") == 1 })
	f.await("which is not behind", func() bool { return f.lag(f.prefix+"few") == 0 })
	if got := f.entries(f.prefix + "few"); got[0].ID != "601-0" {
		t.Errorf("the entry has the id %s, want 601-0", got[0].ID)
	}
}

// lag is how far a stream is behind the log.
func (f *fixture) lag(stream string) int64 {
	f.Helper()
	readers, err := f.store.ListReaders(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range readers {
		if r.Name == "redis:"+stream {
			return r.Lag
		}
	}
	return -1
}

func TestTwoProcessesAddEachEventOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	first := f.start(f.store, f.options())
	f.start(f.store, f.options())
	f.publish(1, 500)
	f.await("half are there", func() bool { return f.length(f.out()) == 500 })
	first() // whichever of them relays, the other carries on
	f.publish(501, 500)
	f.await("all are there", func() bool { return f.length(f.out()) == 1000 })
	if diff := cmp.Diff(numbers(1, 1000), f.published()); diff != "" {
		t.Errorf("the stream (-want +got):\n%s", diff)
	}
}

// forgetful is a store whose readers do not move when it is told to fail, as if the
// process had died in between.
type forgetful struct {
	*sqlite.Store
	calls atomic.Int64
}

func (s *forgetful) AdvanceReader(ctx context.Context, r ordinaut.Reader, from, to int64) error {
	if s.calls.Add(1)%3 != 0 {
		return errors.New("killed")
	}
	return s.Store.AdvanceReader(ctx, r, from, to)
}

func TestARelayThatIsKilledAfterAddingAddsNothingTwice(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	s := &forgetful{Store: f.store}
	f.start(s, f.options())
	for n := range 10 {
		f.publish(1+100*n, 100)
	}
	f.await("all are there", func() bool { return f.length(f.out()) == 1000 && f.lag(f.out()) == 0 })
	if diff := cmp.Diff(numbers(1, 1000), f.published()); diff != "" {
		t.Errorf("the stream (-want +got):\n%s", diff)
	}
	if s.calls.Load() < 3 {
		t.Error("nothing was killed")
	}
}

func TestARelayThatIsStoppedAtAnyMomentIsCarriedOnWith(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	const rounds, each = 15, 200
	for n := range rounds {
		stop := f.start(f.store, f.options())
		f.publish(1+n*each, each)
		if n%2 == 0 {
			f.await("some are there", func() bool { return f.length(f.out()) > n*each })
		}
		stop()
	}
	f.start(f.store, f.options())
	f.await("all are there", func() bool { return f.length(f.out()) == rounds*each })
	if diff := cmp.Diff(numbers(1, rounds*each), f.published()); diff != "" {
		t.Errorf("the stream (-want +got):\n%s", diff)
	}
}

func TestNothingIsTakenAwayThatAGroupHasNotRead(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	if err := f.redis.XGroupCreateMkStream(t.Context(), f.out(), "slow", "0").Err(); err != nil {
		t.Fatal(err)
	}
	o := f.options()
	o.MaxLen, o.Most = 100, 2000
	f.start(f.store, o)
	f.await("the relay is there", func() bool { return f.lag(f.out()) == 0 })
	f.publish(1, 1000)
	f.await("all are there", func() bool { return f.length(f.out()) == 1000 })
	got := f.readAs("slow", 500)
	f.acknowledge("slow", got[:300]...)
	f.await("what was acknowledged is taken away", func() bool { return f.length(f.out()) == 700 })
	f.acknowledge("slow", got[301:]...) // all but one
	f.publish(1001, 1)
	f.await("another is added", func() bool { return f.length(f.out()) == 701 })
	f.acknowledge("slow", got[300])
	f.await("the rest is taken away", func() bool { return f.length(f.out()) == 501 })
	f.publish(1002, 3000)
	f.await("more than that is kept for nobody", func() bool {
		ids := f.published()
		return len(ids) == 2000 && ids[1999] == "4001"
	})
}

// readAs reads as a consumer of a group.
func (f *fixture) readAs(group string, n int64) []redis.XMessage {
	f.Helper()
	got, err := f.redis.XReadGroup(f.Context(), &redis.XReadGroupArgs{
		Group: group, Consumer: "c", Streams: []string{f.out(), ">"}, Count: n, Block: -1,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		f.Fatal(err)
	}
	return got[0].Messages
}

func (f *fixture) acknowledge(group string, entries ...redis.XMessage) {
	f.Helper()
	var ids []string
	for _, m := range entries {
		ids = append(ids, m.ID)
	}
	if err := f.redis.XAck(f.Context(), f.out(), group, ids...).Err(); err != nil {
		f.Fatal(err)
	}
}

func TestAGroupGoesOnWhereItWasAfterRedisHasLostEverything(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	if err := f.redis.XGroupCreateMkStream(t.Context(), f.out(), "readers", "0").Err(); err != nil {
		t.Fatal(err)
	}
	o := f.options()
	o.MaxLen, o.Most = 50, 5000
	f.start(f.store, o)
	f.await("the relay is there", func() bool { return f.lag(f.out()) == 0 })
	f.publish(1, 1000)
	f.await("all are there", func() bool { return f.length(f.out()) == 1000 })
	got := f.readAs("readers", 400)
	f.acknowledge("readers", got...)
	f.await("it is written down how far it has come", func() bool { return f.lag(f.out()+":readers") == 600 })
	if err := f.redis.Del(t.Context(), f.out()).Err(); err != nil {
		t.Fatal(err)
	}
	f.await("the stream is filled again, though nothing happens", func() bool { return f.length(f.out()) == 600 })
	if diff := cmp.Diff(numbers(401, 600), ids(f.readAs("readers", 1000))); diff != "" {
		t.Errorf("what the group reads then (-want +got):\n%s", diff)
	}
}

func TestAGroupThatWasTakenAwayHoldsNothingBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	if err := f.redis.XGroupCreateMkStream(t.Context(), f.out(), "gone", "0").Err(); err != nil {
		t.Fatal(err)
	}
	o := f.options()
	o.MaxLen = 100
	f.start(f.store, o)
	f.await("the relay is there", func() bool { return f.lag(f.out()) == 0 })
	f.publish(1, 50)
	f.await("the group is written down", func() bool { return f.lag(f.out()+":gone") == 50 })
	if err := f.redis.XGroupDestroy(t.Context(), f.out(), "gone").Err(); err != nil {
		t.Fatal(err)
	}
	f.publish(51, 950)
	f.await("it does not lag behind", func() bool { return f.lag(f.out()+":gone") <= 10 })
	f.await("what is too much is taken away", func() bool { return f.length(f.out()) == 100 })
}

func TestWhatTheLogKeepsNoMoreIsAGap(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	closeDoor := f.start(f.store, f.options())
	f.publish(1, 100)
	f.await("all are there", func() bool { return f.length(f.out()) == 100 && f.lag(f.out()) == 0 })
	closeDoor()
	f.publish(101, 100)
	for more := true; more; {
		var err error
		if more, err = f.store.Prune(t.Context(), ordinaut.Keep{Events: time.Nanosecond}, 1000); err != nil {
			t.Fatal(err)
		}
	}
	f.publish(201, 100)
	f.start(f.store, f.options())
	f.await("the newest are there", func() bool { return slices.Contains(f.published(), "300") })
	entries := f.entries(f.out())
	var told struct{ After, Until int64 }
	at := slices.IndexFunc(entries, func(m redis.XMessage) bool { return m.Values["type"] == redisstream.GapTopic })
	if at < 0 {
		t.Fatalf("there is no gap in %v", ids(entries))
	}
	if err := json.Unmarshal([]byte(entries[at].Values["data"].(string)), &told); err != nil {
		t.Fatal(err)
	}
	if next, _ := strconv.ParseInt(entries[at+1].Values["seq"].(string), 10, 64); told.After != 100 || told.Until < 101 || told.Until >= next {
		t.Errorf("the gap is %+v, before %d", told, next)
	}
	if diff := cmp.Diff(numbers(201, 100), ids(entries[len(entries)-100:])); diff != "" {
		t.Errorf("behind the gap (-want +got):\n%s", diff)
	}
}

func TestAStreamOfAnotherLogIsLeftAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, services.Redis(t))
	for _, id := range []string{"5-0", "7-0"} {
		args := &redis.XAddArgs{Stream: f.out(), ID: id, Values: []string{"id", id, "source", "elsewhere"}}
		if err := f.redis.XAdd(t.Context(), args).Err(); err != nil {
			t.Fatal(err)
		}
	}
	o, told := f.options(), newTold()
	o.Log = told.logger()
	f.start(f.store, o)
	told.await(t, "is not of this log") // which is shorter
	f.publish(1, 100)
	told.await(t, "is not of this log") // which has another event there
	if got := f.length(f.out()); got != 2 {
		t.Errorf("the stream has %d entries, want 2", got)
	}
	if err := f.redis.Del(t.Context(), f.out()).Err(); err != nil {
		t.Fatal(err)
	}
	f.await("the events are there once it is gone", func() bool { return f.length(f.out()) == 100 })
}
