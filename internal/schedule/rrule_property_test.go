package schedule

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
)

// drawRule draws a schedule of any kind of recurrence, in a zone where clocks
// change, with policies and now and then with bounds.
func drawRule(t *rapid.T) (ordinaut.Schedule, *Rule) {
	kind := rapid.SampledFrom([]ordinaut.Schedule{
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=DAILY;INTERVAL=3;BYHOUR=0,23;BYMINUTE=59"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=WEEKLY;BYDAY=SU,MO;BYHOUR=2"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=MONTHLY;BYDAY=-1SU,1SU,MO;BYHOUR=2;BYMINUTE=15,45"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,SU;BYSETPOS=1,-1;BYHOUR=1,2"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=YEARLY;BYWEEKNO=1,13,44,53;BYHOUR=2,3"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=HOURLY;INTERVAL=5"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=HOURLY;BYMINUTE=0,20,40;BYSETPOS=2,-1"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=MINUTELY;INTERVAL=45;BYDAY=SA,SU"},
		{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=SECONDLY;INTERVAL=1801;BYHOUR=0,1,2,3"},
		{Kind: ordinaut.ScheduleRRule, Expr: "RRULE:FREQ=DAILY;COUNT=4000\nRRULE:FREQ=HOURLY;INTERVAL=7\nRDATE:20260329T023000\nEXDATE;VALUE=DATE:20260308,20261101"},
		{Kind: ordinaut.ScheduleCron, Expr: "*/20 * * * SUN"},
		{Kind: ordinaut.ScheduleCron, Expr: "30 1-3 * * *"},
		{Kind: ordinaut.ScheduleInterval, Expr: "97m"},
	}).Draw(t, "schedule")
	kind.Anchor = time.Date(2024, time.February, 29, 1, 30, 0, 0, time.UTC)
	kind.Timezone = rapid.SampledFrom([]string{
		"UTC", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "America/Havana", "Antarctica/Troll", "America/Goose_Bay",
	}).Draw(t, "zone")
	kind.Gap = rapid.SampledFrom([]ordinaut.GapPolicy{ordinaut.GapShift, ordinaut.GapNextValid, ordinaut.GapSkip}).Draw(t, "gap")
	kind.Repeat = rapid.SampledFrom([]ordinaut.RepeatPolicy{ordinaut.RepeatFirst, ordinaut.RepeatLast, ordinaut.RepeatBoth}).Draw(t, "repeat")
	if rapid.Bool().Draw(t, "bounded") {
		starts, ends := drawTime(t, "starts"), drawTime(t, "ends")
		ends = laterOf(ends, starts.AddDate(1, 0, 0))
		kind.StartsAt, kind.EndsAt = &starts, &ends
	}
	rule, err := Compile(kind)
	if err != nil {
		t.Fatalf("%+v: %v", kind, err)
	}
	return kind, rule
}

// drawTime draws a time, often near a clock change.
func drawTime(t *rapid.T, label string) time.Time {
	day := rapid.SampledFrom([]time.Time{
		time.Date(2025, time.March, 9, 7, 0, 0, 0, time.UTC),
		time.Date(2025, time.November, 2, 6, 0, 0, 0, time.UTC),
		time.Date(2026, time.March, 29, 1, 0, 0, 0, time.UTC),
		time.Date(2026, time.April, 4, 15, 0, 0, 0, time.UTC),
		time.Date(2026, time.October, 3, 15, 30, 0, 0, time.UTC),
		time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC),
	}).Draw(t, label+" day")
	return day.Add(time.Duration(rapid.IntRange(-200_000, 200_000).Draw(t, label+" seconds")) * time.Second)
}

func TestNextAndPrevAreMirrors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, rule := drawRule(t)
		at := drawTime(t, "at")
		for range 5 {
			next, ok, err := rule.Next(at)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if !next.At.After(at) {
				t.Fatalf("Next(%v) = %v goes back", at, next.At)
			}
			if s.StartsAt != nil && (next.At.Before(*s.StartsAt) || next.At.After(*s.EndsAt)) {
				t.Fatalf("Next(%v) = %v leaves %v to %v", at, next.At, s.StartsAt, s.EndsAt)
			}
			// Between the two there is nothing, wherever one asks.
			between := at.Add(time.Duration(rapid.Int64Range(0, int64(next.At.Sub(at)-1)).Draw(t, "between")))
			if again, _, _ := rule.Next(between); again != next {
				t.Fatalf("Next(%v) = %v, and Next(%v) = %v", at, next, between, again)
			}
			if back, ok, _ := rule.Prev(next.At.Add(1)); !ok || back != next {
				t.Fatalf("Prev just after %v = %v", next, back)
			}
			if back, ok, _ := rule.Prev(next.At); ok && back.At.After(at) {
				t.Fatalf("Next(%v) = %v passes over %v", at, next.At, back.At)
			}
			at = next.At
		}
	})
}

func TestPrevStepsBackOverWhatNextStepsOver(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		_, rule := drawRule(t)
		at := drawTime(t, "at")
		for range 5 {
			prev, ok, err := rule.Prev(at)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if !prev.At.Before(at) {
				t.Fatalf("Prev(%v) = %v goes forward", at, prev.At)
			}
			between := prev.At.Add(1 + time.Duration(rapid.Int64Range(0, int64(at.Sub(prev.At)-1)).Draw(t, "between")))
			if again, _, _ := rule.Prev(between); again != prev {
				t.Fatalf("Prev(%v) = %v, and Prev(%v) = %v", at, prev, between, again)
			}
			if forth, ok, _ := rule.Next(prev.At.Add(-1)); !ok || forth != prev {
				t.Fatalf("Next just before %v = %v", prev, forth)
			}
			at = prev.At
		}
	})
}

// TestTheAgeOfTheAnchorCostsNothing counts the candidates that a rule looks at.
func TestTheAgeOfTheAnchorCostsNothing(t *testing.T) {
	t.Parallel()
	now := anchor()
	for _, expr := range []string{
		"FREQ=SECONDLY;INTERVAL=7", "FREQ=MINUTELY;INTERVAL=15;BYHOUR=9", "FREQ=HOURLY;INTERVAL=5", "FREQ=DAILY;INTERVAL=3",
		"FREQ=DAILY;BYHOUR=9;COUNT=100000", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "FREQ=YEARLY;INTERVAL=2",
	} {
		for years := range 200 {
			s := rruleIn("America/New_York", expr)
			s.Anchor = now.AddDate(-years, 0, -1)
			rule := mustCompile(t, s)
			b := newBudget(now)
			_, ok, err := rule.calendar.next(now, b)
			if spent := newBudget(now).left - b.left; !ok || err != nil || spent > 100 {
				t.Errorf("%s, %d years old: %v %v, %d candidates", expr, years, ok, err, spent)
			}
		}
	}
}
