package schedule

import "time"

// A series is a recurrence completed from DTSTART: what was left out is filled
// in, and the end is known.
type series struct {
	recurrence
	grid        grid
	start, last time.Time // the bounds, in the time in which the grid is laid
}

func (s *series) digits(year int, month time.Month) [4]set {
	return [4]set{s.days(year, month), s.hours, s.minutes, s.wholeSeconds()}
}

// wholeSeconds are the seconds without the leap second, which the time line does
// not have.
func (s *series) wholeSeconds() set { return s.seconds &^ (1 << 60) }

// first is the first wall-clock time from at on that the parts and the grid
// allow; what it gives when there is none up to limit, firstWall says. The grid
// is laid in a time that the wall clock is ahead of.
func (s *series) first(at, limit time.Time, ahead time.Duration, b *budget) (time.Time, bool, error) {
	if s.grid.every == 1 {
		return firstWall(s, at, limit, b)
	}
	for {
		if err := b.spend(1); err != nil {
			return time.Time{}, false, err
		}
		from, end := s.grid.from(at.Add(-ahead))
		wall, ok, err := firstWall(s, laterOf(at, from.Add(ahead)), limit, b)
		if err != nil || !ok || wall.Before(end.Add(ahead)) {
			return wall, ok, err
		}
		at = wall
	}
}

// final is the mirror of first.
func (s *series) final(at, limit time.Time, ahead time.Duration, b *budget) (time.Time, bool, error) {
	if s.grid.every == 1 {
		return lastWall(s, at, limit, b)
	}
	for {
		if err := b.spend(1); err != nil {
			return time.Time{}, false, err
		}
		from, end := s.grid.upTo(at.Add(-ahead))
		wall, ok, err := lastWall(s, earlierOf(at, end.Add(ahead-time.Second)), limit, b)
		if err != nil || !ok || !wall.Before(from.Add(ahead)) {
			return wall, ok, err
		}
		at = wall
	}
}

// lastSecond is the last one that can be written with four digits of a year.
func lastSecond() time.Time { return time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC) }
