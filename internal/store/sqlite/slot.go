package sqlite

import (
	"database/sql"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// slotsLooked is how many runs one claim passes over in search of such that find
// a slot. Each is passed over once, and then out of the way.
const slotsLooked = 2000

// suspected is how often a suspect was cut off: the next time is the last.
const suspected = limits.Crashes - 1

// A taker takes the runs of one claim out of the queue.
type taker struct {
	t       *tx
	claim   []any          // the first parameters of its statements
	careful bool           // some runs need a slot, or are suspects
	below   int            // only runs that have crashed less often are taken
	free    map[string]int // slots by their name, as they are left by this claim
	looked  int
}

// taker is how a claim takes runs.
func (t *tx) taker(worker string, lease time.Duration) (*taker, error) {
	k := &taker{t: t, claim: []any{micros(t.now.Add(lease)), worker, micros(t.now)}, below: limits.Crashes, free: map[string]int{}}
	var err error
	if k.careful, err = seen(t, "SomeNeedCare", scanFlag, suspected); err != nil || !k.careful {
		return k, err
	}
	holds, err := seen(t, "HoldsSuspect", scanFlag, worker, suspected)
	if holds {
		k.below = suspected
	}
	return k, err
}

// take claims up to room due runs of a priority. Where no run needs care, which is
// mostly so, one statement does it.
func (k *taker) take(priority, room int) ([]claimed, error) {
	if !k.careful {
		return changedRows(k.t, "Claim", scanClaimed, append(slices.Clip(k.claim), priority, room)...)
	}
	return k.pick(priority, room)
}

// pick takes the head of the queue as often as some of it was not admitted and there
// is room left: those are not in the next head. What it then leaves for a later
// claim, it tells.
func (k *taker) pick(priority, room int) (taken []claimed, err error) {
	t := k.t
	for len(taken) < room {
		if k.looked >= slotsLooked {
			t.signal(ordinaut.SignalQueue)
			return taken, nil
		}
		head, err := seenAll(t, "QueueHead", scanContender, priority, micros(t.now), room-len(taken), k.below)
		if err != nil {
			return nil, err
		}
		k.looked += len(head)
		admitted, full, err := k.admit(head)
		if err != nil {
			return nil, err
		}
		rows, err := k.claimThese(admitted)
		if err != nil {
			return nil, err
		}
		taken = append(taken, rows...)
		if len(admitted) == len(head) {
			return taken, nil
		}
		if err := t.block(full); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// contender is a queued run, and the slots of which it needs one.
type contender struct {
	row     int64
	slot    string
	crashes int
}

func scanContender(r *sql.Rows, c *contender) error { return r.Scan(&c.row, &c.slot, &c.crashes) }

// admit gives slots to those that come first. The first suspect is the only one of
// this claim: the others are passed over, and take no slot.
func (k *taker) admit(head []contender) (admitted, full []int64, err error) {
	for _, c := range head {
		if c.crashes >= k.below {
			continue
		}
		finds, err := k.slot(c.slot)
		if err != nil {
			return nil, nil, err
		}
		if !finds {
			full = append(full, c.row)
			continue
		}
		admitted = append(admitted, c.row)
		if c.crashes >= suspected {
			k.below = suspected
		}
	}
	return admitted, full, nil
}

// slot takes a slot of the name, and says whether there was one.
func (k *taker) slot(name string) (bool, error) {
	if name == "" {
		return true, nil
	}
	free, known := k.free[name]
	if !known {
		var err error
		if free, err = seen(k.t, "FreeSlots", scanCount, name); err != nil {
			return false, err
		}
	}
	k.free[name] = max(free-1, 0)
	return free > 0, nil
}

func (k *taker) claimThese(rows []int64) ([]claimed, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	these, err := encoded(rows)
	if err != nil {
		return nil, err
	}
	return changedRows(k.t, "ClaimThese", scanClaimed, append(slices.Clip(k.claim), these)...)
}

// block takes runs out of the queue's index until a slot is free.
func (t *tx) block(rows []int64) error {
	if len(rows) == 0 {
		return nil
	}
	these, err := encoded(rows)
	if err != nil {
		return err
	}
	t.behind = new(true)
	_, err = t.exec("Block", these)
	return err
}

// unblock lets the best that wait for slots of these names back into the queue,
// as many as there are free, and the suspects besides: a worker may pass over them,
// and then the slots are for the others. A claim may block them again in favor of
// better ones that came meanwhile.
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
		let, err := t.changed("Unblock", slot, free, suspected)
		if err != nil {
			return err
		}
		if let {
			t.signal(ordinaut.SignalQueue)
		}
	}
	return nil
}
