package schedule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// interval fires each time so many seconds have passed since its origin. It
// counts elapsed time, so a clock change neither delays nor doubles it, and a
// day is 24 hours.
type interval struct {
	origin time.Time
	every  int64 // seconds
	first  int64 // after how many intervals it fires first
}

// compileInterval reads a duration such as 90m, 1h30m, 2d or PT90M. It counts
// from starts_at, where it fires first, and without one from the anchor, where
// it does not fire.
func compileInterval(s spec) (calendar, error) {
	every, err := parseInterval(s.expr)
	if err != nil {
		return nil, err
	}
	if s.starts != nil {
		return interval{origin: s.starts.UTC(), every: every}, nil
	}
	return interval{origin: s.anchor.UTC(), every: every, first: 1}, nil
}

func (i interval) next(t time.Time, _ *budget) (ordinaut.Occurrence, bool, error) {
	return i.at(max(i.passed(t)+1, i.first)), true, nil
}

func (i interval) prev(t time.Time, _ *budget) (ordinaut.Occurrence, bool, error) {
	n := i.passed(t.Add(-time.Nanosecond))
	if n < i.first {
		return ordinaut.Occurrence{}, false, nil
	}
	return i.at(n), true, nil
}

// passed is how many whole intervals lie between the origin and t; it is
// negative before the origin. It counts seconds, because a time.Duration ends
// after 292 years.
func (i interval) passed(t time.Time) int64 {
	seconds := t.Unix() - i.origin.Unix()
	if t.Nanosecond() < i.origin.Nanosecond() {
		seconds--
	}
	n := seconds / i.every
	if seconds%i.every < 0 {
		n--
	}
	return n
}

func (i interval) at(n int64) ordinaut.Occurrence {
	at := time.Unix(i.origin.Unix()+n*i.every, int64(i.origin.Nanosecond()))
	return ordinaut.Occurrence{At: at.UTC()}
}

// canonical writes the interval with its largest units first, and weeks only
// when it is a number of weeks.
func (i interval) canonical() string {
	if i.every%(7*secondsPerDay) == 0 {
		return fmt.Sprintf("%dw", i.every/(7*secondsPerDay))
	}
	var text strings.Builder
	rest := i.every
	for _, u := range intervalUnits()[1:] {
		if n := rest / u.seconds; n > 0 {
			fmt.Fprintf(&text, "%d%s", n, u.letter)
		}
		rest %= u.seconds
	}
	return text.String()
}

const secondsPerDay = 24 * 60 * 60

type intervalUnit struct {
	letter  string
	seconds int64
}

// intervalUnits are the units in the order in which they are written.
func intervalUnits() []intervalUnit {
	return []intervalUnit{{"w", 7 * secondsPerDay}, {"d", secondsPerDay}, {"h", 60 * 60}, {"m", 60}, {"s", 1}}
}

var (
	plainInterval = regexp.MustCompile(`^(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$`)
	isoInterval   = regexp.MustCompile(`^p(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:t(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?)?$`)
)

// Duration reads a duration as an interval is written: 90m, 1h30m, 2d or PT90M.
func Duration(expr string) (time.Duration, error) {
	seconds, err := parseInterval(expr)
	return time.Duration(seconds) * time.Second, err
}

// parseInterval reads a duration in whole seconds, as 1h30m or by ISO 8601.
func parseInterval(expr string) (int64, error) {
	text := strings.ToLower(strings.ReplaceAll(expr, " ", ""))
	parts := plainInterval.FindStringSubmatch(text)
	if parts == nil {
		parts = isoInterval.FindStringSubmatch(text)
	}
	if parts == nil {
		return 0, intervalFault(expr, fmt.Sprintf("%q is not a duration", expr), intervalFix(text))
	}
	var seconds int64
	for i, u := range intervalUnits() {
		n, _ := strconv.ParseInt(parts[i+1], 10, 64) // at most nine digits, or none
		seconds += n * u.seconds
	}
	const longest = limits.SearchYears * 365 * secondsPerDay
	if seconds < 1 || seconds > longest {
		return 0, intervalFault(expr, fmt.Sprintf("an interval lasts from 1s to %dd", longest/secondsPerDay),
			"give a duration within these bounds")
	}
	return seconds, nil
}

// intervalFix says how to mend what is often written instead of a duration.
func intervalFix(text string) string {
	switch {
	case isNumber(text):
		return fmt.Sprintf("add the unit: %ss, %sm or %sh", text, text, text)
	case strings.Contains(text, "."):
		return "use whole numbers and smaller units: 1h30m instead of 1.5h"
	case strings.HasPrefix(text, "p") && strings.ContainsAny(text, "ym"):
		return "months and years differ in length: send schedule_kind rrule with FREQ=MONTHLY or FREQ=YEARLY"
	}
	return "write numbers with the units w d h m s, largest first, or an ISO 8601 duration"
}

func intervalFault(sent, message, fix string) error {
	return &ordinaut.Error{
		Code:     ordinaut.CodeScheduleInterval,
		At:       "/schedule_expr",
		Sent:     sent,
		Message:  message,
		Fix:      fix,
		Examples: []string{"90m", "1h30m", "2d", "PT90M"},
	}
}
