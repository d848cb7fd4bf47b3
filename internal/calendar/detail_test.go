package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ordinaut/ordinaut/internal/calendar"
)

func TestWhatIsToldOfAnEvent(t *testing.T) {
	t.Parallel()
	const when = "DTSTART:20260327T080000Z"
	usual := calendar.Event{UID: "a", Timezone: "UTC", Status: "confirmed", Busy: true, Categories: []string{}, Attendees: []calendar.Person{}}
	with := func(change func(e *calendar.Event)) calendar.Event {
		e := usual
		change(&e)
		return e
	}
	tests := []struct {
		name string
		text string
		want calendar.Event
	}{
		{"no more than that it is", event(when), usual},
		{"escapes of a text are undone", event(when, `SUMMARY:one\, two\; three\n\\four \"five\"`), with(func(e *calendar.Event) { e.Title = "one, two; three\n\\four \"five\"" })},
		{"a character that was folded is whole", event(when, "LOCATION:caf\xc3\n \xa9 \n\tbar"), with(func(e *calendar.Event) { e.Location = "café bar" })},
		{"bytes that are no text are marked", event(when, "DESCRIPTION:caf\xe9"), with(func(e *calendar.Event) { e.Description = "caf\ufffd" })},
		{"what is in quotes may hold anything", event(when, `SUMMARY;ALTREP="http://x;y:z,";LANGUAGE=en:a:b`), with(func(e *calendar.Event) { e.Title = "a:b" })},
		{"names in any case", event("dtstart:20260327t080000z", "Summary:x", "transp:transparent", "status:tentative"), with(func(e *calendar.Event) { e.Title, e.Busy, e.Status = "x", false, "tentative" })},
		{"lists are divided by commas that are not escaped", event(when, `CATEGORIES:a\,b,c,`, "CATEGORIES:d"), with(func(e *calendar.Event) { e.Categories = []string{"a,b", "c", "d"} })},
		{"people are told with name, address and answer", event(when, `ORGANIZER;CN="Popa, Ana":mailto:ana@example.com`, "ATTENDEE;CN=Bob ^'B^' ^^n;PARTSTAT=DECLINED:MAILTO:bob@example.com", "ATTENDEE;EMAIL=c@example.com:urn:uuid:1"),
			with(func(e *calendar.Event) {
				e.Organizer = &calendar.Person{Name: "Popa, Ana", Email: "ana@example.com"}
				e.Attendees = []calendar.Person{{Name: `Bob "B" ^n`, Email: "bob@example.com", Status: "declined"}, {Email: "c@example.com", Status: "needs-action"}}
			})},
		{"what an alarm says is not what the event says", event(when, "BEGIN:VALARM", "SUMMARY:alarm", "DTSTART:20200101", "END:VALARM", "URL:https://example.com"), with(func(e *calendar.Event) { e.URL = "https://example.com" })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{wrap(tt.text), "\ufeff" + strings.ReplaceAll(wrap(tt.text), "\n", "\r\n"), wrap() + "\n\n" + strings.ToLower("BEGIN:VCALENDAR") + "\n" + tt.text} {
				got := list(t, text, "2026-03-27", "2026-03-28", "UTC")
				if diff := cmp.Diff([]calendar.Event{tt.want}, got.Events, cmpopts.IgnoreFields(calendar.Event{}, "Start", "End")); diff != "" || len(got.Warnings) > 0 {
					t.Errorf("%v events (-want +got):\n%s", got.Warnings, diff)
				}
			}
		})
	}
}

func TestLongTextsAreCutShort(t *testing.T) {
	t.Parallel()
	lines := []string{"DTSTART:20260327T080000Z", "STATUS:" + strings.Repeat("x", 300), "SUMMARY:" + strings.Repeat("ä", 501), "LOCATION:" + strings.Repeat("ä", 4000), "CATEGORIES:" + strings.Repeat("x,", 60)}
	for i := range 101 {
		lines = append(lines, fmt.Sprintf("ATTENDEE:mailto:%d@example.com", i))
	}
	e := list(t, wrap(event(lines...)), "2026-03-27", "2026-03-28", "UTC").Events[0]
	got := []int{len(e.Status), utf8.RuneCountInString(e.Title), utf8.RuneCountInString(e.Location), len(e.Categories), len(e.Attendees)}
	if diff := cmp.Diff([]int{203, 501, 4000, 50, 100}, got); diff != "" || !strings.HasSuffix(e.Title, "ä…") {
		t.Errorf("characters of status, title and location, categories, attendees (-want +got):\n%s", diff)
	}
}

func TestTheCalendarSaysWhatItIs(t *testing.T) {
	t.Parallel()
	c, err := calendar.Parse(wrap("X-WR-CALNAME:Team\\, all\n", "X-WR-TIMEZONE:W. Europe Standard Time\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "Team, all" || c.Zone.String() != "Europe/Berlin" {
		t.Errorf("got %q in %v, want Team, all in Europe/Berlin", c.Name, c.Zone)
	}
}
