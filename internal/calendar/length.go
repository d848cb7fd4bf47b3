package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A length is how long an event takes: days on the calendar, and then an exact
// time. A day may have 23 or 25 hours.
type length struct {
	days  int
	exact time.Duration
}

// durationPattern is a DURATION (RFC 5545, 3.3.6), with weeks beside the other
// units, as some programs write them.
var durationPattern = regexp.MustCompile(`^([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$`)

// longest is the longest event that is believed.
const longest = 100 * 366 * day

func parseLength(text string) (length, error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	parts := durationPattern.FindStringSubmatch(text)
	if parts == nil || !strings.ContainsAny(text, "WDHMS") {
		return length{}, fmt.Errorf("%q is no duration", excerpt(text))
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(parts[i])
		return n
	}
	days := 7*number(2) + number(3)
	seconds := 3600*number(4) + 60*number(5) + number(6)
	switch {
	case parts[1] == "-" && days+seconds > 0:
		return length{}, fmt.Errorf("%q is a duration below zero", excerpt(text))
	case days > int(longest/day) || seconds > int(longest/time.Second):
		return length{}, fmt.Errorf("%q is longer than a hundred years", excerpt(text))
	}
	return length{days: days, exact: time.Duration(seconds) * time.Second}, nil
}

// from is the end of an event that begins at an instant.
func (l length) from(start time.Time, zone *time.Location) time.Time {
	if l.days != 0 {
		start = place(wallAt(start, zone).AddDate(0, 0, l.days), zone)
	}
	return start.Add(l.exact)
}

// most is at least as long as the length is anywhere.
func (l length) most() time.Duration {
	if l.days == 0 {
		return l.exact
	}
	return time.Duration(l.days)*day + farthest + l.exact
}
