package schedule

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// anchor is where the rules of these tests begin: a Tuesday.
func anchor() time.Time { return time.Date(2026, time.March, 17, 12, 34, 0, 0, time.UTC) }

func rruleIn(zone, expr string) ordinaut.Schedule {
	return ordinaut.Schedule{Kind: ordinaut.ScheduleRRule, Expr: expr, Timezone: zone, Anchor: anchor()}
}

func TestRRuleHasOneSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, want string }{
		{"FREQ=DAILY", "FREQ=DAILY"},
		{"RRULE:FREQ=DAILY", "FREQ=DAILY"},
		{"  rrule:freq=daily;interval=1;wkst=mo  ", "FREQ=DAILY"},
		{"INTERVAL=2;FREQ=WEEKLY;BYDAY=FR,MO,SU,MO", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR,SU"},
		{"FREQ=MONTHLY;BYDAY=2MO,-1FR,+1WE,TU", "FREQ=MONTHLY;BYDAY=TU,-1FR,1WE,2MO"},
		{"FREQ=MONTHLY;BYMONTHDAY=-1,15,1,-7", "FREQ=MONTHLY;BYMONTHDAY=1,15,-7,-1"},
		{"FREQ=YEARLY;WKST=SU;BYWEEKNO=53,-1,20", "FREQ=YEARLY;BYWEEKNO=-1,20,53;WKST=SU"},
		{"FREQ=YEARLY;BYYEARDAY=200,-1,1;COUNT=10", "FREQ=YEARLY;BYYEARDAY=-1,1,200;COUNT=10"},
		{"FREQ=DAILY;BYSECOND=30;BYMINUTE=15,0;BYHOUR=9", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0,15;BYSECOND=30"},
		{"FREQ=DAILY;UNTIL=20261224", "FREQ=DAILY;UNTIL=20261224"},
		{"FREQ=DAILY;UNTIL=20261224t000000z", "FREQ=DAILY;UNTIL=20261224T000000Z"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
		{"DTSTART:20260101T090000\r\nRRULE:FREQ=DAILY;\r\n INTERVAL=2\r\n", "DTSTART:20260101T090000\nRRULE:FREQ=DAILY;INTERVAL=2"},
		{"DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY", "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY"},
		{"RRULE:FREQ=DAILY\n\nDTSTART;TZID=\"Europe/Berlin\":20260101T090000", "DTSTART;TZID=Europe/Berlin:20260101T090000\nRRULE:FREQ=DAILY"},
		{
			"EXDATE:20260105T090000,20260103T090000\nRDATE;VALUE=DATE:20260201\nRDATE:20260202T090000\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
			"RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY\nRDATE;VALUE=DATE:20260201\nRDATE:20260202T090000\nEXDATE:20260103T090000,20260105T090000",
		},
	} {
		rule := mustCompile(t, rruleIn("", c.expr))
		if got := rule.Canonical(); got != c.want {
			t.Errorf("%q is spelled\n%s\nwant\n%s", c.expr, got, c.want)
		}
		if again := mustCompile(t, rruleIn("", c.want)).Canonical(); again != c.want {
			t.Errorf("%q is spelled %q again", c.want, again)
		}
	}
}

func TestRRuleFaultsAreForPeople(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, expr := range []string{
		"", "FREQ", "FREQ=", "FREQ=DAYLY", "FREQ=FORTNIGHTLY", "INTERVAL=2", "FREQ=DAILY;FREQ=WEEKLY", "FREQ=DAILY;;INTERVAL=2",
		"FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=1000000001", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=ten",
		"FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=DAILY;UNTIL=tomorrow", "FREQ=DAILY;UNTIL=20260230", "FREQ=DAILY;WKST=XX",
		"FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYMONTH=-1", "FREQ=DAILY;BYHOUR=24,25", "FREQ=DAILY;BYMINUTE=60", "FREQ=DAILY;BYSECOND=61",
		"FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY;BYYEARDAY=367", "FREQ=YEARLY;BYWEEKNO=54", "FREQ=YEARLY;BYWEEKNO=",
		"FREQ=MONTHLY;BYDAY=MONDAY", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYDAY=54MO", "FREQ=MONTHLY;BYDAY=M",
		"FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;BYDAY=-1FR", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "FREQ=WEEKLY;BYMONTHDAY=1",
		"FREQ=MONTHLY;BYYEARDAY=1", "FREQ=MONTHLY;BYWEEKNO=1", "FREQ=DAILY;BYSETPOS=1", "FREQ=DAILY;BYSETPOS=367;BYHOUR=1",
		"FREQ=DAILY;BYEASTER=0", "FREQ=DAILY;BYMONTDAY=1", "FREQ=DAILY;BYMINUTE=" + strings.Repeat("1,", 60) + "1",
		"FREQ=WEEKLY;BYDAY=1MO;BYMONTHDAY=1;COUNT=1;UNTIL=20270101",
		"DTSTART:20260101T090000", "DTSTART:2026-01-01\nRRULE:FREQ=DAILY", "DTSTART:20260101T090000\nDTSTART:20260102T090000\nRRULE:FREQ=DAILY",
		"DTSTART:20260101T090000,20260102T090000\nRRULE:FREQ=DAILY", "DTSTART;TZID=Europe/Berlin:20260101T090000Z\nRRULE:FREQ=DAILY",
		"DTSTART;TZID=Europa/Berlin:20260101T090000\nRRULE:FREQ=DAILY", "DTSTART;VALUE=DATE:20260101T090000\nRRULE:FREQ=DAILY",
		"DTSTART;FOO=BAR:20260101T090000\nRRULE:FREQ=DAILY", "DTSTART:20260101\nRRULE:FREQ=DAILY;BYHOUR=9", "DTSTART:20260101\nRRULE:FREQ=HOURLY",
		"RRULE;X=Y:FREQ=DAILY", "RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY\nDTEND:20260101T100000", "RRULE:FREQ=DAILY\nEXDATE:",
		"RDATE;VALUE=PERIOD:20260101T090000/PT1H", "RDATE;TZID=Nowhere:20260101T090000", "RRULE:FREQ=DAILY\nEXDATE;TZID=Nowhere:20260101T090000",
	} {
		fmt.Fprintf(&text, "%s\n", strings.ReplaceAll(expr, "\n", "\n  "))
		_, err := Compile(rruleIn("", expr))
		if err == nil {
			t.Errorf("%q is accepted", expr)
			continue
		}
		for _, fault := range ordinaut.AsError(err).All() {
			fmt.Fprintf(&text, "    %s: %s\n        %s\n", fault.Code, fault.Message, fault.Fix)
			if fault.At != "/schedule_expr" || fault.Fix == "" || len(fault.Examples) == 0 {
				t.Errorf("%q: a fault lacks its place, mend or examples: %+v", expr, fault)
			}
		}
	}
	golden(t, "rrule_faults.txt", text.String())
}

func TestRRuleExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	_, err := Compile(rruleIn("", "nonsense"))
	for _, expr := range ordinaut.AsError(err).Examples {
		mustCompile(t, rruleIn("", expr))
	}
}

func TestRRuleLimitsHold(t *testing.T) {
	t.Parallel()
	list := func(n int) string { return strings.TrimSuffix(strings.Repeat("1,", n), ",") }
	for _, c := range []struct {
		name, at, past string
		code           ordinaut.Code
	}{
		{"values of a part", "FREQ=DAILY;BYMINUTE=" + list(limits.RecurrenceValues), "FREQ=DAILY;BYMINUTE=" + list(limits.RecurrenceValues+1), ordinaut.CodeScheduleRRule},
		{"a COUNT to be counted", "FREQ=MINUTELY;BYHOUR=9;COUNT=100000", "FREQ=MINUTELY;BYHOUR=9;COUNT=100001", ordinaut.CodeScheduleTooCostly},
		{
			"the length of the expression",
			"FREQ=DAILY" + strings.Repeat(" ", limits.ExprBytes-10), "FREQ=DAILY" + strings.Repeat(" ", limits.ExprBytes-9),
			ordinaut.CodeExprTooLong,
		},
	} {
		if _, err := Compile(rruleIn("", c.at)); err != nil {
			t.Errorf("%s at the limit: %v", c.name, err)
		}
		if _, err := Compile(rruleIn("", c.past)); !errors.Is(err, &ordinaut.Error{Code: c.code}) {
			t.Errorf("%s one past the limit: got %v, want %s", c.name, err, c.code)
		}
	}
}

// fires lists what a schedule yields after a time, in its own wall-clock time.
func fires(t *testing.T, s ordinaut.Schedule, after time.Time, n int) []string {
	t.Helper()
	rule := mustCompile(t, s)
	var list []string
	for range n {
		o, ok, err := rule.Next(after)
		if err != nil {
			t.Fatalf("%q: %v", s.Expr, err)
		}
		if !ok {
			break
		}
		list, after = append(list, o.At.In(rule.Location()).Format("2006-01-02 15:04:05Z07")), o.At
	}
	return list
}

// A firing is an rrule expression and all the times it fires at.
type firing struct {
	name, zone, expr string
	want             []string
}

func checkFires(t *testing.T, cases []firing) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := fires(t, rruleIn(c.zone, c.expr), time.Time{}, len(c.want)+1)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.expr, diff)
			}
		})
	}
}

