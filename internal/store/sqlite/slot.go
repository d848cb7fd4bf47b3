package sqlite

import (
	"database/sql"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// slotsLooked is how many runs one claim passes over in search of such that find
// a slot. Each is passed over once, and then out of the way.
const slotsLooked = 2000

// A taker claims up to room due runs of a priority.
type taker func(priority, room int) ([]claimed, error)

// taker is how a claim takes runs. Where no run needs a slot, which is mostly so,
// one statement does it.
func (t *tx) taker(worker string, lease time.Duration) (taker, error) {
	until, now := micros(t.now.Add(lease)), micros(t.now)
	some, err := seen(t, "SomeNeedSlots", scanFlag)
	if err != nil || !some {
		return func(priority, room int) ([]claimed, error) {
			return changedRows(t, "Claim", scanClaimed, until, worker, now, priority, room)
		}, err
	}
	b := &bouncer{t: t, free: map[string]int{}, claim: []any{until, worker, now}}
	return b.take, nil
}

// A bouncer lets those runs be claimed that find a slot, and blocks the others.
type bouncer struct {
	t      *tx
	free   map[string]int // slots by their name, as they are left by this claim
	claim  []any          // the first parameters of ClaimThese
	looked int
}

// take takes the head of the queue as often as some of it had to be blocked and
// there is room left. What it then leaves for a later claim, it tells.
func (b *bouncer) take(priority, room int) (taken []claimed, err error) {
	t := b.t
	for len(taken) < room {
		if b.looked >= slotsLooked {
			t.signal(ordinaut.SignalQueue)
			return taken, nil
		}
		head, err := seenAll(t, "QueueHead", scanWaiting, priority, micros(t.now), room-len(taken))
		if err != nil {
			return nil, err
		}
		b.looked += len(head)
		admitted, full, err := b.admit(head)
		if err != nil {
			return nil, err
		}
		rows, err := b.claimThese(admitted)
		if err != nil {
			return nil, err
		}
		taken = append(taken, rows...)
		if len(full) == 0 {
			return taken, nil
		}
		if err := t.block(full); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// waiting is a queued run and the slots of which it needs one.
type waiting struct {
	row  int64
	slot string
}

func scanWaiting(r *sql.Rows, w *waiting) error { return r.Scan(&w.row, &w.slot) }

func scanSlot(r *sql.Rows, slot *string) error { return r.Scan(slot) }

// admit gives slots to those that come first.
func (b *bouncer) admit(head []waiting) (admitted, full []int64, err error) {
	for _, w := range head {
		if w.slot == "" {
			admitted = append(admitted, w.row)
			continue
		}
		free, known := b.free[w.slot]
		if !known {
			if free, err = seen(b.t, "FreeSlots", scanCount, w.slot); err != nil {
				return nil, nil, err
			}
		}
		if free > 0 {
			free--
			admitted = append(admitted, w.row)
		} else {
			full = append(full, w.row)
		}
		b.free[w.slot] = free
	}
	return admitted, full, nil
}

func (b *bouncer) claimThese(rows []int64) ([]claimed, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	these, err := encoded(rows)
	if err != nil {
		return nil, err
	}
	t := b.t
	return changedRows(t, "ClaimThese", scanClaimed, append(slices.Clip(b.claim), these)...)
}

// block takes runs out of the queue's index until a slot is free.
func (t *tx) block(rows []int64) error {
	these, err := encoded(rows)
	if err != nil {
		return err
	}
	t.waits = new(true)
	_, err = t.exec("Block", these)
	return err
}

// unblock lets the best that wait for slots of these names back into the queue,
// as many as there are free. A claim may block them again in favor of better ones
// that came meanwhile.
func (t *tx) unblock(slots []string) error {
	slices.Sort(slots)
	for _, slot := range slices.Compact(slots) {
		if slot == "" {
			continue
		}
		free, err := seen(t, "FreeSlots", scanCount, slot)
		if err != nil {
			return err
		}
		if free <= 0 {
			continue
		}
		let, err := t.changed("Unblock", slot, free)
		if err != nil {
			return err
		}
		if let {
			t.signal(ordinaut.SignalQueue)
		}
	}
	return nil
}
