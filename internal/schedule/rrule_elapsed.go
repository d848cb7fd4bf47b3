package schedule

import (
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// An elapsedSeries is a series of hours, minutes or seconds. Its grid is laid on
// real time, so that it steps evenly over a clock change; its BY parts look at
// what the wall clock then shows.
type elapsedSeries struct {
	series
	zone  *time.Location
	steps bool // it has no BY part, so that every period is an occurrence
}

func (e *elapsedSeries) next(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	var found time.Time
	from := laterOf(t.UTC().Truncate(time.Second).Add(time.Second), e.start)
	b.reach(from)
	err := e.ascend(from, b, func(at time.Time) bool {
		found = at
		return false
	})
	return e.occurrence(found), !found.IsZero(), err
}

func (e *elapsedSeries) prev(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	var found time.Time
	upTo := earlierOf(t.UTC().Add(-time.Nanosecond).Truncate(time.Second), e.last)
	b.reach(upTo)
	err := e.descend(upTo, b, func(at time.Time) bool {
		found = at
		return false
	})
	return e.occurrence(found), !found.IsZero(), err
}

func (e *elapsedSeries) occurrence(at time.Time) ordinaut.Occurrence {
	return ordinaut.Occurrence{At: at, Wall: at.In(e.zone).Format(wallLayout)}
}

// ascend visits the instants of the series from one on, as long as visit says
// so.
func (e *elapsedSeries) ascend(from time.Time, b *budget, visit func(time.Time) bool) error {
	if len(e.positions) == 0 {
		return e.allowed(from, e.last, b, visit)
	}
	for more := true; more; {
		chosen, end, err := e.chosenFrom(from, b)
		if err != nil || end.IsZero() {
			return err
		}
		for _, at := range chosen {
			more = more && !at.After(e.last) && (at.Before(from) || visit(at))
		}
		from = end
	}
	return nil
}

// descend is the mirror of ascend.
func (e *elapsedSeries) descend(upTo time.Time, b *budget, visit func(time.Time) bool) error {
	if len(e.positions) == 0 {
		return e.allowedBack(upTo, e.start, b, visit)
	}
	for more := true; more; {
		chosen, start, err := e.chosenUpTo(upTo, b)
		if err != nil || start.IsZero() {
			return err
		}
		for _, at := range slices.Backward(chosen) {
			more = more && !at.Before(e.start) && (at.After(upTo) || visit(at))
		}
		upTo = start.Add(-time.Second)
	}
	return nil
}

// chosenFrom is what BYSETPOS chooses in the first period that has anything from
// an instant on, and the end of that period; zero when there is none.
func (e *elapsedSeries) chosenFrom(from time.Time, b *budget) (chosen []time.Time, end time.Time, err error) {
	var start time.Time
	err = e.allowed(from, e.last, b, func(at time.Time) bool {
		start, end = e.grid.from(at)
		return false
	})
	if err == nil && !end.IsZero() {
		chosen, err = e.chosen(start, end, b)
	}
	return chosen, end, err
}

// chosenUpTo is the mirror of chosenFrom.
func (e *elapsedSeries) chosenUpTo(upTo time.Time, b *budget) (chosen []time.Time, start time.Time, err error) {
	var end time.Time
	err = e.allowedBack(upTo, e.grid.start(0), b, func(at time.Time) bool {
		start, end = e.grid.upTo(at)
		return false
	})
	if err == nil && !start.IsZero() {
		chosen, err = e.chosen(start, end, b)
	}
	return chosen, start, err
}

func (e *elapsedSeries) chosen(start, end time.Time, b *budget) ([]time.Time, error) {
	var all, chosen []time.Time
	if err := b.spend(2 * stretchCost); err != nil {
		return nil, err
	}
	err := e.allowed(start, end.Add(-time.Second), b, func(at time.Time) bool {
		all = append(all, at)
		return true
	})
	for _, index := range e.indexes(len(all)) {
		chosen = append(chosen, all[index])
	}
	return chosen, err
}

// allowed visits the instants from one to another that the grid and the BY
// parts other than BYSETPOS allow.
func (e *elapsedSeries) allowed(from, to time.Time, b *budget, visit func(time.Time) bool) error {
	for s, more := stretchAt(e.zone, from), true; more && !from.After(to); {
		last := earlierOf(s.end.Add(-time.Second), to)
		wall, ok, err := e.first(from.Add(s.offset), last.Add(s.offset), s.offset, b)
		if err != nil {
			return err
		}
		if !ok {
			if err := b.spend(stretchCost); err != nil {
				return err
			}
			s, more = s.toward(wall, from)
			from = s.start
			continue
		}
		for at := wall.Add(-s.offset); ok; at, ok = e.sameDayStep(at, last, s.offset) {
			if err := b.spend(1); err != nil || !visit(at) {
				return err
			}
			from = at.Add(time.Second)
		}
	}
	return nil
}

// sameDayStep is the next instant of a series that only steps, if it lies on the
// same day, so that nothing but the time of day has to be looked at.
func (e *elapsedSeries) sameDayStep(at, last time.Time, ahead time.Duration) (time.Time, bool) {
	const day = 24 * 60 * 60
	next := time.Unix(at.Unix()+e.grid.every, 0).UTC()
	wall := next.Add(ahead)
	if e.grid.seconds > 1 || next.After(last) || floor(wall.Unix(), day) != floor(at.Add(ahead).Unix(), day) {
		return time.Time{}, false
	}
	hour, minute, second := wall.Clock()
	return next, e.hours.has(hour) && e.minutes.has(minute) && e.seconds.has(second)
}

// allowedBack is the mirror of allowed.
func (e *elapsedSeries) allowedBack(upTo, to time.Time, b *budget, visit func(time.Time) bool) error {
	for s, more := stretchAt(e.zone, upTo), true; more && !upTo.Before(to); {
		wall, ok, err := e.final(upTo.Add(s.offset), laterOf(s.start, to).Add(s.offset), s.offset, b)
		if err != nil {
			return err
		}
		if !ok {
			if err := b.spend(stretchCost); err != nil {
				return err
			}
			s, more = s.backward(wall, upTo)
			upTo = s.end.Add(-time.Second)
			continue
		}
		at := wall.Add(-s.offset)
		if !visit(at) {
			return nil
		}
		upTo = at.Add(-time.Second)
	}
	return nil
}
