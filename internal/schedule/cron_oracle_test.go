package schedule

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

// slowCron is the oracle: it goes through the calendar day by day, and through
// a day hour by hour, and asks the text of the fields whether it fits. It shares
// no code with the package, and knows nothing of sets, months or jumps.
type slowCron struct {
	fields []string
	clock  []time.Duration // the times of a day that fit
}

func newSlowCron(expr string) slowCron {
	c := slowCron{fields: strings.Fields(expr)}
	if len(c.fields) == 5 {
		c.fields = append([]string{"0"}, c.fields...)
	}
	hours, minutes, seconds := fitting(c.fields[2], 23), fitting(c.fields[1], 59), fitting(c.fields[0], 59)
	for _, h := range hours {
		for _, m := range minutes {
			for _, s := range seconds {
				c.clock = append(c.clock, time.Duration(h*3600+m*60+s)*time.Second)
			}
		}
	}
	return c
}

func fitting(field string, high int) []int {
	var values []int
	for v := range high + 1 {
		if fits(field, v, 0, high, "") {
			values = append(values, v)
		}
	}
	return values
}

// timesOf lists all times of a day at which it fires.
func (c slowCron) timesOf(day time.Time) []time.Time {
	var times []time.Time
	if c.fitsDay(day) {
		for _, d := range c.clock {
			times = append(times, day.Add(d))
		}
	}
	return times
}

// around lists the last n times before t, newest first, and the first n times
// after it, as far as a number of days reaches.
func (c slowCron) around(t time.Time, n, days int) (before, after []time.Time) {
	day := t.Truncate(24 * time.Hour)
	for i := 0; i < days && len(after) < n; i++ {
		for _, at := range c.timesOf(day.AddDate(0, 0, i)) {
			if at.After(t) && len(after) < n {
				after = append(after, at)
			}
		}
	}
	for i := 0; i < days && len(before) < n; i++ {
		for _, at := range slices.Backward(c.timesOf(day.AddDate(0, 0, -i))) {
			if at.Before(t) && len(before) < n {
				before = append(before, at)
			}
		}
	}
	return before, after
}

func (c slowCron) fitsDay(t time.Time) bool {
	if !fits(c.fields[4], int(t.Month()), 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC") {
		return false
	}
	day, weekday := c.fitsMonthDay(t), c.fitsWeekday(t)
	if strings.ContainsAny(c.fields[3][:1]+c.fields[5][:1], "*?") {
		return day && weekday
	}
	return day || weekday
}

func (c slowCron) fitsMonthDay(t time.Time) bool {
	for item := range strings.SplitSeq(strings.ToUpper(c.fields[3]), ",") {
		var ok bool
		switch {
		case item == "L":
			ok = t.AddDate(0, 0, 1).Day() == 1
		case item == "LW":
			ok = workday(t) && !anyWorkdayAfter(t)
		case strings.HasPrefix(item, "L-"):
			n, _ := strconv.Atoi(item[2:])
			ok = t.AddDate(0, 0, n).Month() == t.Month() && t.AddDate(0, 0, n+1).Day() == 1
		case strings.HasSuffix(item, "W"):
			n, _ := strconv.Atoi(strings.TrimSuffix(item, "W"))
			ok = nearestTo(t, n)
		default:
			ok = fits(item, t.Day(), 1, 31, "")
		}
		if ok {
			return true
		}
	}
	return false
}

// nearestTo says whether t is the workday closest to the n-th, among those of
// its month.
func nearestTo(t time.Time, n int) bool {
	if !workday(t) || time.Date(t.Year(), t.Month(), n, 0, 0, 0, 0, time.UTC).Month() != t.Month() {
		return false
	}
	best, shortest := 0, 99
	for day := t.AddDate(0, 0, 1-t.Day()); day.Month() == t.Month(); day = day.AddDate(0, 0, 1) {
		if away := max(day.Day()-n, n-day.Day()); workday(day) && away < shortest {
			best, shortest = day.Day(), away
		}
	}
	return t.Day() == best
}

