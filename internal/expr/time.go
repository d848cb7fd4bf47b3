package expr

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// duration is a length of time: days are calendar days, which a clock change
// makes shorter or longer, the rest is elapsed time.
type duration struct {
	days    int
	elapsed time.Duration
}

// durationLength is the length of the duration, such as 1h30m, that s begins
// with; 0 is none. A name that goes on after it makes it no duration.
func durationLength(s string) int {
	n := 0
	for {
		number := digits(s[n:])
		if number == 0 || n+number == len(s) || !strings.ContainsRune("smhdw", rune(s[n+number])) {
			break
		}
		n += number + 1
	}
	if n < len(s) && isNameChar(s[n]) {
		return 0
	}
	return n
}

// parseDuration reads a duration such as 90s, 24h, 7d, 1h30m, or -7d.
func parseDuration(s string) (duration, error) {
	rest, negative := strings.CutPrefix(s, "-")
	if n := durationLength(rest); n == 0 || n != len(rest) {
		return duration{}, badValue("a time is shifted by a duration, and the string is none",
			"write durations as 90s, 24h, 7d, 2w or 1h30m; the time between two times is diff(a, b, 's')")
	}
	var total duration
	for rest != "" {
		n := digits(rest)
		count, err := strconv.Atoi(rest[:n])
		if err != nil || !total.add(count, rest[n]) {
			return duration{}, badValue("the duration is too long", "shift the time by less")
		}
		rest = rest[n+1:]
	}
	if negative {
		return duration{-total.days, -total.elapsed}, nil
	}
	return total, nil
}

// add lengthens d by count units, and says whether the sum is one that RFC 3339
// could need.
func (d *duration) add(count int, unit byte) bool {
	const mostDays, mostElapsed = 10_000 * 366, 250 * 366 * 24 * time.Hour
	size := unitSize(unit)
	if unit == 'd' || unit == 'w' {
		days := int(size / (24 * time.Hour))
		if count > (mostDays-d.days)/days {
			return false
		}
		d.days += count * days
		return true
	}
	if time.Duration(count) > (mostElapsed-d.elapsed)/size {
		return false
	}
	d.elapsed += time.Duration(count) * size
	return true
}

func unitSize(unit byte) time.Duration {
	switch unit {
	case 'w':
		return 7 * 24 * time.Hour
	case 'd':
		return 24 * time.Hour
	case 'h':
		return time.Hour
	case 'm':
		return time.Minute
	}
	return time.Second
}

// toDuration reads a duration from a value: a string such as 7d, or a number of
// seconds.
func toDuration(v any) (duration, error) {
	if s, ok := v.(string); ok {
		return parseDuration(s)
	}
	n, ok := toNumber(v)
	if !ok || math.Abs(n.float) > 250*366*24*3600 || math.IsNaN(n.float) {
		return duration{}, badValue("a time is shifted by a duration or a number of seconds, not by "+isA(v),
			"write now + 24h, or now + 86400")
	}
	if n.isWhole {
		return duration{elapsed: time.Duration(n.whole) * time.Second}, nil
	}
	return duration{elapsed: time.Duration(math.Round(n.float * float64(time.Second)))}, nil
}

// parseTime reads an RFC 3339 time.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, badValue("the string is not an RFC 3339 time", "give a time such as 2026-03-02T08:30:00+02:00")
	}
	return t, nil
}

// shift moves the RFC 3339 time in text by a duration, back when asked, and
// writes it in zone.
func shift(zone *time.Location, text string, by any, back bool) (any, error) {
	t, err := parseTime(text)
	if err != nil {
		return nil, err
	}
	d, err := toDuration(by)
	if err != nil {
		return nil, err
	}
	if back {
		d = duration{-d.days, -d.elapsed}
	}
	t = addDays(t.In(zone), d.days).Add(d.elapsed)
	if year := t.Year(); year < 0 || year > 9999 {
		return nil, badValue("the time lies outside the years 0 to 9999", "shift it by less")
	}
	return t.Format(time.RFC3339Nano), nil
}

// addDays moves t by whole calendar days and keeps the time on the clock. A
// clock time that does not exist on that day is read with the offset before the
// gap, one that exists twice is the first (RFC 5545, section 3.3.5).
func addDays(t time.Time, days int) time.Time {
	if days == 0 {
		return t
	}
	wall := onClock(t).AddDate(0, 0, days)
	before := offsetAt(wall.Add(-24*time.Hour), t.Location())
	after := offsetAt(wall.Add(24*time.Hour), t.Location())
	for _, offset := range []time.Duration{before, after} {
		if at := wall.Add(-offset).In(t.Location()); onClock(at).Equal(wall) {
			return at
		}
	}
	return wall.Add(-before).In(t.Location())
}

// onClock is what the clock shows at t, as if the clock were in UTC.
func onClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, offset := t.In(zone).Zone()
	return time.Duration(offset) * time.Second
}
