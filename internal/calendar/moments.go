package calendar

import "time"

// moments are occurrences, by their instant or by their day.
type moments struct {
	instants map[int64]bool
	days     map[int64]bool // midnights on the wall clock
}

// add takes in a stamp of an event. A date stands for whatever falls on the day,
// and a time beside an event of whole days for the day it is written on.
func (m *moments) add(s stamp, of *entry) {
	if !s.date && !of.start.date {
		m.put(s.at(of.zone))
		return
	}
	if m.days == nil {
		m.days = make(map[int64]bool)
	}
	m.days[s.wall.Truncate(day).Unix()] = true
}

// put takes in an instant, and reports whether it is new.
func (m *moments) put(at time.Time) bool {
	if m.instants[at.Unix()] {
		return false
	}
	if m.instants == nil {
		m.instants = make(map[int64]bool)
	}
	m.instants[at.Unix()] = true
	return true
}

func (m *moments) has(at time.Time, zone *time.Location) bool {
	return m.instants[at.Unix()] || len(m.days) > 0 && m.days[wallAt(at, zone).Truncate(day).Unix()]
}
