package calendar

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An entry is one VEVENT: an event, a series of events, or the changes to some
// of a series.
type entry struct {
	*component
	uid      string
	sequence int
	changed  string // when, as it is written
	start    stamp
	length   length
	zone     *time.Location // in which the event lives; the reader's when it floats

	original *stamp // the occurrence that is changed; nil in the event itself
	onward   bool   // and all that follow it
	gone     bool   // it is canceled
}

// entry reads what decides when an event takes place. The error is about what
// cannot be guessed; the rest is told and left out.
func (l *lister) entry(c *component) (*entry, error) {
	e := &entry{component: c, uid: c.value("UID"), changed: c.value("DTSTAMP") + c.value("LAST-MODIFIED")}
	e.sequence, _ = strconv.Atoi(c.value("SEQUENCE"))
	e.gone = c.canceled || strings.EqualFold(c.value("STATUS"), "CANCELLED")
	if id, ok := c.first("RECURRENCE-ID"); ok {
		original, err := l.stamp(id)
		if err != nil {
			return nil, err
		}
		e.original = &original
		e.onward = strings.EqualFold(id.param("RANGE"), "THISANDFUTURE")
	}
	start, ok := c.first("DTSTART")
	switch {
	case ok:
		var err error
		if e.start, err = l.stamp(start); err != nil {
			return nil, err
		}
	case e.original != nil:
		e.start = *e.original
	default:
		return nil, errors.New("it does not say when it begins")
	}
	e.zone = e.start.in(l.reader)
	e.length = l.lengthOf(e)
	return e, nil
}

// stamp reads a line with one DATE or DATE-TIME.
func (l *lister) stamp(from line) (stamp, error) {
	return l.stampIn(from, from.value)
}

// stampIn reads one value of a line in the zone that the line names.
func (l *lister) stampIn(from line, text string) (stamp, error) {
	s, err := parseStamp(text, nil)
	if err != nil {
		return stamp{}, fmt.Errorf("%s: %w", from.name, err)
	}
	if tzid := from.param("TZID"); tzid != "" && s.floats() && !s.date {
		s.zone, err = l.zones.find(unescape(tzid))
	}
	return s, err
}

// lengthOf is how long the event takes. Without an end it is the day of a date,
// and no time at all otherwise (RFC 5545, 3.6.1).
func (l *lister) lengthOf(e *entry) length {
	usual := length{}
	if e.start.date {
		usual.days = 1
	}
	given, err := usual, error(nil)
	if written, ok := e.first("DURATION"); ok {
		given, err = parseLength(written.value)
	} else if written, ok := e.first("DTEND"); ok {
		given, err = l.lengthTo(e, written)
	}
	if err != nil {
		l.warnOf(e.component, err.Error())
		return usual
	}
	return given
}

// lengthTo is the length up to DTEND. Of dates it is a number of days, and of
// times exact, so that it is the same in all occurrences (RFC 5545, 3.8.5.3).
func (l *lister) lengthTo(e *entry, written line) (length, error) {
	end, err := l.stamp(written)
	if err != nil {
		return length{}, err
	}
	if end.date != e.start.date {
		return length{}, errors.New("one of its start and its end is a date, and the other a time")
	}
	took := end.at(l.reader).Sub(e.start.at(l.reader))
	if e.start.date {
		took = end.wall.Sub(e.start.wall)
	}
	switch {
	case took < 0:
		return length{}, errors.New("it ends before it begins")
	case took > longest:
		return length{}, errors.New("it takes more than a hundred years")
	case !e.start.date:
		return length{exact: took}, nil
	}
	// Some programs write the last day instead of the one after it.
	return length{days: max(1, int(took/day))}, nil
}

// follows reports whether e is a later revision of the same than f.
func (e *entry) follows(f *entry) bool {
	if e.sequence != f.sequence {
		return e.sequence > f.sequence
	}
	return e.changed >= f.changed
}
