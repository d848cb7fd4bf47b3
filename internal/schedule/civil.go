package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

// placed puts the wall-clock times of a rule on the time line of a zone
// (RFC 5545, 3.3.5). Where clocks go back, a wall-clock time lies in two
// stretches of the zone; where they go forward, in none. Neither keeps the
// order of the wall clock, so the occurrences are found stretch by stretch:
// inside one, the times that it shows come in order, and so do the missing ones
// of the gap at its start.
type placed struct {
	wall   wallClock
	zone   *time.Location
	gap    ordinaut.GapPolicy
	repeat ordinaut.RepeatPolicy

	// matching fires at every instant whose wall-clock time is asked for: twice
	// in a repeated hour and never in a missing one, whatever the policies.
	matching bool
}

// A candidate is a wall-clock time and the instant it is given.
type candidate struct {
	wall, at time.Time
	missing  bool // no clock ever shows it
	in       stretch
	found    bool
}

func (p placed) location() *time.Location { return p.zone }

func (p placed) next(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	from := t.UTC().Truncate(time.Second).Add(time.Second)
	var best candidate
	for s, more := stretchAt(p.zone, from.Add(-farthest)), true; more; {
		first, beyond, err := p.firstIn(s, from, b)
		if err != nil {
			return ordinaut.Occurrence{}, false, err
		}
		if best = best.earlier(first); best.found {
			if best.at.Before(s.end) {
				break
			}
			beyond = best.wall
		}
		s, more = s.toward(beyond, from)
	}
	return p.occurrence(best), best.found, nil
}

// prev is the mirror of next, except that what was found may still be surpassed
// by the gap of an older stretch, as long as that can reach so far.
func (p placed) prev(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	upTo := t.UTC().Add(-time.Nanosecond).Truncate(time.Second)
	var best candidate
	for s, more := stretchAt(p.zone, upTo), true; more; {
		last, beyond, err := p.lastIn(s, upTo, b)
		if err != nil {
			return ordinaut.Occurrence{}, false, err
		}
		if best = best.later(last); best.found {
			if !best.at.Before(s.start.Add(farthest)) {
				break
			}
			beyond = best.wall
		}
		s, more = s.backward(beyond, upTo)
	}
	return p.occurrence(best), best.found, nil
}

// firstIn is the first occurrence of a stretch from an instant on. When there is
// none, beyond is the first wall-clock time that may come after it, if there is
// one.
func (p placed) firstIn(s stretch, from time.Time, b *budget) (first candidate, beyond time.Time, err error) {
	if err := b.spend(stretchCost); err != nil {
		return candidate{}, time.Time{}, err
	}
	missing, err := p.firstMissing(s, from, b)
	if err != nil {
		return candidate{}, time.Time{}, err
	}
	shown, beyond, err := p.firstShown(s, from, b)
	return shown.earlier(missing), beyond, err
}

// lastIn is the mirror of firstIn.
func (p placed) lastIn(s stretch, upTo time.Time, b *budget) (last candidate, beyond time.Time, err error) {
	if err := b.spend(stretchCost); err != nil {
		return candidate{}, time.Time{}, err
	}
	missing, err := p.lastMissing(s, upTo, b)
	if err != nil {
		return candidate{}, time.Time{}, err
	}
	shown, beyond, err := p.lastShown(s, upTo, b)
	return shown.later(missing), beyond, err
}

// firstShown is the first occurrence from an instant on whose wall-clock time
// the stretch shows and no twin is preferred for. One that is left to a twin
// counts as beyond, so that the search stays near.
func (p placed) firstShown(s stretch, from time.Time, b *budget) (first candidate, beyond time.Time, err error) {
	for least := laterOf(s.start, from).Add(s.offset); ; {
		wall, ok, err := p.wall.nextWall(least.Add(-time.Second), b)
		if err != nil || !ok {
			return candidate{}, beyond, err
		}
		if beyond.IsZero() {
			beyond = wall
		}
		if !wall.Before(s.limit()) {
			return candidate{}, beyond, nil
		}
		twin, ok := p.preferred(s, wall)
		if !ok {
			return candidate{wall: wall, at: wall.Add(-s.offset), in: s, found: true}, beyond, nil
		}
		least = twin.limit()
	}
}

