package schedule

import (
	"slices"
	"time"
)

// A monthPage is what the days of one month are reckoned with.
type monthPage struct {
	length     int
	first      time.Weekday // of its first day
	before     int          // days of the year before it
	yearLength int
	yearFirst  time.Weekday // of the first day of its year
}

func pageOf(year int, month time.Month) monthPage {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	p := monthPage{
		length:     monthLength(year, month),
		first:      first.Weekday(),
		before:     first.YearDay() - 1,
		yearLength: yearLength(year),
	}
	p.yearFirst = (p.first + time.Weekday(371-p.before)) % 7
	return p
}

// days are the days of a month that pass every BY part. A part that would
// expand a period and one that limits it come to the same here, because every
// period consists of whole days or lies within one.
func (r *recurrence) days(year int, month time.Month) set {
	if r.months != 0 && !r.months.has(int(month)) {
		return 0
	}
	days := allDays(year, month)
	if !r.byDay() && len(r.weeks) == 0 {
		return days
	}
	p := pageOf(year, month)
	if r.monthDays|r.monthDaysBack != 0 {
		days &= r.monthDays | p.fromBack(r.monthDaysBack)
	}
	if r.weekdays != 0 || len(r.nthWeekdays) > 0 {
		days &= p.weekdays(r.weekdays) | p.nthWeekdays(r.nthWeekdays, r.freq == yearly && r.months == 0)
	}
	if len(r.yearDays) > 0 {
		days &= p.yearDays(r.yearDays)
	}
	if len(r.weeks) > 0 {
		days &= p.weeks(r.weeks, r.weekStart, year)
	}
	return days
}

// allDays are the days of a month.
func allDays(year int, month time.Month) set { return 1<<(monthLength(year, month)+1) - 2 }

// fromBack are the days that are the nth before the end of the month.
func (p monthPage) fromBack(ns set) set {
	var days set
	for _, n := range ns.values() {
		if n <= p.length {
			days = days.with(p.length + 1 - n)
		}
	}
	return days
}

// weekdays are all days on these weekdays, some of them beyond the month.
func (p monthPage) weekdays(weekdays set) set {
	const everySeventh set = 1<<1 | 1<<8 | 1<<15 | 1<<22 | 1<<29
	var days set
	for rest := weekdays; rest != 0; rest &= rest - 1 {
		days |= everySeventh << ((rest.first() - int(p.first) + 7) % 7)
	}
	return days
}

// nthWeekdays are the nth weekdays of the month, or of the year as far as they
// lie in the month.
func (p monthPage) nthWeekdays(nths []nthWeekday, ofYear bool) set {
	var days set
	for _, nth := range nths {
		if ofYear {
			days |= p.yearDay(nth.in(p.yearFirst, p.yearLength))
		} else {
			days |= p.day(nth.in(p.first, p.length))
		}
	}
	return days
}

// in is the nth weekday in so many days of which the first is a first. It may
// lie outside them.
func (w nthWeekday) in(first time.Weekday, length int) int {
	day := 1 + int(w.day-first+7)%7
	if w.n > 0 {
		return day + 7*(w.n-1)
	}
	last := day + (length-day)/7*7
	return max(0, last+7*(w.n+1))
}

func (p monthPage) yearDays(ns []int) set {
	var days set
	for _, n := range ns {
		if n < 0 {
			n += p.yearLength + 1
		}
		days |= p.yearDay(n)
	}
	return days
}

func (p monthPage) yearDay(n int) set {
	if n < 1 || n > p.yearLength {
		return 0
	}
	return p.day(n - p.before)
}

func (p monthPage) day(n int) set {
	if n < 1 || n > p.length {
		return 0
	}
	return 1 << n
}

// weeks are the days in these weeks of the year. A week belongs to the year in
// which most of it lies, so that the first days of January may be in the last
// week of the year before, and the last days of December in week 1.
func (p monthPage) weeks(ns []int, start time.Weekday, year int) set {
	var days set
	for day := 1 - int(p.first-start+7)%7; day <= p.length; day += 7 {
		number, total := p.week(day+3, start, year)
		if slices.Contains(ns, number) || slices.Contains(ns, number-total-1) {
			days |= 0b1111111 << (day + 6) >> 6
		}
	}
	return days
}

// week is the number of the week whose middle is a day of the month, and how
// many weeks the year has to which it belongs.
func (p monthPage) week(middle int, start time.Weekday, year int) (number, total int) {
	day, length, first := p.before+middle, p.yearLength, p.yearFirst
	switch {
	case day < 1:
		length = yearLength(year - 1)
		first = (first + time.Weekday(371-length)) % 7
		day += length
	case day > length:
		day -= length
		first = (first + time.Weekday(length)) % 7
		length = yearLength(year + 1)
	}
	total = 52
	if middles := (start + 3) % 7; first == middles || length == 366 && (first+1)%7 == middles {
		total = 53
	}
	return (day-1)/7 + 1, total
}
