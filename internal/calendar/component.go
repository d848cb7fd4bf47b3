package calendar

import (
	"fmt"
	"slices"
	"strings"
)

// A component is one BEGIN…END block with the lines that this package reads.
type component struct {
	name  string
	lines []line
	parts []*component // of a time zone

	canceled bool // the calendar it stands in takes its events back
}

// String names the component in a warning.
func (c *component) String() string {
	switch title, uid := c.text("SUMMARY"), c.value("UID"); {
	case c.name == "VTIMEZONE":
		return fmt.Sprintf("the time zone %q", excerpt(c.text("TZID")))
	case title != "":
		return fmt.Sprintf("the event %q", excerpt(title))
	case uid != "":
		return fmt.Sprintf("the event with the UID %q", excerpt(uid))
	}
	return "an event without a title"
}

// first is the first line of a name.
func (c *component) first(name string) (line, bool) {
	for _, l := range c.lines {
		if l.name == name {
			return l, true
		}
	}
	return line{}, false
}

// value is the value of the first line of a name, or "".
func (c *component) value(name string) string {
	l, _ := c.first(name)
	return strings.TrimSpace(l.value)
}

// text is the first line of a name as TEXT, or "".
func (c *component) text(name string) string {
	l, _ := c.first(name)
	return l.text()
}

// all lists the lines of a name.
func (c *component) all(name string) (found []line) {
	for _, l := range c.lines {
		if l.name == name {
			found = append(found, l)
		}
	}
	return found
}

// A reader builds components from lines. It never gives up: what it cannot read
// it tells, and goes on behind it.
type reader struct {
	*Calendar
	open    []*component // the innermost last
	began   bool         // BEGIN:VCALENDAR was seen
	cancels bool         // METHOD:CANCEL holds for what follows
	tooDeep bool
}

// deepest is how far components may be nested; RFC 5545 needs three.
const deepest = 8

// read reads one unfolded line.
func (r *reader) read(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	l, ok := parseLine(text)
	switch {
	case !ok:
		r.unreadable(text)
	case l.name == "BEGIN":
		r.begin(strings.ToUpper(strings.TrimSpace(l.value)))
	case l.name == "END":
		r.end(strings.ToUpper(strings.TrimSpace(l.value)))
	case len(r.open) == 0:
		r.about(l)
	default:
		if c := r.inner(); isRead(c.name, l.name) {
			c.lines = append(c.lines, l)
		}
	}
}

// inner is the innermost open component.
func (r *reader) inner() *component { return r.open[len(r.open)-1] }

// unreadable tells a line that cannot be read, where it might be missed.
func (r *reader) unreadable(text string) {
	if len(r.open) > 0 && holdsLines(r.inner().name) {
		r.warnings.warn("a line of %s is left out, it is not of the form NAME:value: %s", r.open[0], excerpt(text))
	}
}

// begin opens a component. An event cannot stand in another, so that the one
// before lacks its end.
func (r *reader) begin(name string) {
	if name == "VCALENDAR" {
		r.closeAll()
		r.began, r.cancels = true, false
		return
	}
	if name == "VEVENT" || name == "VTIMEZONE" {
		r.closeAll()
	}
	if len(r.open) == deepest {
		r.tooDeep = true
		return
	}
	c := &component{name: name, canceled: r.cancels}
	if len(r.open) > 0 && r.open[0].name == "VTIMEZONE" {
		r.open[0].parts = append(r.open[0].parts, c)
	}
	r.open = append(r.open, c)
}

// end closes the innermost component of a name, and those inside it.
func (r *reader) end(name string) {
	if name == "VCALENDAR" {
		r.closeAll()
		return
	}
	for i, c := range slices.Backward(r.open) {
		if c.name == name {
			r.keep(c)
			r.open = r.open[:i]
			return
		}
	}
}

// closeAll closes what is still open for want of an END line.
func (r *reader) closeAll() {
	for _, c := range r.open {
		if c.name == "VEVENT" {
			r.warnings.warn("%s has no end, and may lack something", c)
		}
		r.keep(c)
	}
	r.open = r.open[:0]
}

// keep puts a finished component where it belongs.
func (r *reader) keep(c *component) {
	switch c.name {
	case "VEVENT":
		r.events = append(r.events, c)
	case "VTIMEZONE":
		if name := c.text("TZID"); r.zones[name] == nil {
			r.zones[name] = c
		}
	}
}

// about reads a line that is about the calendar as a whole.
func (r *reader) about(l line) {
	switch l.name {
	case "NAME", "X-WR-CALNAME":
		r.Name = cut(l.text(), maxTitle)
	case "X-WR-TIMEZONE":
		r.Zone = r.names.meant(l.text())
	case "METHOD":
		r.cancels = strings.EqualFold(strings.TrimSpace(l.value), "CANCEL")
	}
}

// holdsLines reports whether anything is read of a component of this name.
func holdsLines(component string) bool {
	switch component {
	case "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT":
		return true
	}
	return false
}

// isRead reports whether a property is read: what nobody asks for need not be
// kept.
func isRead(component, property string) bool {
	switch property {
	case "DTSTART", "RRULE", "RDATE", "TZID", "X-LIC-LOCATION", "TZOFFSETFROM", "TZOFFSETTO":
		return holdsLines(component)
	case "UID", "SUMMARY", "DTEND", "DURATION", "EXDATE", "EXRULE", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP",
		"LAST-MODIFIED", "STATUS", "TRANSP", "LOCATION", "DESCRIPTION", "URL", "CATEGORIES", "ORGANIZER", "ATTENDEE":
		return component == "VEVENT"
	}
	return false
}