// TestRRuleStart is about DTSTART and the anchor.
func TestRRuleStart(t *testing.T) {
	t.Parallel()
	checkFires(t, []firing{
		{
			"without DTSTART the anchor stands for it", "Europe/Berlin", "FREQ=WEEKLY;COUNT=2",
			[]string{"2026-03-17 13:34:00+01", "2026-03-24 13:34:00+01"},
		},
		{
			"DTSTART fires only if the rule yields it", "", "DTSTART:20260317T090000\nRRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2",
			[]string{"2026-03-20 09:00:00Z", "2026-03-27 09:00:00Z"},
		},
		{
			"the zone of DTSTART wins", "", "DTSTART;TZID=Asia/Tokyo:20260401T090000\nRRULE:FREQ=DAILY;COUNT=1",
			[]string{"2026-04-01 09:00:00+09"},
		},
		{
			"a DTSTART that is a date means midnight", "Europe/Berlin", "DTSTART;VALUE=DATE:20260401\nRRULE:FREQ=MONTHLY;COUNT=2\nRDATE:20260402",
			[]string{"2026-04-01 00:00:00+02", "2026-04-02 00:00:00+02", "2026-05-01 00:00:00+02"},
		},
		{
			"DTSTART in UTC is followed in UTC", "", "DTSTART:20260328T090000Z\nRRULE:FREQ=DAILY;COUNT=2",
			[]string{"2026-03-28 09:00:00Z", "2026-03-29 09:00:00Z"},
		},
		{
			"the second of DTSTART is kept, and the leap second never comes", "", "DTSTART:20260401T090015\nRRULE:FREQ=DAILY;BYHOUR=7;COUNT=1\nRRULE:FREQ=DAILY;BYSECOND=59,60;COUNT=2",
			[]string{"2026-04-01 09:00:59Z", "2026-04-02 07:00:15Z", "2026-04-02 09:00:59Z"},
		},
	})
}

