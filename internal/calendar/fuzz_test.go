package calendar_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/internal/calendar"
)

// FuzzICS reads any text, and holds the listing to what it promises: it ends in
// time, and its events lie in the window, in order and within the limit.
func FuzzICS(f *testing.F) {
	for _, name := range []string{"team", "google", "outlook", "apple"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "ics", name+".ics"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), int64(1_774_000_000), 21)
	}
	for _, text := range hostile() {
		f.Add(text(1), int64(1_774_000_000), 7)
	}
	f.Fuzz(func(t *testing.T, text string, start int64, days int) {
		c, err := calendar.Parse(text)
		if err != nil {
			return
		}
		const limit = 50
		from := time.Unix(start%10_000_000_000, 0)
		w := calendar.Window{From: from, To: from.AddDate(0, 0, days%100_000), Zone: zone(t, "Europe/Chisinau"), Limit: limit}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		listing, err := c.List(ctx, w)
		if err != nil {
			if ctx.Err() != nil {
				t.Fatalf("%v for a text of %d bytes", err, len(text))
			}
			return
		}
		if len(listing.Events) > limit {
			t.Fatalf("got %d events, want at most %d", len(listing.Events), limit)
		}
		var last time.Time
		for _, e := range listing.Events {
			if !e.Start.Before(w.To) || e.End.Before(w.From) || e.End.Before(e.Start) || e.Start.Before(last) {
				t.Fatalf("got %s to %s after %s, want it between %s and %s and in order", e.Start, e.End, last, w.From, w.To)
			}
			last = e.Start
		}
		if _, err := json.Marshal(listing); err != nil {
			t.Fatal(err)
		}
	})
}
