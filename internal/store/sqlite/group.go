package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// CreateGroup makes a group that begins behind a position.
func (s *Store) CreateGroup(ctx context.Context, g ordinaut.Group, c ordinaut.Change) error {
	topics, err := encoded(append([]string{}, g.Topics...))
	if err != nil {
		return err
	}
	return s.changeGroup(ctx, "create", g.Name, c, func(t *tx) error {
		made, err := t.changed("InsertGroup", g.Name, topics, string(g.CreatedBy), micros(t.now), g.After)
		if err == nil && !made {
			err = ordinaut.ErrTaken
		}
		return err
	})
}

// changeGroup carries out what somebody asked for of a group.
func (s *Store) changeGroup(ctx context.Context, verb, name string, c ordinaut.Change, do func(*tx) error) error {
	if err := s.change(ctx, c, do); err != nil {
		return fmt.Errorf("%s group %s: %w", verb, name, err)
	}
	return nil
}

// lookedAt bounds how many positions a claim looks at while everybody who writes
// waits for it.
const lookedAt = 2000

// ClaimEvents gives up to n events to a consumer.
func (s *Store) ClaimEvents(ctx context.Context, group, consumer string, n int, lease time.Duration) ([]ordinaut.Delivery, error) {
	for {
		var claim groupClaim
		err := s.write(ctx, func(t *tx) (err error) {
			claim, err = t.claimEvents(group, consumer, n, lease)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("claim events of group %s: %w", group, err)
		}
		if len(claim.given) > 0 || claim.atEnd {
			return claim.given, nil
		}
	}
}

// groupClaim is what one look has found.
type groupClaim struct {
	given []ordinaut.Delivery
	atEnd bool // there is nothing behind it
}

// claimEvents gives those again whose time is over, and then new ones.
func (t *tx) claimEvents(group, consumer string, n int, lease time.Duration) (claim groupClaim, err error) {
	at, err := seen(t, "GroupAt", scanGroupAt, group)
	if err != nil {
		return claim, err
	}
	why := fmt.Sprintf("it was given out %d times and not acknowledged", limits.DeliveryTries)
	if _, err := t.exec("GiveUpDeliveries", group, micros(t.now), limits.DeliveryTries, why); err != nil {
		return claim, err
	}
	until := t.now.Add(lease)
	given, err := changedRows(t, "TakeDeliveries", scanTaken, group, consumer, micros(until), micros(t.now), n)
	if err != nil {
		return claim, err
	}
	fresh, atEnd, err := t.freshEvents(at, n-len(given))
	if err != nil {
		return claim, err
	}
	if err := t.giveOut(group, consumer, until, fresh); err != nil {
		return claim, err
	}
	for _, e := range fresh.events {
		given = append(given, ordinaut.Delivery{Event: e, Tries: 1})
	}
	if claim.given, err = t.withEvents(given); err != nil {
		return claim, err
	}
	for i := range claim.given {
		claim.given[i].Consumer, claim.given[i].Until = consumer, until
	}
	claim.atEnd = atEnd
	return claim, nil
}

// groupAt is what a group wants, and how far it has come.
type groupAt struct {
	topics []string
	after  int64
}

func scanGroupAt(r *sql.Rows, g *groupAt) error { return r.Scan(decoded{&g.topics}, &g.after) }

func scanTaken(r *sql.Rows, d *ordinaut.Delivery) error { return r.Scan(&d.Seq, &d.Tries) }

// freshRange is what was not yet given out, up to a position.
type freshRange struct {
	from, to int64
	events   []ordinaut.Event
}

// freshEvents finds up to n events that a group has not seen, and says whether it
// has come to the end of the log.
func (t *tx) freshEvents(g groupAt, n int) (found freshRange, atEnd bool, err error) {
	found = freshRange{from: g.after, to: g.after}
	if n <= 0 {
		return found, true, nil
	}
	end, err := seen(t, "LogEnd", scanPosition)
	if err != nil {
		return found, false, err
	}
	f := ordinaut.EventFilter{Topics: g.topics, After: g.after, Until: min(end, g.after+lookedAt)}
	if f.Until <= g.after {
		return found, true, nil
	}
	args, err := selectingEvents(f)
	if err != nil {
		return found, false, err
	}
	some, err := seenAll(t, "ListEvents", scanEvent, append(args, n)...)
	if found.to = f.Until; len(some) == n {
		found.to = some[n-1].Seq
	}
	found.events = only(g.topics, some)
	return found, found.to == end, err
}

// giveOut notes that events are a consumer's until a moment.
func (t *tx) giveOut(group, consumer string, until time.Time, fresh freshRange) error {
	if fresh.to == fresh.from {
		return nil
	}
	if len(fresh.events) > 0 {
		seqs := make([]int64, len(fresh.events))
		for i, e := range fresh.events {
			seqs[i] = e.Seq
		}
		given, err := encoded(seqs)
		if err != nil {
			return err
		}
		if _, err := t.exec("InsertDeliveries", group, consumer, micros(until), given); err != nil {
			return err
		}
	}
	_, err := t.exec("MoveGroup", group, fresh.to)
	return err
}

// withEvents fills in the events of deliveries of which the position is known, in
// the order of the log.
func (t *tx) withEvents(given []ordinaut.Delivery) ([]ordinaut.Delivery, error) {
	seqs, err := lacking(given)
	if err != nil || seqs == "[]" {
		return given, err
	}
	events, err := seenAll(t, "EventsAt", scanEvent, seqs)
	return joined(given, events), err
}

// lacking are the positions of deliveries without their events.
func lacking(given []ordinaut.Delivery) (string, error) {
	seqs := []int64{}
	for _, d := range given {
		if d.Topic == "" {
			seqs = append(seqs, d.Seq)
		}
	}
	return encoded(seqs)
}

// joined fills in the events, in the order of the log.
func joined(given []ordinaut.Delivery, events []ordinaut.Event) []ordinaut.Delivery {
	at := map[int64]ordinaut.Event{}
	for _, e := range events {
		at[e.Seq] = e
	}
	for i, d := range given {
		if e, kept := at[d.Seq]; kept {
			given[i].Event = e
		}
	}
	slices.SortFunc(given, func(a, b ordinaut.Delivery) int { return cmp.Compare(a.Seq, b.Seq) })
	return given
}

// AckEvents says that events are dealt with.
func (s *Store) AckEvents(ctx context.Context, group string, seqs []int64) (n int, err error) {
	err = s.settleEvents(ctx, "acknowledge", group, seqs, func(t *tx, these string) error {
		pending, err := changedRows(t, "AckDeliveries", scanFlag, group, these)
		n = 0
		for _, was := range pending {
			if was {
				n++
			}
		}
		return err
	})
	return n, err
}

// RejectEvents gives events back, or gives them up for a reason.
func (s *Store) RejectEvents(ctx context.Context, group string, seqs []int64, again time.Time, why string) (n int, err error) {
	err = s.settleEvents(ctx, "reject", group, seqs, func(t *tx, these string) error {
		until := again
		if why != "" {
			until = t.now
		}
		rejected, err := t.exec("RejectDeliveries", group, these, micros(until), why)
		n = int(rejected)
		return err
	})
	return n, err
}

// settleEvents does something to deliveries of a group that is there.
func (s *Store) settleEvents(ctx context.Context, verb, group string, seqs []int64, do func(t *tx, these string) error) error {
	these, err := encoded(append([]int64{}, seqs...))
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t *tx) error {
		if _, err := seen(t, "GroupAt", scanGroupAt, group); err != nil {
			return err
		}
		return do(t, these)
	})
	if err != nil {
		return fmt.Errorf("%s events of group %s: %w", verb, group, err)
	}
	return nil
}

