package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The words that the sentences of every kind are made of.

// joinAnd writes a list as people do: "a, b and c".
func joinAnd(items []string) string { return join(items, "and") }

func join(items []string, word string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + word + " " + items[last]
}

// ordinal writes 1st, 2nd, 3rd, 4th, 11th, 21st.
func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// every writes "every minute" or "every 5 minutes".
func every(n int64, unit string) string {
	if n == 1 {
		return "every " + unit
	}
	return "every " + count(n, unit)
}

// count writes "1 minute" or "5 minutes".
func count(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// clockAt writes a time of day, with its seconds when there are any.
func clockAt(hour, minute, second int) string {
	if second == 0 {
		return fmt.Sprintf("%02d:%02d", hour, minute)
	}
	return fmt.Sprintf("%02d:%02d:%02d", hour, minute, second)
}

// clockTime writes the time of day of t.
func clockTime(t time.Time) string { return clockAt(t.Clock()) }

// date writes "1 May 2027".
func date(t time.Time) string { return t.Format("2 January 2006") }

// weekdayNames are the names of weekdays, Sunday last.
func weekdayNames(days set) []string {
	var names []string
	for i := range 7 {
		if day := (i + 1) % 7; days.has(day) {
			names = append(names, time.Weekday(day).String())
		}
	}
	return names
}

func monthNames(months set) []string {
	var names []string
	for _, month := range months.values() {
		names = append(names, time.Month(month).String())
	}
	return names
}

// sentence counts in hours, because a day of 24 hours is not always a day.
func (i interval) sentence() string {
	const minute, hour = 60, 60 * 60
	switch {
	case i.every%secondsPerDay == 0 && i.every > secondsPerDay:
		return every(i.every/secondsPerDay, "day") + " of 24 hours"
	case i.every%hour == 0:
		return every(i.every/hour, "hour")
	case i.every%minute == 0 && i.every < 2*hour:
		return every(i.every/minute, "minute")
	case i.every < 2*minute:
		return every(i.every, "second")
	}
	var parts []string
	if n := i.every / hour; n > 0 {
		parts = append(parts, count(n, "hour"))
	}
	if n := i.every % hour / minute; n > 0 {
		parts = append(parts, count(n, "minute"))
	}
	if n := i.every % minute; n > 0 {
		parts = append(parts, count(n, "second"))
	}
	return "every " + joinAnd(parts)
}
