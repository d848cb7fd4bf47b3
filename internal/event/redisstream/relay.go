package redisstream

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// relayBatch is how many events are added in one round trip.
const relayBatch = 250

// relayPace is the time between a signal and the look for what has happened.
const relayPace = 2 * time.Millisecond

// readerPrefix is before the name of a stream in the name of its reader. Behind
// that, and another colon, stands the name of a group of consumers of it.
const readerPrefix = "redis:"

// relay adds the log to a stream.
type relay struct {
	store   Store
	stream  stream
	topics  []string
	reader  ordinaut.Reader
	options Options
	log     *slog.Logger

	at     int64            // where the stream was left
	known  bool             // and that is known
	tended time.Time        // when it was last looked after
	groups map[string]int64 // how far they have come, as it was last written down
}

func newRelay(d *Door, out Out) *relay {
	return &relay{
		store: d.store, stream: newStream(d.client, out.Stream), topics: out.Topics, options: d.options,
		reader: ordinaut.Reader{Name: readerPrefix + out.Stream, Owner: d.options.Owner},
		log:    d.options.Log.With(telemetry.KeyStream, out.Stream),
		groups: map[string]int64{},
	}
}

func (r *relay) name() string { return r.stream.key }

// work relays until something fails. While another process does, it stands by.
func (r *relay) work(ctx context.Context) error {
	r.known = false // Redis may be another than it was
	signal, end := r.store.Watch(ordinaut.SignalLog)
	defer end()
	for ctx.Err() == nil {
		more, err := r.turn(ctx)
		switch {
		case errors.Is(err, ordinaut.ErrHeld), errors.Is(err, ordinaut.ErrLeaseLost):
			r.known = false
			wait(ctx, r.options.Lease/4)
		case err != nil:
			return err
		case !more:
			r.rest(ctx, signal)
		}
	}
	return ctx.Err()
}

// rest waits until the log may have grown, or the lease is to be renewed.
func (r *relay) rest(ctx context.Context, signal <-chan struct{}) {
	timer := time.NewTimer(min(r.options.Poll, r.options.Lease/3, r.options.Tend))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-signal:
		wait(ctx, relayPace) // so that what happens together is added together
	case <-timer.C:
	}
}

// turn relays one batch, and says whether there may be more.
func (r *relay) turn(ctx context.Context) (more bool, err error) {
	reading, err := r.store.ReadEvents(ctx, r.reader, relayBatch, r.options.Lease)
	if err != nil {
		return false, err
	}
	if !r.known {
		if err := r.locate(ctx, reading); err != nil {
			return false, err
		}
	}
	events, to, more, err := r.next(ctx, reading)
	if err != nil {
		return false, err
	}
	if to > r.at {
		stood, err := r.stream.add(ctx, r.at, to, events)
		if err != nil {
			return false, err
		}
		if stood != r.at {
			r.known = false // it was wiped, or another has added to it
			return true, nil
		}
		r.at = to
	}
	if r.at > reading.After {
		if err := r.store.AdvanceReader(ctx, r.reader, reading.After, r.at); err != nil {
			return false, err
		}
	}
	return more, r.tend(ctx)
}

// next finds what is to be added behind the place where the stream stands, and
// where it stands then. What Redis has lost is read from the log again.
func (r *relay) next(ctx context.Context, reading ordinaut.Reading) (events []ordinaut.Event, to int64, more bool, err error) {
	switch {
	case r.at < reading.After:
		filter := ordinaut.EventFilter{Topics: r.topics, After: r.at, Until: reading.After, Limit: relayBatch}
		events, err = r.store.ListEvents(ctx, filter)
		to, more = reading.After, true
		if len(events) == relayBatch {
			to = events[relayBatch-1].Seq
		}
	case r.at == reading.After:
		to = r.at
		for _, e := range reading.Events {
			to = e.Seq
			if covers(r.topics, e.Topic) {
				events = append(events, e)
			}
		}
		if reading.Gap > r.at {
			events = append([]ordinaut.Event{gap(r.at, reading.Gap)}, events...)
			to = max(to, reading.Gap)
		}
		more = len(reading.Events) == relayBatch
	default: // the stream is ahead of what was written down
		return nil, r.at, true, nil
	}
	if n := fitting(events); n < len(events) {
		events, to, more = events[:n], events[n-1].Seq, true
	}
	return events, to, more, err
}

// covers says whether a topic is relayed.
func covers(patterns []string, topic string) bool {
	for _, p := range patterns {
		if ordinaut.TopicMatches(p, topic) {
			return true
		}
	}
	return len(patterns) == 0
}

// fitting is how many of the events, but at least one, are sent to Redis at once.
func fitting(events []ordinaut.Event) int {
	size := 0
	for n, e := range events {
		if size += len(e.Data); size > limits.EventBatchBytes && n > 0 {
			return n
		}
	}
	return len(events)
}
