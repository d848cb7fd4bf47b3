package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
)

func TestIntervalHasOneSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, want string }{
		{"90m", "1h30m"}, {"1h30m", "1h30m"}, {"1h 30m", "1h30m"}, {"PT90M", "1h30m"}, {"pt1h30m", "1h30m"},
		{"5400s", "1h30m"}, {"1s", "1s"}, {"61s", "1m1s"}, {"2d", "2d"}, {"48h", "2d"}, {"P2D", "2d"}, {"P1DT2H", "1d2h"},
		{"1w", "1w"}, {"7d", "1w"}, {"P1W", "1w"}, {"8d", "8d"}, {"1W1D", "8d"}, {"73000d", "73000d"},
	} {
		rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleInterval, Expr: c.expr})
		if got := rule.Canonical(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.expr, got, c.want)
		}
	}
}

func TestIntervalFaultsAreForPeople(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, expr := range []string{
		"", "90", "1.5h", "0s", "500ms", "-5m", "30m1h", "1m1m", "P1M", "P1Y", "P", "PT", "PT1.5H", "73001d", "9999999999s",
		"every 5 minutes", "*/5 * * * *",
	} {
		_, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleInterval, Expr: expr})
		if err == nil {
			t.Errorf("%q is accepted", expr)
			continue
		}
		fault := ordinaut.AsError(err)
		fmt.Fprintf(&text, "%s\n    %s: %s\n        %s\n", expr, fault.Code, fault.Message, fault.Fix)
		if fault.At != "/schedule_expr" || fault.Fix == "" || len(fault.Examples) == 0 {
			t.Errorf("%q: the fault lacks its place, mend or examples: %+v", expr, fault)
		}
	}
	golden(t, "interval_faults.txt", text.String())
}

func TestIntervalCountsFromItsOrigin(t *testing.T) {
	t.Parallel()
	anchor, starts := ofDay("09:00"), ofDay("12:00:30")
	for _, c := range []struct {
		name       string
		starts     *time.Time
		t          string
		next, prev string
	}{
		{"one interval after the anchor", nil, "09:00", "09:40", ""},
		{"the anchor itself is none", nil, "08:00", "09:40", ""},
		{"between two", nil, "10:00", "10:20", "09:40"},
		{"on one", nil, "10:20", "11:00", "09:40"},
		{"starts_at is the first", &starts, "09:00", "12:00:30", ""},
		{"after starts_at", &starts, "12:00:30", "12:40:30", ""},
		{"long after starts_at", &starts, "13:20:31", "14:00:30", "13:20:30"},
	} {
		rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleInterval, Expr: "40m", Anchor: anchor, StartsAt: c.starts})
		next, ok, err := rule.Next(ofDay(c.t))
		if err != nil || !ok || !next.At.Equal(ofDay(c.next)) {
			t.Errorf("%s: next: got %s, %t, %v, want %s", c.name, next.At, ok, err, c.next)
		}
		prev, ok, err := rule.Prev(ofDay(c.t))
		if err != nil || ok != (c.prev != "") || ok && !prev.At.Equal(ofDay(c.prev)) {
			t.Errorf("%s: prev: got %s, %t, %v, want %s", c.name, prev.At, ok, err, c.prev)
		}
	}
}

func TestIntervalNeverDrifts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(1, 200*365*secondsPerDay).Draw(t, "seconds")
		origin := time.Unix(rapid.Int64Range(-1<<33, 1<<33).Draw(t, "origin"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()
		at := time.Unix(rapid.Int64Range(-1<<35, 1<<35).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "at nanos")).UTC()
		i := interval{origin: origin, every: seconds}

		next, _, _ := i.next(at, nil)
		switch steps := next.At.Unix() - origin.Unix(); {
		case steps%seconds != 0 || steps < 0 || next.At.Nanosecond() != origin.Nanosecond():
			t.Fatalf("%s is no multiple of %d s after %s", next.At, seconds, origin)
		case !next.At.After(at):
			t.Fatalf("next after %s: got %s", at, next.At)
		}
		prev, ok, _ := i.prev(next.At, nil)
		if ok != next.At.After(origin) || ok && (prev.At.After(at) || next.At.Unix()-prev.At.Unix() != seconds) {
			t.Fatalf("before %s: got %s, %t", next.At, prev.At, ok)
		}
	})
}
