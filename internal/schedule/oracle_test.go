package schedule_test

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// An oracle is a recurrence rule that is expanded as slowly and obviously as
// RFC 5545 is read: every day, or every step, is walked, and every part asked.
// It shares no code with the product.
type oracle struct {
	freq, wkst                         string
	interval, count                    int
	until                              time.Time // on the wall clock
	months, weeks, yearDays, monthDays []int
	days                               []oracleDay
	hours, minutes, seconds, positions []int
	start                              time.Time // DTSTART on the wall clock
}

type oracleDay struct {
	n    int
	name string
}

// text writes the rule as a user would.
func (o oracle) text() string {
	text := "DTSTART:" + o.start.Format("20060102T150405") + "\nRRULE:FREQ=" + o.freq
	add := func(name string, values ...string) {
		if len(values) > 0 {
			text += ";" + name + "=" + strings.Join(values, ",")
		}
	}
	list := func(ns []int) (values []string) {
		for _, n := range ns {
			values = append(values, strconv.Itoa(n))
		}
		return values
	}
	if o.interval > 1 {
		add("INTERVAL", strconv.Itoa(o.interval))
	}
	if o.count > 0 {
		add("COUNT", strconv.Itoa(o.count))
	}
	if !o.until.IsZero() {
		add("UNTIL", o.until.Format("20060102T150405"))
	}
	if o.wkst != "" {
		add("WKST", o.wkst)
	}
	var days []string
	for _, d := range o.days {
		days = append(days, strings.TrimPrefix(strconv.Itoa(d.n), "0")+d.name)
	}
	add("BYMONTH", list(o.months)...)
	add("BYWEEKNO", list(o.weeks)...)
	add("BYYEARDAY", list(o.yearDays)...)
	add("BYMONTHDAY", list(o.monthDays)...)
	add("BYDAY", days...)
	add("BYHOUR", list(o.hours)...)
	add("BYMINUTE", list(o.minutes)...)
	add("BYSECOND", list(o.seconds)...)
	add("BYSETPOS", list(o.positions)...)
	return text
}

// walls are the wall-clock times of a rule of days or longer periods, in order,
// up to a year that is not part of them.
func (o oracle) walls(beforeYear int) []time.Time {
	var all, period []time.Time
	o = o.filledFromStart()
	first := o.periodNumber(o.start)
	current := first
	// The period of DTSTART may have begun before it, even in the year before.
	day := time.Date(o.start.Year()-1, 12, 20, 0, 0, 0, 0, time.UTC)
	for ; day.Year() < beforeYear; day = day.AddDate(0, 0, 1) {
		number := o.periodNumber(day)
		if number != current {
			all = append(all, o.chosen(period)...)
			period, current = nil, number
		}
		if number >= first && (number-first)%o.interval == 0 && o.dayPasses(day) {
			period = append(period, o.timesOf(day)...)
		}
	}
	return o.bounded(append(all, o.chosen(period)...))
}

// bounded leaves out what COUNT and UNTIL do, and what lies before DTSTART.
func (o oracle) bounded(all []time.Time) []time.Time {
	all = slices.DeleteFunc(all, func(w time.Time) bool {
		return w.Before(o.start) || !o.until.IsZero() && w.After(o.until)
	})
	if o.count > 0 && len(all) > o.count {
		all = all[:o.count]
	}
	return all
}

// filledFromStart takes what the rule does not say from DTSTART.
func (o oracle) filledFromStart() oracle {
	if len(o.days)+len(o.monthDays)+len(o.yearDays) == 0 {
		weekday := []oracleDay{{0, oracleWeekday(o.start)}}
		switch {
		case o.freq == "YEARLY" && len(o.weeks) > 0, o.freq == "WEEKLY":
			o.days = weekday
		case o.freq == "YEARLY" && len(o.months) == 0:
			o.months = []int{int(o.start.Month())}
			o.monthDays = []int{o.start.Day()}
		case o.freq == "YEARLY", o.freq == "MONTHLY":
			o.monthDays = []int{o.start.Day()}
		}
	}
	if len(o.hours) == 0 {
		o.hours = []int{o.start.Hour()}
	}
	if len(o.minutes) == 0 {
		o.minutes = []int{o.start.Minute()}
	}
	if len(o.seconds) == 0 {
		o.seconds = []int{o.start.Second()}
	}
	return o
}

