package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/internal/calendar"
)

// large is a calendar of n events in 2026, every fifth of which recurs.
func large(n int) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for i := range n {
		start := time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, i%900)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d@example.com\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:%s\r\nDTEND;TZID=Europe/Berlin:%s\r\n",
			i, start.Format("20060102T150405"), start.Add(time.Hour).Format("20060102T150405"))
		if i%5 == 0 {
			b.WriteString("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20271231T000000Z\r\n")
		}
		fmt.Fprintf(&b, "SUMMARY:Event %d\r\nDESCRIPTION:%s\r\nEND:VEVENT\r\n", i, strings.Repeat("words ", 34))
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// BenchmarkListAWeek reads 20,000 events, and lists those of one week.
func BenchmarkListAWeek(b *testing.B) {
	text := large(20_000)
	from := time.Date(2026, 3, 23, 0, 0, 0, 0, time.UTC)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		c, err := calendar.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		listing, err := c.List(b.Context(), calendar.Window{From: from, To: from.AddDate(0, 0, 7), Limit: 1000})
		if err != nil {
			b.Fatal(err)
		}
		if len(listing.Events) != 1000 || len(listing.Warnings) > 0 {
			b.Fatal(len(listing.Events), listing.Warnings)
		}
	}
}
