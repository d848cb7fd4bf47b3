package schedule_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// oracleZones change by an hour, by half an hour and by a day, in the north and
// in the south, at midnight, backwards in winter, and not at all.
func oracleZones() []string {
	return []string{
		"UTC", "America/New_York", "Europe/Chisinau", "Europe/Dublin", "Australia/Lord_Howe", "Pacific/Apia",
		"Pacific/Chatham", "America/Sao_Paulo", "America/Havana", "Africa/Casablanca", "Antarctica/Troll", "Asia/Kathmandu",
	}
}

// TestOracle compares 2,000 random rules in 12 zones with the slow expander:
// from DTSTART on, and from random times in both directions.
func TestOracle(t *testing.T) {
	t.Parallel()
	const rules, workers = 2000, 4
	var zones []oracleZone
	for _, name := range oracleZones() {
		zone, err := schedule.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, watchZone(zone, 1995, 2042))
	}
	for worker := range workers {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(5545, uint64(worker)))
			for range rules / workers {
				compareOracle(t, r, zones, randomOracle(r))
			}
		})
	}
}

// compareOracle compares one rule in every zone, each time under other policies.
func compareOracle(t *testing.T, r *rand.Rand, zones []oracleZone, o oracle) {
	t.Helper()
	steps, most := 120, 80
	if o.freq == "HOURLY" && len(o.minutes) > 0 {
		steps = 40
	}
	years := map[string]int{"YEARLY": 5, "MONTHLY": 3, "WEEKLY": 2, "DAILY": 1}[o.freq]
	var walls []time.Time
	known := time.Date(o.start.Year()+years, 1, -2, 0, 0, 0, 0, time.UTC)
	if years > 0 {
		walls = o.walls(o.start.Year() + years)
	} else {
		unit := map[string]time.Duration{"HOURLY": time.Hour, "MINUTELY": time.Minute, "SECONDLY": time.Second}[o.freq]
		known = o.start.Add(unit*time.Duration(steps*o.interval) - 24*time.Hour)
	}
	if len(walls) > most {
		known, walls = walls[most].Add(-48*time.Hour), walls[:most]
	}
	for _, zone := range zones {
		s := ordinaut.Schedule{
			Kind:     ordinaut.ScheduleRRule,
			Expr:     o.text(),
			Timezone: zone.name,
			Gap:      []ordinaut.GapPolicy{ordinaut.GapShift, ordinaut.GapNextValid, ordinaut.GapSkip}[r.IntN(3)],
			Repeat:   []ordinaut.RepeatPolicy{ordinaut.RepeatFirst, ordinaut.RepeatLast, ordinaut.RepeatBoth}[r.IntN(3)],
		}
		c := comparison{start: o.start.Add(-24 * time.Hour), known: known}
		if years > 0 {
			c.want = placeAll(zone, walls, s.Gap, s.Repeat)
		} else {
			for _, at := range o.instants(zone, steps) {
				c.want = append(c.want, ordinaut.Occurrence{At: at})
			}
		}
		if !c.agrees(t, r, s) {
			t.Fatalf("%s\nin %s, gap %s, repeat %s", s.Expr, zone.name, s.Gap, s.Repeat)
		}
	}
}

// A comparison is what is known of a schedule: all its occurrences up to a time.
type comparison struct {
	want         []ordinaut.Occurrence
	start, known time.Time
}

func (c comparison) agrees(t *testing.T, r *rand.Rand, s ordinaut.Schedule) bool {
	t.Helper()
	rule, err := schedule.Compile(s)
	if err != nil {
		unknown := errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleNever}) ||
			errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleTooCostly})
		if !unknown || len(c.want) > 0 {
			t.Errorf("compile: %v, and the oracle has %d occurrences", err, len(c.want))
			return false
		}
		return true
	}
	at := c.start
	for range 6 {
		next, ok := c.agreesAt(t, rule, at)
		if !ok {
			return false
		}
		if !next.After(at) {
			break
		}
		at = next
	}
	for range 2 {
		span := max(1, int64(c.known.Sub(c.start)))
		if _, ok := c.agreesAt(t, rule, c.start.Add(time.Duration(r.Int64N(span))).Truncate(time.Second)); !ok {
			return false
		}
	}
	return true
}

// agreesAt asks for the neighbors of a time, and gives the next one, as far as
// it is known.
func (c comparison) agreesAt(t *testing.T, rule *schedule.Rule, at time.Time) (next time.Time, agrees bool) {
	t.Helper()
	i, exact := slices.BinarySearchFunc(c.want, at, func(o ordinaut.Occurrence, t time.Time) int { return o.At.Compare(t) })
	var want ordinaut.Occurrence
	if i > 0 {
		want = c.want[i-1]
	}
	got, ok, err := rule.Prev(at)
	if err != nil || ok != (i > 0) || ok && (!got.At.Equal(want.At) || got.Skip != want.Skip) {
		t.Errorf("Prev(%v) = %v %v %v, want %v", at, got, ok, err, want)
		return next, false
	}
	if exact {
		i++
	}
	if i == len(c.want) || c.want[i].At.After(c.known) {
		got, ok, _ := rule.Next(at)
		if ok && !got.At.After(c.known) {
			t.Errorf("Next(%v) = %v, want none before %v", at, got, c.known)
			return next, false
		}
		return next, true
	}
	got, ok, err = rule.Next(at)
	if want = c.want[i]; err != nil || !ok || !got.At.Equal(want.At) || got.Skip != want.Skip {
		t.Errorf("Next(%v) = %v %v %v, want %v", at, got, ok, err, want)
		return next, false
	}
	return want.At, true
}
