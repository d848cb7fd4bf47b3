package schedule

import (
	"fmt"
	"strings"
)

// listed is how many things a sentence lists before it becomes unreadable.
const listed = 6

// sentence says when the cron fires, or "" when that cannot be said briefly and
// for certain. Times of day follow the days ("every weekday at 08:30"), and
// anything more frequent comes before them ("every 15 minutes on weekdays").
func (c cron) sentence() string {
	days, ok := c.dayWords()
	if !ok {
		return ""
	}
	if times := c.clockTimes(); len(times) > 0 {
		return days.lead + " at " + joinAnd(times)
	}
	if pace := c.pace(); pace != "" {
		return strings.TrimSpace(pace + " " + days.trail)
	}
	return ""
}

// clockTimes lists the times of day at which it fires, when they are few.
func (c cron) clockTimes() []string {
	if c.hour.set.len()*c.minute.set.len()*c.second.set.len() > listed {
		return nil
	}
	var times []string
	for _, h := range c.hour.set.values() {
		for _, m := range c.minute.set.values() {
			for _, s := range c.second.set.values() {
				times = append(times, clockAt(h, m, s))
			}
		}
	}
	return times
}

// pace says how it fires within a day, when that is too often for a list.
func (c cron) pace() string {
	const allHours, allMinutes = 24, 60
	h, m, s := c.hour.set, c.minute.set, c.second.set
	switch {
	case s != setOf(0, 0, 1):
		if h.len() == allHours && m.len() == allMinutes {
			return past(s, "second", "minute")
		}
		return ""
	case h.len() == allHours:
		return past(m, "minute", "hour")
	case m.len() == 1 && h.step() > 0:
		return every(int64(h.step()), "hour") + c.fromTo()
	case h.len() == 1 && m.step() > 0, h.step() == 1 && roundTheHour(m):
		return every(int64(m.step()), "minute") + c.fromTo()
	}
	return ""
}

// fromTo names the first and the last time of day.
func (c cron) fromTo() string {
	return fmt.Sprintf(" from %s to %s",
		clockAt(c.hour.set.first(), c.minute.set.first(), 0), clockAt(c.hour.set.last(), c.minute.set.last(), 0))
}

// roundTheHour says whether the minutes stay evenly spaced from one hour to the
// next.
func roundTheHour(m set) bool {
	step := m.step()
	return step > 0 && step*m.len() == 60
}

// past says at which minutes of every hour, or seconds of every minute.
func past(s set, unit, whole string) string {
	switch {
	case s == setOf(0, 0, 1):
		return "every " + whole
	case roundTheHour(s) && s.first() == 0:
		return every(int64(s.step()), unit)
	case s.len() == 1:
		return fmt.Sprintf("at %s past every %s", count(int64(s.first()), unit), whole)
	case s.len() <= listed:
		return fmt.Sprintf("at %s %ss past every %s", joinAnd(decimals(s.values())), unit, whole)
	}
	return ""
}
