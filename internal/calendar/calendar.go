// Package calendar reads iCalendar texts (RFC 5545) and lists the events between
// two instants, with recurrences, exceptions, moved occurrences and time zones
// worked out. It promises that one broken event takes no other away: whatever is
// left out is told in the warnings. It promises as well that the work is bounded,
// whatever the text holds. When a recurrence falls is computed by schedule, and
// fetching the text is left to others: the package does no I/O and has no clock.
package calendar

import (
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// A Calendar is one text that was read, or several on end. It never changes.
type Calendar struct {
	Name string         // what it is called; "" when it does not say
	Zone *time.Location // in which its owner looks at it; nil when it does not say

	names    zoneNames
	events   []*component
	zones    map[string]*component // by TZID
	warnings warnings
}

// Bounds of one text, far beyond those of a real calendar of its size.
const (
	maxBytes = limits.ToolFrameBytes
	maxLines = 500_000
)

// Parse reads a text. It fails only when the text as a whole is no calendar, or
// too large.
func Parse(text string) (*Calendar, error) {
	if len(text) > maxBytes {
		return nil, invalid(fmt.Sprintf("the calendar has %d bytes, and may have %d", len(text), maxBytes),
			"leave out what is long past, or divide it")
	}
	text = unfold(text)
	if strings.Count(text, "\n") > maxLines {
		return nil, invalid(fmt.Sprintf("the calendar has more than %d lines", maxLines), "leave out what is long past, or divide it")
	}
	c := &Calendar{names: schedule.ZoneNames(), zones: make(map[string]*component)}
	r := reader{Calendar: c}
	for content := range strings.SplitSeq(text, "\n") {
		r.read(content)
	}
	r.closeAll()
	switch {
	case !r.began:
		return nil, invalid("this is no calendar: it has no line BEGIN:VCALENDAR, and begins with "+excerpt(text),
			"name the .ics file itself, not a page that shows it or asks for a password")
	case r.tooDeep:
		return nil, invalid(fmt.Sprintf("the calendar nests components more than %d deep", deepest), "mend what wrote it")
	}
	return c, nil
}

func invalid(message, fix string) *ordinaut.Error {
	return &ordinaut.Error{Code: ordinaut.CodeCalendarInvalid, Message: message, Fix: fix}
}
