package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// mostCount is the largest COUNT and INTERVAL.
const mostCount = 1_000_000_000

// parseRecurrence reads the value of an RRULE, and tells every faulty part.
func parseRecurrence(value string) (recurrence, error) {
	var (
		r      = recurrence{interval: 1, weekStart: time.Monday}
		seen   []string
		faults ordinaut.Errors
	)
	for _, text := range strings.Split(strings.ToUpper(value), ";") {
		part := parsePart(text)
		if slices.Contains(seen, part.name) {
			faults.Add(part.fault("stands there twice", "keep one of them"))
			continue
		}
		seen = append(seen, part.name)
		faults.Add(r.read(part))
	}
	if !slices.Contains(seen, "FREQ") {
		faults.Add(rruleFault(value, "FREQ is missing", "begin with FREQ="+strings.Join(frequencyNames(), ", FREQ=")))
	}
	if len(faults) == 0 {
		faults.Add(r.check())
	}
	return r, faults.Err()
}

// read reads one part into its place.
func (r *recurrence) read(p part) error {
	switch p.name {
	case "FREQ":
		return p.choice(frequencyNames(), (*int)(&r.freq))
	case "WKST":
		return p.choice(dayCodes(), (*int)(&r.weekStart))
	case "INTERVAL":
		return p.number(&r.interval)
	case "COUNT":
		return p.number(&r.count)
	case "UNTIL":
		return p.until(&r.until)
	case "BYDAY":
		return p.days(&r.weekdays, &r.nthWeekdays)
	case "BYMONTH":
		return p.members(&r.months, nil, 1, 12)
	case "BYMONTHDAY":
		return p.members(&r.monthDays, &r.monthDaysBack, 1, 31)
	case "BYHOUR":
		return p.members(&r.hours, nil, 0, 23)
	case "BYMINUTE":
		return p.members(&r.minutes, nil, 0, 59)
	case "BYSECOND":
		return p.members(&r.seconds, nil, 0, 60)
	case "BYWEEKNO":
		return p.signed(&r.weeks, 53)
	case "BYYEARDAY":
		return p.signed(&r.yearDays, 366)
	case "BYSETPOS":
		return p.signed(&r.positions, 366)
	}
	return p.unknown()
}

func partNames() []string {
	return []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYWEEKNO", "BYYEARDAY",
		"BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS"}
}

func frequencyNames() []string {
	return []string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
}

func dayCodes() []string { return []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"} }

// A part is one NAME=value of an RRULE.
type part struct{ text, name, value string }

func parsePart(text string) part {
	name, value, _ := strings.Cut(text, "=")
	return part{text, strings.TrimSpace(name), strings.TrimSpace(value)}
}

func (p part) fault(message, fix string) *ordinaut.Error {
	return rruleFault(p.text, p.name+" "+message, fix)
}

func (p part) unknown() error {
	if p.name == "" {
		return rruleFault(p.text, "a part of the rule is empty", "write NAME=value between the semicolons")
	}
	fix := "the parts are " + strings.Join(partNames(), ", ")
	if near := ordinaut.Nearest(p.name, partNames()); near != "" {
		fix = "did you mean " + near + "?"
	}
	return p.fault("is no part of a recurrence rule", fix)
}

// choice reads one of these names as its index.
func (p part) choice(names []string, into *int) error {
	i := slices.Index(names, p.value)
	if i < 0 {
		fix := "use one of " + strings.Join(names, ", ")
		if near := ordinaut.Nearest(p.value, names); near != "" {
			fix = "did you mean " + p.name + "=" + near + "?"
		}
		return p.fault("has the value "+quote(p.value), fix)
	}
	*into = i
	return nil
}

// number reads a count, which is at least 1.
func (p part) number(into *int) error {
	n, ok := p.integer(p.value, 1, mostCount, false)
	if !ok {
		return p.fault("has the value "+quote(p.value), fmt.Sprintf("write a number from 1 to %d", mostCount))
	}
	*into = n
	return nil
}

func (p part) until(into *stamp) error {
	s, ok := parseStamp(p.value, "")
	if !ok {
		return p.fault("has the value "+quote(p.value)+", which is no date or date-time",
			"write 20261231, 20261231T090000 or, in UTC, 20261231T090000Z")
	}
	*into = s
	return nil
}

// values splits a list, and refuses one that is too long.
func (p part) values() ([]string, error) {
	values := strings.Split(p.value, ",")
	if len(values) > limits.RecurrenceValues {
		return nil, p.fault(fmt.Sprintf("has %d values, and may have %d", len(values), limits.RecurrenceValues),
			"divide them between several RRULE lines, or use a shorter FREQ")
	}
	return values, nil
}

// members reads a list of numbers into sets, of which back takes the negative
// ones if they are allowed.
func (p part) members(into, back *set, low, high int) error {
	values, err := p.values()
	if err != nil {
		return err
	}
	var faults ordinaut.Errors
	for _, text := range values {
		n, ok := p.integer(text, low, high, back != nil)
		switch {
		case !ok:
			faults.Add(p.outside(text, low, high, back != nil))
		case n < 0:
			*back = back.with(-n)
		default:
			*into = into.with(n)
		}
	}
	return faults.Err()
}

// signed reads a list of numbers from 1 to high and from -1 to -high.
func (p part) signed(into *[]int, high int) error {
	values, err := p.values()
	if err != nil {
		return err
	}
	var faults ordinaut.Errors
	for _, text := range values {
		n, ok := p.integer(text, 1, high, true)
		if !ok {
			faults.Add(p.outside(text, 1, high, true))
		}
		*into = append(*into, n)
	}
	slices.Sort(*into)
	*into = slices.Compact(*into)
	return faults.Err()
}

func (p part) outside(text string, low, high int, back bool) error {
	fix := fmt.Sprintf("write numbers from %d to %d", low, high)
	if back {
		fix += fmt.Sprintf(", or from -%d to -%d to count from the end", high, low)
	}
	return p.fault("has the value "+quote(text), fix)
}

// integer reads a number from low to high, or from -high to -low where
// negative ones are allowed.
func (p part) integer(text string, low, high int, negative bool) (int, bool) {
	text = strings.TrimSpace(text)
	digits := text
	if negative {
		digits = strings.TrimLeft(text, "+-")
	}
	n, err := strconv.Atoi(text)
	if err != nil || !isNumber(digits) {
		return 0, false
	}
	return n, low <= n && n <= high || negative && -high <= n && n <= -low
}

// days reads weekdays, with or without a number before them.
func (p part) days(plain *set, nth *[]nthWeekday) error {
	values, err := p.values()
	if err != nil {
		return err
	}
	var faults ordinaut.Errors
	for _, text := range values {
		text = strings.TrimSpace(text)
		split := max(0, len(text)-2)
		day := slices.Index(dayCodes(), text[split:])
		n, ok := p.integer(text[:split], 1, 53, true)
		switch {
		case day < 0 || split > 0 && !ok:
			faults.Add(p.fault("has the value "+quote(text),
				"write "+strings.Join(dayCodes(), ", ")+", with a number such as 1MO or -1FR for the first or last of a month or year"))
		case split == 0:
			*plain = plain.with(day)
		default:
			*nth = append(*nth, nthWeekday{n, time.Weekday(day)})
		}
	}
	slices.SortFunc(*nth, compareNth)
	*nth = slices.Compact(*nth)
	return faults.Err()
}