// SeekGroup lets a group begin anew behind a position.
func (s *Store) SeekGroup(ctx context.Context, group string, after int64, c ordinaut.Change) error {
	return s.changeGroup(ctx, "seek", group, c, func(t *tx) error {
		moved, err := t.changed("MoveGroup", group, after)
		if err == nil && !moved {
			err = ordinaut.ErrNotFound
		}
		if err == nil {
			_, err = t.exec("DropDeliveries", group)
		}
		return err
	})
}

// DeleteGroup forgets a group.
func (s *Store) DeleteGroup(ctx context.Context, group string, c ordinaut.Change) error {
	return s.changeGroup(ctx, "delete", group, c, func(t *tx) error {
		gone, err := t.changed("DeleteGroup", group)
		if err == nil && !gone {
			err = ordinaut.ErrNotFound
		}
		return err
	})
}

// ListGroups lists groups by their names.
func (s *Store) ListGroups(ctx context.Context) ([]ordinaut.Group, error) {
	return all(ctx, s.read, "ListGroups", func(r *sql.Rows, g *ordinaut.Group) error {
		return r.Scan(&g.Name, decoded{&g.Topics}, &g.CreatedBy, (*instant)(&g.CreatedAt), &g.After, &g.Lag, &g.Pending, &g.Dead)
	})
}

// ListDeliveries lists what of a group is pending or given up, oldest first.
func (s *Store) ListDeliveries(ctx context.Context, group string, dead bool, limit int) ([]ordinaut.Delivery, error) {
	if _, err := first(ctx, s.read, "GroupAt", scanGroupAt, group); err != nil {
		return nil, fmt.Errorf("list deliveries of group %s: %w", group, err)
	}
	given, err := all(ctx, s.read, "ListDeliveries", func(r *sql.Rows, d *ordinaut.Delivery) error {
		return r.Scan(&d.Seq, &d.Consumer, &d.Tries, (*instant)(&d.Until), &d.Dead)
	}, group, dead, page(limit))
	if err != nil {
		return nil, err
	}
	seqs, err := lacking(given)
	if err != nil {
		return nil, err
	}
	events, err := all(ctx, s.read, "EventsAt", scanEvent, seqs)
	return joined(given, events), err
}
