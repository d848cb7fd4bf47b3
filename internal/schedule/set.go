package schedule

import (
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// A union is several timelines as one, without the occurrences that are
// excluded.
type union struct {
	parts  []timeline
	except exclusions
}

func (u union) next(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	for {
		var best ordinaut.Occurrence
		found := false
		for _, part := range u.parts {
			o, ok, err := part.next(t, b)
			if err != nil {
				return ordinaut.Occurrence{}, false, err
			}
			if ok && (!found || o.At.Before(best.At) || o.At.Equal(best.At) && plainer(o, best)) {
				best, found = o, true
			}
		}
		if !found || !u.except.has(best) {
			return best, found, nil
		}
		t = u.except.after(best)
	}
}

// prev is the mirror of next.
func (u union) prev(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	for {
		var best ordinaut.Occurrence
		found := false
		for _, part := range u.parts {
			o, ok, err := part.prev(t, b)
			if err != nil {
				return ordinaut.Occurrence{}, false, err
			}
			if ok && (!found || o.At.After(best.At) || o.At.Equal(best.At) && plainer(o, best)) {
				best, found = o, true
			}
		}
		if !found || !u.except.has(best) {
			return best, found, nil
		}
		t = u.except.before(best)
	}
}

// plainer reports whether o rather than p stands for the instant of both: one
// that fires, or else one that no clock change touched.
func plainer(o, p ordinaut.Occurrence) bool {
	if (o.Skip == "") != (p.Skip == "") {
		return o.Skip == ""
	}
	return o.Note == "" && p.Note != ""
}

// exclusions are occurrences that are left out: by the day on which they fall,
// by the wall-clock time that was asked for, or by their instant.
type exclusions struct {
	zone     *time.Location
	days     []time.Time // midnights on the wall clock
	walls    []string
	instants []time.Time
}

func (e exclusions) has(o ordinaut.Occurrence) bool {
	return e.hasDay(o) || slices.Contains(e.walls, o.Wall) || slices.ContainsFunc(e.instants, o.At.Equal)
}

func (e exclusions) hasDay(o ordinaut.Occurrence) bool {
	if len(e.days) == 0 {
		return false
	}
	midnight, _ := e.day(o)
	return slices.ContainsFunc(e.days, midnight.Equal)
}

// day is the midnight of an occurrence, and how long ago it is, on the wall
// clock.
func (e exclusions) day(o ordinaut.Occurrence) (midnight time.Time, ago time.Duration) {
	wall := o.At.Add(offsetAt(e.zone, o.At))
	midnight = wall.Truncate(24 * time.Hour)
	return midnight, wall.Sub(midnight)
}

// after is from where to go on after an occurrence that is left out. The rest of
// a whole day is passed over at once, as far as it lasts before and after a
// clock change alike.
func (e exclusions) after(o ordinaut.Occurrence) time.Time {
	if !e.hasDay(o) {
		return o.At
	}
	midnight, ago := e.day(o)
	end := earlierOf(o.At.Add(24*time.Hour-ago), instantOf(e.zone, midnight.Add(24*time.Hour)))
	return laterOf(o.At, end.Add(-time.Second))
}

// before is the mirror of after.
func (e exclusions) before(o ordinaut.Occurrence) time.Time {
	if !e.hasDay(o) {
		return o.At
	}
	midnight, ago := e.day(o)
	return earlierOf(o.At, laterOf(o.At.Add(-ago), instantOf(e.zone, midnight)))
}

// An ending is a timeline up to its last instant.
type ending struct {
	timeline
	last time.Time
}

func (e ending) next(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	o, ok, err := e.timeline.next(t, b)
	return o, ok && !o.At.After(e.last), err
}

func (e ending) prev(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	return e.timeline.prev(earlierOf(t, e.last.Add(time.Second)), b)
}

// A wallList is a wallClock of single times in ascending order.
type wallList []time.Time

func (l wallList) nextWall(t time.Time, _ *budget) (time.Time, bool, error) {
	if i, _ := slices.BinarySearchFunc(l, t.Add(time.Second), time.Time.Compare); i < len(l) {
		return l[i], true, nil
	}
	return time.Time{}, false, nil
}

func (l wallList) prevWall(t time.Time, _ *budget) (time.Time, bool, error) {
	if i, _ := slices.BinarySearchFunc(l, t, time.Time.Compare); i > 0 {
		return l[i-1], true, nil
	}
	return time.Time{}, false, nil
}

// An instantList is a timeline of single instants in ascending order.
type instantList struct {
	instants []time.Time
	zone     *time.Location
}

func (l instantList) next(t time.Time, _ *budget) (ordinaut.Occurrence, bool, error) {
	i, _ := slices.BinarySearchFunc(l.instants, t.Add(time.Nanosecond), time.Time.Compare)
	return l.occurrence(i)
}

func (l instantList) prev(t time.Time, _ *budget) (ordinaut.Occurrence, bool, error) {
	i, _ := slices.BinarySearchFunc(l.instants, t, time.Time.Compare)
	return l.occurrence(i - 1)
}

func (l instantList) occurrence(i int) (ordinaut.Occurrence, bool, error) {
	if i < 0 || i >= len(l.instants) {
		return ordinaut.Occurrence{}, false, nil
	}
	at := l.instants[i]
	return ordinaut.Occurrence{At: at, Wall: at.In(l.zone).Format(wallLayout)}, true, nil
}
