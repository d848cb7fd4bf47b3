package redisstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// inletBatch is how many entries are read at once.
const inletBatch = 200

// goneConsumer is after how long a consumer that has nothing left is forgotten.
const goneConsumer = time.Hour

// inlet takes in what others have added to a stream.
type inlet struct {
	store   Store
	stream  stream
	options Options
	log     *slog.Logger
	change  ordinaut.Change
	tended  time.Time
}

func newInlet(d *Door) *inlet {
	return &inlet{
		store: d.store, stream: newStream(d.client, d.options.In), options: d.options,
		log:    d.options.Log.With(telemetry.KeyStream, d.options.In),
		change: ordinaut.Change{Actor: d.options.Actor, Action: "event.publish", Subject: d.options.In},
	}
}

func (in *inlet) name() string { return in.stream.key }

// work reads until something fails. The group begins with the first entry, so that
// nothing is missed that was added before there was one.
func (in *inlet) work(ctx context.Context) error {
	if err := in.stream.group(ctx, Group, 0); err != nil {
		return err
	}
	defer in.leave(ctx)
	// What this process has read before, and not dealt with, comes first.
	for from := "0"; ctx.Err() == nil; {
		entries, err := in.read(ctx, from)
		if err != nil {
			return err
		}
		if err := in.take(ctx, entries); err != nil {
			return err
		}
		if len(entries) == 0 {
			from = ">"
		}
		if err := in.tend(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// read reads entries: those that this consumer has pending, from "0", or new ones,
// from ">", for which it waits a moment.
func (in *inlet) read(ctx context.Context, from string) ([]redis.XMessage, error) {
	streams, err := in.stream.client.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: Group, Consumer: in.options.Owner, Streams: []string{in.stream.key, from}, Count: inletBatch, Block: in.options.Block,
	}).Result()
	if errors.Is(err, redis.Nil) || err == nil && len(streams) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", in.stream.key, err)
	}
	return streams[0].Messages, nil
}

// take writes entries into the log, and acknowledges them.
func (in *inlet) take(ctx context.Context, entries []redis.XMessage) error {
	var events []ordinaut.Event
	var ids []string
	for _, m := range entries {
		e, err := in.event(m)
		if err != nil {
			if err := in.refuse(ctx, m, err); err != nil {
				return err
			}
			continue
		}
		events, ids = append(events, e), append(ids, m.ID)
	}
	if len(events) == 0 {
		return nil
	}
	fresh, err := in.store.Publish(ctx, events, in.change)
	if refused(err) && len(entries) > 1 {
		return in.takeEach(ctx, entries)
	}
	if refused(err) {
		return in.refuse(ctx, entries[0], err)
	}
	if err != nil {
		return fmt.Errorf("publish what came in by %s: %w", in.stream.key, err)
	}
	in.count(fresh)
	return in.acknowledge(ctx, ids...)
}

// takeEach takes entries one by one, so that one that the store refuses does not
// hold up the others.
func (in *inlet) takeEach(ctx context.Context, entries []redis.XMessage) error {
	for _, m := range entries {
		if err := in.take(ctx, []redis.XMessage{m}); err != nil {
			return err
		}
	}
	return nil
}

// refused says that an error will be the same however often it is tried.
func refused(err error) bool {
	var e *ordinaut.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind() {
	case ordinaut.KindMalformed, ordinaut.KindInvalid, ordinaut.KindDenied, ordinaut.KindConflict:
		return true
	}
	return false
}

func (in *inlet) count(fresh []bool) {
	known := 0
	for _, f := range fresh {
		if !f {
			known++
		}
	}
	in.options.Metrics.RedisTaken(len(fresh)-known, known, 0)
}

func (in *inlet) acknowledge(ctx context.Context, ids ...string) error {
	if err := in.stream.client.XAck(ctx, in.stream.key, Group, ids...).Err(); err != nil {
		return fmt.Errorf("acknowledge %d entries of %s: %w", len(ids), in.stream.key, err)
	}
	return nil
}

