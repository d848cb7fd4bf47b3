package schedule

import (
	"fmt"
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

// nth is the nth instant of the series. Where no BY part leaves anything out, it
// is n steps away, and otherwise it is counted.
func (e *elapsedSeries) nth(n int, b *budget) (last time.Time, ok bool, err error) {
	if e.steps {
		last, ok = e.nthStep(n)
		return last, ok, nil
	}
	if n > limits.RecurrenceCount {
		return time.Time{}, false, tooCostly("there are too many to be counted")
	}
	err = e.ascend(e.start, b, func(at time.Time) bool {
		last, n = at, n-1
		return n > 0
	})
	return last, n == 0, err
}

func (e *elapsedSeries) nthStep(n int) (time.Time, bool) {
	if int64(n) > (lastSecond().Unix()-e.start.Unix())/e.grid.every {
		return time.Time{}, false
	}
	return e.grid.start(int64(n-1) * e.grid.every), true
}

// tooLongToCount is the fault of a COUNT whose end cannot be found.
func tooLongToCount(r *recurrence) error {
	fault := tooCostly(fmt.Sprintf("the last of COUNT=%d cannot be found by looking at %d times", r.count, limits.RecurrenceCount))
	fault.Sent = r.String()
	fault.Fix = "use UNTIL instead of COUNT, or a smaller COUNT"
	return fault
}
