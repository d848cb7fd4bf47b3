package schedule

import (
	"slices"
	"time"
)

// empty reports whether it is certain that no time passes the BY parts, in
// whatever period.
func (s *series) empty(b *budget) bool {
	for i := range 400 * 12 {
		month := time.Date(s.start.Year(), time.Month(i+1), 1, 0, 0, 0, 0, time.UTC)
		digits := s.digits(month.Year(), month.Month())
		if !slices.Contains(digits[:], 0) || b.spend(1) != nil {
			return false
		}
	}
	return true
}

// outOfPlace reports whether BYSETPOS chooses nothing even in a period that has
// as many times as one can have.
func (s *series) outOfPlace(most int) bool {
	return len(s.positions) > 0 && len(s.indexes(most)) == 0
}

// never reports whether it is certain that the series yields nothing. A cycle
// too long for a proof is left to the search.
func (s *wallSeries) never(b *budget) bool {
	days := map[frequency]int{daily: 1, weekly: 7, monthly: 31, yearly: 366}[s.freq]
	if s.empty(b) || s.outOfPlace(days*s.perDay()) {
		return true
	}
	g := s.countingGrid()
	if g.every == 1 && len(s.positions) == 0 || s.cycle(g)/g.every > longestProof {
		return false
	}
	_, ok, err := s.nth(1, b)
	return err == nil && !ok
}

// never is the same for elapsed time, whose periods have the minutes of an hour
// or the seconds of a minute, or are one step.
func (e *elapsedSeries) never(b *budget) bool {
	most := map[int64]int{1: 1, 60: e.seconds.len(), 3600: e.minutes.len() * e.seconds.len()}[e.grid.seconds]
	return e.empty(b) || e.outOfPlace(most) || e.outOfStep()
}

// outOfStep reports whether the periods and the minutes and seconds miss each
// other. Since 1973 every offset of every zone is a multiple of a quarter of an
// hour, so where an instant lies in its quarter is the same on all wall clocks.
func (e *elapsedSeries) outOfStep() bool {
	const quarter = 15 * 60
	if e.start.Year() < 1973 {
		return false
	}
	stride := gcd(e.grid.every*e.grid.seconds, quarter)
	for at := range int64(quarter) {
		into := at - e.grid.origin
		inPeriod := into-floor(into, stride)*stride < e.grid.seconds
		if inPeriod && e.wholeSeconds().has(int(at%60)) && e.minutes&(setOf(0, 45, 15)<<(at/60)) != 0 {
			return false
		}
	}
	return true
}

// longestProof is how many periods are looked at to show that a rule never
// fires: as many as there are weeks in 400 years.
const longestProof = 20_871
