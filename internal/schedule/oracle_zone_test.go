package schedule_test

import (
	"slices"
	"sort"
	"time"

	"github.com/ordinaut/ordinaut"
)

// An oracleZone is a zone as the oracle knows it: what was seen by asking for
// the offset of every day.
type oracleZone struct {
	name    string
	changes []oracleChange
}

// An oracleChange is an instant from which on an offset holds.
type oracleChange struct {
	at     time.Time
	offset time.Duration
}

// watchZone looks at the zone from one year to another, and finds the second of
// each change by halving.
func watchZone(zone *time.Location, firstYear, lastYear int) oracleZone {
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	day := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	z := oracleZone{zone.String(), []oracleChange{{time.Time{}, offset(day)}}}
	for before := offset(day); day.Year() < lastYear; day = day.Add(24 * time.Hour) {
		low, high := day, day.Add(24*time.Hour)
		after := offset(high)
		if after == before {
			continue
		}
		for high.Sub(low) > time.Second {
			if middle := low.Add(high.Sub(low) / 2).Truncate(time.Second); offset(middle) == before {
				low = middle
			} else {
				high = middle
			}
		}
		z.changes = append(z.changes, oracleChange{high, after})
		before = after
	}
	return z
}

// offsetAt is the one question that is asked of an oracleZone.
func (z oracleZone) offsetAt(t time.Time) time.Duration {
	i := sort.Search(len(z.changes), func(i int) bool { return z.changes[i].at.After(t) })
	return z.changes[i-1].offset
}

// placeWall places one wall-clock time: it tries the offsets of the days around
// it and keeps those with which a clock would show it. When none does, it goes
// to where the offset before the gap puts it.
func placeWall(zone oracleZone, wall time.Time, gap ordinaut.GapPolicy, repeat ordinaut.RepeatPolicy) []ordinaut.Occurrence {
	var shown []time.Time
	for _, h := range []int{-26, 0, 26} {
		offset := zone.offsetAt(wall.Add(time.Duration(h) * time.Hour))
		if at := wall.Add(-offset); zone.offsetAt(at) == offset {
			shown = append(shown, at)
		}
	}
	slices.SortFunc(shown, time.Time.Compare)
	shown = slices.CompactFunc(shown, time.Time.Equal)
	switch {
	case len(shown) == 0:
		return []ordinaut.Occurrence{placeMissing(zone, wall, gap)}
	case repeat == ordinaut.RepeatLast:
		shown = shown[len(shown)-1:]
	case repeat != ordinaut.RepeatBoth:
		shown = shown[:1]
	}
	var placed []ordinaut.Occurrence
	for _, at := range shown {
		placed = append(placed, ordinaut.Occurrence{At: at})
	}
	return placed
}

func placeMissing(zone oracleZone, wall time.Time, gap ordinaut.GapPolicy) ordinaut.Occurrence {
	before := zone.offsetAt(wall.Add(-26 * time.Hour))
	switch gap {
	case ordinaut.GapSkip:
		return ordinaut.Occurrence{At: wall.Add(-before), Skip: ordinaut.ReasonDSTGap}
	case ordinaut.GapNextValid:
		for _, change := range zone.changes {
			if change.at.After(wall.Add(-26 * time.Hour)) {
				return ordinaut.Occurrence{At: change.at}
			}
		}
	}
	return ordinaut.Occurrence{At: wall.Add(-before)}
}

// placeAll places wall-clock times and puts them in the order of time. Of those
// on one instant, one that fires stands for all.
func placeAll(zone oracleZone, walls []time.Time, gap ordinaut.GapPolicy, repeat ordinaut.RepeatPolicy) []ordinaut.Occurrence {
	var all []ordinaut.Occurrence
	for _, wall := range walls {
		all = append(all, placeWall(zone, wall, gap, repeat)...)
	}
	slices.SortStableFunc(all, func(a, b ordinaut.Occurrence) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return len(a.Skip) - len(b.Skip)
	})
	return slices.CompactFunc(all, func(a, b ordinaut.Occurrence) bool { return a.At.Equal(b.At) })
}

// instants are the instants of a rule of hours, minutes or seconds: steps of
// real time from DTSTART, so many of them. A part that makes several of one step
// looks at every second, or minute, of the hour or minute around it.
func (o oracle) instants(zone oracleZone, steps int) []time.Time {
	start := placeWall(zone, o.start, ordinaut.GapShift, ordinaut.RepeatFirst)[0].At
	local := start.Add(zone.offsetAt(start))
	step := map[string]time.Duration{"HOURLY": time.Hour, "MINUTELY": time.Minute, "SECONDLY": time.Second}[o.freq]
	around, seconds := time.Duration(0), slices.Compact(slices.Sorted(slices.Values(o.seconds)))
	switch {
	case o.freq == "HOURLY" && len(o.minutes) > 0:
		around = time.Hour
		start = start.Add(-time.Duration(local.Minute())*time.Minute - time.Duration(local.Second())*time.Second)
		if len(seconds) == 0 {
			seconds = []int{local.Second()}
		}
	case o.freq != "SECONDLY" && len(o.seconds) > 0:
		around = time.Minute
		start = start.Add(-time.Duration(local.Second()) * time.Second)
	}
	var all []time.Time
	for i := range steps {
		at := start.Add(time.Duration(i*o.interval) * step)
		candidates := []time.Time{at}
		if around > 0 {
			candidates = nil
			for minute := time.Duration(0); minute < around; minute += time.Minute {
				for _, second := range seconds {
					candidates = append(candidates, at.Add(minute+time.Duration(second)*time.Second))
				}
			}
		}
		period := slices.DeleteFunc(candidates, func(at time.Time) bool {
			return !o.instantPasses(at.Add(zone.offsetAt(at)))
		})
		all = append(all, o.chosen(period)...)
	}
	first := placeWall(zone, o.start, ordinaut.GapShift, ordinaut.RepeatFirst)[0].At
	last := time.Time{}
	if !o.until.IsZero() {
		last = placeWall(zone, o.until, ordinaut.GapShift, ordinaut.RepeatFirst)[0].At
	}
	o.start, o.until = first, last
	return o.bounded(all)
}

func (o oracle) instantPasses(local time.Time) bool {
	return (len(o.hours) == 0 || slices.Contains(o.hours, local.Hour())) &&
		(len(o.minutes) == 0 || slices.Contains(o.minutes, local.Minute())) &&
		(len(o.seconds) == 0 || slices.Contains(o.seconds, local.Second())) &&
		o.dayPasses(local)
}

// around are times some hours before and after the change, on quarters of hours.
func (c oracleChange) around() (from, to time.Time) {
	const quarter = 15 * time.Minute
	return c.at.Add(-90 * time.Minute).Truncate(quarter), c.at.Add(90 * time.Minute).Truncate(quarter)
}

// least and most are the smaller and the larger offset at a change.
func (z oracleZone) least(c oracleChange) time.Duration {
	return min(c.offset, z.offsetAt(c.at.Add(-time.Second)))
}

func (z oracleZone) most(c oracleChange) time.Duration {
	return max(c.offset, z.offsetAt(c.at.Add(-time.Second)))
}
