package schedule_test

import (
	"archive/zip"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// TestEveryClockChange goes over every clock change of every zone from 2000 to
// 2040 with rules that ask for every quarter of an hour: under each policy,
// forward and backward, none may be lost, doubled or out of order. A change that
// several zones share is gone over once.
func TestEveryClockChange(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, zone := range distinctZones(t) {
		z := watchZone(zone, 2000, 2041)
		var changes []oracleChange
		for i, c := range z.changes[1:] {
			key := fmt.Sprint(c.at, c.offset, z.changes[i].offset)
			if !seen[key] {
				changes = append(changes, c)
			}
			seen[key] = true
		}
		if len(changes) > 0 {
			t.Run(z.name, func(t *testing.T) {
				t.Parallel()
				sweepZone(t, z, changes)
			})
		}
	}
	if len(seen) < 3000 {
		t.Errorf("only %d clock changes were found", len(seen))
	}
}

// distinctZones are the zones of the embedded database that differ in content.
func distinctZones(t *testing.T) []*time.Location {
	t.Helper()
	archive, err := zip.OpenReader("zoneinfo.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var zones []*time.Location
	names := schedule.ZoneNames()
	seen := map[uint32]bool{}
	for _, f := range archive.File {
		if _, known := slices.BinarySearch(names, f.Name); !known || seen[f.CRC32] {
			continue
		}
		seen[f.CRC32] = true
		zone, err := schedule.LoadZone(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	return zones
}

func sweepZone(t *testing.T, z oracleZone, changes []oracleChange) {
	t.Helper()
	for _, policy := range []struct {
		gap    ordinaut.GapPolicy
		repeat ordinaut.RepeatPolicy
	}{
		{ordinaut.GapShift, ordinaut.RepeatFirst},
		{ordinaut.GapNextValid, ordinaut.RepeatLast},
		{ordinaut.GapSkip, ordinaut.RepeatBoth},
	} {
		rule := compile(t, ordinaut.Schedule{
			Kind:     ordinaut.ScheduleRRule,
			Expr:     "DTSTART:19990101T000000\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,15,30,45",
			Timezone: z.name,
			Gap:      policy.gap,
			Repeat:   policy.repeat,
		})
		for _, c := range changes {
			from, to := c.around()
			var walls []time.Time
			for wall := from.Add(z.least(c)); !wall.After(to.Add(z.most(c))); wall = wall.Add(15 * time.Minute) {
				walls = append(walls, wall)
			}
			sweep(t, rule, placeAll(z, walls, policy.gap, policy.repeat), from, to)
		}
	}
	everyQuarter := compile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "*/15 * * * *", Timezone: z.name})
	for _, c := range changes {
		from, to := c.around()
		var want []ordinaut.Occurrence
		for at := from; !at.After(to); at = at.Add(15 * time.Minute) {
			want = append(want, ordinaut.Occurrence{At: at})
		}
		sweep(t, everyQuarter, want, from, to)
	}
}

// sweep compares everything between two times, in both directions.
func sweep(t *testing.T, rule *schedule.Rule, want []ordinaut.Occurrence, from, to time.Time) {
	t.Helper()
	want = slices.DeleteFunc(want, func(o ordinaut.Occurrence) bool { return o.At.Before(from) || o.At.After(to) })
	var forward, backward []ordinaut.Occurrence
	for at := from.Add(-time.Second); ; {
		o, ok, err := rule.Next(at)
		if err != nil || !ok || o.At.After(to) {
			break
		}
		forward, at = append(forward, o), o.At
	}
	for at := to.Add(time.Second); ; {
		o, ok, err := rule.Prev(at)
		if err != nil || !ok || o.At.Before(from) {
			break
		}
		backward, at = append(backward, o), o.At
	}
	slices.Reverse(backward)
	same := func(a, b ordinaut.Occurrence) bool { return a.At.Equal(b.At) && a.Skip == b.Skip }
	if !slices.EqualFunc(forward, want, same) || !slices.EqualFunc(backward, want, same) {
		t.Fatalf("%s around %v\nforward  %v\nbackward %v\nwant     %v", rule.Location(), from, forward, backward, want)
	}
}
