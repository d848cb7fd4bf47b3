package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An observer works out the clocks of zones that only the calendar describes: the
// STANDARD and DAYLIGHT parts of a VTIMEZONE (RFC 5545, 3.6.5).
type observer struct {
	through time.Time // no change after it matters
	budget  *budget
}

// earliest is the year before which no change of clocks matters.
const earliest = 1900

// zone is the described zone, under the name that the calendar gives to it.
func (o observer) zone(described *component) (*time.Location, error) {
	var changes []change
	for _, part := range described.parts {
		if part.name != "STANDARD" && part.name != "DAYLIGHT" {
			continue
		}
		some, err := o.changes(part)
		if err != nil {
			return nil, fmt.Errorf("%s is described in a way that cannot be read: %w", described, err)
		}
		changes = append(changes, some...)
	}
	if len(changes) == 0 {
		return nil, fmt.Errorf("%s is described without any offset", described)
	}
	slices.SortStableFunc(changes, func(a, b change) int { return a.at.Compare(b.at) })
	return location(described.text("TZID"), changes)
}

// changes lists when one part begins to hold.
func (o observer) changes(part *component) ([]change, error) {
	before, err := parseOffset(part.value("TZOFFSETFROM"))
	if err != nil {
		return nil, err
	}
	after, err := parseOffset(part.value("TZOFFSETTO"))
	if err != nil {
		return nil, err
	}
	// Onsets are written in the offset before them.
	clock := time.FixedZone("", int(before/time.Second))
	start, err := parseStamp(part.value("DTSTART"), clock)
	if err != nil {
		return nil, err
	}
	changes := []change{{start.at(clock), before, after}}
	onset := func(at time.Time, _ string) bool {
		changes = append(changes, change{at, before, after})
		return true
	}
	for _, l := range part.all("RRULE") {
		if err := o.recur(l.value, start, onset); err != nil {
			return nil, err
		}
	}
	for _, l := range part.all("RDATE") {
		for text := range strings.SplitSeq(l.value, ",") {
			s, err := parseStamp(text, clock)
			if err != nil {
				return nil, err
			}
			onset(s.at(clock), "")
		}
	}
	return changes, nil
}

func (o observer) recur(text string, start stamp, onset func(time.Time, string) bool) error {
	r, err := compileRule(text, start, start.zone, false)
	if err != nil {
		return err
	}
	return r.each(time.Date(earliest, 1, 1, 0, 0, 0, 0, time.UTC), o.through, o.budget, onset)
}

// parseOffset reads a UTC-OFFSET such as +0100 or -023000.
func parseOffset(text string) (time.Duration, error) {
	digits := strings.TrimLeft(text, "+-")
	layout := "150405"[:min(len(digits), 6)/2*2]
	t, err := time.Parse(layout, digits)
	if err != nil || len(digits) < 4 || len(text) != len(digits)+1 {
		return 0, fmt.Errorf("%q is no offset from UTC", excerpt(text))
	}
	offset := t.Sub(t.Truncate(day))
	if text[0] == '-' {
		return -offset, nil
	}
	return offset, nil
}
