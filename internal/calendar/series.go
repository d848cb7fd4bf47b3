package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A series is everything that one UID stands for.
type series struct {
	event   *entry            // nil when only changed occurrences are there
	changed map[target]*entry // the newest revision of each
}

// A target is what an entry changes: one occurrence, or all from one on.
type target struct {
	at     int64
	date   bool
	onward bool
}

// add takes in an entry, of which the newest revision counts. It reports whether
// the same UID stands for two times, of which neither is newer by its number.
func (s *series) add(e *entry, reader *time.Location) (clash bool) {
	if e.original == nil {
		other := s.event
		if other == nil || e.follows(other) {
			s.event = e
		}
		return other != nil && other.sequence == e.sequence && !other.start.wall.Equal(e.start.wall)
	}
	if s.changed == nil {
		s.changed = make(map[target]*entry)
	}
	t := target{e.original.at(reader).Unix(), e.original.date, e.onward}
	if other := s.changed[t]; other == nil || e.follows(other) {
		s.changed[t] = e
	}
	return false
}

// An expansion lists the occurrences of one series.
type expansion struct {
	*lister
	*series
	left   moments       // occurrences that are left out
	seen   moments       // occurrences that were listed already
	onward []turn        // in order
	margin time.Duration // how far from the window an occurrence may be moved into it
	taken  int           // by the rule at work
}

// A turn is a change of an occurrence and of all after it.
type turn struct {
	*entry
	origin time.Time
}

// expand lists what a series has in the window.
func (l *lister) expand(s *series) {
	x := expansion{lister: l, series: s}
	for _, e := range s.changed {
		x.change(e)
	}
	if s.event == nil || s.event.gone {
		return
	}
	slices.SortFunc(x.onward, func(a, b turn) int { return a.origin.Compare(b.origin) })
	x.exclude()
	x.recur()
}

// change lists a changed occurrence where it is now, be its origin in the window
// or not, and leaves it out where it was.
func (x *expansion) change(e *entry) {
	start, origin := e.start.at(x.reader), x.origin(e)
	gone := e.gone
	if x.event != nil {
		x.left.add(*e.original, x.event)
		gone = gone || x.event.gone && x.event.sequence >= e.sequence
	}
	if e.onward {
		x.onward = append(x.onward, turn{e, origin})
		moved := min(origin.Sub(start).Abs(), longest)
		x.margin = max(x.margin, moved+e.length.most()+farthest)
	}
	if !gone {
		x.offer(occurrence{entry: e, start: start, origin: origin, recurs: true})
	}
}

// origin is the occurrence that an entry changes. One that floats is meant in
// the zone of the event.
func (x *expansion) origin(e *entry) time.Time {
	if x.event != nil {
		return e.original.at(x.event.zone)
	}
	return e.original.at(x.reader)
}

// exclude leaves out what EXDATE names.
func (x *expansion) exclude() {
	for _, l := range x.event.all("EXDATE") {
		x.values(l, func(text string) error {
			s, err := x.stampIn(l, text)
			if err == nil {
				x.left.add(s, x.event)
			}
			return err
		})
	}
	if _, ok := x.event.first("EXRULE"); ok {
		x.warnOf(x.event.component, "its EXRULE, which is not part of iCalendar any more, is passed over")
	}
}

// values reads the values of a line one by one, and tells those that cannot be
// read.
func (x *expansion) values(l line, read func(text string) error) {
	for text := range strings.SplitSeq(l.value, ",") {
		if err := x.budget.spend(); err != nil {
			x.warnOf(x.event.component, err.Error())
			return
		}
		if err := read(text); err != nil {
			x.warnOf(x.event.component, err.Error())
		}
	}
}

// recur lists the occurrences of single dates, of the rules, and of the start
// itself, which is one even where no rule says so (RFC 5545, 3.8.5.3).
func (x *expansion) recur() {
	rules := x.event.all("RRULE")
	dates := x.event.all("RDATE")
	recurs := len(rules)+len(dates) > 0
	for _, l := range dates {
		x.values(l, func(text string) error { return x.date(l, text) })
	}
	from := x.from.Add(-max(x.event.length.most(), x.margin))
	for _, l := range rules {
		if err := x.rule(l.value, from); err != nil {
			x.warnOf(x.event.component, err.Error())
		}
	}
	x.take(occurrence{entry: x.event, start: x.event.start.at(x.reader), recurs: recurs})
}

func (x *expansion) rule(text string, from time.Time) error {
	start := x.event.start
	if !start.at(x.reader).Before(x.to.Add(x.margin)) {
		return nil
	}
	r, err := compileRule(text, start, x.event.zone, x.zones.names.has(x.event.zone))
	if err != nil {
		return fmt.Errorf("only its first occurrence is known, its rule %s cannot be used: %w", excerpt(text), err)
	}
	x.taken = 0
	return r.each(from, x.to.Add(x.margin), x.budget, func(at time.Time, note string) bool {
		x.take(occurrence{entry: x.event, start: at, note: note, recurs: true})
		// Those that come first are enough, unless a change may bring later ones forward.
		return at.Before(x.to.Add(x.margin)) && (x.taken <= x.limit || len(x.onward) > 0)
	})
}

// take offers an occurrence of the series, once, as it is after all changes.
func (x *expansion) take(o occurrence) {
	if x.left.has(o.start, x.event.zone) || !x.seen.put(o.start) {
		return
	}
	if o.recurs {
		o.origin = o.start
	}
	if t, ok := x.turnAt(o.start); ok {
		if t.gone {
			return
		}
		o.entry, o.start, o.note = t.entry, t.shift(o.start), ""
	}
	if x.offer(o) {
		x.taken++
	}
}

// turnAt is the last turn that holds for an occurrence.
func (x *expansion) turnAt(at time.Time) (turn, bool) {
	i, _ := slices.BinarySearchFunc(x.onward, at.Add(1), func(t turn, at time.Time) int { return t.origin.Compare(at) })
	if i == 0 {
		return turn{}, false
	}
	return x.onward[i-1], true
}

// shift is where an occurrence lies after the turn: moved by as much as the first
// one, on the wall clock.
func (t turn) shift(at time.Time) time.Time {
	by := t.start.wall.Sub(wallAt(t.origin, t.zone))
	return place(wallAt(at, t.zone).Add(by), t.zone)
}
