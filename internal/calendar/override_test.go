package calendar_test

import (
	"strings"
	"testing"
)

// daily is a series from Monday 23 March 2026, 9:00 in Berlin, of an hour each.
func daily(lines ...string) string {
	return event(append([]string{"SUMMARY:usual", "DTSTART;TZID=Europe/Berlin:20260323T090000", "DURATION:PT1H"}, lines...)...)
}

// changed changes an occurrence of the series.
func changed(lines ...string) string { return event(append([]string{"SUMMARY:changed"}, lines...)...) }

func TestChangesOfOccurrences(t *testing.T) {
	t.Parallel()
	for _, tt := range []takingPlace{
		{"one is moved", daily("RRULE:FREQ=DAILY;COUNT=2") + changed("RECURRENCE-ID;TZID=Europe/Berlin:20260324T090000", "DTSTART:20260324T100000Z"),
			[]string{"03-23 09:00 +0100 to 03-23 10:00 usual", "03-24 11:00 +0100 to 03-24 11:00 not 03-24 09:00 changed"}},
		{"it is named in UTC", daily("RRULE:FREQ=DAILY;COUNT=2") + changed("RECURRENCE-ID:20260324T080000Z", "DTSTART:20260324T100000Z"),
			[]string{"03-23 09:00 +0100 to 03-23 10:00 usual", "03-24 11:00 +0100 to 03-24 11:00 not 03-24 09:00 changed"}},
		{"it is named in another zone", daily("RRULE:FREQ=DAILY;COUNT=1") + changed("RECURRENCE-ID;TZID=Asia/Tokyo:20260323T170000", "DTSTART:20260324T100000Z"),
			[]string{"03-24 11:00 +0100 to 03-24 11:00 not 03-23 09:00 changed"}},
		{"it is named by its date", daily("RRULE:FREQ=DAILY;COUNT=1") + changed("RECURRENCE-ID;VALUE=DATE:20260323", "DTSTART:20260323T100000Z"),
			[]string{"03-23 11:00 +0100 to 03-23 11:00 not 03-23 00:00 changed"}},
		{"it is named without a zone, and meant in that of the series", strings.ReplaceAll(daily("RRULE:FREQ=DAILY;COUNT=1"), "Europe/Berlin", "Asia/Tokyo") + changed("RECURRENCE-ID:20260323T090000", "DTSTART:20260323T100000Z"),
			[]string{"03-23 11:00 +0100 to 03-23 11:00 not 03-23 01:00 changed"}},
		{"a whole day is named by a time", event("DTSTART;VALUE=DATE:20260323", "RRULE:FREQ=DAILY;COUNT=2") + changed("RECURRENCE-ID:20260324T000000Z", "DTSTART;VALUE=DATE:20260325"),
			[]string{"03-23 to 03-24", "03-25 to 03-26 not 03-24 01:00 changed"}},
		{"one moves into the window", daily("RRULE:FREQ=WEEKLY;COUNT=3") + changed("RECURRENCE-ID:20260330T070000Z", "DTSTART:20260326T100000Z"),
			[]string{"03-23 09:00 +0100 to 03-23 10:00 usual", "03-26 11:00 +0100 to 03-26 11:00 not 03-30 09:00 changed"}},
		{"one moves out of the window", daily("RRULE:FREQ=DAILY;COUNT=2") + changed("RECURRENCE-ID:20260324T080000Z", "DTSTART:20260426T100000Z"),
			[]string{"03-23 09:00 +0100 to 03-23 10:00 usual"}},
		{"one is canceled", daily("RRULE:FREQ=DAILY;COUNT=2") + changed("RECURRENCE-ID:20260323T080000Z", "STATUS:CANCELLED"),
			[]string{"03-24 09:00 +0100 to 03-24 10:00 usual"}},
		{"one stands without its series", changed("RECURRENCE-ID:20260323T080000Z", "DTSTART:20260323T080000Z"),
			[]string{"03-23 09:00 +0100 to 03-23 09:00 changed"}},
		{"one without a start is where it was", daily("RRULE:FREQ=DAILY;COUNT=1") + changed("RECURRENCE-ID:20260323T080000Z", "DURATION:PT2H"),
			[]string{"03-23 09:00 +0100 to 03-23 11:00 changed"}},
	} {
		tt.check(t)
	}
}

