package redisstream

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// Store is what the door needs of the store.
type Store interface {
	ordinaut.Events
	ordinaut.Readers
	Watch(s ordinaut.Signal) (<-chan struct{}, func())
}

// Door is the door between a store and a Redis.
type Door struct {
	store   Store
	client  *redis.Client
	options Options
}

// Open makes a door. It does nothing until Run.
func Open(store Store, o Options) (*Door, error) {
	client, err := connect(o.URL)
	if err != nil {
		return nil, err
	}
	return &Door{store, client, o.withDefaults()}, nil
}

// Run relays events and takes them in until stop ends, whatever becomes of Redis.
func (d *Door) Run(stop context.Context) error {
	var parts sync.WaitGroup
	for _, out := range d.options.Out {
		parts.Go(func() { d.keep(stop, newRelay(d, out)) })
	}
	parts.Go(func() { d.keep(stop, newInlet(d)) })
	parts.Go(func() { d.measure(stop) })
	parts.Wait()
	return d.client.Close()
}

// part is one of those that work at the door.
type part interface {
	name() string // the stream
	// work does what there is to do. It returns when the context has ended, or when
	// something has failed.
	work(ctx context.Context) error
}

// firstPause is the wait after a first failure; each further one is twice as long.
const firstPause = 100 * time.Millisecond

// keep has a part work, and lets it begin anew when something has failed. A failure
// is told once, and so is its end.
func (d *Door) keep(stop context.Context, p part) {
	log, pause := d.options.Log.With(telemetry.KeyStream, p.name()), firstPause
	failing := ""
	for stop.Err() == nil {
		began := time.Now()
		err := d.client.Ping(stop).Err()
		if err == nil {
			if failing != "" {
				log.Info("Redis can be used again", telemetry.KeyReason, failing)
				failing = ""
			}
			err = p.work(stop)
		}
		if err == nil || stop.Err() != nil {
			break
		}
		if time.Since(began) > d.options.PauseMax {
			pause = firstPause
		}
		if text := err.Error(); text != failing {
			log.Warn("events and Redis do not come together; it is tried again", telemetry.Err(err))
			failing = text
		}
		// Processes that lost Redis together do not come back all at once.
		wait(stop, pause/2+rand.N(pause/2+1))
		pause = min(2*pause, d.options.PauseMax)
	}
}

// wait waits, and says whether ctx goes on.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// measure tells now and then how far the streams are behind the log, whoever adds
// to them and whether Redis is there or not.
func (d *Door) measure(stop context.Context) {
	for more := d.options.Metrics != nil; more; more = wait(stop, d.options.Poll) {
		readers, err := d.store.ListReaders(stop)
		if err != nil {
			continue // the store's trouble is told by those who need it
		}
		for _, out := range d.options.Out {
			for _, r := range readers {
				if r.Name == readerPrefix+out.Stream {
					d.options.Metrics.RedisLag(out.Stream, r.Lag)
				}
			}
		}
	}
}
