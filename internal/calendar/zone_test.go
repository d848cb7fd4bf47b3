package calendar

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
	"pgregory.net/rapid"
)

func loadZone(t interface{ Fatal(...any) }, name string) *time.Location {
	zone, err := schedule.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestEveryWindowsZoneIsKnown(t *testing.T) {
	t.Parallel()
	var names []string
	for entry := range strings.Lines(windowsZones) {
		if strings.HasPrefix(entry, "#") {
			continue
		}
		windows, iana, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if !ok {
			t.Errorf("%q is no entry", entry)
		}
		if got := zoneNames(schedule.ZoneNames()).meant(windows); got == nil || got.String() != iana {
			t.Errorf("got %v for %s, want %s", got, windows, iana)
		}
		names = append(names, windows)
	}
	if !slices.IsSorted(names) || len(slices.Compact(names)) != len(names) || len(names) < 130 {
		t.Errorf("got %d names, want at least 130, in order and each once", len(names))
	}
}

func TestKnownZonesGoByManyNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Europe/Berlin": "Europe/Berlin",
		"/freeassociation.sourceforge.net/Europe/Berlin":               "Europe/Berlin",
		"/freeassociation.sourceforge.net/Tzfile/America/Indiana/Knox": "America/Indiana/Knox",
		"/citadel.org/20210210_1/Europe/Berlin":                        "Europe/Berlin",
		"W. Europe Standard Time":                                      "Europe/Berlin",
		"eastern standard time":                                        "America/New_York",
		"tzone://Microsoft/Utc":                                        "UTC",
		" UTC ":                                                        "UTC",
		"Middle Earth Standard Time":                                   "",
		"Custom/Europe/Berlin":                                         "",
		"/":                                                            "",
		"":                                                             "",
		"# The names that Windows gives to time zones, and the IANA zone ": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if zone := zoneNames(schedule.ZoneNames()).meant(name); zone != nil {
				got = zone.String()
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// describe reads a VTIMEZONE of the given parts.
func describe(t *testing.T, text string) (*time.Location, error) {
	t.Helper()
	c, err := Parse("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Described\n" + text + "END:VTIMEZONE\nEND:VCALENDAR\n")
	if err != nil {
		t.Fatal(err)
	}
	b := newBudget(context.Background())
	b.next()
	return observer{through: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), budget: b}.zone(c.zones["Described"])
}

const (
	berlin = "BEGIN:DAYLIGHT\nDTSTART:19810329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\n" +
		"BEGIN:STANDARD\nDTSTART:19961027T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\n"
	newYork = "BEGIN:DAYLIGHT\nDTSTART:19870405T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z\nEND:DAYLIGHT\n" +
		"BEGIN:STANDARD\nDTSTART:19671029T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z\nEND:STANDARD\n" +
		"BEGIN:DAYLIGHT\nDTSTART:20070311T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\n" +
		"BEGIN:STANDARD\nDTSTART:20071104T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\n"
	sydney = "BEGIN:STANDARD\nDTSTART:20080406T030000\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU\nTZOFFSETFROM:+1100\nTZOFFSETTO:+1000\nEND:STANDARD\n" +
		"BEGIN:DAYLIGHT\nDTSTART:20081005T020000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU\nTZOFFSETFROM:+1000\nTZOFFSETTO:+1100\nEND:DAYLIGHT\n"
	outlookBerlin = "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n" +
		"BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n"
	istanbul = "BEGIN:STANDARD\nDTSTART:20151108T040000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0200\nEND:STANDARD\n" +
		"BEGIN:DAYLIGHT\nDTSTART:20160327T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0300\nRDATE:20160907T000000\nEND:DAYLIGHT\n"
)

// TestDescribedZonesAreThoseOfTheDatabase sweeps every third hour of 20 years.
func TestDescribedZonesAreThoseOfTheDatabase(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, zone string
		from             int
	}{
		{"Berlin", berlin, "Europe/Berlin", 1997},
		{"New York, with rules that end", newYork, "America/New_York", 1988},
		{"Sydney, where summer is in winter", sydney, "Australia/Sydney", 2009},
		{"Berlin, as Outlook writes it", outlookBerlin, "Europe/Berlin", 1997},
		{"Istanbul, without rules", istanbul, "Europe/Istanbul", 2016},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := describe(t, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			want := loadZone(t, tt.zone)
			for at := time.Date(tt.from, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < tt.from+20; at = at.Add(3 * time.Hour) {
				if got, want := offsetAt(at, got), offsetAt(at, want); got != want {
					t.Fatalf("got offset %v at %v, want %v", got, at, want)
				}
			}
			if got.String() != "Described" {
				t.Errorf("got name %s, want Described", got)
			}
		})
	}
}

