package calendar_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut/internal/calendar"
)

// event is a VEVENT of these lines, with the UID a.
func event(lines ...string) string {
	return "BEGIN:VEVENT\nUID:a\n" + strings.Join(lines, "\n") + "\nEND:VEVENT\n"
}

func wrap(parts ...string) string {
	return "BEGIN:VCALENDAR\n" + strings.Join(parts, "") + "END:VCALENDAR\n"
}

// spans writes events as start, end and title, with what else is remarkable.
func spans(listing calendar.Listing) (lines []string) {
	for _, e := range listing.Events {
		line := e.Start.Format("01-02 15:04 -0700") + " to " + e.End.Format("01-02 15:04")
		if e.AllDay {
			line = e.Start.Format("01-02") + " to " + e.End.Format("01-02")
		}
		if e.Recurrence != nil && !e.Recurrence.Equal(e.Start) {
			line += " not " + e.Recurrence.Format("01-02 15:04")
		}
		lines = append(lines, strings.TrimSpace(line+" "+e.Title))
	}
	return append(lines, listing.Warnings...)
}

// A takingPlace is the events of a text in the week from 23 March 2026 on, in
// Berlin, at the end of which clocks go forward there.
type takingPlace struct {
	name string
	text string
	want []string
}

func (tt takingPlace) check(t *testing.T) {
	t.Run(tt.name, func(t *testing.T) {
		t.Parallel()
		if diff := cmp.Diff(tt.want, spans(list(t, wrap(tt.text), "2026-03-23", "2026-03-30", "Europe/Berlin"))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestWhenEventsTakePlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []takingPlace{
		{"a time in UTC is shown in the zone that is asked for", event("DTSTART:20260327T080000Z", "DTEND:20260327T090000Z"),
			[]string{"03-27 09:00 +0100 to 03-27 10:00"}},
		{"a time without a zone is in the zone that is asked for", event("DTSTART:20260327T080000", "DURATION:PT90M"),
			[]string{"03-27 08:00 +0100 to 03-27 09:30"}},
		{"a time without an end takes no time", event("DTSTART:20260327T080000Z"),
			[]string{"03-27 09:00 +0100 to 03-27 09:00"}},
		{"a date without an end is one day", event("DTSTART;VALUE=DATE:20260329"),
			[]string{"03-29 to 03-30"}},
		{"a date that ends on itself is one day", event("DTSTART;VALUE=DATE:20260329", "DTEND;VALUE=DATE:20260329"),
			[]string{"03-29 to 03-30"}},
		{"a date needs no VALUE", event("DTSTART:20260327", "DTEND:20260329"),
			[]string{"03-27 to 03-29"}},
		{"days of a DURATION have the length they have", event("DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:P1DT1H"),
			[]string{"03-28 12:00 +0100 to 03-29 13:00"}},
		{"hours of a DURATION are exact", event("DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:PT25H"),
			[]string{"03-28 12:00 +0100 to 03-29 14:00"}},
		{"the start and the end may lie in different zones", event("DTSTART;TZID=Europe/Berlin:20260327T100000", "DTEND;TZID=America/New_York:20260327T130000"),
			[]string{"03-27 10:00 +0100 to 03-27 18:00"}},
		{"a time that does not exist keeps the offset before it", event("DTSTART;TZID=Europe/Berlin:20260329T023000", "DURATION:PT1H"),
			[]string{"03-29 03:30 +0200 to 03-29 04:30"}},
		{"the second 60 is the second 59", event("DTSTART:20260327T080060Z"),
			[]string{"03-27 09:00 +0100 to 03-27 09:00"}},
	} {
		tt.check(t)
	}
}

func TestWhenEventsRecur(t *testing.T) {
	t.Parallel()
	for _, tt := range []takingPlace{
		{"a DTEND gives the exact length of every occurrence", event("DTSTART;TZID=Europe/Berlin:20260327T220000", "DTEND;TZID=Europe/Berlin:20260328T060000", "RRULE:FREQ=DAILY;COUNT=2"),
			[]string{"03-27 22:00 +0100 to 03-28 06:00", "03-28 22:00 +0100 to 03-29 07:00"}},
		{"a recurrence keeps its wall-clock time", event("DTSTART;TZID=America/New_York:20260306T090000", "RRULE:FREQ=WEEKLY;BYDAY=FR,SU"),
			[]string{"03-27 14:00 +0100 to 03-27 14:00", "03-29 15:00 +0200 to 03-29 15:00"}},
		{"DTSTART is an occurrence even if no rule says so", event("DTSTART:20260327T080000Z", "RRULE:FREQ=WEEKLY;BYDAY=SA"),
			[]string{"03-27 09:00 +0100 to 03-27 09:00", "03-28 09:00 +0100 to 03-28 09:00"}},
		{"DTSTART counts as the first even if no rule says so", event("DTSTART:20260325T080000Z", "RRULE:FREQ=DAILY;BYDAY=FR,SA,SU;COUNT=3"),
			[]string{"03-25 09:00 +0100 to 03-25 09:00", "03-27 09:00 +0100 to 03-27 09:00", "03-28 09:00 +0100 to 03-28 09:00"}},
		{"DTSTART uses up a COUNT of one", event("DTSTART:20260325T080000Z", "RRULE:FREQ=DAILY;BYDAY=FR;COUNT=1"),
			[]string{"03-25 09:00 +0100 to 03-25 09:00"}},
		{"UNTIL in UTC is an instant", event("DTSTART;TZID=Europe/Berlin:20260324T090000", "RRULE:FREQ=DAILY;UNTIL=20260325T080000Z"),
			[]string{"03-24 09:00 +0100 to 03-24 09:00", "03-25 09:00 +0100 to 03-25 09:00"}},
		{"UNTIL with a date lasts to its end", event("DTSTART;TZID=Europe/Berlin:20260324T230000", "RRULE:FREQ=DAILY;UNTIL=20260325"),
			[]string{"03-24 23:00 +0100 to 03-24 23:00", "03-25 23:00 +0100 to 03-25 23:00"}},
		{"UNTIL with a time ends whole days on its date", event("DTSTART;VALUE=DATE:20260324", "RRULE:FREQ=DAILY;UNTIL=20260325T000000Z"),
			[]string{"03-24 to 03-25", "03-25 to 03-26"}},
		{"whole days have no times of day", event("DTSTART;VALUE=DATE:20260328", "RRULE:FREQ=DAILY;BYHOUR=9;COUNT=2;"),
			[]string{"03-28 to 03-29", "03-29 to 03-30"}},
		{"several rules and dates make one set", event("DTSTART:20260327T080000Z", "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=1", "RDATE:20260327T080000Z,20260329T080000Z"),
			[]string{"03-27 09:00 +0100 to 03-27 09:00", "03-28 09:00 +0100 to 03-28 09:00", "03-29 10:00 +0200 to 03-29 10:00"}},
		{"an RDATE with a date has the time of DTSTART", event("DTSTART;TZID=Europe/Berlin:20260327T080000", "RDATE;VALUE=DATE:20260329"),
			[]string{"03-27 08:00 +0100 to 03-27 08:00", "03-29 08:00 +0200 to 03-29 08:00"}},
		{"an RDATE with a time is a whole day like the others", event("DTSTART;VALUE=DATE:20260327", "RDATE:20260329T150000Z"),
			[]string{"03-27 to 03-28", "03-29 to 03-30"}},
		{"a period has its own length", event("DTSTART:20260327T080000Z", "DURATION:PT1H", "RDATE;VALUE=PERIOD:20260328T080000Z/PT2H,20260329T080000Z/20260329T110000Z"),
			[]string{"03-27 09:00 +0100 to 03-27 10:00", "03-28 09:00 +0100 to 03-28 11:00", "03-29 10:00 +0200 to 03-29 13:00"}},
		{"hours follow real time", event("DTSTART;TZID=Europe/Berlin:20260329T000000", "RRULE:FREQ=HOURLY;INTERVAL=2;COUNT=3"),
			[]string{"03-29 00:00 +0100 to 03-29 00:00", "03-29 03:00 +0200 to 03-29 03:00", "03-29 05:00 +0200 to 03-29 05:00"}},
		{"a zone that only the calendar describes may be on another day", clockLike("X") + event("DTSTART;TZID=X:20260320T200000", "RRULE:FREQ=DAILY;COUNT=4"),
			[]string{"03-23 01:00 +0100 to 03-23 01:00", "03-24 01:00 +0100 to 03-24 01:00"}},
		{"a zone that only the calendar describes has its own changes of clocks", clockLike("X") + event("DTSTART;TZID=X:20260322T090000", "RRULE:FREQ=DAILY;UNTIL=20260327T080000Z"),
			[]string{"03-23 14:00 +0100 to 03-23 14:00", "03-24 14:00 +0100 to 03-24 14:00", "03-25 13:00 +0100 to 03-25 13:00", "03-26 13:00 +0100 to 03-26 13:00"}},
	} {
		tt.check(t)
	}
}

// clockLike describes a zone four hours behind UTC, and three from 25 March 2026 on.
func clockLike(tzid string) string {
	part := "BEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0400\nEND:STANDARD\n" +
		"BEGIN:DAYLIGHT\nDTSTART:20260325T000000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0300\nEND:DAYLIGHT\n"
	return "BEGIN:VTIMEZONE\nTZID:" + tzid + "\n" + part + "END:VTIMEZONE\n"
}

func TestWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, tt := range []takingPlace{
		{"EXDATE may be in another zone", event("DTSTART;TZID=Europe/Berlin:20260327T080000", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260328T070000Z", "EXDATE;TZID=Asia/Tokyo:20260329T150000"),
			[]string{"03-27 08:00 +0100 to 03-27 08:00"}},
		{"EXDATE with a date leaves out the day", event("DTSTART;TZID=Europe/Berlin:20260327T080000", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE;VALUE=DATE:20260328"),
			[]string{"03-27 08:00 +0100 to 03-27 08:00"}},
		{"EXDATE with a time leaves out a whole day", event("DTSTART;VALUE=DATE:20260327", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260328T000000"),
			[]string{"03-27 to 03-28"}},
		{"EXDATE may take away the start", event("DTSTART:20260327T080000Z", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260327T080000Z"),
			[]string{"03-28 09:00 +0100 to 03-28 09:00"}},
		{"EXRULE is passed over", event("DTSTART:20260327T080000Z", "EXRULE:FREQ=DAILY"),
			[]string{"03-27 09:00 +0100 to 03-27 09:00", "the event with the UID \"a\": its EXRULE, which is not part of iCalendar any more, is passed over"}},
	} {
		tt.check(t)
	}
}