// TestRRuleEnd is about COUNT and UNTIL.
func TestRRuleEnd(t *testing.T) {
	t.Parallel()
	checkFires(t, []firing{
		{
			"UNTIL is inclusive, and a date means all of it", "Europe/Berlin", "DTSTART:20260401T090000\nRRULE:FREQ=DAILY;UNTIL=20260402",
			[]string{"2026-04-01 09:00:00+02", "2026-04-02 09:00:00+02"},
		},
		{
			"UNTIL without a zone is wall-clock time", "Europe/Berlin", "DTSTART:20260401T090000\nRRULE:FREQ=DAILY;UNTIL=20260402T090000",
			[]string{"2026-04-01 09:00:00+02", "2026-04-02 09:00:00+02"},
		},
		{
			"UNTIL in UTC is an instant", "Europe/Berlin", "DTSTART:20260401T090000\nRRULE:FREQ=DAILY;UNTIL=20260402T065959Z",
			[]string{"2026-04-01 09:00:00+02"},
		},
		{
			"UNTIL bounds elapsed time as well", "Europe/Berlin", "DTSTART:20260401T230000\nRRULE:FREQ=HOURLY;UNTIL=20260401\nRRULE:FREQ=MINUTELY;INTERVAL=90;UNTIL=20260402T003000",
			[]string{"2026-04-01 23:00:00+02", "2026-04-02 00:30:00+02"},
		},
		{
			"COUNT counts what EXDATE leaves out", "", "DTSTART:20260401T090000\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260401T090000",
			[]string{"2026-04-02 09:00:00Z"},
		},
	})
}