func TestBrokenDescriptions(t *testing.T) {
	t.Parallel()
	part := func(from, to, start string, more ...string) string {
		return "BEGIN:STANDARD\nTZOFFSETFROM:" + from + "\nTZOFFSETTO:" + to + "\nDTSTART:" + start + "\n" + strings.Join(more, "\n") + "\nEND:STANDARD\n"
	}
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":           {"", "without any offset"},
		"no sign":           {part("0100", "+0200", "19700101T000000"), `"0100" is no offset`},
		"no digits":         {part("+01", "+0200", "19700101T000000"), `"+01" is no offset`},
		"too large":         {part("+0100", "+9900", "19700101T000000"), `"+9900" is no offset`},
		"two signs":         {part("+0100", "+-0200", "19700101T000000"), "is no offset"},
		"no start":          {part("+0100", "+0200", ""), "no date"},
		"a broken rule":     {part("+0100", "+0200", "19700101T000000", "RRULE:FREQ=SOMETIMES"), "SOMETIMES"},
		"a broken date":     {part("+0100", "+0200", "19700101T000000", "RDATE:never"), "no date"},
		"changes all along": {part("+0100", "+0200", "19700101T000000", "RRULE:FREQ=MINUTELY"), "so often"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := describe(t, tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMoreOffsetsThanAFileHolds(t *testing.T) {
	t.Parallel()
	var changes []change
	for i := range 400 {
		changes = append(changes, change{time.Unix(int64(i)*86400, 0), time.Duration(i) * time.Second, time.Duration(i+1) * time.Second})
	}
	zone, err := location("Many", changes)
	if err != nil {
		t.Fatal(err)
	}
	if got := offsetAt(time.Unix(200*86400, 0), zone); got != 201*time.Second {
		t.Errorf("got %v, want 201s", got)
	}
}

// TestPlaceAgreesWithSchedules compares it with the engine that places the
// occurrences of rules, around the changes of zones with remarkable ones.
func TestPlaceAgreesWithSchedules(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/St_Johns", "Antarctica/Troll", "Asia/Tehran"}
	rapid.Check(t, func(t *rapid.T) {
		zone := loadZone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		near := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "near"), 0).UTC()
		if _, end := near.In(zone).ZoneBounds(); !end.IsZero() {
			near = end.UTC()
		}
		wall := wallAt(near, zone).Add(time.Duration(rapid.IntRange(-200, 200).Draw(t, "minutes")) * time.Minute)
		rule, err := schedule.Compile(ordinaut.Schedule{
			Kind: ordinaut.ScheduleRRule, Expr: "RDATE:" + wall.Format("20060102T150405"), Timezone: zone.String(), Anchor: wall.Add(-farthest),
		})
		if err != nil {
			t.Fatal(err)
		}
		want, ok, err := rule.Next(wall.Add(-2 * farthest))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if got := place(wall, zone); !got.Equal(want.At) {
			t.Fatalf("got %v for %v in %v, want %v", got, wall, zone, want.At)
		}
	})
}