// refuse moves an entry that can never be an event to where somebody may look at
// it.
func (in *inlet) refuse(ctx context.Context, m redis.XMessage, why error) error {
	in.log.Warn("an entry cannot be an event, and was put aside", telemetry.KeyEntry, m.ID, telemetry.Err(why))
	fields := []any{"stream", in.stream.key, "entry", m.ID, "reason", why.Error(), "code", string(ordinaut.AsError(why).Code)}
	for name, value := range m.Values {
		fields = append(fields, "entry."+name, value)
	}
	_, err := in.stream.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.XAdd(ctx, &redis.XAddArgs{Stream: in.options.Dead, MaxLen: in.options.MaxLen, Approx: true, Values: fields})
		p.XAck(ctx, in.stream.key, Group, m.ID)
		return nil
	})
	if err != nil {
		return fmt.Errorf("put the entry %s of %s aside: %w", m.ID, in.stream.key, err)
	}
	in.options.Metrics.RedisTaken(0, 0, 1)
	return nil
}

// tend takes over, now and then, what others have read and not dealt with, forgets
// consumers that are gone, and takes away what every group has read.
func (in *inlet) tend(ctx context.Context) error {
	if time.Since(in.tended) < in.options.Tend {
		return nil
	}
	in.tended = time.Now()
	if err := in.adopt(ctx); err != nil {
		return err
	}
	if err := in.forget(ctx); err != nil {
		return err
	}
	return in.trim(ctx)
}

// adopt takes over entries that another process has read and not acknowledged for
// a while.
func (in *inlet) adopt(ctx context.Context) error {
	for start := "0-0"; ; {
		entries, next, err := in.stream.client.XAutoClaim(ctx, &redis.XAutoClaimArgs{
			Stream: in.stream.key, Group: Group, Consumer: in.options.Owner, MinIdle: in.options.Idle, Start: start, Count: inletBatch,
		}).Result()
		if err != nil {
			return fmt.Errorf("take over entries of %s: %w", in.stream.key, err)
		}
		if err := in.take(ctx, entries); err != nil {
			return err
		}
		if start = next; next == "0-0" {
			return nil
		}
	}
}

// forget takes consumers out of the group that have not been heard of for long.
// One with something pending is kept until that is taken over.
func (in *inlet) forget(ctx context.Context) error {
	consumers, err := in.stream.client.XInfoConsumers(ctx, in.stream.key, Group).Result()
	if err != nil {
		return fmt.Errorf("find the consumers of %s: %w", in.stream.key, err)
	}
	for _, c := range consumers {
		if c.Name == in.options.Owner || c.Pending > 0 || c.Idle < goneConsumer {
			continue
		}
		if err := in.stream.client.XGroupDelConsumer(ctx, in.stream.key, Group, c.Name).Err(); err != nil {
			return fmt.Errorf("forget the consumer %s of %s: %w", c.Name, in.stream.key, err)
		}
	}
	return nil
}

// trim takes away what every group has read, but for the newest entries.
func (in *inlet) trim(ctx context.Context) error {
	groups, upTo, err := in.stream.consumers(ctx)
	if err != nil {
		return err
	}
	for _, read := range groups {
		upTo = min(upTo, read)
	}
	_, err = in.stream.cut(ctx, entryID(upTo), in.options.MaxLen, math.MaxInt64)
	return err
}

// leave takes this process out of the group when it stops with nothing pending.
func (in *inlet) leave(stop context.Context) {
	if stop.Err() == nil {
		return // it will be back
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stop), dialWait)
	defer cancel()
	pending, err := in.stream.client.XPendingExt(ctx, &redis.XPendingExtArgs{
		Stream: in.stream.key, Group: Group, Consumer: in.options.Owner, Start: "-", End: "+", Count: 1,
	}).Result()
	if err == nil && len(pending) == 0 {
		// Should it fail, the others forget this consumer in their time.
		_ = in.stream.client.XGroupDelConsumer(ctx, in.stream.key, Group, in.options.Owner).Err()
	}
}
