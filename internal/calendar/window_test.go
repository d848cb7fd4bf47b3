package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut/internal/calendar"
)

func TestTheWindow(t *testing.T) {
	t.Parallel()
	// The window is 10:00 to 11:00.
	tests := []struct {
		name, start, end string
		listed           bool
	}{
		{"an event inside", "1015", "1045", true},
		{"one that began before it", "0900", "1001", true},
		{"one that lasts beyond it", "1059", "1200", true},
		{"one that lasts all the while", "0000", "2300", true},
		{"one that ends as it begins", "0900", "1000", false},
		{"one that begins as it ends", "1100", "1200", false},
		{"a moment at its beginning", "1000", "1000", true},
		{"a moment at its end", "1100", "1100", false},
		{"a moment before it", "0959", "0959", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for first, rule := range map[string]string{"20260327T": "X-NONE:", "20260320T": "RRULE:FREQ=DAILY"} {
				text := wrap(event("DTSTART:"+first+tt.start+"00Z", "DTEND:"+first+tt.end+"00Z", rule))
				c, err := calendar.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				from := time.Date(2026, 3, 27, 10, 0, 0, 0, time.UTC)
				got, err := c.List(t.Context(), calendar.Window{From: from, To: from.Add(time.Hour)})
				if err != nil {
					t.Fatal(err)
				}
				if listed := len(got.Events) == 1; listed != tt.listed {
					t.Errorf("got %v with %s, want listed: %v", spans(got), rule, tt.listed)
				}
			}
		})
	}
}

func TestTheFirstEventsAreListed(t *testing.T) {
	t.Parallel()
	var parts []string
	for i := range 50 {
		// Three at a time begin together.
		parts = append(parts, strings.Replace(event(fmt.Sprintf("DTSTART:20260327T0000%02dZ", (50-i)/3), "RRULE:FREQ=MINUTELY"), "UID:a", fmt.Sprintf("UID:%d", 99-i), 1))
	}
	c, err := calendar.Parse(wrap(parts...))
	if err != nil {
		t.Fatal(err)
	}
	from := date(t, "2026-03-28", "UTC")
	all, err := c.List(t.Context(), calendar.Window{From: from, To: from.Add(10 * time.Minute)})
	if err != nil || len(all.Events) != 500 || all.Truncated {
		t.Fatalf("got %d events, truncated %v, %v; want all 500", len(all.Events), all.Truncated, err)
	}
	for limit := 1; limit <= 520; limit += 1 + limit/20*10 {
		some, err := c.List(t.Context(), calendar.Window{From: from, To: from.Add(10 * time.Minute), Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		want := min(limit, 500)
		if diff := cmp.Diff(all.Events[:want], some.Events); diff != "" || some.Truncated != (limit < 500) {
			t.Errorf("limit %d, truncated %v: events (-want +got):\n%s", limit, some.Truncated, diff)
		}
	}
}
