package schedule

import (
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// rruleCalendar is a compiled rrule expression.
type rruleCalendar struct {
	union
	set   *recurrenceSet
	zone  *time.Location
	start time.Time // the wall-clock time of DTSTART
}

func (c *rruleCalendar) location() *time.Location { return c.zone }

func (c *rruleCalendar) canonical() string { return c.set.String() }

func (c *rruleCalendar) sentence() string { return c.set.sentence(c.start) }

// A setCompiler holds what the rules of one set are completed from.
type setCompiler struct {
	spec
	wall    time.Time // of DTSTART
	instant time.Time // of DTSTART
	budget  *budget   // for finding the ends of all rules
}

// compile completes the rules from DTSTART, or else from the anchor, and finds
// their ends.
func (set *recurrenceSet) compile(s spec) (calendar, error) {
	c := setCompiler{spec: s, wall: set.start.wall}
	if set.start.form == noStamp {
		c.instant = s.anchor.Truncate(time.Second)
		c.wall = c.instant.Add(offsetAt(s.zone, c.instant))
	} else {
		c.instant = set.start.instant(s.zone)
	}
	c.budget = countingBudget(c.wall)
	var (
		result = &rruleCalendar{set: set, zone: s.zone, start: c.wall}
		faults ordinaut.Errors
	)
	for _, rule := range set.rules {
		part, err := c.rule(rule)
		faults.Add(err)
		result.parts = append(result.parts, part)
	}
	dates, err := c.dates(set.dates)
	faults.Add(err)
	result.parts = append(result.parts, dates...)
	result.except, err = c.exclusions(set.except)
	faults.Add(err)
	return result, faults.Err()
}

func (c *setCompiler) rule(r recurrence) (timeline, error) {
	if r.freq < daily {
		return c.onTimeline(r)
	}
	s := r.onWall(c.wall)
	if s.never(c.budget) {
		return nil, neverFires(r.String())
	}
	if err := c.count(r, &s.last, s.nth); err != nil {
		return nil, err
	}
	line := placed{wall: s, zone: c.zone, gap: c.gap, repeat: c.repeat}
	switch r.until.form {
	case utcStamp:
		s.last = earlierOf(s.last, r.until.wall.Add(farthest))
		return ending{line, r.until.wall}, nil
	case dateStamp, localStamp:
		s.last = earlierOf(s.last, r.until.endOfDay().wall)
	}
	return line, nil
}

func (c *setCompiler) onTimeline(r recurrence) (timeline, error) {
	s := r.onTimeline(c.instant, c.zone)
	if s.never(c.budget) {
		return nil, neverFires(r.String())
	}
	if err := c.count(r, &s.last, s.nth); err != nil {
		return nil, err
	}
	if r.until.form != noStamp {
		s.last = earlierOf(s.last, r.until.endOfDay().instant(c.zone))
	}
	return s, nil
}

// count finds the last time of a rule with COUNT, once and for all, so that no
// search ever counts.
func (c *setCompiler) count(r recurrence, last *time.Time, nth func(int, *budget) (time.Time, bool, error)) error {
	if r.count == 0 {
		return nil
	}
	at, ok, err := nth(r.count, c.budget)
	if err != nil {
		return tooLongToCount(&r)
	}
	if ok {
		*last = at
	}
	return nil
}

// dates places the values of RDATE. One without a time of day has that of
// DTSTART.
func (c *setCompiler) dates(stamps []stamp) ([]timeline, error) {
	var (
		walls    wallList
		instants []time.Time
		faults   ordinaut.Errors
	)
	for _, s := range stamps {
		s, err := s.in(c.zone)
		faults.Add(err)
		switch s.form {
		case utcStamp:
			instants = append(instants, s.wall)
		case dateStamp:
			walls = append(walls, s.wall.Add(c.wall.Sub(c.wall.Truncate(24*time.Hour))))
		default:
			walls = append(walls, s.wall)
		}
	}
	var parts []timeline
	if len(walls) > 0 {
		slices.SortFunc(walls, time.Time.Compare)
		parts = append(parts, placed{wall: walls, zone: c.zone, gap: c.gap, repeat: c.repeat})
	}
	if len(instants) > 0 {
		slices.SortFunc(instants, time.Time.Compare)
		parts = append(parts, instantList{instants, c.zone})
	}
	return parts, faults.Err()
}

// exclusions reads the values of EXDATE. One without a time of day leaves out
// the whole day.
func (c *setCompiler) exclusions(stamps []stamp) (exclusions, error) {
	var (
		e      = exclusions{zone: c.zone}
		faults ordinaut.Errors
	)
	for _, s := range stamps {
		s, err := s.in(c.zone)
		faults.Add(err)
		switch s.form {
		case utcStamp:
			e.instants = append(e.instants, s.wall)
		case dateStamp:
			e.days = append(e.days, s.wall)
		default:
			e.walls = append(e.walls, s.wall.Format(wallLayout))
		}
	}
	return e, faults.Err()
}
