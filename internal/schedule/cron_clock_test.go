package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

// The golden file shows a day on which clocks change in New York, and the same
// schedules on it: with fixed hours, which are placed by the policies, and with
// `*` or `*/n`, which fire at every instant whose local time fits.
func TestCronOnTheNightsOfClockChanges(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, day := range []struct{ title, from, to string }{
		{"8 March 2026: from 02:00 to 03:00, a day of 23 hours", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"1 November 2026: from 02:00 back to 01:00, a day of 25 hours", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
	} {
		fmt.Fprintf(&text, "# %s\n", day.title)
		for _, expr := range []string{
			"30 1 * * *", "30 2 * * *", "0 3 * * *", "0,30 1-3 * * *", "*/20 2 * * *", "30 */2 * * *", "0 1-23/2 * * *",
			"0 * * * *", "*/15 * * * *", "15 0-23 * * *",
		} {
			for _, p := range []struct {
				gap    ordinaut.GapPolicy
				repeat ordinaut.RepeatPolicy
			}{
				{ordinaut.GapShift, ordinaut.RepeatFirst},
				{ordinaut.GapNextValid, ordinaut.RepeatLast},
				{ordinaut.GapSkip, ordinaut.RepeatBoth},
			} {
				rule := mustCompile(t, ordinaut.Schedule{
					Kind: ordinaut.ScheduleCron, Expr: expr, Timezone: "America/New_York", Gap: p.gap, Repeat: p.repeat,
				})
				fmt.Fprintf(&text, "%-15s %-10s %-6s %s\n", expr, p.gap, p.repeat,
					drawnFires(t, rule, instant(day.from), instant(day.to)))
			}
		}
		text.WriteString("\n")
	}
	golden(t, "cron_clock_changes.txt", strings.TrimSuffix(text.String(), "\n"))
}

// drawnFires lists the local times in [from, to), up to 05:00 when there are
// many.
func drawnFires(t *testing.T, rule *Rule, from, to time.Time) string {
	var fires []string
	count := 0
	for at := from.Add(-1); ; {
		o, ok, err := rule.Next(at)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if !o.At.Before(to) {
			break
		}
		at = o.At
		fire := at.In(rule.Location()).Format("15:04-07")
		if o.Skip != "" {
			fire = "(" + fire + ")"
		} else {
			count++
		}
		if at.Before(from.Add(5 * time.Hour)) {
			fires = append(fires, fire)
		}
	}
	return fmt.Sprintf("%3d: %s", count, strings.Join(fires, " "))
}

// A cron whose hour begins with `*` follows real time: through a year, in steps
// of five minutes, it fires when the local clock fits, and at no other time.
func TestCronWithAnyHourFiresWheneverTheLocalClockFits(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"} {
		rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "*/20 */3 * * *", Timezone: zone})
		start := instant("2026-01-01T00:00:00Z")
		next, _, err := rule.Next(start)
		if err != nil {
			t.Fatal(err)
		}
		for at := start.Add(5 * time.Minute); at.Before(start.AddDate(1, 0, 0)); at = at.Add(5 * time.Minute) {
			local := at.In(rule.Location())
			fits := local.Minute()%20 == 0 && local.Hour()%3 == 0
			if fits != next.At.Equal(at) {
				t.Fatalf("%s: at %s the clock fits: %t, and the next fire is %s", zone, local, fits, next.At.In(rule.Location()))
			}
			if fits {
				if next, _, err = rule.Next(at); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
