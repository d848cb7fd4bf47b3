package schedule

import "time"

// onWall completes a rule of days or longer periods from DTSTART, whose
// wall-clock time it is given.
func (r recurrence) onWall(start time.Time) *wallSeries {
	r.fillDays(start)
	fill := func(into *set, v int) {
		if *into == 0 {
			*into = into.with(v)
		}
	}
	fill(&r.hours, start.Hour())
	fill(&r.minutes, start.Minute())
	fill(&r.seconds, start.Second())
	return &wallSeries{series{recurrence: r, grid: r.wallGrid(start), start: start, last: lastSecond()}}
}

// fillDays takes the day from DTSTART where no part says which.
func (r *recurrence) fillDays(start time.Time) {
	switch {
	case r.byDay():
	case len(r.weeks) > 0 || r.freq == weekly:
		r.weekdays = r.weekdays.with(int(start.Weekday()))
	case r.freq == yearly && r.months == 0:
		r.months = r.months.with(int(start.Month()))
		fallthrough
	case r.freq >= monthly:
		r.monthDays = r.monthDays.with(start.Day())
	}
}

func (r *recurrence) wallGrid(start time.Time) grid {
	const day = 24 * 60 * 60
	g := grid{every: int64(r.interval)}
	midnight := start.Truncate(24 * time.Hour)
	switch r.freq {
	case yearly:
		g.months, g.origin = 12, int64(start.Year())*12
	case monthly:
		g.months, g.origin = 1, monthsOf(start)
	case weekly:
		g.seconds, g.origin = 7*day, midnight.AddDate(0, 0, -int(start.Weekday()-r.weekStart+7)%7).Unix()
	default:
		g.seconds, g.origin = day, midnight.Unix()
	}
	return g
}

// onTimeline completes a rule of hours, minutes or seconds from the instant of
// DTSTART.
//
// A part that expands a period makes the period as long as what it expands: an
// hour, for the minutes of FREQ=HOURLY;BYMINUTE=0,30, or a minute, for seconds.
// Otherwise a period is the second from which the rule steps.
func (r recurrence) onTimeline(start time.Time, zone *time.Location) *elapsedSeries {
	unit := map[frequency]int64{hourly: 3600, minutely: 60, secondly: 1}[r.freq]
	local, steps := start.In(zone), r.bare()
	width, into := int64(1), 0
	switch {
	case r.freq == hourly && r.minutes != 0:
		width, into = 3600, local.Minute()*60+local.Second()
		if r.seconds == 0 {
			r.seconds = r.seconds.with(local.Second())
		}
	case r.freq > secondly && r.seconds != 0:
		width, into = 60, local.Second()
	}
	fill := func(into *set, high int) {
		if *into == 0 {
			*into = setOf(0, high, 1)
		}
	}
	fill(&r.hours, 23)
	fill(&r.minutes, 59)
	fill(&r.seconds, 59)
	g := grid{seconds: width, origin: start.Unix() - int64(into), every: unit / width * int64(r.interval)}
	return &elapsedSeries{series{recurrence: r, grid: g, start: start, last: lastSecond()}, zone, steps}
}
