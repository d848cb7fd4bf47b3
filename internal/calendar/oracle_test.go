package calendar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut/internal/calendar"
	"pgregory.net/rapid"
)

const stampLayout = "20060102T150405"

// A drawnSeries is a random series of events, kept in a form that can be looked
// through day by day.
type drawnSeries struct {
	zone     *time.Location
	start    time.Time // on the wall clock, in UTC
	length   time.Duration
	freq     string
	interval int
	weekdays []time.Weekday
	days     []int // of the month, or from its end
	months   []time.Month
	count    int
	until    time.Time   // zero is for ever
	except   []time.Time // on the wall clock
	moved    map[time.Time]time.Time
}

func drawSeries(t *rapid.T) drawnSeries {
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC"}
	s := drawnSeries{
		zone:     zone(t, rapid.SampledFrom(zones).Draw(t, "zone")),
		start:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "start")) * 30 * time.Minute),
		length:   time.Duration(rapid.IntRange(0, 100).Draw(t, "length")) * 30 * time.Minute,
		freq:     rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq"),
		interval: rapid.IntRange(1, 4).Draw(t, "interval"),
		moved:    make(map[time.Time]time.Time),
	}
	if s.freq != "YEARLY" && rapid.Bool().Draw(t, "by weekday") {
		s.weekdays = rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(0, 6), func(i int) time.Weekday { return time.Weekday(i) }), 1, 4, rapid.ID).Draw(t, "weekdays")
	}
	if s.freq != "WEEKLY" && rapid.Bool().Draw(t, "by day") {
		s.days = rapid.SliceOfNDistinct(rapid.SampledFrom([]int{1, 2, 13, 15, 28, 29, 30, -1, -2, -15}), 1, 3, rapid.ID).Draw(t, "days")
	}
	if rapid.IntRange(0, 3).Draw(t, "by month") == 0 {
		s.months = rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(1, 12), func(i int) time.Month { return time.Month(i) }), 1, 6, rapid.ID).Draw(t, "months")
	}
	switch rapid.IntRange(0, 2).Draw(t, "end") {
	case 1:
		s.count = rapid.IntRange(1, 60).Draw(t, "count")
	case 2:
		s.until = s.start.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "until")) * 30 * time.Minute)
	}
	return s
}

// drawChanges leaves out some occurrences and moves others.
func (s *drawnSeries) drawChanges(t *rapid.T) {
	for _, wall := range s.walls(date(t, "2027-01-01", "UTC")) {
		switch rapid.IntRange(0, 9).Draw(t, "change") {
		case 0:
			s.except = append(s.except, wall)
		case 1:
			s.moved[wall] = wall.Add(time.Duration(rapid.IntRange(-2000, 2000).Draw(t, "by")) * 30 * time.Minute)
		}
	}
}

func (s drawnSeries) text() string {
	stamp := func(name string, wall time.Time) string {
		return fmt.Sprintf("%s;TZID=%s:%s", name, s.zone, wall.Format(stampLayout))
	}
	lines := []string{stamp("DTSTART", s.start), fmt.Sprintf("DURATION:PT%dS", int(s.length/time.Second)), "RRULE:" + s.rule()}
	for _, wall := range s.except {
		lines = append(lines, stamp("EXDATE", wall))
	}
	text := event(lines...)
	for from, to := range s.moved {
		text += event(stamp("RECURRENCE-ID", from), stamp("DTSTART", to), "DURATION:PT1H")
	}
	return wrap(text)
}

func (s drawnSeries) rule() string {
	rule := fmt.Sprintf("FREQ=%s;INTERVAL=%d", s.freq, s.interval)
	list := func(name string, n int, value func(i int) any) {
		var values []string
		for i := range n {
			values = append(values, fmt.Sprint(value(i)))
		}
		if n > 0 {
			rule += ";" + name + "=" + strings.Join(values, ",")
		}
	}
	list("BYDAY", len(s.weekdays), func(i int) any { return strings.ToUpper(s.weekdays[i].String()[:2]) })
	list("BYMONTHDAY", len(s.days), func(i int) any { return s.days[i] })
	list("BYMONTH", len(s.months), func(i int) any { return int(s.months[i]) })
	if s.count > 0 {
		rule += fmt.Sprintf(";COUNT=%d", s.count)
	}
	if !s.until.IsZero() {
		rule += ";UNTIL=" + s.until.Format(stampLayout)
	}
	return rule
}

