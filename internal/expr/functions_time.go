package expr

import (
	"time"

	"github.com/google/uuid"
)

func timeFunctions() []function {
	return []function{
		{"add", types("string", "string|number"), func(ev *evaluation, args []any) (any, error) {
			return shift(ev.env.zone(), args[0].(string), args[1], false)
		}},
		{"date", types("string", "string"), date},
		{"diff", types("string", "string", "string"), diff},
		{"iso_week", types("string"), isoWeek},
		{"uuid", types("string"), makeUUID},
		{"weekday", types("string"), weekday},
	}
}

// localTime reads a time and moves it to the zone of the evaluation.
func (ev *evaluation) localTime(v any) (time.Time, error) {
	t, err := parseTime(v.(string))
	return t.In(ev.env.zone()), err
}

func date(ev *evaluation, args []any) (any, error) {
	t, err := ev.localTime(args[0])
	if err != nil {
		return nil, err
	}
	format := args[1].(string)
	if err := ev.budget.makeText(16 * len(format)); err != nil {
		return nil, err
	}
	return asValue(strftime(t, format))
}

// diff is the time from the second argument to the first, in the unit of the
// third. Days and weeks are counted on the clock of the zone, so that a time and
// the same clock time a day later are one day apart across a clock change.
func diff(ev *evaluation, args []any) (any, error) {
	t, err := ev.localTime(args[0])
	if err != nil {
		return nil, err
	}
	u, err := ev.localTime(args[1])
	if err != nil {
		return nil, err
	}
	unit := args[2].(string)
	switch unit {
	case "d", "w":
		t, u = onClock(t), onClock(u)
	case "s", "m", "h":
	default:
		return nil, badValue("the unit has to be one of 's', 'm', 'h', 'd', 'w'", "write diff(a, b, 'h'), for example")
	}
	seconds := wholeNumber(t.Unix() - u.Unix())
	if ns := t.Nanosecond() - u.Nanosecond(); ns != 0 {
		seconds = floatNumber(seconds.float + float64(ns)/float64(time.Second))
	}
	return reckon("/", seconds, wholeNumber(int64(unitSize(unit[0])/time.Second)))
}

// weekday is the ISO number of the day: 1 is Monday, 7 is Sunday.
func weekday(ev *evaluation, args []any) (any, error) {
	t, err := ev.localTime(args[0])
	if err != nil {
		return nil, err
	}
	return wholeNumber(int64(isoWeekday(t))).value(), nil
}

func isoWeek(ev *evaluation, args []any) (any, error) {
	t, err := ev.localTime(args[0])
	if err != nil {
		return nil, err
	}
	_, week := t.ISOWeek()
	return wholeNumber(int64(week)).value(), nil
}

// makeUUID makes a UUID of version 5 from the run and a name, the same on every
// retry. A run whose id is no UUID gets a namespace made from its id.
func makeUUID(ev *evaluation, args []any) (any, error) {
	name := args[0].(string)
	space, err := uuid.Parse(ev.env.RunID)
	if err != nil {
		space = uuid.NewSHA1(uuid.NameSpaceOID, []byte(ev.env.RunID))
	}
	return uuid.NewSHA1(space, []byte(name)).String(), ev.budget.spendText(len(name))
}
