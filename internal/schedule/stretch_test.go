package schedule

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestStretchesAreTheSameBothWays goes over the stretches of every zone from its
// first change to 2060, forward and back. It checks what the package takes for
// granted: that inside a stretch the offset is the same, that no clock was ever
// moved by more than farthest, that changes lie farther apart than that, and that
// offsets are quarters of an hour since 1973.
func TestStretchesAreTheSameBothWays(t *testing.T) {
	t.Parallel()
	begin, end := time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2060, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range ZoneNames() {
		zone, err := LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		type change struct {
			at            time.Time
			before, after time.Duration
		}
		var forward, backward []change
		last := stretchAt(zone, begin)
		for s := last; s.start.Before(end); s = s.following() {
			checkStretch(t, s)
			if s.offset != s.before {
				forward = append(forward, change{s.start, s.before, s.offset})
			}
			last = s
		}
		for s := stretchAt(zone, last.start); s.start.After(begin); s = s.preceding() {
			if s.offset != s.before {
				backward = append(backward, change{s.start, s.before, s.offset})
			}
		}
		slices.Reverse(backward)
		if diff := cmp.Diff(forward, backward, cmp.AllowUnexported(change{})); diff != "" {
			t.Errorf("%s (-forward +backward):\n%s", name, diff)
		}
	}
}

func checkStretch(t *testing.T, s stretch) {
	t.Helper()
	first, last := offsetAt(s.zone, laterOf(s.start, time.Unix(-6e9, 0))), offsetAt(s.zone, s.end.Add(-time.Second))
	if first != s.offset || last != s.offset {
		t.Errorf("%s from %v to %v: offsets %v and %v, want %v", s.zone, s.start, s.end, first, last, s.offset)
	}
	moved := s.offset - s.before
	if moved > farthest || moved < -farthest {
		t.Errorf("%s at %v: clocks were moved by %v", s.zone, s.start, moved)
	}
	if s.end.Sub(s.start) < farthest && s.offset != offsetAt(s.zone, s.end) {
		t.Errorf("%s at %v: the next change is only %v away", s.zone, s.start, s.end.Sub(s.start))
	}
	if s.start.Year() >= 1973 && s.offset%(15*time.Minute) != 0 {
		t.Errorf("%s at %v: the offset %v is not a multiple of a quarter of an hour", s.zone, s.start, s.offset)
	}
}

func TestInstantOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, wall, want string }{
		{"UTC", "2026-03-29T02:30:00Z", "2026-03-29T02:30:00Z"},
		{"Europe/Berlin", "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"},
		{"Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"},
		{"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"},
		{"Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-30T19:00:00Z"},
		{"America/Metlakatla", "2019-01-20T02:30:00Z", "2019-01-20T11:30:00Z"},
		{"Africa/Cairo", "2024-12-31T12:00:00Z", "2024-12-31T10:00:00Z"},
	} {
		zone, err := LoadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := instantOf(zone, instant(c.wall)); !got.Equal(instant(c.want)) {
			t.Errorf("%s in %s is %v, want %s", c.wall, c.zone, got, c.want)
		}
	}
}
