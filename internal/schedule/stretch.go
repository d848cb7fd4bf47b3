package schedule

import "time"

// farthest is more than any clock was ever moved by (a day, in Alaska, Manila
// and Apia), and more than any offset.
const farthest = 26 * time.Hour

// stretchCost is how many candidates finding one stretch is worth.
const stretchCost = 8

// A stretch is a piece of a zone's time line with one offset, so that inside it
// time and wall clock run in step. Neighbors may have the same offset.
type stretch struct {
	zone       *time.Location
	start, end time.Time     // end is not part of it
	offset     time.Duration // what the wall clock is ahead of UTC
	before     time.Duration // what it was ahead before start
}

// stretchAt is the stretch in which t lies. time.Time.ZoneBounds is trusted
// only as far as it goes: for years that follow the zone's last rule it gives
// the ends of the year, of which the start may lie before the rule began, and
// the end a day too early in a leap year.
func stretchAt(zone *time.Location, t time.Time) stretch {
	s := stretch{zone: zone, offset: offsetAt(zone, t)}
	s.start, s.end = boundsAt(zone, t)
	if s.end.IsZero() {
		s.end = endOfTime()
	}
	if !s.end.After(t) {
		s.end = t.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	}
	if s.start.IsZero() {
		s.before = s.offset
		return s
	}
	earlier := s.start.Add(-time.Second)
	s.before = offsetAt(zone, earlier)
	if _, end := boundsAt(zone, earlier); end.After(s.start) && !end.After(t) {
		s.start = end
	}
	return s
}

func boundsAt(zone *time.Location, t time.Time) (start, end time.Time) {
	start, end = t.In(zone).ZoneBounds()
	return start.UTC(), end.UTC()
}

func offsetAt(zone *time.Location, t time.Time) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// endOfTime is after everything that a schedule can ask for.
func endOfTime() time.Time { return time.Date(10_000, 1, 3, 0, 0, 0, 0, time.UTC) }

func (s stretch) following() stretch {
	next := stretchAt(s.zone, s.end)
	next.start, next.before = s.end, s.offset
	return next
}

func (s stretch) preceding() stretch { return stretchAt(s.zone, s.start.Add(-time.Second)) }

// first and limit are the wall-clock times at which it begins and ends.
func (s stretch) first() time.Time { return s.start.Add(s.offset) }
func (s stretch) limit() time.Time { return s.end.Add(s.offset) }

// shows reports whether the wall-clock time occurs in it.
func (s stretch) shows(wall time.Time) bool {
	return !wall.Before(s.first()) && wall.Before(s.limit())
}

// missing is how much the clocks were put forward at its start.
func (s stretch) missing() time.Duration { return max(0, s.offset-s.before) }

// earlierTwin is the stretch before s that shows the wall-clock time as well.
func (s stretch) earlierTwin(wall time.Time) (stretch, bool) {
	if wall.Sub(s.first()) > farthest {
		return stretch{}, false
	}
	for e := s; !e.start.IsZero() && s.start.Sub(e.start) < farthest; {
		e = e.preceding()
		if e.shows(wall) {
			return e, true
		}
	}
	return stretch{}, false
}

// laterTwin is the stretch after s that shows the wall-clock time as well.
func (s stretch) laterTwin(wall time.Time) (stretch, bool) {
	if s.limit().Sub(wall) > farthest {
		return stretch{}, false
	}
	for l := s; l.end.Sub(s.end) < farthest && l.end.Before(endOfTime()); {
		l = l.following()
		if l.shows(wall) {
			return l, true
		}
	}
	return stretch{}, false
}

// instantOf places one wall-clock time as RFC 5545 does: the first of two, and
// with the offset before the gap when it does not exist.
func instantOf(zone *time.Location, wall time.Time) time.Time {
	s := stretchAt(zone, wall.Add(-farthest))
	for !wall.Before(s.limit()) {
		s = s.following()
	}
	if wall.Before(s.first()) {
		return wall.Add(-s.before)
	}
	return wall.Add(-s.offset)
}

// toward is the next stretch that may hold something, when the first wall-clock
// time asked for from an instant of s on is wall, and the stretch ends before
// it. A zero wall means that there is none; but clocks that soon go back may
// repeat what came before.
func (s stretch) toward(wall, from time.Time) (stretch, bool) {
	if s.end.Sub(from) > farthest {
		if wall.IsZero() {
			return stretch{}, false
		}
		if far := wall.Add(-2 * farthest); far.After(s.end) {
			return stretchAt(s.zone, far), true
		}
	}
	return s.following(), true
}

// backward is the mirror of toward.
func (s stretch) backward(wall, upTo time.Time) (stretch, bool) {
	if s.start.IsZero() {
		return stretch{}, false
	}
	if upTo.Sub(s.start) > farthest {
		if wall.IsZero() {
			return stretch{}, false
		}
		if far := wall.Add(2 * farthest); far.Before(s.start) {
			return stretchAt(s.zone, far), true
		}
	}
	return s.preceding(), true
}
