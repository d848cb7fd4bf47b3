package redisstream

import (
	"context"
	"fmt"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// locate finds out where the stream stands, and gives an empty one the place from
// which on it is filled again, with the groups that it had.
func (r *relay) locate(ctx context.Context, reading ordinaut.Reading) error {
	s, err := r.stream.stand(ctx)
	if err != nil {
		return err
	}
	if s.at == 0 {
		return r.refill(ctx, reading.After)
	}
	if err := r.verify(ctx, s); err != nil {
		return err
	}
	if s.at < reading.After {
		r.log.Warn("Redis has lost events, which are added again", telemetry.KeyCount, reading.After-s.at)
	}
	if r.groups, err = r.written(ctx); err != nil {
		return err
	}
	r.at, r.known = s.at, true
	return nil
}

// verify makes sure that the stream is of this log: one that is not must not be
// mixed with it.
func (r *relay) verify(ctx context.Context, s standing) error {
	_, last, err := r.store.EventEnds(ctx)
	if err != nil {
		return err
	}
	same := s.at <= last
	if same && s.newest != nil {
		if same, err = r.wrote(ctx, s); err != nil {
			return err
		}
	}
	if !same {
		return fmt.Errorf("the stream %s is not of this log, whose last position is %d: "+
			"it stands at %d, of another database or of this one before it was restored; delete it or name another",
			r.stream.key, last, s.at)
	}
	return nil
}

// wrote says whether the newest entry of the stream is the event that the log has
// at its position. One that the log does not keep any more is believed.
func (r *relay) wrote(ctx context.Context, s standing) (bool, error) {
	if s.newest.Values["type"] == GapTopic {
		return true, nil
	}
	at, err := position(s.newest.ID)
	if err != nil {
		return false, nil
	}
	events, err := r.store.ListEvents(ctx, ordinaut.EventFilter{After: at - 1, Until: at, Limit: 1})
	if err != nil || len(events) == 0 {
		return true, err
	}
	return s.newest.Values["id"] == events[0].ID && s.newest.Values["source"] == events[0].Source, nil
}

// refill makes an empty stream stand behind what all groups had read, or, where
// that is not known, so that it has again what it is to keep.
func (r *relay) refill(ctx context.Context, after int64) error {
	first, _, err := r.store.EventEnds(ctx)
	if err != nil {
		return err
	}
	groups, err := r.written(ctx)
	if err != nil {
		return err
	}
	from, lost := max(after-r.options.MaxLen, 0), first > after+1
	for _, at := range groups {
		if at < after {
			from, lost = min(from, at), true
		}
	}
	stands, events := max(from, first-1), []ordinaut.Event(nil)
	if lost && stands > from {
		events = append(events, gap(from, stands))
	}
	if stands > 0 {
		stood, err := r.stream.add(ctx, 0, stands, events)
		if err != nil || stood != 0 {
			return err // or another has filled it meanwhile
		}
	}
	if after > stands {
		r.log.Warn("the stream is empty, and is filled again", telemetry.KeyCount, after-stands)
	}
	for name, at := range groups {
		if at >= after {
			continue // it has read everything, and may be gone for good
		}
		if err := r.stream.group(ctx, name, at); err != nil {
			return err
		}
	}
	r.at, r.known, r.groups = stands, true, groups
	return nil
}

// written is how far the groups of the stream had come, as it was written down.
func (r *relay) written(ctx context.Context) (map[string]int64, error) {
	readers, err := r.store.ListReaders(ctx)
	if err != nil {
		return nil, err
	}
	groups := map[string]int64{}
	for _, s := range readers {
		if name, ok := strings.CutPrefix(s.Name, r.reader.Name+":"); ok {
			groups[name] = s.After
		}
	}
	return groups, nil
}
