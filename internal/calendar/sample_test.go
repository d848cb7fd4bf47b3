package calendar_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut/internal/calendar"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not as approved (-approved +got), -update writes it anew:\n%s", path, diff)
	}
}

// failing is a test, or a property under test.
type failing interface {
	Helper()
	Fatal(args ...any)
}

func zone(t failing, name string) *time.Location {
	t.Helper()
	z, err := schedule.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// date is midnight in a zone.
func date(t failing, text, in string) time.Time {
	t.Helper()
	d, err := time.ParseInLocation(time.DateOnly, text, zone(t, in))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// list lists the events of a text between two dates in a zone.
func list(t *testing.T, text, from, to, in string) calendar.Listing {
	t.Helper()
	c, err := calendar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.List(t.Context(), calendar.Window{From: date(t, from, in), To: date(t, to, in), Zone: zone(t, in), Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTheSamplesAreListedAsApproved(t *testing.T) {
	t.Parallel()
	tests := []struct{ file, from, to, zone string }{
		{"team", "2026-10-19", "2026-10-26", "Europe/Chisinau"},
		{"google", "2026-03-23", "2026-04-06", "Europe/Bucharest"},
		{"outlook", "2026-03-24", "2026-04-05", "Europe/Berlin"},
		{"apple", "2026-04-01", "2026-04-10", "Australia/Sydney"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "..", "examples", "ics", tt.file+".ics"))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			e := json.NewEncoder(&out)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(list(t, string(text), tt.from, tt.to, tt.zone)); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.file+".json", out.Bytes())
		})
	}
}
