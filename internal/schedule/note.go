package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

// occurrence is the candidate as it is shown to people.
func (p placed) occurrence(c candidate) ordinaut.Occurrence {
	if !c.found {
		return ordinaut.Occurrence{}
	}
	o := ordinaut.Occurrence{At: c.at, Wall: c.wall.Format(wallLayout)}
	switch {
	case p.matching:
	case c.missing && p.gap == ordinaut.GapSkip:
		o.Skip = ordinaut.ReasonDSTGap
		o.Note = "clocks go forward: " + timeOf(c.wall, c.wall) + " does not exist, it is left out"
	case c.missing:
		used := c.at.Add(offsetAt(p.zone, c.at))
		o.Note = "clocks go forward: " + timeOf(c.wall, used) + " does not exist, " + timeOf(used, c.wall) + " is used"
	default:
		o.Note = p.repeated(c)
	}
	return o
}

// wallLayout is how a wall-clock time is written.
const wallLayout = "2006-01-02T15:04:05"

// repeated tells which of two it is when clocks show the time twice.
func (p placed) repeated(c candidate) string {
	_, second := c.in.earlierTwin(c.wall)
	_, first := c.in.laterTwin(c.wall)
	if !first && !second {
		return ""
	}
	note := "clocks go back: " + timeOf(c.wall, c.wall) + " comes twice, "
	switch {
	case p.repeat == ordinaut.RepeatBoth && first:
		return note + "this is the first"
	case p.repeat == ordinaut.RepeatBoth:
		return note + "this is the last"
	case first:
		return note + "the first is used"
	default:
		return note + "the last is used"
	}
}

// timeOf writes the time of day of a wall-clock time, with seconds when it has
// any, and with the date when it lies on another day than the one beside it.
func timeOf(wall, beside time.Time) string {
	layout := "15:04"
	if wall.Second() != 0 {
		layout = time.TimeOnly
	}
	if wall.YearDay() != beside.YearDay() || wall.Year() != beside.Year() {
		layout = time.DateOnly + " " + layout
	}
	return wall.Format(layout)
}
