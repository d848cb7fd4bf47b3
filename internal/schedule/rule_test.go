package schedule

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

func TestCompileTellsEveryFaultWithItsPlace(t *testing.T) {
	t.Parallel()
	starts, ends := anchor(), anchor().Add(-time.Hour)
	for _, c := range []struct {
		name     string
		schedule ordinaut.Schedule
		want     map[string]ordinaut.Code
	}{
		{"an unknown kind", ordinaut.Schedule{Kind: "crom"}, map[string]ordinaut.Code{"/schedule_kind": ordinaut.CodeScheduleKind}},
		{"a condition of nothing", ordinaut.Schedule{Kind: ordinaut.ScheduleCondition, Expr: " "}, map[string]ordinaut.Code{"/schedule_expr": ordinaut.CodeScheduleCondition}},
		{
			"everything at once",
			ordinaut.Schedule{
				Kind: ordinaut.ScheduleRRule, Expr: "FREQ=NEVER", Timezone: "Nowhere", Gap: "jump", Repeat: "twice", StartsAt: &starts, EndsAt: &ends,
			},
			map[string]ordinaut.Code{
				"/schedule_expr": ordinaut.CodeScheduleRRule, "/timezone": ordinaut.CodeScheduleTimezone,
				"/gap": ordinaut.CodeFieldValue, "/repeat": ordinaut.CodeFieldValue, "/ends_at": ordinaut.CodeScheduleBounds,
			},
		},
		{"bounds that leave nothing before their end", ordinaut.Schedule{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=DAILY", Anchor: anchor(), EndsAt: &ends}, map[string]ordinaut.Code{"/ends_at": ordinaut.CodeScheduleBounds}},
		{"bounds that leave nothing after their start", ordinaut.Schedule{Kind: ordinaut.ScheduleRRule, Expr: "FREQ=DAILY;UNTIL=20260316", Anchor: ends.AddDate(0, 0, -9), StartsAt: &starts}, map[string]ordinaut.Code{"/starts_at": ordinaut.CodeScheduleBounds}},
		{"a set that leaves out all it has", rruleIn("", "FREQ=DAILY;COUNT=1\nEXDATE:20260317T123400"), map[string]ordinaut.Code{"/schedule_expr": ordinaut.CodeScheduleNever}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Compile(c.schedule)
			got := map[string]ordinaut.Code{}
			for _, fault := range ordinaut.AsError(err).All() {
				got[fault.At] = fault.Code
				if fault.Fix == "" {
					t.Errorf("%s has no fix", fault.Code)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheNearestKindIsNamed(t *testing.T) {
	t.Parallel()
	_, err := Compile(ordinaut.Schedule{Kind: "RRULES"})
	if want := "did you mean rrule? The kinds are cron, rrule, once, interval, event, condition, manual"; ordinaut.AsError(err).Fix != want {
		t.Errorf("got %q, want %q", ordinaut.AsError(err).Fix, want)
	}
}

func TestBoundsAreInclusive(t *testing.T) {
	t.Parallel()
	starts, ends := anchor().AddDate(0, 0, 1), anchor().AddDate(0, 0, 3)
	s := rruleIn("", "FREQ=DAILY")
	s.StartsAt, s.EndsAt = &starts, &ends
	rule := mustCompile(t, s)
	var forward, backward []int
	for at := (time.Time{}); ; {
		o, ok, err := rule.Next(at)
		if err != nil || !ok {
			break
		}
		forward, at = append(forward, o.At.Day()), o.At
	}
	for at := anchor().AddDate(300, 0, 0); ; {
		o, ok, err := rule.Prev(at)
		if err != nil || !ok {
			break
		}
		backward, at = append(backward, o.At.Day()), o.At
	}
	slices.Reverse(backward)
	if want := []int{18, 19, 20}; !slices.Equal(forward, want) || !slices.Equal(backward, want) {
		t.Errorf("days %v forward and %v back, want %v", forward, backward, want)
	}
}

func TestARuleThatIsOverIsNoFault(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, rruleIn("", "DTSTART:20200101T090000\nRRULE:FREQ=DAILY;COUNT=3"))
	if _, ok, err := rule.Next(anchor()); ok || err != nil {
		t.Errorf("Next = %v %v, want none", ok, err)
	}
	if o, ok, err := rule.Prev(anchor()); !ok || err != nil || !o.At.Equal(instant("2020-01-03T09:00:00Z")) {
		t.Errorf("Prev = %v %v %v, want the third", o, ok, err)
	}
}

func TestTheSearchEndsAfter200Years(t *testing.T) {
	t.Parallel()
	// Of the full hundreds, 2000 and then 2400 are leap years.
	s := rruleIn("", "DTSTART:20000101T090000\nRRULE:FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29")
	s.Anchor = instant("2000-01-01T00:00:00Z")
	rule := mustCompile(t, s)
	for after, want := range map[string]error{
		"2000-01-01T00:00:00Z": nil,
		"2000-03-01T00:00:00Z": &ordinaut.Error{Code: ordinaut.CodeScheduleTooCostly},
		"2399-01-01T00:00:00Z": nil,
	} {
		_, ok, err := rule.Next(instant(after))
		if !errors.Is(err, want) || ok != (want == nil) {
			t.Errorf("Next(%s) = %v %v, want %v", after, ok, err, want)
		}
	}
	ends := instant("2100-01-01T00:00:00Z")
	s.EndsAt = &ends
	if _, ok, err := mustCompile(t, s).Next(instant("2000-03-01T00:00:00Z")); ok || err != nil {
		t.Errorf("before an end within the search: %v %v, want certainly none", ok, err)
	}
}

func TestWhatFiresWinsOverWhatIsSkipped(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		"DTSTART:20260307T023000\nRRULE:FREQ=DAILY\nRDATE:20260308T033000",
		"DTSTART:20260307T023000\nRRULE:FREQ=DAILY;BYHOUR=3\nRRULE:FREQ=DAILY",
		"DTSTART:20260307T023000\nRRULE:FREQ=DAILY\nRDATE:20260308T073000Z",
	} {
		s := rruleIn("America/New_York", expr)
		s.Gap = ordinaut.GapSkip
		rule := mustCompile(t, s)
		next, _, _ := rule.Next(instant("2026-03-08T07:00:00Z"))
		prev, _, _ := rule.Prev(instant("2026-03-08T08:00:00Z"))
		want := ordinaut.Occurrence{At: instant("2026-03-08T07:30:00Z"), Wall: "2026-03-08T03:30:00"}
		if next != want || prev != want {
			t.Errorf("%s: Next = %v, Prev = %v, want %v", expr, next, prev, want)
		}
	}
}

func TestTheCalendarEndsWithTheYear9999(t *testing.T) {
	t.Parallel()
	for _, s := range []ordinaut.Schedule{
		rruleIn("Pacific/Kiritimati", "FREQ=DAILY"),
		rruleIn("America/New_York", "FREQ=HOURLY;BYMINUTE=0"),
		{Kind: ordinaut.ScheduleCron, Expr: "0 * * * *", Timezone: "Europe/Berlin"},
		{Kind: ordinaut.ScheduleInterval, Expr: "1h"},
	} {
		rule := mustCompile(t, s)
		at := instant("9999-12-29T00:00:00Z")
		for range 100 {
			o, ok, err := rule.Next(at)
			if err != nil || ok && o.At.Year() > 9999 {
				t.Fatalf("%s: Next(%v) = %v %v", s.Expr, at, o, err)
			}
			if !ok {
				break
			}
			at = o.At
		}
		if _, ok, err := rule.Next(lastSecond()); ok || err != nil {
			t.Errorf("%s goes on after the year 9999: %v", s.Expr, err)
		}
	}
}

func TestARuleTellsWhatItIs(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, rruleIn("", "DTSTART;TZID=Asia/Tokyo:20260401T090000\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYMONTHDAY=1,2,3,4,5,6,7,-1;BYHOUR=1,3,4,7;BYMINUTE=3"))
	if rule.Kind() != ordinaut.ScheduleRRule || rule.Location().String() != "Asia/Tokyo" {
		t.Errorf("kind %s in %s", rule.Kind(), rule.Location())
	}
	if rule.Sentence() != rule.Canonical() {
		t.Errorf("a sentence for %s: %s", rule.Canonical(), rule.Sentence())
	}
}
