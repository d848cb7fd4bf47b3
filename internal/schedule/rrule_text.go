package schedule

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// String is the one spelling of the rule: its parts in the order in which
// RFC 5545 evaluates them, lists sorted, and defaults left out.
func (r *recurrence) String() string {
	parts := []string{"FREQ=" + frequencyNames()[r.freq]}
	add := func(name string, values ...string) {
		if len(values) > 0 {
			parts = append(parts, name+"="+strings.Join(values, ","))
		}
	}
	if r.interval > 1 {
		add("INTERVAL", strconv.Itoa(r.interval))
	}
	add("BYMONTH", decimals(r.months.values())...)
	add("BYWEEKNO", decimals(r.weeks)...)
	add("BYYEARDAY", decimals(r.yearDays)...)
	add("BYMONTHDAY", append(decimals(r.monthDays.values()), decimals(negated(r.monthDaysBack))...)...)
	add("BYDAY", r.dayNames()...)
	add("BYHOUR", decimals(r.hours.values())...)
	add("BYMINUTE", decimals(r.minutes.values())...)
	add("BYSECOND", decimals(r.seconds.values())...)
	add("BYSETPOS", decimals(r.positions)...)
	if r.count > 0 {
		add("COUNT", strconv.Itoa(r.count))
	}
	if r.until.form != noStamp {
		add("UNTIL", r.until.String())
	}
	if r.weekStart != time.Monday {
		add("WKST", dayCodes()[r.weekStart])
	}
	return strings.Join(parts, ";")
}

// dayNames lists the weekdays from Monday on, and then those with a number.
func (r *recurrence) dayNames() []string {
	var names []string
	for i := range 7 {
		if day := (i + 1) % 7; r.weekdays.has(day) {
			names = append(names, dayCodes()[day])
		}
	}
	for _, w := range r.nthWeekdays {
		names = append(names, strconv.Itoa(w.n)+dayCodes()[w.day])
	}
	return names
}

func compareNth(a, b nthWeekday) int {
	return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare((a.day+6)%7, (b.day+6)%7))
}

func decimals(ns []int) []string {
	texts := make([]string, len(ns))
	for i, n := range ns {
		texts[i] = strconv.Itoa(n)
	}
	return texts
}

func negated(s set) []int {
	ns := s.values()
	slices.Reverse(ns)
	for i := range ns {
		ns[i] = -ns[i]
	}
	return ns
}

// String is the one spelling of the set. A rule that stands alone is written
// without its name, so that it reads as it is mostly written.
func (set *recurrenceSet) String() string {
	if set.start.form == noStamp && len(set.rules) == 1 && len(set.dates)+len(set.except) == 0 {
		return set.rules[0].String()
	}
	var lines []string
	if set.start.form != noStamp {
		lines = append(lines, stampLines("DTSTART", []stamp{set.start})...)
	}
	for i := range set.rules {
		lines = append(lines, "RRULE:"+set.rules[i].String())
	}
	lines = append(lines, stampLines("RDATE", set.dates)...)
	lines = append(lines, stampLines("EXDATE", set.except)...)
	return strings.Join(lines, "\n")
}

// stampLines writes a property, with a line for each form and zone of value.
func stampLines(name string, stamps []stamp) []string {
	stamps = slices.Clone(stamps)
	slices.SortFunc(stamps, compareStamps)
	stamps = slices.Compact(stamps)
	var lines []string
	for i, s := range stamps {
		if i > 0 && s.form == stamps[i-1].form && s.tzid == stamps[i-1].tzid {
			lines[len(lines)-1] += "," + s.String()
			continue
		}
		head := name
		if s.tzid != "" {
			head += ";TZID=" + s.tzid
		}
		if s.form == dateStamp {
			head += ";VALUE=DATE"
		}
		lines = append(lines, head+":"+s.String())
	}
	return lines
}
