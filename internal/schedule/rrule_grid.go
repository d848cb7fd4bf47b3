package schedule

import "time"

// A grid cuts time into periods of one length and keeps every nth, beginning
// with the one of DTSTART (FREQ and INTERVAL). Exactly one of months and seconds
// is the length.
type grid struct {
	months  int64
	seconds int64
	origin  int64 // the start of period 0, in months since year 0 or seconds since 1970
	every   int64
}

// index is the period in which t lies.
func (g grid) index(t time.Time) int64 {
	if g.months > 0 {
		return floor(monthsOf(t)-g.origin, g.months)
	}
	return floor(t.Unix()-g.origin, g.seconds)
}

// start is the beginning of a period.
func (g grid) start(index int64) time.Time {
	if g.months > 0 {
		return time.Date(0, time.Month(g.origin+index*g.months+1), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Unix(g.origin+index*g.seconds, 0).UTC()
}

// from is the kept period in which t lies, or the first one after it.
func (g grid) from(t time.Time) (start, end time.Time) {
	i := -floor(-g.index(t), g.every) * g.every
	return g.start(i), g.start(i + 1)
}

// upTo is the kept period in which t lies, or the last one before it.
func (g grid) upTo(t time.Time) (start, end time.Time) {
	i := floor(g.index(t), g.every) * g.every
	return g.start(i), g.start(i + 1)
}

func monthsOf(t time.Time) int64 { return int64(t.Year())*12 + int64(t.Month()) - 1 }

// floor divides and rounds down, also below zero.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
