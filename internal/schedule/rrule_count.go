package schedule

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// countingBudget is what finding the ends of all rules of a set may use up. It
// is somewhat more than what there is to count, because the days between cost
// something too.
func countingBudget(start time.Time) *budget {
	return &budget{left: limits.RecurrenceCount * 5 / 4, early: start.Add(-farthest), late: endOfTime()}
}

// nth is the nth wall-clock time of the series, and false when there are not so
// many up to the last year. The Gregorian calendar repeats itself after 400
// years, and the series after as many of them as its interval needs, so no more
// than one such cycle is ever counted.
func (s *wallSeries) nth(n int, b *budget) (time.Time, bool, error) {
	g := s.countingGrid()
	cycle := s.cycle(g)
	first := s.period(g.start(0), g.start(1))
	before := sort.Search(first.count(), func(i int) bool { return !first.nth(i).Before(s.start) })
	counted := -before
	for i := int64(0); g.start(i).Before(endOfTime()); i += g.every {
		if i == cycle {
			perCycle := counted + before
			if perCycle == 0 {
				return time.Time{}, false, nil
			}
			whole := (n - 1 - counted) / perCycle
			i, counted = i+int64(whole)*cycle, counted+whole*perCycle
		}
		if err := b.spend(2); err != nil {
			return time.Time{}, false, err
		}
		p := s.period(g.start(i), g.start(i+1))
		size := p.count()
		if counted+size >= n {
			return p.nth(n - 1 - counted), true, nil
		}
		counted += size
	}
	return time.Time{}, false, nil
}

// countingGrid is the grid by whose periods the series is counted. Where every
// period is kept and nothing chosen from it, all grids come to the same.
func (s *wallSeries) countingGrid() grid {
	if s.interval > 1 || len(s.positions) > 0 {
		return s.grid
	}
	return grid{months: 1, origin: monthsOf(s.start), every: 1}
}

// cycle is after how many periods the series repeats itself.
func (s *wallSeries) cycle(g grid) int64 {
	const years, days = 400, 146_097
	length, unit := int64(years*12), g.months
	if unit == 0 {
		length, unit = days, g.seconds/(24*60*60)
		if s.months|s.monthDays|s.monthDaysBack == 0 {
			length = 7
		}
	}
	periods := length / unit
	return periods / gcd(periods, g.every) * g.every
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// nth is the nth instant of the series, or the last one before the error,
// counted one by one.
func (e *elapsedSeries) nth(n int, b *budget) (last time.Time, ok bool, err error) {
	err = e.ascend(e.start, b, func(at time.Time) bool {
		last, n = at, n-1
		return n > 0
	})
	return last, n == 0, err
}

// step is the start of the nth period after the first, or the end of time.
func (e *elapsedSeries) step(n int) time.Time {
	if int64(n) > (lastSecond().Unix()-e.start.Unix())/e.grid.every {
		return lastSecond()
	}
	return e.grid.start(int64(n) * e.grid.every)
}

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

// tooLongToCount is the fault of a COUNT whose end cannot be found.
func tooLongToCount(r *recurrence) error {
	return rruleFault(r.String(),
		fmt.Sprintf("the last of COUNT=%d cannot be found by looking at %d times", r.count, limits.RecurrenceCount),
		"use UNTIL instead of COUNT, or a smaller COUNT")
}
