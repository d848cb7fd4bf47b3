package schedule

import (
	"fmt"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// parseCron reads a cron expression without a zone, and reports every faulty
// field at once.
func parseCron(expr string) (cron, error) {
	words, err := cronWords(expr)
	if err != nil {
		return cron{}, err
	}
	var (
		c      cron
		faults ordinaut.Errors
	)
	faults.Add(c.second.read(secondShape(), words[0]))
	faults.Add(c.minute.read(minuteShape(), words[1]))
	faults.Add(c.hour.read(hourShape(), words[2]))
	faults.Add(c.day.read(dayShape(), words[3]))
	faults.Add(c.month.read(monthShape(), words[4]))
	faults.Add(c.weekday.read(weekdayShape(), words[5]))
	return c, faults.Err()
}

// cronWords splits an expression into its six fields, seconds first.
func cronWords(expr string) ([]string, error) {
	words := strings.Fields(expr)
	if len(words) > 0 && strings.HasPrefix(words[0], "@") {
		return cronName(words)
	}
	switch len(words) {
	case 5:
		return append([]string{"0"}, words...), nil
	case 6:
		return words, nil
	case 7:
		return nil, cronFault(expr, "a cron expression has no field for the year",
			"leave out the seventh field; bound the schedule with starts_at and ends_at")
	}
	return nil, cronFault(expr, fmt.Sprintf("a cron expression has 5 fields, or 6 with seconds first, and this one %d", len(words)),
		"write minute, hour, day of month, month and day of week, with spaces between them")
}

// cronName gives the fields that a name such as @daily stands for.
func cronName(words []string) ([]string, error) {
	fields := namedCron(words[0])
	switch {
	case fields == "":
		return nil, unknownCronName(words[0], strings.Join(words[1:], ""))
	case len(words) > 1:
		return nil, cronFault(strings.Join(words, " "), words[0]+" stands alone",
			"leave out what follows it, or write five fields instead")
	}
	return strings.Fields(fields), nil
}

func namedCron(name string) string {
	switch strings.ToLower(name) {
	case "@hourly":
		return "0 0 * * * *"
	case "@daily", "@midnight":
		return "0 0 0 * * *"
	case "@weekly":
		return "0 0 0 * * 0"
	case "@monthly":
		return "0 0 0 1 * *"
	case "@yearly", "@annually":
		return "0 0 0 1 1 *"
	}
	return ""
}

// unknownCronName also knows the names that other programs have and that mean
// another kind of schedule here.
func unknownCronName(name, argument string) error {
	switch strings.ToLower(name) {
	case "@every":
		return cronFault(name, "@every is elapsed time, which cron does not know",
			fmt.Sprintf("send schedule_kind interval with schedule_expr %q", argument))
	case "@reboot":
		return cronFault(name, "@reboot names no time", "give the task a time, or schedule_kind manual and run it when needed")
	}
	known := []string{"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"}
	fault := cronFault(name, name+" is not the name of a schedule",
		didYouMean(strings.ToLower(name), known, "write five fields, or one of "+strings.Join(known, ", ")))
	fault.Examples = known
	return fault
}

// read reads a field in which every item is plain.
func (f *cronField) read(shape cronShape, text string) error {
	var faults ordinaut.Errors
	for i, item := range strings.Split(text, ",") {
		faults.Add(f.add(shape, item, i == 0))
	}
	return faults.Err()
}

// add reads one plain item: `*`, a value, a range, or one of them with a step.
// Only a `*` that begins the field makes it unrestricted in the sense of POSIX.
func (f *cronField) add(shape cronShape, item string, first bool) error {
	r, err := shape.item(item)
	if err != nil {
		return err
	}
	f.set |= r.set
	if r.star && first {
		f.star = r.step
	}
	return nil
}

// read reads the day of the month, which has items of its own.
func (d *monthDays) read(shape cronShape, text string) error {
	var faults ordinaut.Errors
	for i, item := range strings.Split(text, ",") {
		upper := strings.ToUpper(item)
		ahead, fromEnd := strings.CutPrefix(upper, "L-")
		near, nearest := strings.CutSuffix(upper, "W")
		switch {
		case upper == "L":
			d.fromEnd = d.fromEnd.with(0)
		case upper == "LW":
			d.lastWorkday = true
		case fromEnd:
			n, err := shape.part(item, "number of days", ahead, 1, 30)
			faults.Add(err)
			d.fromEnd = d.fromEnd.with(n)
		case nearest:
			n, err := shape.part(item, "day", near, 1, 31)
			faults.Add(err)
			d.nearest = d.nearest.with(n)
		default:
			faults.Add(d.add(shape, item, i == 0))
		}
	}
	return faults.Err()
}

// read reads the day of the week, which has items of its own.
func (w *weekDays) read(shape cronShape, text string) error {
	var faults ordinaut.Errors
	for i, item := range strings.Split(text, ",") {
		faults.Add(w.addDay(shape, item, i == 0))
	}
	return faults.Err()
}

func (w *weekDays) addDay(shape cronShape, item string, first bool) error {
	upper := strings.ToUpper(item)
	if day, nth, ok := strings.Cut(upper, "#"); ok {
		v, err := shape.value(item, day)
		if err != nil {
			return err
		}
		n, err := shape.part(item, "count", nth, 1, 5)
		w.nth[v%7] = w.nth[v%7].with(n)
		return err
	}
	day, last := strings.CutSuffix(upper, "L")
	switch {
	case last && day == "":
		return shape.fault(item, "L alone does not say which day", "write FRIL or 5L for the last Friday of the month, or SAT for every Saturday")
	case last:
		v, err := shape.value(item, day)
		w.end = w.end.with(v % 7)
		return err
	}
	return w.add(shape, item, first)
}
