package postgres

import (
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

// A taker takes the runs of one claim out of the queue, when some of them need a
// slot or may be suspects.
type taker struct {
	t      *tx
	claim  []any          // the first parameters of its statement
	below  int            // only runs that have crashed less often are taken
	free   map[string]int // slots by their name, as they are left by this claim
	looked int
}

// claimWithCare takes what is due, priority by priority.
func (t *tx) claimWithCare(worker string, n int, lease time.Duration) (runs []ordinaut.Claimed, err error) {
	k, err := t.taker(worker, lease)
	if err != nil {
		return nil, err
	}
	priorities, err := seenAll(t, "DuePriorities", scanCount, t.now)
	if err != nil {
		return nil, err
	}
	slices.Sort(priorities)
	for _, priority := range slices.Backward(priorities) {
		if len(runs) == n {
			break
		}
		rows, err := k.pick(priority, n-len(runs))
		if err != nil {
			return nil, err
		}
		slices.SortFunc(rows, byTurn)
		runs = append(runs, runsOf(rows)...)
	}
	return runs, nil
}

// taker is how a claim takes runs. The worker is locked, so that of two claims of
// his only one takes a suspect.
func (t *tx) taker(worker string, lease time.Duration) (*taker, error) {
	k := &taker{t: t, claim: []any{t.now.Add(lease), worker, t.now}, below: limits.Crashes, free: map[string]int{}}
	if err := t.lock("LockWorker", worker); err != nil {
		return nil, err
	}
	holds, err := seen(t, "HoldsSuspect", scanFlag, worker, suspected)
	if holds {
		k.below = suspected
	}
	return k, err
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
		head, err := seenAll(t, "QueueHead", scanContender, priority, t.now, room-len(taken), k.below)
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
	run     ordinaut.RunID
	slot    string
	crashes int
}

func scanContender(r row, c *contender) error { return r.Scan(&c.run, &c.slot, &c.crashes) }

// admit gives slots to those that come first. The first suspect is the only one of
// this claim: the others are passed over, and take no slot.
func (k *taker) admit(head []contender) (admitted, full []ordinaut.RunID, err error) {
	if err := k.count(head); err != nil {
		return nil, nil, err
	}
	for _, c := range head {
		switch {
		case c.crashes >= k.below:
			continue
		case c.slot != "" && k.free[c.slot] <= 0:
			full = append(full, c.run)
			continue
		case c.slot != "":
			k.free[c.slot]--
		}
		admitted = append(admitted, c.run)
		if c.crashes >= suspected {
			k.below = suspected
		}
	}
	return admitted, full, nil
}

// count counts the free slots of names that this claim has not seen yet, and keeps
// others from taking them or giving them back.
func (k *taker) count(head []contender) error {
	var names []string
	for _, c := range head {
		if _, known := k.free[c.slot]; c.slot != "" && !known && !slices.Contains(names, c.slot) {
			names = append(names, c.slot)
		}
	}
	if len(names) == 0 {
		return nil
	}
	if err := k.t.lock("MakeSlots", names); err != nil {
		return err
	}
	if err := k.t.lock("LockSlots", names); err != nil {
		return err
	}
	for _, name := range names {
		free, err := seen(k.t, "FreeSlots", scanCount, name)
		if err != nil {
			return err
		}
		k.free[name] = free
	}
	return nil
}

func (k *taker) claimThese(runs []ordinaut.RunID) ([]claimed, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	return changedRows(k.t, "ClaimThese", scanClaimed, append(slices.Clip(k.claim), ids(runs))...)
}

// block takes runs out of the queue's index until a slot is free.
func (t *tx) block(runs []ordinaut.RunID) error {
	if len(runs) == 0 {
		return nil
	}
	_, err := t.exec("Block", ids(runs))
	return err
}

// unblock lets the best that wait for slots of these names back into the queue,
// as many as there are free, and the suspects besides: a worker may pass over them,
// and then the slots are for the others. A claim may block them again in favor of
// better ones that came meanwhile. The names are locked first: a claim that has just
// counted them is waited for, and what it blocked is seen.
func (t *tx) unblock(slots []string) error {
	slots = slices.DeleteFunc(slots, func(name string) bool { return name == "" })
	if len(slots) == 0 {
		return nil
	}
	if err := t.lock("LockSlots", slots); err != nil {
		return err
	}
	slices.Sort(slots)
	for _, name := range slices.Compact(slots) {
		free, err := seen(t, "FreeSlots", scanCount, name)
		if err != nil {
			return err
		}
		if free <= 0 {
			continue
		}
		let, err := t.changed("Unblock", name, free, suspected)
		if err != nil {
			return err
		}
		if let {
			t.signal(ordinaut.SignalQueue)
		}
	}
	return nil
}
