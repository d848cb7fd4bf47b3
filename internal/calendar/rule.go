package calendar

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// A rule is one RRULE of an event that begins at a stamp.
type rule struct {
	engine *schedule.Rule // nil when nothing but the start is meant
	until  time.Time      // the last instant; zero is none
	zone   *time.Location

	// onWall says that the engine knows the rule without its zone, so that its
	// occurrences are times on a wall clock, held in UTC.
	onWall bool
}

// compileRule reads an RRULE. Dates recur on the calendar, not on the time line,
// and of a zone that only the file describes the engine knows nothing; both are
// computed on the wall clock, and then placed.
func compileRule(text string, start stamp, zone *time.Location, named bool) (rule, error) {
	r := rule{zone: zone, onWall: start.date || !named}
	parts, until := r.split(text, start)
	if until != "" {
		s, err := parseStamp(until, zone)
		if err != nil {
			return rule{}, err
		}
		r.until = lastOf(s, start, zone)
	}
	err := r.compile(parts, start)
	if err != nil || r.startsWith(start) {
		return r, err
	}
	// DTSTART counts as the first occurrence even where the rule has none.
	if i, n := countIn(parts); i >= 0 {
		if n == 1 {
			r.engine = nil
			return r, nil
		}
		parts[i] = "COUNT=" + strconv.Itoa(n-1)
		return r, r.compile(parts, start)
	}
	return r, nil
}

// split gives the parts that the engine shall read, and UNTIL. A date has no
// times of day to choose from (RFC 5545, 3.3.10), and RSCALE=GREGORIAN is what
// everybody means (RFC 7529).
func (r rule) split(text string, start stamp) (parts []string, until string) {
	for part := range strings.SplitSeq(strings.ToUpper(text), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case name == "", name == "RSCALE" && value == "GREGORIAN", name == "SKIP" && value == "OMIT":
		case start.date && (name == "BYHOUR" || name == "BYMINUTE" || name == "BYSECOND"):
		case name == "UNTIL":
			until = value
		default:
			parts = append(parts, part)
		}
	}
	return parts, until
}

// lastOf is the last instant that UNTIL allows. A date lasts to its end. For
// dates that recur, a time is the date that is written.
func lastOf(until, start stamp, zone *time.Location) time.Time {
	if until.date || start.date {
		return place(until.wall.Truncate(day).Add(day-time.Second), zone)
	}
	return until.at(zone)
}

func (r *rule) compile(parts []string, start stamp) (err error) {
	layout, name := "20060102T150405", r.zone.String()
	if start.date {
		layout = "20060102"
	}
	if r.onWall {
		name = "UTC"
	}
	r.engine, err = schedule.Compile(ordinaut.Schedule{
		Kind:     ordinaut.ScheduleRRule,
		Expr:     "DTSTART:" + start.wall.Format(layout) + "\nRRULE:" + strings.Join(parts, ";"),
		Timezone: name,
		Anchor:   start.wall,
	})
	if err != nil {
		return errors.New(ordinaut.AsError(err).All()[0].Message)
	}
	return nil
}

// startsWith reports whether the start is an occurrence of the rule.
func (r rule) startsWith(start stamp) bool {
	at := start.wall
	if !r.onWall {
		at = place(start.wall, r.zone)
	}
	first, ok, err := r.engine.Next(at.Add(-time.Second))
	return err == nil && ok && first.At.Equal(at)
}

// countIn finds the COUNT among the parts of a rule.
func countIn(parts []string) (index, count int) {
	index = slices.IndexFunc(parts, func(part string) bool { return strings.HasPrefix(strings.TrimSpace(part), "COUNT=") })
	if index >= 0 {
		_, value, _ := strings.Cut(parts[index], "=")
		count, _ = strconv.Atoi(strings.TrimSpace(value))
	}
	return index, count
}

// each yields the occurrences from one instant up to before another, with a note
// on each that a clock change touches.
func (r rule) each(from, to time.Time, b *budget, yield func(at time.Time, note string) bool) error {
	if r.engine == nil || !r.until.IsZero() && r.until.Before(from) {
		return nil
	}
	after := from.Add(-time.Nanosecond)
	if r.onWall {
		after, to = after.Add(-farthest), to.Add(farthest)
	}
	for {
		if err := b.spend(); err != nil {
			return err
		}
		o, ok, err := r.engine.Next(after)
		switch {
		case err != nil:
			return errors.New(ordinaut.AsError(err).Message)
		case !ok || !o.At.Before(to):
			return nil
		}
		after = o.At
		if r.onWall {
			o.At = place(o.At, r.zone)
		}
		if !r.until.IsZero() && o.At.After(r.until) || !yield(o.At, o.Note) {
			return nil
		}
	}
}