func TestRevisions(t *testing.T) {
	t.Parallel()
	for _, tt := range []takingPlace{
		{"the higher SEQUENCE counts", changed("RECURRENCE-ID:20260323T080000Z", "SEQUENCE:2", "DTSTART:20260325T080000Z") + changed("RECURRENCE-ID:20260323T080000Z", "SEQUENCE:1", "DTSTART:20260326T080000Z"),
			[]string{"03-25 09:00 +0100 to 03-25 09:00 not 03-23 09:00 changed"}},
		{"of equal SEQUENCE the later counts", changed("RECURRENCE-ID:20260323T080000Z", "DTSTAMP:20260302T000000Z", "DTSTART:20260325T080000Z") + changed("RECURRENCE-ID:20260323T080000Z", "DTSTAMP:20260301T000000Z", "DTSTART:20260326T080000Z"),
			[]string{"03-25 09:00 +0100 to 03-25 09:00 not 03-23 09:00 changed"}},
		{"a newer series takes the place of the older", daily("SEQUENCE:1") + event("SUMMARY:older", "DTSTART:20260326T080000Z"),
			[]string{"03-23 09:00 +0100 to 03-23 10:00 usual"}},
		{"the same UID with two times is told", daily() + event("SUMMARY:other", "DTSTART:20260326T080000Z"),
			[]string{"03-26 09:00 +0100 to 03-26 09:00 other", "the event \"other\": its UID stands in the calendar with another time as well, the newer one is listed"}},
		{"events without a UID stand alone", strings.ReplaceAll(daily()+event("SUMMARY:other", "DTSTART:20260326T080000Z"), "UID:a", "UID:"),
			[]string{"03-23 09:00 +0100 to 03-23 10:00 usual", "03-26 09:00 +0100 to 03-26 09:00 other"}},
		{"a canceled series is gone with its changes", daily("RRULE:FREQ=DAILY", "STATUS:CANCELLED", "SEQUENCE:1") + changed("RECURRENCE-ID:20260323T080000Z", "DTSTART:20260323T080000Z"),
			nil},
		{"one that came after the cancellation stays", daily("RRULE:FREQ=DAILY", "STATUS:CANCELLED", "SEQUENCE:1") + changed("RECURRENCE-ID:20260323T080000Z", "DTSTART:20260323T080000Z", "SEQUENCE:2"),
			[]string{"03-23 09:00 +0100 to 03-23 09:00 changed"}},
		{"a calendar that cancels lists nothing", "METHOD:CANCEL\n" + daily("RRULE:FREQ=DAILY"),
			nil},
	} {
		tt.check(t)
	}
}

func TestChangesOfAllThatFollow(t *testing.T) {
	t.Parallel()
	for _, tt := range []takingPlace{
		{"all that follow are moved", daily("RRULE:FREQ=DAILY;COUNT=4") + changed("RECURRENCE-ID;RANGE=THISANDFUTURE:20260325T080000Z", "DTSTART;TZID=Europe/Berlin:20260325T103000", "DURATION:PT30M"),
			[]string{
				"03-23 09:00 +0100 to 03-23 10:00 usual", "03-24 09:00 +0100 to 03-24 10:00 usual",
				"03-25 10:30 +0100 to 03-25 11:00 not 03-25 09:00 changed", "03-26 10:30 +0100 to 03-26 11:00 not 03-26 09:00 changed",
			}},
		{"all that follow are moved by weeks, out and in", daily("RRULE:FREQ=DAILY;UNTIL=20260416T000000Z") + changed("RECURRENCE-ID;RANGE=THISANDFUTURE:20260324T080000Z", "DTSTART;TZID=Europe/Berlin:20260303T090000"),
			[]string{
				"03-23 09:00 +0100 to 03-23 10:00 usual", "03-23 09:00 +0100 to 03-23 09:00 not 04-13 09:00 changed",
				"03-24 09:00 +0100 to 03-24 09:00 not 04-14 09:00 changed", "03-25 09:00 +0100 to 03-25 09:00 not 04-15 09:00 changed",
			}},
		{"all that follow are canceled", daily("RRULE:FREQ=DAILY;COUNT=4") + changed("RECURRENCE-ID;RANGE=THISANDFUTURE:20260324T080000Z", "STATUS:CANCELLED"),
			[]string{"03-23 09:00 +0100 to 03-23 10:00 usual"}},
		{"of two changes of all that follow the last before counts", daily("RRULE:FREQ=DAILY;COUNT=4") +
			changed("RECURRENCE-ID;RANGE=THISANDFUTURE:20260325T080000Z", "DTSTART:20260325T110000Z", "SUMMARY:again") +
			changed("RECURRENCE-ID;RANGE=THISANDFUTURE:20260324T080000Z", "DTSTART:20260324T100000Z"),
			[]string{
				"03-23 09:00 +0100 to 03-23 10:00 usual", "03-24 11:00 +0100 to 03-24 11:00 not 03-24 09:00 changed",
				"03-25 12:00 +0100 to 03-25 12:00 not 03-25 09:00 changed", "03-26 12:00 +0100 to 03-26 12:00 not 03-26 09:00 changed",
			}},
	} {
		tt.check(t)
	}
}
