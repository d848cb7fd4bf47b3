package schedule_test

import (
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// FuzzRRule compiles whatever comes. What is accepted has one spelling, which
// means the same, and steps forward and back over the same instants.
func FuzzRRule(f *testing.F) {
	for _, expr := range []string{
		"FREQ=DAILY;INTERVAL=2;COUNT=10",
		"RRULE:FREQ=MONTHLY;BYDAY=MO,-1FR;BYSETPOS=2,-1",
		"FREQ=YEARLY;BYWEEKNO=53,-1;WKST=SU",
		"FREQ=YEARLY;BYYEARDAY=1,-1,366;BYHOUR=0,23",
		"FREQ=MINUTELY;INTERVAL=7;BYHOUR=1,2;BYSECOND=0,60",
		"FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=-1",
		"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29",
		"FREQ=WEEKLY;UNTIL=20270101T000000Z;BYDAY=SU,SA",
		"DTSTART;TZID=America/New_York:20261101T013000\r\nRRULE:FREQ=DAILY\r\nRDATE;VALUE=DATE:20261105\r\nEXDATE:20261102T013000",
		"DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY",
	} {
		f.Add(expr)
	}
	start := time.Date(2026, time.March, 17, 12, 34, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, expr string) {
		s := ordinaut.Schedule{Kind: ordinaut.ScheduleRRule, Expr: expr, DefaultZone: "Australia/Lord_Howe", Anchor: start}
		rule, err := schedule.Compile(s)
		if err != nil {
			return
		}
		s.Expr = rule.Canonical()
		again, err := schedule.Compile(s)
		if err != nil || again.Canonical() != s.Expr {
			t.Fatalf("%q is spelled %q, which is not stable: %v", expr, s.Expr, err)
		}
		rule.Sentence()
		for at := start; at.Before(start.AddDate(30, 0, 0)); {
			next, ok, err := rule.Next(at)
			same, _, _ := again.Next(at)
			if !ok || err != nil {
				return
			}
			if !next.At.After(at) || same != next {
				t.Fatalf("Next(%v) = %v, and of the canonical form %v", at, next, same)
			}
			if prev, ok, err := rule.Prev(next.At); err == nil && ok && prev.At.After(at) {
				t.Fatalf("Prev(%v) = %v, which Next(%v) passes over", next.At, prev, at)
			}
			at = next.At.AddDate(1, 0, 0)
		}
	})
}
