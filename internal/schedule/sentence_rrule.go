package schedule

import (
	"fmt"
	"time"
)

// sentence says when the set fires, or "" when that cannot be said briefly and
// for certain. start is the wall-clock time of DTSTART or of the anchor, from
// which rules take what they leave out.
func (set *recurrenceSet) sentence(start time.Time) string {
	if len(set.rules) != 1 || len(set.dates) > 0 {
		return ""
	}
	except, ok := exceptWords(set.except)
	words := set.rules[0].sentence(start)
	if words == "" || !ok {
		return ""
	}
	if set.start.form != noStamp {
		words += ", from " + date(set.start.wall)
	}
	return words + set.rules[0].endWords() + except
}

// exceptWords names whole days that are left out, when they are few.
func exceptWords(stamps []stamp) (string, bool) {
	var dates []string
	for _, s := range stamps {
		if s.form != dateStamp {
			return "", false
		}
		dates = append(dates, date(s.wall))
	}
	if len(dates) == 0 {
		return "", true
	}
	return ", except on " + joinAnd(dates), len(dates) <= listed
}

// endWords says how the rule ends.
func (r *recurrence) endWords() string {
	switch {
	case r.count == 1:
		return ", once"
	case r.count > 0:
		return ", " + count(int64(r.count), "time")
	case r.until.form == noStamp:
		return ""
	case r.until.form == dateStamp:
		return " until " + date(r.until.wall)
	}
	words := fmt.Sprintf(" until %s at %s", date(r.until.wall), clockTime(r.until.wall))
	if r.until.form == utcStamp {
		words += " UTC"
	}
	return words
}

func (r recurrence) sentence(start time.Time) string {
	if r.freq < daily && r.bare() && len(r.positions) == 0 {
		return every(int64(r.interval), []string{"second", "minute", "hour"}[r.freq])
	}
	c, ok := r.sameCron(start)
	switch {
	case !ok:
		return ""
	case r.interval == 1 && len(r.positions) == 0:
		return c.sentence()
	case r.freq < daily:
		return ""
	case r.interval > 1 && len(r.positions) == 0:
		return r.onWall(start).intervalSentence(c)
	}
	return r.positionSentence(c)
}

// sameCron is the cron that asks for the same times as the rule would if it
// skipped no period and had no BYSETPOS, if there is one.
func (r recurrence) sameCron(start time.Time) (cron, bool) {
	switch {
	case len(r.weeks)+len(r.yearDays) > 0:
		return cron{}, false
	case r.freq >= daily:
		r = r.onWall(start).recurrence
	case r.freq == hourly && r.minutes != 0:
		r.hours = orAll(r.hours, hourShape())
		if r.seconds == 0 {
			r.seconds = r.seconds.with(start.Second())
		}
	default:
		return cron{}, false // it steps from its start, and not from a full hour
	}
	weekday, ok := r.weekdaysOfMonth()
	c := cron{
		second:  cronField{set: r.seconds & secondShape().every(1)}, // no leap seconds
		minute:  cronField{set: r.minutes},
		hour:    cronField{set: r.hours},
		month:   cronField{set: orAll(r.months, monthShape())},
		day:     monthDays{cronField: cronField{set: r.monthDays, star: 1}, fromEnd: r.monthDaysBack >> 1},
		weekday: weekday,
	}
	if r.monthDaysBack == 0 {
		c.day.set = orAll(c.day.set, dayShape())
	}
	if len(r.nthWeekdays) == 0 {
		c.weekday.set = orAll(c.weekday.set, weekdayShape())
	}
	return c, ok
}

// orAll gives every value of a field of which none is chosen.
func orAll(s set, shape cronShape) set {
	if s == 0 {
		return shape.every(1)
	}
	return s
}

// weekdaysOfMonth are the weekdays of the rule as a month has them, from the
// first to the fifth or the last; not as a year has them.
func (r recurrence) weekdaysOfMonth() (weekDays, bool) {
	w := weekDays{cronField: cronField{set: r.weekdays, star: 1}}
	for _, day := range r.nthWeekdays {
		switch {
		case r.freq == yearly && r.months == 0, day.n < -1, day.n > 5:
			return w, false
		case day.n == -1:
			w.end = w.end.with(int(day.day))
		default:
			w.nth[day.day] = w.nth[day.day].with(day.n)
		}
	}
	return w, true
}

// intervalSentence is for a rule that skips days, weeks, months or years. It is
// given the cron of the rule that skips none.
func (r recurrence) intervalSentence(c cron) string {
	times := c.clockTimes()
	days, ok := r.daysOfPeriod(c)
	if !ok || len(times) == 0 {
		return ""
	}
	unit := []string{"day", "week", "month", "year"}[r.freq-daily]
	return every(int64(r.interval), unit) + days + " at " + joinAnd(times)
}

// daysOfPeriod says on which days of each week, month or year.
func (r recurrence) daysOfPeriod(c cron) (string, bool) {
	byWeekday, byMonthDay := r.weekdays != 0 || len(r.nthWeekdays) > 0, r.monthDays|r.monthDaysBack != 0
	switch {
	case r.freq == daily:
		return "", !byWeekday && !byMonthDay && r.months == 0
	case r.freq == weekly:
		// Where the week begins decides which days belong together.
		certain := r.weekStart == time.Monday || r.weekdays.len() == 1
		return " on " + joinAnd(weekdayNames(r.weekdays)), certain && r.months == 0
	case byWeekday && byMonthDay || r.weekdays != 0:
		return "", false
	case r.freq == yearly:
		dates, ok := c.day.yearly(c.month.set)
		return " " + dates.trail, ok && byMonthDay
	case byWeekday:
		return " on " + joinAnd(c.weekday.nouns()), r.months == 0
	}
	return " on " + joinAnd(c.day.nouns(28)), r.months == 0 && c.day.certain()
}

// positionSentence is for one day of a kind in each month, such as the last
// weekday.
func (r recurrence) positionSentence(c cron) string {
	times, kind, position := c.clockTimes(), dayKind(r.weekdays), r.positions[0]
	switch {
	case r.freq != monthly, r.interval > 1, kind == "", len(times) != 1:
		return ""
	case len(r.positions) > 1, position < -1, position > 4:
		return ""
	case len(r.nthWeekdays) > 0, r.monthDays|r.monthDaysBack != 0:
		return ""
	}
	noun := "the last " + kind
	if position > 0 {
		noun = "the " + ordinal(position) + " " + kind
	}
	days, ok := onDays([]string{noun}, c.month.set, true)
	if !ok {
		return ""
	}
	return days.lead + " at " + times[0]
}

// dayKind is what people call the days, in the singular.
func dayKind(days set) string {
	switch {
	case days == weekdayShape().every(1):
		return "day"
	case days == setOf(1, 5, 1):
		return "weekday"
	case days.len() > 2:
		return ""
	}
	return join(weekdayNames(days), "or")
}
