package calendar

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// A Window is what to list.
type Window struct {
	From, To time.Time      // events that end after From and begin before To
	Zone     *time.Location // of whoever asks: of whole days, of times without a zone, and of the answer; nil is UTC
	Limit    int            // events at most, the first ones; 0 is none
}

// A Listing is the events of a window, by their start and then their UID.
type Listing struct {
	Events    []Event
	Truncated bool     // there are more than the limit
	Warnings  []string // what was left out or had to be guessed, in sentences
}

// List works out the events of a window. It fails when the context ends, or when
// the events recur so often that they cannot be listed.
func (c *Calendar) List(ctx context.Context, w Window) (Listing, error) {
	l := newLister(ctx, c, w)
	for _, s := range l.group(c.events) {
		l.budget.next()
		l.expand(s)
		if l.budget.err() != nil {
			break
		}
	}
	if err := l.budget.err(); err != nil {
		return Listing{}, err
	}
	return l.listing(), nil
}

// A lister is one listing in the making.
type lister struct {
	from, to  time.Time // to comes closer when the limit is reached
	reader    *time.Location
	limit     int
	zones     *zoneBook
	budget    *budget
	found     []occurrence
	truncated bool
	warnings  warnings
}

// An occurrence is one event that takes place.
type occurrence struct {
	*entry
	start  time.Time
	length *length   // of its own; nil is that of the entry
	origin time.Time // when the series would have it; zero when it does not recur
	recurs bool
	note   string
}

// compareOccurrences puts the one that begins first first.
func compareOccurrences(a, b occurrence) int {
	return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.uid, b.uid), a.origin.Compare(b.origin))
}

func newLister(ctx context.Context, c *Calendar, w Window) *lister {
	b := newBudget(ctx)
	b.next()
	zone := cmp.Or(w.Zone, time.UTC)
	return &lister{
		from: w.From, to: w.To, reader: zone, limit: cmp.Or(w.Limit, maxLooked),
		budget: b,
		zones: &zoneBook{
			names:     c.names,
			described: c.zones,
			clocks:    observer{through: w.To.AddDate(1, 0, 0), budget: b},
			found:     make(map[string]*time.Location),
			missing:   make(map[string]error),
		},
		warnings: slices.Clone(c.warnings),
	}
}

// group reads the events and gathers those with the same UID, in the order of the
// text. One without a UID stands alone.
func (l *lister) group(events []*component) []*series {
	var all []*series
	byUID := make(map[string]*series)
	for _, c := range events {
		if l.budget.err() != nil {
			break
		}
		l.budget.next()
		e, err := l.entry(c)
		if err != nil {
			l.warnings.warn("%s is left out: %v", c, err)
			continue
		}
		s := byUID[e.uid]
		if s == nil || e.uid == "" {
			s = new(series)
			all = append(all, s)
			byUID[e.uid] = s
		}
		if s.add(e, l.reader) {
			l.warnOf(c, "its UID stands in the calendar with another time as well, the newer one is listed")
		}
	}
	return all
}

func (l *lister) warnOf(c *component, message string) {
	l.warnings.warn("%s: %s", c, message)
}

// offer takes an occurrence if it lies in the window, and reports whether it does.
func (l *lister) offer(o occurrence) bool {
	end := o.end()
	if !o.start.Before(l.to) || !end.After(l.from) && !(o.start.Equal(end) && end.Equal(l.from)) {
		return false
	}
	l.found = append(l.found, o)
	if len(l.found) > 2*(l.limit+1) {
		l.shorten()
	}
	return true
}

// end is when the occurrence ends.
func (o occurrence) end() time.Time {
	if o.length != nil {
		return o.length.from(o.start, o.zone)
	}
	return o.entry.length.from(o.start, o.zone)
}

// shorten keeps as many as will be listed. What begins later than the last of
// them need not be looked for any more.
func (l *lister) shorten() {
	slices.SortFunc(l.found, compareOccurrences)
	if len(l.found) <= l.limit {
		return
	}
	l.truncated = true
	l.found = l.found[:l.limit]
	if last := l.found[l.limit-1].start.Add(1); last.Before(l.to) {
		l.to = last
	}
}

func (l *lister) listing() Listing {
	l.shorten()
	result := Listing{Events: make([]Event, 0, len(l.found)), Truncated: l.truncated, Warnings: l.warnings}
	for _, o := range l.found {
		result.Events = append(result.Events, o.event(l.reader))
	}
	return result
}
