package redisstream_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event/redisstream"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/test/services"
)

// patience is how long anything may take on a busy machine.
const patience = time.Minute

// fixture is a store and a Redis, with streams of the test's own.
type fixture struct {
	*testing.T
	store  *sqlite.Store
	server *services.Server
	redis  *redis.Client
	prefix string // of the names of its streams
	doors  int
}

func newFixture(t *testing.T, server *services.Server) *fixture {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	parsed, err := redis.ParseURL(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(parsed)
	t.Cleanup(func() { client.Close() })
	return &fixture{T: t, store: store, server: server, redis: client, prefix: uuid.NewString() + ":"}
}

func (f *fixture) out() string  { return f.prefix + "out" }
func (f *fixture) in() string   { return f.prefix + "in" }
func (f *fixture) dead() string { return f.prefix + "dead" }

// options are those of a door that does everything often.
func (f *fixture) options() redisstream.Options {
	f.doors++
	return redisstream.Options{
		URL: f.server.URL, Out: []redisstream.Out{{Stream: f.out()}}, In: f.in(), Dead: f.dead(),
		Owner: fmt.Sprintf("door-%d", f.doors), Lease: 400 * time.Millisecond, Idle: 300 * time.Millisecond,
		Tend: 20 * time.Millisecond, Poll: 50 * time.Millisecond, PauseMax: 50 * time.Millisecond, Block: 20 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(f.Output(), nil)),
	}
}

// start opens a door to a store, until close or the end of the test.
func (f *fixture) start(store redisstream.Store, o redisstream.Options) (closeDoor func()) {
	f.Helper()
	door, err := redisstream.Open(store, o)
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(f.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := door.Run(ctx); err != nil {
			f.Errorf("the door ended with %v", err)
		}
	}()
	closeDoor = sync.OnceFunc(func() { cancel(); <-ended })
	f.Cleanup(closeDoor)
	return closeDoor
}

// publish tells of n events whose ids are numbers, from a first one on.
func (f *fixture) publish(first, n int) {
	f.Helper()
	events := make([]ordinaut.Event, n)
	for i := range events {
		events[i] = ordinaut.Event{
			ID: strconv.Itoa(first + i), Source: "test", Topic: "order.paid", Subject: "4711", Data: json.RawMessage(fmt.Sprintf(`{"n": %d}`, first+i)),
		}
	}
	for len(events) > 0 {
		batch := events[:min(len(events), 500)]
		if _, err := f.store.Publish(f.Context(), batch, ordinaut.Change{Action: "event.publish"}); err != nil {
			f.Fatal(err)
		}
		events = events[len(batch):]
	}
}

// entries are all entries of a stream.
func (f *fixture) entries(stream string) []redis.XMessage {
	f.Helper()
	entries, err := f.redis.XRange(f.Context(), stream, "-", "+").Result()
	if err != nil {
		f.Fatal(err)
	}
	return entries
}

// published are the ids of the events in the stream.
func (f *fixture) published() []string {
	f.Helper()
	return ids(f.entries(f.out()))
}

func ids(entries []redis.XMessage) (ids []string) {
	for _, e := range entries {
		ids = append(ids, fmt.Sprint(e.Values["id"]))
	}
	return ids
}

// numbers are those from a first one on, as ids.
func numbers(first, n int) (ids []string) {
	for i := range n {
		ids = append(ids, strconv.Itoa(first+i))
	}
	return ids
}

// await waits until something is so.
func (f *fixture) await(what string, so func() bool) {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), patience)
	defer cancel()
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			f.Fatalf("%s: not within %v", what, patience)
		case <-retry.C:
		}
	}
}

// length is how long a stream is; 0 when Redis does not answer.
func (f *fixture) length(stream string) int {
	return int(f.redis.XLen(f.Context(), stream).Val())
}

// long says whether everything is to be tried often.
func long() bool { return os.Getenv("ORDINAUT_CHAOS") == "long" }

// add adds an entry to the stream that is read.
func (f *fixture) add(fields ...string) string {
	f.Helper()
	id, err := f.redis.XAdd(f.Context(), &redis.XAddArgs{Stream: f.in(), Values: fields}).Result()
	if err != nil {
		f.Fatal(err)
	}
	return id
}

// told are the events of the log that did not come from publish.
func (f *fixture) told() (events []ordinaut.Event) {
	f.Helper()
	all, err := f.store.ListEvents(f.Context(), ordinaut.EventFilter{})
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range all {
		if e.Source != "test" && !strings.HasPrefix(e.Topic, "task.") {
			events = append(events, e)
		}
	}
	return events
}
