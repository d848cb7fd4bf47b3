package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

// cron is a compiled cron expression: the members of each field, and the days
// of a month that its two day fields select together.
type cron struct {
	second, minute, hour, month cronField
	day                         monthDays
	weekday                     weekDays
}

// cronField is what one field asks for. star is the step of the `*` the field
// begins with, and 0 when it begins with a number: POSIX tells the two apart
// even where they select the same.
type cronField struct {
	set  set
	star int
}

// cronCalendar places the wall-clock times of a cron on the time line.
type cronCalendar struct {
	placed
	cron cron
}

func (c cronCalendar) canonical() string { return c.cron.String() }

func (c cronCalendar) sentence() string { return c.cron.sentence() }

// compileCron reads five fields (minute, hour, day of month, month, day of
// week), six with seconds in front, or a name such as @daily, with an optional
// CRON_TZ=Zone before them.
func compileCron(s spec) (calendar, error) {
	var faults ordinaut.Errors
	expr, s, err := cronZone(s)
	faults.Add(err)
	c, err := parseCron(expr)
	faults.Add(err)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return cronCalendar{
		placed: placed{wall: c, zone: s.zone, gap: s.gap, repeat: s.repeat, matching: c.hour.star > 0},
		cron:   c,
	}, nil
}

// cronCycle is the number of years within which every kind of month comes
// again: one of each length, beginning on each weekday. It is 28 years, and 40
// across a century that is not a leap year. What does not fire within it never
// fires.
const cronCycle = 40

func (c cron) nextWall(t time.Time, b *budget) (time.Time, bool, error) {
	return firstWall(c, t.Truncate(time.Second).Add(time.Second), t.AddDate(cronCycle, 0, 0), b)
}

func (c cron) prevWall(t time.Time, b *budget) (time.Time, bool, error) {
	return lastWall(c, t.Add(-time.Nanosecond).Truncate(time.Second), t.AddDate(-cronCycle, 0, 0), b)
}

// digits are the days of the month, the hours, the minutes and the seconds.
func (c cron) digits(year int, month time.Month) [4]set {
	return [4]set{c.days(year, month), c.hour.set, c.minute.set, c.second.set}
}

// days are the days of a month on which it fires. When both day fields are
// restricted either one may match, and otherwise both have to (POSIX crontab).
func (c cron) days(year int, month time.Month) set {
	if !c.month.set.has(int(month)) {
		return 0
	}
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Weekday()
	length := monthLength(year, month)
	byDay, byWeekday := c.day.in(first, length), c.weekday.in(first, length)
	if c.eitherDay() {
		return byDay | byWeekday
	}
	return byDay & byWeekday
}

func (c cron) eitherDay() bool { return c.day.star == 0 && c.weekday.star == 0 }
