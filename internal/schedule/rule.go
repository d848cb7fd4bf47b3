package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// A Rule is a compiled schedule. It never changes, and may be asked by many
// goroutines at once.
type Rule struct {
	kind         ordinaut.ScheduleKind
	calendar     calendar
	zone         *time.Location
	starts, ends time.Time
}

// Compile checks a schedule and makes a Rule of it. All faults are reported at
// once, each with the field in which it lies. A schedule that can never fire is
// a fault; one that has fired for the last time is not, because only whoever
// asks knows what time it is. Without a zone the wall clock shows UTC.
func Compile(s ordinaut.Schedule) (*Rule, error) {
	var (
		faults ordinaut.Errors
		c      calendar
	)
	k, err := findKind(s.Kind)
	faults.Add(err)
	in, err := specOf(s)
	faults.Add(err)
	if k.compile != nil && len(s.Expr) <= limits.ExprBytes {
		c, err = k.compile(in)
		faults.Add(err)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	r := &Rule{kind: s.Kind, calendar: c, zone: in.zone, ends: lastSecond()}
	if own, ok := c.(interface{ location() *time.Location }); ok {
		r.zone = own.location()
	}
	if !k.onDemand {
		if err := r.checkFires(s); err != nil {
			return nil, err
		}
	}
	return r.within(s.StartsAt, s.EndsAt), nil
}

// within is the rule between these bounds, of which either may be missing.
func (r *Rule) within(starts, ends *time.Time) *Rule {
	bounded := *r
	if starts != nil {
		bounded.starts = *starts
	}
	if ends != nil {
		bounded.ends = *ends
	}
	return &bounded
}

// checkFires looks for one occurrence, after the anchor or else before it, and
// then for one between the bounds.
func (r *Rule) checkFires(s ordinaut.Schedule) error {
	_, fires, err := r.Next(s.Anchor)
	if err == nil && !fires {
		_, fires, err = r.Prev(s.Anchor.Add(time.Second))
	}
	if err != nil {
		return err
	}
	if !fires {
		return neverFires(s.Expr)
	}
	at, fix := "/ends_at", "move ends_at to a later time, or leave it out"
	switch bounded := r.within(s.StartsAt, s.EndsAt); {
	case s.EndsAt != nil:
		_, fires, err = bounded.Prev(s.EndsAt.Add(time.Nanosecond))
	case s.StartsAt != nil:
		at, fix = "/starts_at", "move starts_at to an earlier time, or leave it out"
		_, fires, err = bounded.Next(s.StartsAt.Add(-time.Nanosecond))
	}
	if err != nil || fires {
		return err
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeScheduleBounds,
		At:      at,
		Message: "the schedule has no occurrence between its bounds",
		Fix:     fix,
	}
}

func neverFires(expr string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeScheduleNever,
		At:      "/schedule_expr",
		Sent:    expr,
		Message: "the schedule never fires: no time satisfies the whole expression",
		Fix:     "remove or loosen the parts that exclude each other",
	}
}

// Next is the first occurrence strictly after a time, and false when there is
// none any more. An error says that the search reached its limit.
func (r *Rule) Next(after time.Time) (ordinaut.Occurrence, bool, error) {
	after = laterOf(after, r.starts.Add(-time.Nanosecond))
	if !after.Before(r.ends) {
		return ordinaut.Occurrence{}, false, nil
	}
	b := newBudget(after)
	o, ok, err := r.calendar.next(after, b)
	if err == nil && !ok && b.late.Before(r.ends) {
		err = b.short()
	}
	if err != nil || !ok || o.At.After(r.ends) {
		return ordinaut.Occurrence{}, false, err
	}
	return o, true, nil
}

// Prev is the last occurrence strictly before a time: the mirror of Next.
func (r *Rule) Prev(before time.Time) (ordinaut.Occurrence, bool, error) {
	before = earlierOf(before, r.ends.Add(time.Nanosecond))
	if !before.After(r.starts) {
		return ordinaut.Occurrence{}, false, nil
	}
	b := newBudget(before)
	o, ok, err := r.calendar.prev(before, b)
	if err == nil && !ok && b.early.After(r.starts) {
		err = b.short()
	}
	if err != nil || !ok || o.At.Before(r.starts) {
		return ordinaut.Occurrence{}, false, err
	}
	return o, true, nil
}

// Kind is the kind of the schedule.
func (r *Rule) Kind() ordinaut.ScheduleKind { return r.kind }

// Location is the zone whose wall clock the schedule follows.
func (r *Rule) Location() *time.Location { return r.zone }

// Canonical is the one spelling of the expression.
func (r *Rule) Canonical() string { return r.calendar.canonical() }

// Sentence says in English when the schedule fires, or gives the canonical
// spelling when no sentence is sure to say the same.
func (r *Rule) Sentence() string {
	if s := r.calendar.sentence(); s != "" {
		return s
	}
	return r.Canonical()
}
