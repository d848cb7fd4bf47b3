package redisstream

import (
	"context"
	"errors"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// tend looks after the stream now and then: it writes down how far its groups have
// come, for the day on which Redis loses it, and takes away what all have read.
func (r *relay) tend(ctx context.Context) error {
	if time.Since(r.tended) < r.options.Tend {
		return nil
	}
	groups, stood, err := r.stream.consumers(ctx)
	if err != nil {
		return err
	}
	r.tended = time.Now()
	if stood != r.at {
		r.known = false // it was wiped, and says nothing of what its groups had read
		return nil
	}
	read := r.at
	for name, at := range groups {
		at = min(at, r.at)
		read = min(read, at)
		if was, known := r.groups[name]; at != was || !known {
			if err := r.write(ctx, name, at); err != nil {
				return err
			}
		}
	}
	for name, at := range r.groups {
		// A group that was taken away must not have everything kept for it for ever.
		if _, there := groups[name]; !there && r.at-at > r.options.MaxLen/10 {
			if err := r.write(ctx, name, r.at); err != nil {
				return err
			}
		}
	}
	unread, err := r.stream.cut(ctx, entryID(read), r.options.MaxLen, r.options.Most)
	if unread > 0 {
		r.log.Warn("the stream was too long, and lost entries that a group has not read", telemetry.KeyCount, unread)
	}
	return err
}

// write writes down how far a group has come.
func (r *relay) write(ctx context.Context, group string, at int64) error {
	reader := ordinaut.Reader{Name: r.reader.Name + ":" + group, Owner: r.reader.Owner, FromStart: true}
	reading, err := r.store.ReadEvents(ctx, reader, 1, r.options.Lease)
	if errors.Is(err, ordinaut.ErrHeld) {
		return nil // by the process that relayed before; it is written down the next time
	}
	if err != nil {
		return err
	}
	if at > reading.After {
		if err := r.store.AdvanceReader(ctx, reader, reading.After, at); err != nil {
			return err
		}
	}
	r.groups[group] = at
	return nil
}
