package schedule

import "time"

// A frequency is the FREQ of a recurrence rule, the shortest first.
type frequency int

const (
	secondly frequency = iota
	minutely
	hourly
	daily
	weekly
	monthly
	yearly
)

// A recurrence is one RRULE (RFC 5545, 3.3.10). A part that was left out is the
// zero value.
type recurrence struct {
	freq      frequency
	interval  int // at least 1
	count     int
	until     stamp
	weekStart time.Weekday

	months        set
	monthDays     set
	monthDaysBack set // n is -n, the nth from the end of the month
	weekdays      set // plain weekdays; Sunday is 0
	nthWeekdays   []nthWeekday
	weeks         []int
	yearDays      []int
	hours         set
	minutes       set
	seconds       set // 60, the leap second, never comes
	positions     []int
}

// An nthWeekday is a BYDAY with a number, such as 1MO or -1FR.
type nthWeekday struct {
	n   int
	day time.Weekday
}

// byDay reports whether any part chooses days of the month or year, so that the
// day of DTSTART does not.
func (r *recurrence) byDay() bool {
	return r.monthDays|r.monthDaysBack|r.weekdays != 0 || len(r.nthWeekdays) > 0 || len(r.yearDays) > 0
}

// bare reports whether it has no BY part at all.
func (r *recurrence) bare() bool {
	return !r.byDay() && len(r.weeks) == 0 && r.months|r.hours|r.minutes|r.seconds == 0
}

// A recurrenceSet is a whole rrule expression: rules, single dates, and dates
// that are left out.
type recurrenceSet struct {
	start  stamp // DTSTART, if there is one
	rules  []recurrence
	dates  []stamp
	except []stamp
}

// compileRRule reads an RRULE value, or lines of DTSTART, RRULE, RDATE and
// EXDATE. Without DTSTART the anchor stands for it.
//
// Where RFC 5545 leaves a choice: DTSTART fires only if a rule yields it. The
// weekday of BYWEEKNO alone is that of DTSTART. A day belongs to the calendar
// year in which it lies, whatever the year of its week. BYSETPOS chooses from the
// whole first period, and then what lies before DTSTART is dropped. COUNT counts
// wall-clock times, those that a clock change leaves out or EXDATE takes away
// among them. UNTIL with a date lasts until the end of that day, and EXDATE with
// one takes away the whole day. BYSECOND=60 is read and never comes.
func compileRRule(s spec) (calendar, error) {
	set, err := parseRecurrenceSet(s.expr)
	if err != nil {
		return nil, err
	}
	if name, ok := set.start.zoneName(); ok {
		if s, err = s.in(name); err != nil {
			return nil, err
		}
	}
	return set.compile(s)
}
