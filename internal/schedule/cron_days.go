package schedule

import "time"

// monthDays is the day-of-month field.
type monthDays struct {
	cronField
	fromEnd     set  // n is `L-n`: n days before the last
	nearest     set  // n is `nW`: the weekday nearest to the n-th
	lastWorkday bool // `LW`
}

// in gives the days it selects in a month of that length whose first day is a
// first. A day that the month does not have is not selected.
func (d monthDays) in(first time.Weekday, length int) set {
	days := d.set & setOf(1, length, 1)
	for _, n := range d.fromEnd.values() {
		if n < length {
			days = days.with(length - n)
		}
	}
	for _, n := range d.nearest.values() {
		if n <= length {
			days = days.with(nearestWorkday(n, first, length))
		}
	}
	if d.lastWorkday {
		days = days.with(nearestWorkday(length, first, length))
	}
	return days
}

// nearestWorkday is the Monday to Friday nearest to a day, in the same month.
func nearestWorkday(day int, first time.Weekday, length int) int {
	switch weekdayOf(day, first) {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == length {
			return day - 2
		}
		return day + 1
	}
	return day
}

func weekdayOf(day int, first time.Weekday) time.Weekday {
	return (first + time.Weekday(day-1)) % 7
}

// weekDays is the day-of-week field. Sunday is 0.
type weekDays struct {
	cronField
	nth [7]set // per weekday: n is `day#n`
	end set    // `dayL`: the last of the month
}

// in gives the days it selects in a month of that length whose first day is a
// first.
func (w weekDays) in(first time.Weekday, length int) set {
	const weekly set = 1<<1 | 1<<8 | 1<<15 | 1<<22 | 1<<29
	var days set
	for weekday := range 7 {
		these := weekly << ((weekday - int(first) + 7) % 7) & setOf(1, length, 1)
		if w.set.has(weekday) {
			days |= these
		}
		for _, n := range w.nth[weekday].values() {
			if day := these.first() + 7*(n-1); day <= length {
				days = days.with(day)
			}
		}
		if w.end.has(weekday) {
			days = days.with(these.last())
		}
	}
	return days
}

// special says whether the field uses more than plain weekdays.
func (w weekDays) special() bool { return w.end != 0 || w.nth != [7]set{} }

// special says whether the field uses more than plain days.
func (d monthDays) special() bool { return d.fromEnd != 0 || d.nearest != 0 || d.lastWorkday }
