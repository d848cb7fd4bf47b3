package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// String is the one spelling of the cron: numbers instead of names, lists
// sorted and drawn together, seconds only when there are any.
func (c cron) String() string {
	fields := []string{
		c.minute.spelled(minuteShape(), false),
		c.hour.spelled(hourShape(), true),
		c.day.spelled(c.weekday.star != 1),
		c.month.spelled(monthShape(), false),
		c.weekday.spelled(c.day.star != 1),
	}
	if c.second.set != setOf(0, 0, 1) {
		fields = append([]string{c.second.spelled(secondShape(), false)}, fields...)
	}
	return strings.Join(fields, " ")
}

// spelled writes the field. Where it matters whether the field began with `*`,
// it does so again; elsewhere a `*` stands for whatever it is short for.
func (f cronField) spelled(shape cronShape, starMatters bool) string {
	step := f.star
	if !starMatters {
		step = shape.steps(f.set)
	}
	var items []string
	switch {
	case step == 1:
		return "*"
	case step > 1:
		items = append(items, fmt.Sprintf("*/%d", step))
		return strings.Join(append(items, runs(f.set&^shape.every(step))...), ",")
	}
	return strings.Join(runs(f.set), ",")
}

// every is what `*/step` selects.
func (c cronShape) every(step int) set { return setOf(c.low, c.low+c.size-1, step) }

// steps is the step with which `*` selects the set, or 0 when no step does.
func (c cronShape) steps(s set) int {
	if step := s.step(); step > 0 && s.len() > 2 && s == c.every(step) {
		return step
	}
	return 0
}

// runs writes numbers in ascending order, three or more neighbours as a range.
func runs(s set) []string {
	var items []string
	for s != 0 {
		first := s.first()
		last := first
		for s.has(last + 1) {
			last++
		}
		if last == first+1 {
			last = first
		}
		s &^= setOf(first, last, 1)
		if last == first {
			items = append(items, strconv.Itoa(first))
		} else {
			items = append(items, fmt.Sprintf("%d-%d", first, last))
		}
	}
	return items
}

func (d monthDays) spelled(starMatters bool) string {
	var items []string
	if d.set != 0 {
		items = append(items, d.cronField.spelled(dayShape(), starMatters))
	}
	for _, n := range d.fromEnd.values() {
		if n == 0 {
			items = append(items, "L")
			continue
		}
		items = append(items, fmt.Sprintf("L-%d", n))
	}
	for _, n := range d.nearest.values() {
		items = append(items, fmt.Sprintf("%dW", n))
	}
	if d.lastWorkday {
		items = append(items, "LW")
	}
	return strings.Join(items, ",")
}

func (w weekDays) spelled(starMatters bool) string {
	var items []string
	if w.set != 0 {
		items = append(items, w.cronField.spelled(weekdayShape(), starMatters))
	}
	for day, nth := range w.nth {
		for _, n := range nth.values() {
			items = append(items, fmt.Sprintf("%d#%d", day, n))
		}
	}
	for _, day := range w.end.values() {
		items = append(items, fmt.Sprintf("%dL", day))
	}
	return strings.Join(items, ",")
}
