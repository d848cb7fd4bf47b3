package schedule

import (
	"fmt"
	"strings"
	"time"
)

// dayWords are days in words: as they stand before a time of day, and as they
// stand after something more frequent.
type dayWords struct{ lead, trail string }

// dayWords says on which days the cron fires, if that can be said.
func (c cron) dayWords() (dayWords, bool) {
	anyDay, anyWeekday := c.day.set == dayShape().every(1), c.weekday.set == weekdayShape().every(1)
	switch {
	case anyDay && anyWeekday, c.eitherDay() && (anyDay || anyWeekday):
		return dayWords{lead: "every day"}.in(c.month.set)
	case c.eitherDay():
		day, known := c.day.words(c.month.set)
		weekday, alsoKnown := c.weekday.orWords(c.month.set)
		words := day.trail + " or " + weekday
		return dayWords{words, words}, known && alsoKnown
	case anyDay:
		return c.weekday.words(c.month.set)
	case anyWeekday:
		return c.day.words(c.month.set)
	}
	return dayWords{}, false
}

// in adds the months, if they can be said.
func (d dayWords) in(months set) (dayWords, bool) {
	words := ""
	switch {
	case months == monthShape().every(1):
	case months.len() > 2 && months.step() == 1:
		words = fmt.Sprintf(" from %s to %s", time.Month(months.first()), time.Month(months.last()))
	case months.len() > listed:
		return dayWords{}, false
	default:
		words = " in " + joinAnd(monthNames(months))
	}
	return dayWords{d.lead + words, strings.TrimSpace(d.trail + words)}, true
}

// ofMonths is what days of the month are days of.
func ofMonths(months set) (string, bool) {
	if months.len() <= 2 || months.len() <= listed && months.step() != 1 {
		return " of " + joinAnd(monthNames(months)), true
	}
	words, ok := dayWords{lead: " of every month"}.in(months)
	return words.lead, ok
}

// words says on which days of the week, of these months.
func (w weekDays) words(months set) (dayWords, bool) {
	switch {
	case w.special():
		return w.nthWords(months)
	case w.set == setOf(1, 5, 1):
		return dayWords{"every weekday", "on weekdays"}.in(months)
	}
	names := weekdayNames(w.set)
	var plural []string
	for _, name := range names {
		plural = append(plural, name+"s")
	}
	return dayWords{"every " + joinAnd(names), "on " + joinAnd(plural)}.in(months)
}

// orWords says the same as an alternative to other days.
func (w weekDays) orWords(months set) (string, bool) {
	if w.special() {
		words, ok := w.nthWords(months)
		return words.lead, ok
	}
	weekday := join(weekdayNames(w.set), "or")
	if w.set == setOf(1, 5, 1) {
		weekday = "weekday"
	}
	words, ok := dayWords{lead: "on any " + weekday}.in(months)
	return words.lead, ok
}

// nthWords says which weekdays of a month, such as the last Friday.
func (w weekDays) nthWords(months set) (dayWords, bool) {
	return onDays(w.nouns(), months, w.set == 0)
}

// nouns names the weekdays of a month that have a number.
func (w weekDays) nouns() []string {
	var nouns []string
	for n := 1; n <= 5; n++ {
		for day := range 7 {
			if w.nth[day].has(n) {
				nouns = append(nouns, "the "+ordinal(n)+" "+time.Weekday(day).String()+whereThereIs(n == 5))
			}
		}
	}
	for _, name := range weekdayNames(w.end) {
		nouns = append(nouns, "the last "+name)
	}
	return nouns
}

// words says on which days of the month, of these months.
func (d monthDays) words(months set) (dayWords, bool) {
	if words, ok := d.yearly(months); ok {
		return words, true
	}
	return onDays(d.nouns(shortest(months)), months, d.certain())
}

// certain says whether every month has the days that are counted from its end
// or moved to a weekday. What a short month does without would need more words
// than a sentence has.
func (d monthDays) certain() bool {
	return d.nearest&^setOf(1, 28, 1) == 0 && d.fromEnd&^setOf(0, 27, 1) == 0
}

// nouns names the days of months of which the shortest has that many days.
func (d monthDays) nouns(length int) []string {
	var nouns []string
	switch {
	case d.set == setOf(1, 31, 2):
		nouns = append(nouns, "the odd days")
	case d.set == setOf(2, 30, 2):
		nouns = append(nouns, "the even days")
	case d.set.len() > 2 && d.set.step() == 1 && d.set.last() <= length:
		nouns = append(nouns, fmt.Sprintf("each day from the %s to the %s", ordinal(d.set.first()), ordinal(d.set.last())))
	default:
		for _, n := range d.set.values() {
			nouns = append(nouns, "the "+ordinal(n)+whereThereIs(n > length))
		}
	}
	for _, n := range d.nearest.values() {
		nouns = append(nouns, "the weekday nearest the "+ordinal(n))
	}
	for _, n := range d.fromEnd.values() {
		switch n {
		case 0:
			nouns = append(nouns, "the last day")
		case 1:
			nouns = append(nouns, "the day before the last")
		default:
			nouns = append(nouns, fmt.Sprintf("the day %d days before the last", n))
		}
	}
	if d.lastWorkday {
		nouns = append(nouns, "the last weekday")
	}
	return nouns
}

// yearly names single dates, such as 1 January, when each of them is in every
// year.
func (d monthDays) yearly(months set) (dayWords, bool) {
	if d.special() || d.set.len()*months.len() > 3 || d.set.last() > shortest(months) {
		return dayWords{}, false
	}
	var dates []string
	for _, m := range months.values() {
		for _, n := range d.set.values() {
			dates = append(dates, fmt.Sprintf("%d %s", n, time.Month(m)))
		}
	}
	return dayWords{"every year on " + joinAnd(dates), "on " + joinAnd(dates)}, true
}

// shortest is the length of the shortest of the months in a common year.
func shortest(months set) int {
	length := 31
	for _, m := range months.values() {
		length = min(length, monthLength(2001, time.Month(m)))
	}
	return length
}

// onDays writes "on the 1st and the 15th of every month".
func onDays(nouns []string, months set, certain bool) (dayWords, bool) {
	of, ok := ofMonths(months)
	words := "on " + joinAnd(nouns) + of
	return dayWords{words, words}, ok && certain && len(nouns) <= listed
}

func whereThereIs(needed bool) string {
	if needed {
		return " (where there is one)"
	}
	return ""
}