// lastShown is the mirror of firstShown.
func (p placed) lastShown(s stretch, upTo time.Time, b *budget) (last candidate, beyond time.Time, err error) {
	for most := earlierOf(s.end.Add(-time.Second), upTo).Add(s.offset); ; {
		wall, ok, err := p.wall.prevWall(most.Add(time.Second), b)
		if err != nil || !ok {
			return candidate{}, beyond, err
		}
		if beyond.IsZero() {
			beyond = wall
		}
		if wall.Before(s.first()) {
			return candidate{}, beyond, nil
		}
		twin, ok := p.preferred(s, wall)
		if !ok {
			return candidate{wall: wall, at: wall.Add(-s.offset), in: s, found: true}, beyond, nil
		}
		most = twin.first().Add(-time.Second)
	}
}

// preferred is the stretch that shows a wall-clock time of s as well, and is
// used instead of s.
func (p placed) preferred(s stretch, wall time.Time) (stretch, bool) {
	switch {
	case p.matching || p.repeat == ordinaut.RepeatBoth:
		return stretch{}, false
	case p.repeat == ordinaut.RepeatLast:
		return s.laterTwin(wall)
	default:
		return s.earlierTwin(wall)
	}
}

// firstMissing is the first occurrence from an instant on among the wall-clock
// times that are missing at the start of the stretch. They keep the offset
// before the gap, so that they come after it by as much as they lie in it; or
// all of them come to the end of the gap.
func (p placed) firstMissing(s stretch, from time.Time, b *budget) (candidate, error) {
	if p.matching || s.missing() == 0 || !from.Before(s.start.Add(s.missing())) {
		return candidate{}, nil
	}
	atOnce := p.gap == ordinaut.GapNextValid
	if atOnce && from.After(s.start) {
		return candidate{}, nil
	}
	least := laterOf(s.start, from).Add(s.before)
	wall, ok, err := p.wall.nextWall(least.Add(-time.Second), b)
	if err != nil || !ok || !wall.Before(s.first()) {
		return candidate{}, err
	}
	return p.afterGap(s, wall), nil
}

// lastMissing is the mirror of firstMissing. Of those that come to the end of
// the gap together, the first stands for all, as it does in firstMissing.
func (p placed) lastMissing(s stretch, upTo time.Time, b *budget) (candidate, error) {
	if upTo.Before(s.start) {
		return candidate{}, nil
	}
	if p.gap == ordinaut.GapNextValid {
		return p.firstMissing(s, s.start, b)
	}
	if p.matching || s.missing() == 0 {
		return candidate{}, nil
	}
	most := earlierOf(s.start.Add(s.missing()-time.Second), upTo).Add(s.before)
	wall, ok, err := p.wall.prevWall(most.Add(time.Second), b)
	if err != nil || !ok || wall.Before(s.start.Add(s.before)) {
		return candidate{}, err
	}
	return p.afterGap(s, wall), nil
}

func (p placed) afterGap(s stretch, wall time.Time) candidate {
	c := candidate{wall: wall, at: wall.Add(-s.before), missing: true, in: s, found: true}
	if p.gap == ordinaut.GapNextValid {
		c.at = s.start
	}
	return c
}

// earlier is the earlier of two candidates. Of two on one instant it is the one
// that clocks show, so that one which fires wins over one that is skipped.
func (c candidate) earlier(d candidate) candidate {
	if !c.found || d.found && (d.at.Before(c.at) || d.at.Equal(c.at) && c.missing) {
		return d
	}
	return c
}

// later is the mirror of earlier.
func (c candidate) later(d candidate) candidate {
	if !c.found || d.found && (d.at.After(c.at) || d.at.Equal(c.at) && c.missing) {
		return d
	}
	return c
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlierOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