func workday(t time.Time) bool {
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

func anyWorkdayAfter(t time.Time) bool {
	for day := t.AddDate(0, 0, 1); day.Month() == t.Month(); day = day.AddDate(0, 0, 1) {
		if workday(day) {
			return true
		}
	}
	return false
}

func (c slowCron) fitsWeekday(t time.Time) bool {
	const names = "SUNMONTUEWEDTHUFRISAT"
	for item := range strings.SplitSeq(strings.ToUpper(c.fields[5]), ",") {
		weekday := int(t.Weekday())
		if day, nth, ok := strings.Cut(item, "#"); ok {
			before := 0
			for d := t; d.Month() == t.Month(); d = d.AddDate(0, 0, -7) {
				before++
			}
			if nth == strconv.Itoa(before) && number7(day, names) == weekday {
				return true
			}
			continue
		}
		if day, ok := strings.CutSuffix(item, "L"); ok {
			if number7(day, names) == weekday && t.AddDate(0, 0, 7).Month() != t.Month() {
				return true
			}
			continue
		}
		sunday := weekday == 0 && strings.ContainsAny(item, "7") && !strings.HasPrefix(item, "*/")
		if fits(item, weekday, 0, 6, names) || sunday && fits(item, 7, 0, 7, names) {
			return true
		}
	}
	return false
}

func number7(text, names string) int { return numberOf(text, 0, names) % 7 }

func numberOf(text string, low int, names string) int {
	if at := strings.Index(names, text); at >= 0 {
		return low + at/3
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

// fits says whether a value is named by a field, by walking each item from its
// beginning to its end, around the end of the field where it has to.
func fits(field string, value, low, high int, names string) bool {
	for item := range strings.SplitSeq(strings.ToUpper(field), ",") {
		body, stepText, stepped := strings.Cut(item, "/")
		step := 1
		if stepped {
			step = numberOf(stepText, 0, "")
		}
		from, to := low, high
		if body != "*" && body != "?" {
			a, b, ranged := strings.Cut(body, "-")
			from = numberOf(a, low, names)
			switch {
			case ranged:
				to = numberOf(b, low, names)
			case !stepped:
				to = from
			}
		}
		for v, n := from, 0; ; v, n = v+1, n+1 {
			if v > high && to < from {
				v = low
			}
			if v == value && n%step == 0 {
				return true
			}
			if v == to || n > 100 {
				break
			}
		}
	}
	return false
}

// randomCron writes an expression with every notation there is.
func randomCron(r *rand.Rand) string {
	field := func(low, high int, names []string, special func() string) string {
		var items []string
		for range 1 + r.IntN(3)*r.IntN(2) {
			value := func() string {
				n := low + r.IntN(high-low+1)
				if i := n - low; i < len(names) && r.IntN(2) == 0 {
					return names[i]
				}
				return strconv.Itoa(n)
			}
			step := strconv.Itoa(1 + r.IntN((high-low+1)/2))
			items = append(items, []func() string{
				value, value,
				func() string { return value() + "-" + value() },
				func() string { return value() + "-" + value() + "/" + step },
				func() string { return value() + "/" + step },
				func() string { return "*/" + step },
				special, special,
			}[r.IntN(8)]())
		}
		return strings.Join(items, ",")
	}
	star := func() string { return "*" }
	some := func(odds int, text string) string {
		if r.IntN(odds) > 0 {
			return "*"
		}
		return text
	}
	months := strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
	weekdays := strings.Fields("sun Mon TUE Wed thu FRI sat")
	fields := []string{
		field(0, 59, nil, star),
		field(0, 23, nil, star),
		some(2, field(1, 31, nil, func() string {
			return []string{"L", "LW", fmt.Sprintf("L-%d", 1+r.IntN(30)), fmt.Sprintf("%dW", 1+r.IntN(31))}[r.IntN(4)]
		})),
		some(2, field(1, 12, months, star)),
		some(2, field(0, 6, weekdays, func() string {
			day := weekdays[r.IntN(7)]
			return []string{day + "L", "7", strconv.Itoa(r.IntN(8)) + "L", fmt.Sprintf("%s#%d", day, 1+r.IntN(5))}[r.IntN(4)]
		})),
	}
	if r.IntN(8) == 0 {
		fields = append([]string{field(0, 59, nil, star)}, fields...)
	}
	return strings.Join(fields, " ")
}

// 1,200 random expressions, each asked forwards and backwards from a random
// moment between 1990 and 2040.
func TestCronAgreesWithTheSlowOracle(t *testing.T) {
	t.Parallel()
	const days = 400
	r := rand.New(rand.NewPCG(2, 5545))
	rare := 0
	for range 1200 {
		expr := randomCron(r)
		from := time.Date(1990, 1, 1, 0, 0, r.IntN(50*365*86400), 0, time.UTC)
		before, after := newSlowCron(expr).around(from, 4, days)
		if len(before)+len(after) == 0 {
			rare++
			continue
		}
		rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: expr})
		same := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: rule.Canonical()})
		at := from
		for _, want := range after {
			got, ok, err := rule.Next(at)
			if err != nil || !ok || !got.At.Equal(want) {
				t.Fatalf("%q after %s: got %s, %t, %v, want %s", expr, at, got.At, ok, err, want)
			}
			if again, _, _ := same.Next(at); !again.At.Equal(want) {
				t.Fatalf("%q, which is canonical for %q, after %s: got %s, want %s", rule.Canonical(), expr, at, again.At, want)
			}
			at = want
		}
		at = from
		for _, want := range before {
			got, ok, err := rule.Prev(at)
			if err != nil || !ok || !got.At.Equal(want) {
				t.Fatalf("%q before %s: got %s, %t, %v, want %s", expr, at, got.At, ok, err, want)
			}
			at = want
		}
	}
	if rare > 100 {
		t.Errorf("%d of the expressions fire too rarely to be compared", rare)
	}
}

