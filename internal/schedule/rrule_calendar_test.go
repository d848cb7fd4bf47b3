package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

// TestRRuleCalendars draws what rules yield where people most often get it
// wrong. Behind each instant stands what was asked for, when clocks do not show
// it, and the note.
func TestRRuleCalendars(t *testing.T) {
	t.Parallel()
	for file, rules := range map[string][]struct {
		title, zone, rule string
		n                 int
	}{
		"rrule_clock_changes.txt": {
			{"New York, clocks go forward: 02:30 daily", "America/New_York", "DTSTART:20260307T023000\nRRULE:FREQ=DAILY", 3},
			{"New York, clocks go forward: 02:30 and 03:30 meet", "America/New_York", "DTSTART:20260307T000000\nRRULE:FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30", 5},
			{"New York, clocks go forward: every half hour of real time", "America/New_York", "DTSTART:20260308T010000\nRRULE:FREQ=MINUTELY;INTERVAL=30", 5},
			{"New York, clocks go back: 01:30 daily", "America/New_York", "DTSTART:20261031T013000\nRRULE:FREQ=DAILY", 3},
			{"New York, clocks go back: every half hour of real time", "America/New_York", "DTSTART:20261101T003000\nRRULE:FREQ=MINUTELY;INTERVAL=30", 7},
			{"New York, clocks go back: at 15 past, every other hour of real time", "America/New_York", "DTSTART:20261031T230000\nRRULE:FREQ=HOURLY;INTERVAL=2;BYMINUTE=15", 5},
			{"Lord Howe, half an hour forward", "Australia/Lord_Howe", "DTSTART:20261003T000000\nRRULE:FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0,15,45", 12},
			{"Lord Howe, half an hour back", "Australia/Lord_Howe", "DTSTART:20260405T000000\nRRULE:FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0,15,45", 6},
			{"Lord Howe, half an hour back, every hour of real time", "Australia/Lord_Howe", "DTSTART:20260405T000000\nRRULE:FREQ=HOURLY", 4},
			{"Lord Howe, half an hour back, on every full hour", "Australia/Lord_Howe", "DTSTART:20260405T000000\nRRULE:FREQ=HOURLY;BYMINUTE=0", 4},
			{"Apia, the day that was left out", "Pacific/Apia", "DTSTART:20111228T090000\nRRULE:FREQ=DAILY", 5},
			{"Apia, Fridays", "Pacific/Apia", "DTSTART:20111223T090000\nRRULE:FREQ=WEEKLY;BYDAY=FR", 3},
			{"Sao Paulo, clocks go forward at midnight", "America/Sao_Paulo", "DTSTART:20181103T003000\nRRULE:FREQ=DAILY", 3},
			{"Dublin, where winter is the exception", "Europe/Dublin", "DTSTART:20260328T013000\nRRULE:FREQ=DAILY", 3},
			{"Troll, two hours at once", "Antarctica/Troll", "DTSTART:20260328T000000\nRRULE:FREQ=DAILY;BYHOUR=1,2;BYMINUTE=30", 5},
		},
		"rrule_calendars.txt": {
			{"the last day of the month", "", "DTSTART:20280101T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1", 6},
			{"the 31st, where there is one", "", "DTSTART:20260101T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=31", 6},
			{"the 31st, or else the last day", "", "DTSTART:20260101T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", 6},
			{"the last working day of the month", "", "DTSTART:20260101T170000\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 6},
			{"the last working day of the quarter", "", "DTSTART:20260301T170000\nRRULE:FREQ=MONTHLY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 4},
			{"29 February", "", "DTSTART:20940101T090000\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", 4},
			{"Monday of week 53", "", "DTSTART:20200101T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", 4},
			{"Friday of week 53, which may lie in January", "", "DTSTART:20200101T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR", 4},
			{"Monday of week 1, which may lie in December", "", "DTSTART:20240101T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", 4},
			{"Monday of the last week", "", "DTSTART:20240101T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO", 4},
			{"week 20, on the weekday of DTSTART", "", "DTSTART:20260318T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=20", 3},
			{"every Tuesday and the first Monday", "", "DTSTART:20260301T090000\nRRULE:FREQ=MONTHLY;BYDAY=TU,1MO", 7},
			{"first and last second of the year", "", "DTSTART:20260101T000000\nRRULE:FREQ=YEARLY;BYYEARDAY=1,-1;BYHOUR=0,23;BYMINUTE=0,59;BYSECOND=0,59;BYSETPOS=1,-1", 4},
			{"the third and the last time of every fourth hour", "", "DTSTART:20260101T083000\nRRULE:FREQ=HOURLY;INTERVAL=4;BYMINUTE=0,10,20,30,40,50;BYSETPOS=3,-1", 5},
			{"one second of a leap day, second by second", "", "DTSTART:20260101T000000\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=7;BYSECOND=11", 3},
		},
	} {
		var text strings.Builder
		for _, r := range rules {
			fmt.Fprintf(&text, "# %s\n%s\n", r.title, r.rule)
			writeCalendar(t, &text, mustCompile(t, rruleIn(r.zone, r.rule)), r.n)
		}
		golden(t, file, text.String())
	}
}

func writeCalendar(t *testing.T, text *strings.Builder, rule *Rule, n int) {
	t.Helper()
	after := time.Time{}
	for range n {
		o, ok, err := rule.Next(after)
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", rule.Canonical(), ok, err)
		}
		local := o.At.In(rule.Location())
		fmt.Fprintf(text, "    %s", local.Format("Mon 2006-01-02 15:04:05 -07:00"))
		if local.Format(wallLayout) != o.Wall {
			fmt.Fprintf(text, "  for %s", o.Wall)
		}
		if o.Note != "" {
			fmt.Fprintf(text, "  (%s)", o.Note)
		}
		text.WriteString("\n")
		after = o.At
	}
}

// TestGapAndRepeatPolicies shows each policy at the clock change it is for.
func TestGapAndRepeatPolicies(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	spring := rruleIn("America/New_York", "DTSTART:20260307T023000\nRRULE:FREQ=DAILY;COUNT=3")
	for _, spring.Gap = range []ordinaut.GapPolicy{ordinaut.GapShift, ordinaut.GapNextValid, ordinaut.GapSkip} {
		fmt.Fprintf(&text, "# gap: %s\n", spring.Gap)
		writeCalendar(t, &text, mustCompile(t, spring), 3)
	}
	autumn := rruleIn("America/New_York", "DTSTART:20261101T010000\nRRULE:FREQ=DAILY;BYMINUTE=0,30;COUNT=2")
	for _, autumn.Repeat = range []ordinaut.RepeatPolicy{ordinaut.RepeatFirst, ordinaut.RepeatLast, ordinaut.RepeatBoth} {
		fmt.Fprintf(&text, "# repeat: %s\n", autumn.Repeat)
		n := 2
		if autumn.Repeat == ordinaut.RepeatBoth {
			n = 4
		}
		writeCalendar(t, &text, mustCompile(t, autumn), n)
	}
	golden(t, "policies.txt", text.String())
}
