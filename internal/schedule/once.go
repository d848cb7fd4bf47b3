package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// once fires a single time: at an instant, or when the clocks of its zone show
// it.
type once struct {
	timeline
	zone        *time.Location
	text, words string
}

func (o once) location() *time.Location { return o.zone }

func (o once) canonical() string { return o.text }

func (o once) sentence() string { return o.words }

func onceWords(t time.Time) string {
	return "once on " + t.Format("Monday 2 January 2006") + " at " + clockTime(t)
}

// compileOnce reads a date and time: with an offset (RFC 3339), without one,
// which is then placed in the zone, or followed by a zone in brackets
// (RFC 9557). Seconds may be left out, and a space may stand for the T. Whether
// it lies in the past is for whoever has a clock: Next then finds nothing.
func compileOnce(s spec) (calendar, error) {
	text, s, tagged, err := onceZone(s)
	if err != nil {
		return nil, err
	}
	if at, ok := parseAny(text, time.RFC3339, "2006-01-02T15:04Z07:00"); ok {
		if tagged && !agrees(at, text, s.zone) {
			return nil, onceFault(s.expr, fmt.Sprintf("%s is not the offset of %s at that time", at.Format("-07:00"), s.zone),
				"leave the offset out, or write "+at.In(s.zone).Format(time.RFC3339))
		}
		at = at.UTC().Truncate(time.Millisecond)
		return once{
			timeline: instantList{[]time.Time{at}, s.zone},
			zone:     s.zone,
			text:     at.Format(time.RFC3339Nano),
			words:    onceWords(at) + " UTC",
		}, nil
	}
	if wall, ok := parseAny(text, wallLayout, "2006-01-02T15:04"); ok {
		wall = wall.Truncate(time.Second)
		return once{
			timeline: placed{wall: wallList{wall}, zone: s.zone, gap: s.gap, repeat: s.repeat},
			zone:     s.zone,
			text:     wall.Format(wallLayout),
			words:    onceWords(wall),
		}, nil
	}
	return nil, onceUnreadable(s.expr, text)
}

// onceZone splits off the zone in brackets, and gives the spec with the zone
// that holds.
func onceZone(s spec) (text string, in spec, tagged bool, err error) {
	text, zone, tagged := strings.Cut(strings.TrimSpace(s.expr), "[")
	text = strings.Replace(strings.ToUpper(text), " ", "T", 1)
	if !tagged {
		return text, s, false, nil
	}
	name, closed := strings.CutSuffix(zone, "]")
	if !closed || name == "" || strings.ContainsAny(name, "[]=") {
		return "", s, true, onceFault(s.expr, "the part in brackets is not a time zone",
			"write one IANA name in brackets at the end, or none")
	}
	in, err = s.in(strings.TrimPrefix(name, "!"))
	return text, in, true, err
}

func parseAny(text string, layouts ...string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// agrees reports whether the offset that was written is the one of the zone. A
// Z says nothing of the local offset, so it agrees with every zone (RFC 9557,
// section 2.2).
func agrees(at time.Time, text string, zone *time.Location) bool {
	_, written := at.Zone()
	_, actual := at.In(zone).Zone()
	return strings.HasSuffix(text, "Z") || written == actual
}

// onceUnreadable says why the text is no date and time.
func onceUnreadable(expr, text string) error {
	if _, ok := parseAny(text, "2006-01-02", "2006-01-02Z07:00"); ok {
		return onceFault(expr, "a date alone does not say when",
			"add the time of day: "+text[:len("2006-01-02")]+"T09:00")
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04"} {
		_, err := time.Parse(layout, text[:min(len(text), len(layout))])
		if err != nil && strings.HasSuffix(err.Error(), "out of range") {
			return onceFault(expr, "there is no such date or time of day", "check the month, the day, the hour and the minute")
		}
	}
	return onceFault(expr, fmt.Sprintf("%q is not a date and time", expr),
		"write year-month-day, T, hour:minute, and an offset such as Z or +02:00 unless timezone says where")
}

func onceFault(sent, message, fix string) error {
	return &ordinaut.Error{
		Code:     ordinaut.CodeScheduleOnce,
		At:       "/schedule_expr",
		Sent:     sent,
		Message:  message,
		Fix:      fix,
		Examples: []string{"2027-03-28T09:00:00Z", "2027-03-28T09:00", "2027-03-28T09:00[Europe/Chisinau]"},
	}
}
