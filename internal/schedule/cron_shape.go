package schedule

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// cronShape is what may stand in a field: its name, its bounds, and the names
// of its values from the lowest on. A value is counted modulo size, so that 7
// is Sunday like 0.
type cronShape struct {
	name      string
	low, high int
	size      int
	names     []string
	also      string // what it takes beside numbers and names
}

func secondShape() cronShape { return cronShape{name: "second", high: 59, size: 60} }

func minuteShape() cronShape { return cronShape{name: "minute", high: 59, size: 60} }

func hourShape() cronShape { return cronShape{name: "hour", high: 23, size: 24} }

func dayShape() cronShape {
	return cronShape{
		name: "day of month", low: 1, high: 31, size: 31,
		also: "; L is the last day, L-3 three days before it, 15W the weekday nearest the 15th, LW the last weekday",
	}
}

func monthShape() cronShape {
	return cronShape{
		name: "month", low: 1, high: 12, size: 12,
		names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"},
	}
}

func weekdayShape() cronShape {
	return cronShape{
		name: "day of week", high: 7, size: 7,
		names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"},
		also:  "; FRIL is the last Friday of the month, MON#2 the second Monday",
	}
}

// cronItem is what one plain item selects.
type cronItem struct {
	set  set
	star bool
	step int
}

// item reads `*`, `?`, a value, a range, or one of them with a step. A range may
// pass the end of the field, as in FRI-MON or 22-2.
func (c cronShape) item(item string) (cronItem, error) {
	if item == "" {
		return cronItem{}, c.fault(item, "there is nothing beside a comma", "leave the comma out")
	}
	var faults ordinaut.Errors
	body, stepText, stepped := strings.Cut(item, "/")
	step := 1
	if stepped {
		n, err := c.part(item, "step", stepText, 1, c.size-1)
		faults.Add(err)
		step = n
	}
	low, high, err := c.ends(item, body, stepped)
	faults.Add(err)
	if err := faults.Err(); err != nil {
		return cronItem{}, err
	}
	return cronItem{set: c.members(low, high, step), star: isStar(body), step: step}, nil
}

func isStar(body string) bool { return body == "*" || body == "?" }

// ends are the first and the last value of an item. A lone value with a step
// goes on to the end of the field, as in 5/15.
func (c cronShape) ends(item, body string, stepped bool) (low, high int, err error) {
	top := c.low + c.size - 1
	if isStar(body) {
		return c.low, top, nil
	}
	var faults ordinaut.Errors
	from, to, ranged := strings.Cut(body, "-")
	low, err = c.value(item, from)
	faults.Add(err)
	switch {
	case ranged:
		high, err = c.value(item, to)
		faults.Add(err)
	case stepped:
		low, high = c.low+(low-c.low)%c.size, top
	default:
		high = low
	}
	return low, high, faults.Err()
}

// members are the values from low to high, over the end of the field when high
// lies before low.
func (c cronShape) members(low, high, step int) set {
	if high < low {
		high += c.size
	}
	var s set
	for v := low; v <= high; v += step {
		s = s.with(c.low + (v-c.low)%c.size)
	}
	return s
}

// value reads a number or a name. A faulty one is given as the lowest.
func (c cronShape) value(item, text string) (int, error) {
	for i, name := range c.names {
		if strings.EqualFold(name, text) {
			return c.low + i, nil
		}
	}
	n, ok := number(text, c.low, c.high)
	switch {
	case ok:
		return n, nil
	case text == "":
		return c.low, c.fault(item, fmt.Sprintf("a value is missing in %q", item), c.accepted())
	case isNumber(text):
		return c.low, c.fault(item, fmt.Sprintf("%s is not between %d and %d", text, c.low, c.high), c.accepted())
	case len(c.names) == 0:
		return c.low, c.fault(item, fmt.Sprintf("%q is not a number", text), c.accepted())
	}
	return c.low, c.fault(item, fmt.Sprintf("%q is neither a number nor a name", text),
		didYouMean(strings.ToUpper(text), c.names, c.accepted()))
}

// part reads a number that is not a value of the field, such as a step.
func (c cronShape) part(item, what, text string, low, high int) (int, error) {
	n, ok := number(text, low, high)
	if ok {
		return n, nil
	}
	return low, c.fault(item, fmt.Sprintf("the %s in %q is not a number from %d to %d", what, item, low, high), c.accepted())
}

// number reads a number within bounds.
func number(text string, low, high int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && isNumber(text) && low <= n && n <= high
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// accepted tells in words what the field takes.
func (c cronShape) accepted() string {
	values := fmt.Sprintf("%d to %d", c.low, c.high)
	if len(c.names) > 0 {
		values += fmt.Sprintf(" or %s to %s", c.names[0], c.names[len(c.names)-1])
	}
	return "use " + values + ", or a list, a range or a step of them" + c.also
}

// fault is a fault of one item of the field.
func (c cronShape) fault(item, message, fix string) error {
	return cronFault(item, c.name+": "+message, fix)
}

func cronFault(sent, message, fix string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:     ordinaut.CodeScheduleCron,
		At:       "/schedule_expr",
		Sent:     sent,
		Message:  message,
		Fix:      fix,
		Examples: []string{"30 8 * * MON-FRI", "*/15 * * * *", "0 17 * * FRIL", "@daily"},
	}
}

// didYouMean names the word that was probably meant, before what holds anyway.
func didYouMean(word string, known []string, fix string) string {
	for _, k := range known {
		if strings.HasPrefix(word, k) || len(word) > 1 && strings.HasPrefix(k, word) {
			return "did you mean " + k + "? " + fix
		}
	}
	if near := ordinaut.Nearest(word, known); near != "" {
		return "did you mean " + near + "? " + fix
	}
	return fix
}
