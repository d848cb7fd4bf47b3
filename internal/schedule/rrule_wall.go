package schedule

import (
	"slices"
	"time"
)

// A wallSeries is a series of days or longer periods. Its grid is laid on the
// wall clock.
type wallSeries struct{ series }

func (s *wallSeries) nextWall(t time.Time, b *budget) (time.Time, bool, error) {
	at := laterOf(t.Add(time.Second), s.start)
	b.reach(at)
	if len(s.positions) == 0 {
		return s.first(at, s.last, 0, b)
	}
	for {
		from, end := s.grid.from(at)
		wall, ok, err := s.first(from, s.last, 0, b)
		if err != nil || !ok {
			return time.Time{}, false, err
		}
		if wall.Before(end) {
			p := s.period(from, end)
			chosen := p.chosen()
			if i, _ := slices.BinarySearchFunc(chosen, at, time.Time.Compare); i < len(chosen) {
				return chosen[i], !chosen[i].After(s.last), nil
			}
			wall = end
		}
		at = wall
	}
}

// prevWall is the mirror of nextWall.
func (s *wallSeries) prevWall(t time.Time, b *budget) (time.Time, bool, error) {
	at := earlierOf(t.Add(-time.Second), s.last)
	b.reach(at)
	if len(s.positions) == 0 {
		return s.final(at, s.start, 0, b)
	}
	for {
		from, end := s.grid.upTo(at)
		wall, ok, err := s.final(end.Add(-time.Second), s.grid.start(0), 0, b)
		if err != nil || !ok {
			return time.Time{}, false, err
		}
		if !wall.Before(from) {
			p := s.period(from, end)
			chosen := p.chosen()
			if i, _ := slices.BinarySearchFunc(chosen, at.Add(time.Second), time.Time.Compare); i > 0 {
				return chosen[i-1], !chosen[i-1].Before(s.start), nil
			}
			wall = from.Add(-time.Second)
		}
		at = wall
	}
}

// A period is one period of a wallSeries. Its times are counted and not listed,
// because a year can have thirty million.
type period struct {
	series *series
	year   int
	month  time.Month
	days   [12]set // of the months from there on
}

func (s *series) period(from, end time.Time) period {
	year, month, first := from.Date()
	lastYear, lastMonth, last := end.Add(-time.Second).Date()
	p := period{series: s, year: year, month: month}
	months := (lastYear-year)*12 + int(lastMonth-month)
	for i := range months + 1 {
		at := int(month) - 1 + i
		p.days[i] = s.days(year+at/12, time.Month(at%12+1))
	}
	p.days[0] &^= 1<<first - 1
	p.days[months] &= 1<<(last+1) - 1
	return p
}

// size is how many times the period has before BYSETPOS chooses.
func (p *period) size() int {
	days := 0
	for _, d := range p.days {
		days += d.len()
	}
	return days * p.series.perDay()
}

// perDay is how many times each day has.
func (s *series) perDay() int {
	return s.hours.len() * s.minutes.len() * s.wholeSeconds().len()
}

// time is the one with this index, from 0 to size.
func (p *period) time(index int) time.Time {
	s, month := p.series, 0
	day, rest := index/s.perDay(), index%s.perDay()
	for ; day >= p.days[month].len(); month++ {
		day -= p.days[month].len()
	}
	minutes, seconds := s.minutes.len(), s.wholeSeconds().len()
	return time.Date(p.year, p.month+time.Month(month), p.days[month].nth(day),
		s.hours.nth(rest/(minutes*seconds)), s.minutes.nth(rest/seconds%minutes), s.wholeSeconds().nth(rest%seconds), 0, time.UTC)
}

// chosen are the times that BYSETPOS chooses, in ascending order.
func (p *period) chosen() []time.Time {
	indexes := p.series.indexes(p.size())
	times := make([]time.Time, len(indexes))
	for i, index := range indexes {
		times[i] = p.time(index)
	}
	return times
}

// count is how many times the period has, and nth the one with an index.
func (p *period) count() int {
	if len(p.series.positions) > 0 {
		return len(p.series.indexes(p.size()))
	}
	return p.size()
}

func (p *period) nth(index int) time.Time {
	if len(p.series.positions) > 0 {
		index = p.series.indexes(p.size())[index]
	}
	return p.time(index)
}

// indexes are the places that BYSETPOS chooses among so many times.
func (r *recurrence) indexes(size int) []int {
	var indexes []int
	for _, n := range r.positions {
		if n < 0 {
			n += size + 1
		}
		if 1 <= n && n <= size {
			indexes = append(indexes, n-1)
		}
	}
	slices.Sort(indexes)
	return slices.Compact(indexes)
}

// nth is the member with this index in ascending order.
func (s set) nth(index int) int {
	for range index {
		s &= s - 1
	}
	return s.first()
}
