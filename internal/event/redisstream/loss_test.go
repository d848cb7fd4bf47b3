package redisstream_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut/test/services"
)

// TestNoEventIsLostWhateverBecomesOfRedis stops, kills and wipes a Redis while
// events are told, and two processes relay them to a group of consumers. The short
// form does so a few times, the long one 60 times.
func TestNoEventIsLostWhateverBecomesOfRedis(t *testing.T) {
	t.Parallel()
	rounds := 9
	if long() {
		rounds = 60
	}
	f := newFixture(t, services.NewRedis(t, services.Durable))
	f.start(f.store, f.options())
	f.start(f.store, f.options())
	f.await("a relay is there", func() bool { return f.lag(f.out()) == 0 })

	told, done := 0, make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		for open := true; open; {
			f.publish(told+1, 20)
			told += 20
			select {
			case <-done:
				open = false
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	read := newConsumer(f)
	ends := []func(testing.TB){f.server.Stop, f.server.Kill, f.server.Wipe}
	for n := range rounds {
		seen := read.count()
		f.await("consumers read on", func() bool { return read.count() >= seen+100 })
		ends[n%len(ends)](t)
		if n%2 == 0 { // it is away for as long as some more are told
			wait := time.NewTimer(rand.N(100 * time.Millisecond))
			<-wait.C
		}
		f.server.Start(t)
	}
	close(done)
	telling.Wait()
	f.await("all events are read", func() bool { return read.count() == told })
	for n := range told {
		if !read.has(strconv.Itoa(n + 1)) {
			t.Errorf("event %d was lost", n+1)
		}
	}
	t.Logf("%d events, %d times without Redis, %d read again, %d out of order", told, rounds, read.again(), read.disorder())
	if got := read.disorder(); got != 0 {
		t.Errorf("%d events were first read after later ones", got)
	}
}

// consumer reads the stream as a group, and remembers what it has seen.
type consumer struct {
	f    *fixture
	mu   sync.Mutex
	seen map[string]int
	last int64 // the highest position that was seen
	late int   // how many were first seen behind it
}

func newConsumer(f *fixture) *consumer {
	c := &consumer{f: f, seen: map[string]int{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(f.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if err := c.read(ctx, ">"); redis.HasErrorPrefix(err, "NOGROUP") {
				// Should the relay not have made it anew, it has everything to read.
				_ = f.redis.XGroupCreateMkStream(ctx, f.out(), "readers", "0").Err()
			} else if err == nil {
				_ = c.read(ctx, "0") // what was read before and not acknowledged
			}
		}
	}()
	f.Cleanup(func() { cancel(); <-ended })
	return c
}

// read reads and acknowledges some entries. When Redis is away the client waits a
// little before it says so.
func (c *consumer) read(ctx context.Context, from string) error {
	got, err := c.f.redis.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: "readers", Consumer: "c", Streams: []string{c.f.out(), from}, Count: 100, Block: 20 * time.Millisecond,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	var ids []string
	for _, m := range got[0].Messages {
		c.see(m)
		ids = append(ids, m.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return c.f.redis.XAck(ctx, c.f.out(), "readers", ids...).Err()
}

func (c *consumer) see(m redis.XMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, _ := m.Values["id"].(string)
	seq, _ := strconv.ParseInt(m.Values["seq"].(string), 10, 64)
	if c.seen[id]++; c.seen[id] > 1 {
		return
	}
	if seq < c.last {
		c.late++
	}
	c.last = max(c.last, seq)
}

func (c *consumer) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

func (c *consumer) has(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[id] > 0
}

// again is how many were read more than once.
func (c *consumer) again() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, times := range c.seen {
		if times > 1 {
			n++
		}
	}
	return n
}

func (c *consumer) disorder() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.late
}

func TestWithoutRedisNothingWaits(t *testing.T) {
	t.Parallel()
	server := services.NewRedis(t, services.Fast)
	f := newFixture(t, server)
	server.Stop(t)
	o, told := f.options(), newTold()
	o.Log = told.logger()
	closeDoor := f.start(f.store, o)
	told.await(t, "it is tried again")
	f.publish(1, 100)
	server.Start(t)
	told.await(t, "Redis can be used again")
	f.await("the events are there", func() bool { return f.length(f.out()) == 100 })
	server.Stop(t)
	began := time.Now()
	closeDoor()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the door took %v to close without Redis", took)
	}
}

func TestWhatComesInByARedisThatWasWipedIsTakenIn(t *testing.T) {
	t.Parallel()
	server := services.NewRedis(t, services.Fast)
	f := newFixture(t, server)
	f.start(f.store, f.options())
	for n := range 4 {
		id := strconv.Itoa(n)
		f.await("an entry is added", func() bool {
			return f.redis.XAdd(t.Context(), &redis.XAddArgs{Stream: f.in(), Values: []string{"type", "a.b", "id", id}}).Err() == nil
		})
		f.await("it is in the log", func() bool { return len(f.told()) == n+1 && f.pending() == 0 })
		server.Wipe(t)
		server.Start(t)
	}
}