// FuzzCron reads anything, and asks what can be read for what comes after and
// before a moment.
func FuzzCron(f *testing.F) {
	for _, expr := range []string{
		"30 8 * * MON-FRI", "*/15 * * * *", "0 0 LW,L-3 * FRIL", "0 0 * * MON#2", "@yearly", "CRON_TZ=Asia/Tokyo 0 9 15W * ?",
		"0 22-2/3 29 2 7",
	} {
		f.Add(expr, int64(1_800_000_000))
	}
	f.Fuzz(func(t *testing.T, expr string, unix int64) {
		rule, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: expr})
		if err != nil {
			return
		}
		from := time.Unix(unix%(1<<33), 0)
		next, ok, err := rule.Next(from)
		if err != nil || !ok || !next.At.After(from) {
			t.Fatalf("%q after %s: got %s, %t, %v", expr, from, next.At, ok, err)
		}
		if back, ok, err := rule.Prev(next.At.Add(1)); err != nil || !ok || !back.At.Equal(next.At) {
			t.Fatalf("%q before what comes after %s: got %s, %t, %v, want %s", expr, from, back.At, ok, err, next.At)
		}
		prev, ok, err := rule.Prev(next.At)
		if err != nil || !ok || prev.At.After(from) {
			t.Fatalf("%q before %s: got %s, %t, %v", expr, next.At, prev.At, ok, err)
		}
		same, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: rule.Canonical(), Timezone: rule.Location().String()})
		if err != nil || same.Canonical() != rule.Canonical() {
			t.Fatalf("%q has the canonical form %q, which gives %v", expr, rule.Canonical(), err)
		}
		if again, _, _ := same.Next(from); !again.At.Equal(next.At) {
			t.Fatalf("%q after %s: got %s, and its canonical form %s", expr, from, next.At, again.At)
		}
	})
}