// has decides for one day whether the rule means it.
func (s drawnSeries) has(day time.Time) bool {
	start := s.start.Truncate(24 * time.Hour)
	monthEnd := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	monday := func(t time.Time) time.Time { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7) }
	byMonthDay := func() bool {
		return slices.ContainsFunc(s.days, func(n int) bool { return n == day.Day() || n < 0 && monthEnd+1+n == day.Day() })
	}
	var passed int
	switch s.freq {
	case "DAILY":
		passed = int(day.Sub(start) / (24 * time.Hour))
	case "WEEKLY":
		passed = int(monday(day).Sub(monday(start)) / (7 * 24 * time.Hour))
	case "MONTHLY":
		passed = 12*(day.Year()-start.Year()) + int(day.Month()-start.Month())
	case "YEARLY":
		passed = day.Year() - start.Year()
	}
	usual := len(s.days) == 0 && len(s.weekdays) == 0
	switch {
	case passed%s.interval != 0,
		len(s.days) > 0 && !byMonthDay(),
		len(s.weekdays) > 0 && !slices.Contains(s.weekdays, day.Weekday()),
		len(s.months) > 0 && !slices.Contains(s.months, day.Month()),
		usual && s.freq == "WEEKLY" && day.Weekday() != start.Weekday(),
		usual && (s.freq == "MONTHLY" || s.freq == "YEARLY") && day.Day() != start.Day(),
		usual && s.freq == "YEARLY" && len(s.months) == 0 && day.Month() != start.Month():
		return false
	}
	return true
}

// walls looks at every day from the start up to an end, which is far enough away.
func (s drawnSeries) walls(end time.Time) (walls []time.Time) {
	until := instant(s.until, s.zone)
	for wall := s.start; wall.Before(end); wall = wall.Add(24 * time.Hour) {
		first := wall.Equal(s.start)
		switch {
		case s.count > 0 && len(walls) == s.count,
			!first && !s.has(wall.Truncate(24*time.Hour)),
			!first && !s.until.IsZero() && instant(wall, s.zone).After(until):
			continue
		}
		walls = append(walls, wall)
	}
	return walls
}

// instant looks for the first instant at which clocks show a time. When there is
// none it is as much after the gap as the time lies in it.
func instant(wall time.Time, zone *time.Location) time.Time {
	shown := func(t time.Time) time.Time {
		_, offset := t.In(zone).Zone()
		return t.Add(time.Duration(offset) * time.Second)
	}
	for t := wall.Add(-15 * time.Hour); t.Before(wall.Add(15 * time.Hour)); t = t.Add(30 * time.Minute) {
		if shown(t).Equal(wall) {
			return t
		}
	}
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	return wall.Add(-time.Duration(before) * time.Second)
}

// expected lists the series from one instant to another.
func (s drawnSeries) expected(from, to time.Time) (spans []string) {
	show := func(start time.Time, length time.Duration, origin time.Time) {
		end := start.Add(length)
		if start.Before(to) && (end.After(from) || length == 0 && start.Equal(from)) {
			spans = append(spans, spanOf(start, end, origin))
		}
	}
	for _, wall := range s.walls(to.Add(48 * time.Hour)) {
		_, moved := s.moved[wall]
		if !moved && !slices.Contains(s.except, wall) {
			show(instant(wall, s.zone), s.length, instant(wall, s.zone))
		}
	}
	for wall, now := range s.moved {
		show(instant(now, s.zone), time.Hour, instant(wall, s.zone))
	}
	slices.Sort(spans)
	return spans
}

func spanOf(start, end, origin time.Time) string {
	return fmt.Sprintf("%s to %s, of %s", start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339), origin.UTC().Format(time.RFC3339))
}

// TestListAgreesWithLookingAtEveryDay compares the listing of random series with
// one that is found day by day.
func TestListAgreesWithLookingAtEveryDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSeries(t)
		s.drawChanges(t)
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 8000).Draw(t, "from")) * time.Hour)
		to := from.Add(time.Duration(rapid.IntRange(1, 2000).Draw(t, "hours")) * time.Hour)
		c, err := calendar.Parse(s.text())
		if err != nil {
			t.Fatal(err)
		}
		listing, err := c.List(t.Context(), calendar.Window{From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range listing.Events {
			got = append(got, spanOf(e.Start, e.End, *e.Recurrence))
		}
		slices.Sort(got)
		if diff := cmp.Diff(s.expected(from, to), got); diff != "" {
			t.Fatalf("%s\nevents from %v to %v (-want +got):\n%s\nwarnings %v", s.text(), from, to, diff, listing.Warnings)
		}
	})
}
