package schedule_test

import (
	"math/rand/v2"
	"time"
)

// randomOracle makes a rule that RFC 5545 allows, with every part often enough
// to meet every other.
func randomOracle(r *rand.Rand) oracle {
	o := oracle{
		freq:     []string{"YEARLY", "YEARLY", "MONTHLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"}[r.IntN(9)],
		interval: 1,
		start:    time.Date(1996+r.IntN(36), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), 0, 0, time.UTC),
	}
	if chance(r, 40) {
		o.interval = 1 + r.IntN(6)
	}
	switch {
	case chance(r, 25):
		o.count = 1 + r.IntN(40)
	case chance(r, 15):
		o.until = o.start.Add(time.Duration(r.Int64N(int64(2 * 365 * 24 * time.Hour)))).Truncate(time.Second)
	}
	if chance(r, 30) {
		o.wkst = oneName(r)
	}
	if o.freq == "HOURLY" || o.freq == "MINUTELY" || o.freq == "SECONDLY" {
		o.randomElapsed(r)
	} else {
		o.randomDays(r)
		o.randomTimes(r)
	}
	if len(o.months)+len(o.weeks)+len(o.yearDays)+len(o.monthDays)+len(o.days)+len(o.hours)+len(o.minutes)+len(o.seconds) > 0 && chance(r, 20) {
		o.positions = someNumbers(r, 1, 4, 3, true)
	}
	return o
}

func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

func oneName(r *rand.Rand) string {
	return []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[r.IntN(7)]
}

// someNumbers are one to so many numbers between two, some of them negative.
func someNumbers(r *rand.Rand, low, high, most int, negative bool) []int {
	var ns []int
	for range 1 + r.IntN(most) {
		n := low + r.IntN(high-low+1)
		if negative && chance(r, 30) {
			n = -n
		}
		ns = append(ns, n)
	}
	return ns
}

// randomDays gives a rule of days or longer periods the parts that choose days.
func (o *oracle) randomDays(r *rand.Rand) {
	if chance(r, 35) {
		o.months = someNumbers(r, 1, 12, 4, false)
	}
	switch o.freq {
	case "YEARLY":
		if chance(r, 30) {
			o.weeks = someNumbers(r, 1, 53, 3, true)
			if chance(r, 60) {
				o.weeks = append(o.weeks, []int{1, 2, 52, 53, -1, -2, -52, -53}[r.IntN(8)])
			}
		}
		if chance(r, 15) {
			o.yearDays = someNumbers(r, 1, 366, 5, true)
		}
		if chance(r, 20) {
			o.monthDays = someNumbers(r, 1, 31, 4, true)
		}
	case "MONTHLY", "DAILY":
		if chance(r, 35) {
			o.monthDays = someNumbers(r, 1, 31, 5, true)
		}
	}
	if chance(r, 50) {
		o.randomWeekdays(r)
	}
}

// randomWeekdays mixes plain weekdays with numbered ones where those may stand.
func (o *oracle) randomWeekdays(r *rand.Rand) {
	most := 0
	switch {
	case o.freq == "MONTHLY", o.freq == "YEARLY" && len(o.months) > 0:
		most = 5
	case o.freq == "YEARLY":
		most = 53
	}
	for range 1 + r.IntN(4) {
		day := oracleDay{name: oneName(r)}
		if most > 0 && len(o.weeks) == 0 && chance(r, 60) {
			day.n = someNumbers(r, 1, most, 1, true)[0]
		}
		o.days = append(o.days, day)
	}
}

func (o *oracle) randomTimes(r *rand.Rand) {
	if chance(r, 40) {
		o.hours = someNumbers(r, 0, 23, 3, false)
		if chance(r, 50) {
			o.hours = []int{1, 2, 3} // when clocks change
		}
	}
	if chance(r, 40) {
		o.minutes = someNumbers(r, 0, 59, 2, false)
	}
	if chance(r, 15) {
		o.seconds = someNumbers(r, 0, 59, 2, false)
	}
}

// randomElapsed begins a rule of short periods near a clock change, and gives it
// parts that it meets now and then.
func (o *oracle) randomElapsed(r *rand.Rand) {
	month := []time.Month{time.March, time.April, time.September, time.October, time.November}[r.IntN(5)]
	o.start = time.Date(o.start.Year(), month, 1+r.IntN(31), o.start.Hour(), o.start.Minute(), r.IntN(2)*r.IntN(60), 0, time.UTC)
	if o.freq == "SECONDLY" {
		o.interval = []int{1, 7, 60, 600, 1800, 3600, 5400}[r.IntN(7)]
	}
	if o.freq == "MINUTELY" {
		o.interval = []int{1, 7, 15, 30, 60, 90}[r.IntN(6)]
	}
	if !o.until.IsZero() {
		o.until = o.start.Add(time.Duration(r.IntN(200)) * time.Hour)
	}
	if chance(r, 20) {
		o.months = append(someNumbers(r, 1, 12, 2, false), int(month))
	}
	if chance(r, 25) {
		o.days = []oracleDay{{name: oneName(r)}, {name: oneName(r)}, {name: oracleWeekday(o.start)}}
	}
	if chance(r, 15) {
		o.monthDays = append(someNumbers(r, 1, 31, 9, true), o.start.Day(), o.start.AddDate(0, 0, 1).Day())
	}
	if chance(r, 15) {
		o.yearDays = append(someNumbers(r, 80, 330, 20, true), o.start.YearDay(), o.start.YearDay()+1)
	}
	if chance(r, 30) {
		o.hours = append(someNumbers(r, 0, 23, 6, false), 1, 2, o.start.Hour())
	}
	if chance(r, 30) {
		o.minutes = append(someNumbers(r, 0, 59, 5, false), 0, 30, o.start.Minute())
	}
	if chance(r, 25) {
		o.seconds = append(someNumbers(r, 0, 59, 4, false), o.start.Second())
	}
}
