package calendar_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/calendar"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// hostile is texts that are meant to cost much, each of them n times as long as
// it may be small.
func hostile() map[string]func(n int) string {
	times := func(n int, text string) string { return strings.Repeat(text, n) }
	many := func(n int, lines string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:%d\n%s\nEND:VEVENT\n", i, lines)
		}
		return wrap(b.String())
	}
	return map[string]func(n int) string{
		"parameters without end":      func(n int) string { return wrap(event("SUMMARY" + times(n*100, ";A=b") + ":x")) },
		"quotes without end":          func(n int) string { return wrap(event("SUMMARY" + times(n*100, `;A="`) + ":x")) },
		"folds without end":           func(n int) string { return wrap(event("SUMMARY:" + times(n*100, "a\n "))) },
		"blocks without an end":       func(n int) string { return wrap(times(n*20, "BEGIN:VEVENT\nUID:a\n")) },
		"ends without a beginning":    func(n int) string { return wrap(times(n*5, "BEGIN:A\n") + times(n*20, "END:B\n")) },
		"deep blocks":                 func(n int) string { return wrap(times(n*20, "BEGIN:A\n")) },
		"lines that cannot be read":   func(n int) string { return wrap(event(times(n*50, "x\n"))) },
		"empty lines":                 func(n int) string { return wrap(times(n*200, "\n \n")) },
		"events that recur all along": func(n int) string { return many(n, "DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY") },
		"events that recur and last": func(n int) string {
			return many(n, "DTSTART:19700101T000000Z\nDURATION:P5000W\nRRULE:FREQ=SECONDLY")
		},
		"whole days that recur for long": func(n int) string { return many(n, "DTSTART:19000101\nDURATION:P4500W\nRRULE:FREQ=DAILY") },
		"rules that find little": func(n int) string {
			return many(n, "DTSTART:16000229T000000Z\nRRULE:FREQ=YEARLY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=29;INTERVAL=7")
		},
		"rules that have to be counted": func(n int) string {
			return many(n, "DTSTART:19000101T000000Z\nRRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;BYMONTHDAY=1;COUNT=9999")
		},
		"rules that never come": func(n int) string {
			return many(n, "DTSTART:20260101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
		},
		"every occurrence left out": func(n int) string {
			return many(n, "DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY\nEXDATE:"+times(100, "20260320,")+"20260321")
		},
		"a clock that changes all along": func(n int) string { return many(n, "DTSTART;TZID=X:20260321T000000") + clock("X", "FREQ=SECONDLY") },
		"clocks that change every day":   func(n int) string { return clocks(n) },
		"dates without end": func(n int) string {
			return wrap(event("DTSTART:20260321T000000Z", "RDATE:"+times(n*50, "20260321T000000Z,")))
		},
		"dates that are none": func(n int) string {
			return wrap(event("DTSTART:20260321T000000Z", "EXDATE:"+times(n*100, ","), "RDATE:"+times(n*100, ",")))
		},
		"zones that nobody knows":   func(n int) string { return unknown(n) },
		"a zone with a long prefix": func(n int) string { return many(n, "DTSTART;TZID="+times(1000, "/a")+":20260321T000000") },
		"a zone that is described, and used": func(n int) string {
			return clock("X", "FREQ=YEARLY") + many(n, "DTSTART;TZID=X:20260321T000000\nRRULE:FREQ=DAILY")
		},
		"changes of a series without end": func(n int) string { return many(1, "DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY") + onward(n) },
		"a change that moves by centuries": func(n int) string {
			return many(n, "DTSTART:20260321T000000Z\nRECURRENCE-ID;RANGE=THISANDFUTURE:00010101T000000Z")
		},
		"numbers that are too large": func(n int) string {
			return many(n, "DTSTART:20260321T000000Z\nSEQUENCE:99999999999999999999\nRRULE:FREQ=DAILY;COUNT=99999999999")
		},
		"a start at the beginning of all time": func(n int) string { return many(n, "DTSTART;TZID=Europe/Berlin:00010101T000000\nRRULE:FREQ=HOURLY") },
	}
}

func clock(tzid, rule string) string {
	return wrap("BEGIN:VTIMEZONE\nTZID:" + tzid + "\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:" + rule + "\nEND:STANDARD\nEND:VTIMEZONE\n")
}

func clocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(clock(fmt.Sprint("X", i), "FREQ=DAILY"))
		b.WriteString(wrap(fmt.Sprintf("BEGIN:VEVENT\nUID:%d\nDTSTART;TZID=X%d:20260321T000000\nEND:VEVENT\n", i, i)))
	}
	return b.String()
}

func unknown(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:%d\nDTSTART;TZID=Europe/B%d:20260321T000000\nEND:VEVENT\n", i, i)
	}
	return wrap(b.String())
}

func onward(n int) string {
	var b strings.Builder
	for i := range n {
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(stampLayout)
		fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:0\nRECURRENCE-ID;RANGE=THISANDFUTURE:%sZ\nDTSTART:%sZ\nEND:VEVENT\n", at, at)
	}
	return wrap(b.String())
}

// TestHostileTextsEndInTime lists texts of 128 KiB, sized down from the eight MiB
// that are accepted so that the test takes seconds. Each is worked out, refused,
// or given up soon after its context ends; the bound leaves room for a machine
// that does other things as well.
func TestHostileTextsEndInTime(t *testing.T) {
	t.Parallel()
	const size, patience, bound = 128 << 10, 150 * time.Millisecond, 5 * time.Second
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			input := text(size / len(text(20)) * 20)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			began := time.Now()
			c, err := calendar.Parse(input)
			if err == nil {
				_, err = c.List(ctx, calendar.Window{From: date(t, "2026-03-20", "UTC"), To: date(t, "2026-03-27", "UTC"), Limit: 1000})
			}
			if took := time.Since(began); took > bound {
				t.Errorf("got %v after %v for %d bytes, want an end within %v", err, took, len(input), bound)
			}
			if fault := ordinaut.AsError(err); err != nil && fault.Code != ordinaut.CodeCalendarInvalid && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want nothing, %s or the end of the context", err, ordinaut.CodeCalendarInvalid)
			}
		})
	}
}

func TestWhatIsNoCalendarIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":              "",
		"a page":               "<!DOCTYPE html>\n<html><head><title>Sign in</title>",
		"one byte too many":    strings.Repeat("x", limits.ToolFrameBytes+1),
		"a million lines":      strings.Repeat("A:\n", 1_000_000),
		"blocks nested deeper": wrap(strings.Repeat("BEGIN:X\n", 9)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := calendar.Parse(text)
			fault := ordinaut.AsError(err)
			if fault.Code != ordinaut.CodeCalendarInvalid || fault.Message == "" || fault.Fix == "" {
				t.Errorf("got %v, want %s with a message and a fix", err, ordinaut.CodeCalendarInvalid)
			}
		})
	}
}

func TestListingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c, err := calendar.Parse(wrap(event("DTSTART:20260321T000000Z", "RRULE:FREQ=DAILY")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.List(ctx, calendar.Window{From: date(t, "2026-03-20", "UTC"), To: date(t, "2026-03-27", "UTC")}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestBrokenEventsTakeNoOtherAway(t *testing.T) {
	t.Parallel()
	const fine = "BEGIN:VEVENT\nUID:fine\nSUMMARY:fine\nDTSTART:20260327T080000Z\nEND:VEVENT\n"
	tests := []struct{ name, text, want string }{
		{"no start", event("SUMMARY:x"), `the event "x" is left out: it does not say when it begins`},
		{"a start that is no time", event("SUMMARY:x", "DTSTART:tomorrow"), `the event "x" is left out: DTSTART: "TOMORROW" is no date and no time`},
		{"a start on a day that does not exist", event("DTSTART:20260230"), `the event with the UID "a" is left out: DTSTART: "20260230" is no date and no time`},
		{"an unknown zone", event("DTSTART;TZID=Europe/Berlim:20260327T080000"), `the event with the UID "a" is left out: the time zone "Europe/Berlim" is unknown, and the calendar does not describe it (did its author mean Europe/Berlin?)`},
		{"an unknown zone of a change", event("RECURRENCE-ID;TZID=Nowhere:20260327T080000"), `the event with the UID "a" is left out: the time zone "Nowhere" is unknown, and the calendar does not describe it`},
		{"a zone that is described badly", strings.TrimSuffix(strings.TrimPrefix(clock("X", "FREQ=NEVER"), "BEGIN:VCALENDAR\n"), "END:VCALENDAR\n") + event("DTSTART;TZID=X:20260327T080000"), `the event with the UID "a" is left out: the time zone "X" is described in a way that cannot be read: FREQ has the value "NEVER"`},
		{"an end before the start", event("DTSTART:20260420T080000Z", "DTEND:20260419T080000Z"), `the event with the UID "a": it ends before it begins`},
		{"an end of another kind", event("DTSTART:20260420T080000Z", "DTEND;VALUE=DATE:20260421"), `the event with the UID "a": one of its start and its end is a date, and the other a time`},
		{"an end that is no time", event("DTSTART:20260420T080000Z", "DTEND:later"), `the event with the UID "a": DTEND: "LATER" is no date and no time`},
		{"an end in another century", event("DTSTART:20260420T080000Z", "DTEND:22260420T080000Z"), `the event with the UID "a": it takes more than a hundred years`},
		{"a duration that is none", event("DTSTART:20260420T080000Z", "DURATION:1h"), `the event with the UID "a": "1H" is no duration`},
		{"a duration of nothing", event("DTSTART:20260420T080000Z", "DURATION:PT"), `the event with the UID "a": "PT" is no duration`},
		{"a duration below zero", event("DTSTART:20260420T080000Z", "DURATION:-PT1H"), `the event with the UID "a": "-PT1H" is a duration below zero`},
		{"a duration of centuries", event("DTSTART:20260420T080000Z", "DURATION:P9999W"), `the event with the UID "a": "P9999W" is longer than a hundred years`},
		{"a rule that cannot be read", event("DTSTART:20260320T080000Z", "RRULE:FREQ=DAYLY"), `the event with the UID "a": only its first occurrence is known, its rule FREQ=DAYLY cannot be used: FREQ has the value "DAYLY"`},
		{"a rule that never comes", event("DTSTART:20260320T080000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), `the event with the UID "a": only its first occurrence is known, its rule FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30 cannot be used: the schedule never fires: no time satisfies the whole expression`},
		{"a rule until some day", event("DTSTART:20260320T080000Z", "RRULE:FREQ=DAILY;UNTIL=then"), `the event with the UID "a": only its first occurrence is known, its rule FREQ=DAILY;UNTIL=then cannot be used: "THEN" is no date and no time`},
		{"a date that is none", event("DTSTART:20260320T080000Z", "RDATE:soon"), `the event with the UID "a": RDATE: "SOON" is no date and no time`},
		{"a period without end", event("DTSTART:20260320T080000Z", "RDATE;VALUE=PERIOD:20260321T080000Z/forever"), `the event with the UID "a": RDATE: "FOREVER" is no date and no time`},
		{"a period backwards", event("DTSTART:20260320T080000Z", "RDATE;VALUE=PERIOD:20260321T080000Z/20260320T080000Z"), `the event with the UID "a": RDATE: the period does not end after it begins`},
		{"an exception that is none", event("DTSTART:20260320T080000Z", "EXDATE;TZID=Nowhere:20260321T080000"), `the event with the UID "a": the time zone "Nowhere" is unknown, and the calendar does not describe it`},
		{"a line that cannot be read", event("SUMMARY:x", "DTSTART:20260420T080000Z", "what is this"), `a line of the event "x" is left out, it is not of the form NAME:value: what is this`},
		{"an event that does not end", "BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20260420T080000Z\n", `the event "x" has no end, and may lack something`},
		{"an event without a title", "BEGIN:VEVENT\nEND:VEVENT\n", `an event without a title is left out: it does not say when it begins`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := list(t, wrap(tt.text, fine), "2026-03-27", "2026-03-28", "UTC")
			if len(got.Events) != 1 || got.Events[0].Title != "fine" {
				t.Errorf("got %v, want the event that is fine", got.Events)
			}
			if diff := cmp.Diff([]string{tt.want}, got.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestManyWarningsAreCutShort(t *testing.T) {
	t.Parallel()
	got := list(t, wrap(strings.Repeat(event("SUMMARY:x"), 500)), "2026-03-27", "2026-03-28", "UTC").Warnings
	if len(got) != 101 || got[100] != "there are more warnings than are told" {
		t.Errorf("got %d warnings, the last %q; want 101 and a note", len(got), got[len(got)-1])
	}
}
