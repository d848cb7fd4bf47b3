package schedule

import (
	"strings"

	"github.com/ordinaut/ordinaut"
)

// parseRecurrenceSet reads the lines of an rrule expression, in any order, and
// tells the faults of all of them.
func parseRecurrenceSet(expr string) (recurrenceSet, error) {
	var (
		set    recurrenceSet
		faults ordinaut.Errors
	)
	for _, text := range unfold(expr) {
		faults.Add(set.read(text))
	}
	if len(faults) == 0 && len(set.rules) == 0 && len(set.dates) == 0 {
		faults.Add(rruleFault(expr, "there is no recurrence rule", "write an RRULE, such as FREQ=DAILY;BYHOUR=9;BYMINUTE=0"))
	}
	if set.start.form == dateStamp {
		faults.Add(set.checkDateStart())
	}
	return set, faults.Err()
}

// unfold gives the lines without their line ends; one that begins with a blank
// continues the one before (RFC 5545, 3.1).
func unfold(expr string) []string {
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(expr), "\n") {
		line = strings.TrimSuffix(line, "\r")
		switch {
		case line == "":
		case line[0] == ' ' || line[0] == '\t':
			lines[len(lines)-1] += line[1:]
		default:
			lines = append(lines, line)
		}
	}
	return lines
}

// read reads one line: a property, or the bare value of an RRULE.
func (set *recurrenceSet) read(text string) error {
	p := parseProperty(text)
	switch p.name {
	case "RRULE":
		return set.readRule(p)
	case "DTSTART":
		return set.readStart(p)
	case "RDATE":
		dates, err := p.stamps()
		set.dates = append(set.dates, dates...)
		return err
	case "EXDATE":
		dates, err := p.stamps()
		set.except = append(set.except, dates...)
		return err
	case "EXRULE":
		return rruleFault(text, "EXRULE is not part of RFC 5545 any more",
			"leave single occurrences out with EXDATE, or narrow the RRULE")
	}
	return rruleFault(text, "this line has no part in a recurrence",
		"write nothing but DTSTART, RRULE, RDATE and EXDATE lines")
}

func (set *recurrenceSet) readRule(p property) error {
	if len(p.params) > 0 {
		return rruleFault(p.text, "RRULE has no parameters", "write RRULE:FREQ=…")
	}
	rule, err := parseRecurrence(p.value)
	set.rules = append(set.rules, rule)
	return err
}

func (set *recurrenceSet) readStart(p property) error {
	if set.start.form != noStamp {
		return rruleFault(p.text, "DTSTART stands there twice", "keep one of them")
	}
	stamps, err := p.stamps()
	if err != nil {
		return err
	}
	if len(stamps) > 1 {
		return rruleFault(p.text, "DTSTART has more than one value", "keep one of them; RDATE takes several")
	}
	set.start = stamps[0]
	return nil
}

// checkDateStart refuses times of day beside a DTSTART without one, which
// RFC 5545 would have ignored silently.
func (set *recurrenceSet) checkDateStart() error {
	for _, r := range set.rules {
		if r.freq < daily || r.hours|r.minutes|r.seconds != 0 {
			return rruleFault(r.String(), "DTSTART is a date, so the rule cannot have times of day",
				"write DTSTART with a time, such as DTSTART:"+set.start.String()+"T090000")
		}
	}
	return nil
}

// A property is one line: NAME;PARAMETER=VALUE:value.
type property struct {
	text   string
	name   string
	params []string
	value  string
}

func parseProperty(text string) property {
	head, value, ok := strings.Cut(text, ":")
	if !ok {
		head, value = "RRULE", text
	}
	params := strings.Split(head, ";")
	return property{text, strings.ToUpper(strings.TrimSpace(params[0])), params[1:], strings.TrimSpace(value)}
}

// stamps reads the values of DTSTART, RDATE or EXDATE.
func (p property) stamps() ([]stamp, error) {
	var tzid, kind string
	for _, param := range p.params {
		name, value, _ := strings.Cut(param, "=")
		switch strings.ToUpper(name) {
		case "TZID":
			tzid = strings.Trim(value, `"`)
		case "VALUE":
			kind = strings.ToUpper(value)
		default:
			return nil, rruleFault(p.text, p.name+" has no parameter "+name, "use TZID and VALUE only")
		}
	}
	if kind != "" && kind != "DATE" && kind != "DATE-TIME" {
		return nil, rruleFault(p.text, p.name+" cannot have VALUE="+kind, "use VALUE=DATE or VALUE=DATE-TIME, one value for each occurrence")
	}
	var (
		stamps []stamp
		faults ordinaut.Errors
	)
	for _, text := range strings.Split(p.value, ",") {
		s, err := p.stamp(strings.TrimSpace(text), tzid, kind)
		faults.Add(err)
		stamps = append(stamps, s)
	}
	return stamps, faults.Err()
}

func (p property) stamp(text, tzid, kind string) (stamp, error) {
	s, ok := parseStamp(text, tzid)
	switch {
	case !ok:
		return s, rruleFault(p.text, p.name+" has the value "+quote(text)+", which is no date or date-time",
			"write 20260131, 20260131T090000 or, in UTC, 20260131T090000Z")
	case kind != "" && (kind == "DATE") != (s.form == dateStamp):
		return s, rruleFault(p.text, p.name+" says VALUE="+kind+", which "+text+" is not", "mend the value, or leave VALUE out")
	case tzid != "" && s.form == utcStamp:
		return s, rruleFault(p.text, p.name+" has both TZID and the Z of UTC", "leave out one of them")
	}
	return s, nil
}

// quote shows a value that may be empty.
func quote(text string) string { return `"` + text + `"` }

func rruleFault(sent, message, fix string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeScheduleRRule,
		At:      "/schedule_expr",
		Sent:    sent,
		Message: message,
		Fix:     fix,
		Examples: []string{
			"FREQ=DAILY;BYHOUR=9;BYMINUTE=0",
			"FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17;BYMINUTE=0",
		},
	}
}