// TestRRuleSets is about several rules, RDATE and EXDATE.
func TestRRuleSets(t *testing.T) {
	t.Parallel()
	checkFires(t, []firing{
		{
			"several rules are united, and fire once where they meet", "", "DTSTART:20260401T090000\nRRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=DAILY;INTERVAL=3;COUNT=2",
			[]string{"2026-04-01 09:00:00Z", "2026-04-02 09:00:00Z", "2026-04-04 09:00:00Z"},
		},
		{
			"RDATE adds and EXDATE leaves out", "", "DTSTART:20260401T090000\nRRULE:FREQ=DAILY;COUNT=4\nRDATE:20260420T100000,20260401T070000\nEXDATE:20260402T090000,20260420T110000",
			[]string{"2026-04-01 07:00:00Z", "2026-04-01 09:00:00Z", "2026-04-03 09:00:00Z", "2026-04-04 09:00:00Z", "2026-04-20 10:00:00Z"},
		},
		{
			"a date in RDATE has the time of DTSTART, and in EXDATE it is the whole day", "Europe/Berlin",
			"DTSTART:20260401T090000\nRRULE:FREQ=DAILY;BYHOUR=9,18;COUNT=6\nRDATE;VALUE=DATE:20260501\nEXDATE;VALUE=DATE:20260402",
			[]string{"2026-04-01 09:00:00+02", "2026-04-01 18:00:00+02", "2026-04-03 09:00:00+02", "2026-04-03 18:00:00+02", "2026-05-01 09:00:00+02"},
		},
		{
			"UTC and other zones are instants", "America/New_York",
			"DTSTART:20260401T090000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260402T130000Z\nRDATE:20260402T120000Z\nRDATE;TZID=Europe/Berlin:20260404T180000\nEXDATE;TZID=Europe/Berlin:20260403T150000",
			[]string{"2026-04-01 09:00:00-04", "2026-04-02 08:00:00-04", "2026-04-04 12:00:00-04"},
		},
		{
			"a rule of short periods with a whole day left out", "America/New_York", "DTSTART:20260307T233000\nRRULE:FREQ=MINUTELY;INTERVAL=15;COUNT=96\nEXDATE;VALUE=DATE:20260308",
			[]string{"2026-03-07 23:30:00-05", "2026-03-07 23:45:00-05", "2026-03-09 00:00:00-04", "2026-03-09 00:15:00-04"},
		},
	})
}

func TestRRuleZoneMayNotContradictTheField(t *testing.T) {
	t.Parallel()
	for expr, clash := range map[string]bool{
		"DTSTART;TZID=Asia/Tokyo:20260401T090000\nRRULE:FREQ=DAILY":    true,
		"DTSTART:20260401T090000Z\nRRULE:FREQ=DAILY":                   true,
		"DTSTART;TZID=Europe/Berlin:20260401T090000\nRRULE:FREQ=DAILY": false,
		"DTSTART:20260401T090000\nRRULE:FREQ=DAILY":                    false,
	} {
		_, err := Compile(rruleIn("Europe/Berlin", expr))
		if got := errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleZoneClash}); got != clash || clash && ordinaut.AsError(err).At != "/timezone" {
			t.Errorf("%q: got %v, want a clash: %t", expr, err, clash)
		}
	}
}
