package schedule

import "time"

// An almanac gives the days of a month, and the hours, minutes and seconds of
// each of these days, that a rule asks for.
type almanac interface {
	digits(year int, month time.Month) [4]set
}

// firstWall is the first wall-clock time of m from at on. When none is found up
// to limit, it is a time after limit before which there is none; or zero when
// the search ended for good. It goes month by month, and inside a month digit by
// digit, so that its cost does not depend on how many times it passes over.
func firstWall(m almanac, at, limit time.Time, b *budget) (time.Time, bool, error) {
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	low := [4]int{day, hour, minute, second}
	for !at.After(limit) {
		if !b.covers(at) {
			return time.Time{}, false, nil
		}
		if err := b.spend(1); err != nil {
			return time.Time{}, false, err
		}
		if digits := m.digits(year, month); climb(digits[:], low[:]) {
			wall := time.Date(year, month, low[0], low[1], low[2], low[3], 0, time.UTC)
			return wall, !wall.After(limit), nil
		}
		low = [4]int{1, 0, 0, 0}
		at = time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC)
		year, month, _ = at.Date()
	}
	return at, false, nil
}

// lastWall is the mirror of firstWall.
func lastWall(m almanac, at, limit time.Time, b *budget) (time.Time, bool, error) {
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	high := [4]int{day, hour, minute, second}
	for !at.Before(limit) {
		if !b.covers(at) {
			return time.Time{}, false, nil
		}
		if err := b.spend(1); err != nil {
			return time.Time{}, false, err
		}
		if digits := m.digits(year, month); descend(digits[:], high[:]) {
			wall := time.Date(year, month, high[0], high[1], high[2], high[3], 0, time.UTC)
			return wall, !wall.Before(limit), nil
		}
		high = [4]int{31, 23, 59, 59}
		at = time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second)
		year, month, _ = at.Date()
	}
	return at, false, nil
}

func monthLength(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		return yearLength(year) - 337
	}
	return 31
}

func yearLength(year int) int {
	if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 366
	}
	return 365
}