// periodNumber numbers the periods of FREQ.
func (o oracle) periodNumber(day time.Time) int {
	switch o.freq {
	case "YEARLY":
		return day.Year()
	case "MONTHLY":
		return day.Year()*12 + int(day.Month())
	case "WEEKLY":
		return int(o.weekStart(day).Unix() / (7 * 86400))
	default:
		return int(day.Unix() / 86400)
	}
}

// weekStart is the last WKST on or before a day.
func (o oracle) weekStart(day time.Time) time.Time {
	first := o.wkst
	if first == "" {
		first = "MO"
	}
	day = day.Truncate(24 * time.Hour)
	for oracleWeekday(day) != first {
		day = day.AddDate(0, 0, -1)
	}
	return day
}

func oracleWeekday(day time.Time) string { return strings.ToUpper(day.Weekday().String()[:2]) }

// timesOf are the times of day of one day.
func (o oracle) timesOf(day time.Time) []time.Time {
	var times []time.Time
	for _, h := range o.hours {
		for _, m := range o.minutes {
			for _, s := range o.seconds {
				times = append(times, time.Date(day.Year(), day.Month(), day.Day(), h, m, s, 0, time.UTC))
			}
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return slices.Compact(times)
}

// chosen applies BYSETPOS to the times of one period.
func (o oracle) chosen(period []time.Time) []time.Time {
	if len(o.positions) == 0 {
		return period
	}
	var chosen []time.Time
	for i, w := range period {
		if slices.Contains(o.positions, i+1) || slices.Contains(o.positions, i-len(period)) {
			chosen = append(chosen, w)
		}
	}
	return chosen
}

// dayPasses asks every part that looks at the day.
func (o oracle) dayPasses(day time.Time) bool {
	return (len(o.months) == 0 || slices.Contains(o.months, int(day.Month()))) &&
		(len(o.monthDays) == 0 || o.monthDayPasses(day)) &&
		(len(o.yearDays) == 0 || o.yearDayPasses(day)) &&
		(len(o.weeks) == 0 || o.weekPasses(day)) &&
		(len(o.days) == 0 || o.weekdayPasses(day))
}

func (o oracle) monthDayPasses(day time.Time) bool {
	fromEnd := day.Day() - time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -1).Day() - 1
	return slices.Contains(o.monthDays, day.Day()) || slices.Contains(o.monthDays, fromEnd)
}

func (o oracle) yearDayPasses(day time.Time) bool {
	fromEnd := day.YearDay() - time.Date(day.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay() - 1
	return slices.Contains(o.yearDays, day.YearDay()) || slices.Contains(o.yearDays, fromEnd)
}

// weekPasses finds the year to which the week of a day belongs, by where its
// weeks begin, and counts the weeks from both of its ends.
func (o oracle) weekPasses(day time.Time) bool {
	year := day.Year()
	if day.Before(o.firstWeek(year)) {
		year--
	} else if !day.Before(o.firstWeek(year + 1)) {
		year++
	}
	fromStart := int(day.Sub(o.firstWeek(year)).Hours()) / 24 / 7
	fromEnd := int(o.firstWeek(year+1).Sub(o.weekStart(day)).Hours()) / 24 / 7
	return slices.Contains(o.weeks, fromStart+1) || slices.Contains(o.weeks, -fromEnd)
}

// firstWeek is the start of the first week with at least four days in the year.
func (o oracle) firstWeek(year int) time.Time {
	week := o.weekStart(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
	inYear := 0
	for i := range 7 {
		if week.AddDate(0, 0, i).Year() == year {
			inYear++
		}
	}
	if inYear < 4 {
		return week.AddDate(0, 0, 7)
	}
	return week
}

func (o oracle) weekdayPasses(day time.Time) bool {
	sameScope := func(other time.Time) bool {
		if o.freq == "YEARLY" && len(o.months) == 0 {
			return other.Year() == day.Year()
		}
		return other.Month() == day.Month() && other.Year() == day.Year()
	}
	for _, d := range o.days {
		if d.name != oracleWeekday(day) {
			continue
		}
		nth := 0
		for other := day; d.n > 0 && sameScope(other); other = other.AddDate(0, 0, -7) {
			nth++
		}
		for other := day; d.n < 0 && sameScope(other); other = other.AddDate(0, 0, 7) {
			nth--
		}
		if d.n == nth {
			return true
		}
	}
	return false
}
