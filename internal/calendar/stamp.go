package calendar

import (
	"fmt"
	"strings"
	"time"
)

// A stamp is a DATE or DATE-TIME as it was written (RFC 5545, 3.3.4 and 3.3.5).
type stamp struct {
	wall time.Time      // what it says, held in UTC
	date bool           // it has no time of day
	zone *time.Location // nil when it floats: it is at this time wherever one is
}

// day is the longest day there is on a wall clock.
const day = 24 * time.Hour

// parseStamp reads a stamp by its form: the VALUE parameter that should tell it
// is forgotten too often. The second 60 is the one before, as RFC 5545 asks of
// those who have no leap seconds.
func parseStamp(text string, zone *time.Location) (stamp, error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	digits, utc := strings.CutSuffix(text, "Z")
	if len(digits) == len("20060102T150405") && strings.HasSuffix(digits, "60") {
		digits = digits[:len(digits)-2] + "59"
	}
	layout := "20060102T150405"
	if len(digits) == len("20060102") {
		layout = "20060102"
	}
	wall, err := time.Parse(layout, digits)
	switch {
	case err != nil || len(digits) != len(layout):
		return stamp{}, fmt.Errorf("%q is no date and no time", excerpt(text))
	case layout == "20060102":
		return stamp{wall: wall, date: true}, nil
	case utc:
		return stamp{wall: wall, zone: time.UTC}, nil
	}
	return stamp{wall: wall, zone: zone}, nil
}

// floats reports whether its instant depends on where one is.
func (s stamp) floats() bool { return s.zone == nil }

// in is the zone of the stamp, or of whoever reads it when it floats.
func (s stamp) in(reader *time.Location) *time.Location {
	if s.zone == nil {
		return reader
	}
	return s.zone
}

// at is where the stamp lies on the time line. A date is its midnight.
func (s stamp) at(reader *time.Location) time.Time { return place(s.wall, s.in(reader)) }

// place puts a wall-clock time on the time line of a zone (RFC 5545, 3.3.5): the
// first of two, and with the offset before the gap when it does not exist.
func place(wall time.Time, zone *time.Location) time.Time {
	if zone == time.UTC {
		return wall
	}
	t := wall.Add(-farthest)
	before := offsetAt(t, zone)
	for {
		offset, end := offsetAt(t, zone), endOfOffset(t, zone)
		if at := wall.Add(-offset); end.IsZero() || at.Before(end) {
			if at.Before(t) {
				at = wall.Add(-before)
			}
			return at.In(zone)
		}
		before, t = offset, end
	}
}

// farthest is more than any zone is from UTC, and more than any clock was ever
// moved by.
const farthest = 26 * time.Hour

func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// endOfOffset is how long the offset at t lasts at least; zero is for good.
// time.Time.ZoneBounds ends the last day of some leap years before it begins.
func endOfOffset(t time.Time, zone *time.Location) time.Time {
	_, end := t.In(zone).ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		return t.Add(day)
	}
	return end
}

// wallAt is what a clock on the wall shows at an instant, held in UTC.
func wallAt(t time.Time, zone *time.Location) time.Time {
	return t.Add(offsetAt(t, zone)).UTC()
}
