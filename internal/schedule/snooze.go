package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

// Upcoming is the occurrence that a task fires next, after now, and when it would
// do so if nobody put it off. What is due by now is no longer to come.
func Upcoming(r *Rule, t ordinaut.Task, now time.Time) (o ordinaut.Occurrence, at time.Time, ok bool, err error) {
	snooze, err := standing(r, t)
	if err != nil {
		return o, at, false, err
	}
	after := t.Cursor
	switch newest, some, err := r.Prev(now.Add(time.Nanosecond)); {
	case err != nil:
		return o, at, false, err
	case snooze != nil:
		after = snooze.Nominal.Add(-time.Nanosecond)
	case some && newest.At.After(t.Cursor):
		// It may still be on its way, and nothing before it is: no jitter reaches
		// past the next occurrence.
		after = newest.At.Add(-time.Nanosecond)
	}
	for range skipsLooked {
		if o, ok, err = r.Next(after); err != nil || !ok {
			return o, at, false, err
		}
		at, err = spread{r, t.ID, t.Jitter()}.due(o)
		if err != nil || o.Skip == "" && (snooze != nil || at.After(now)) {
			return o, at, err == nil, err
		}
		after = o.At
	}
	return o, at, false, nil
}

// skipsLooked is how many occurrences that do not fire are passed over in search
// of one that does: a rule can name nothing but times that clocks leave out.
const skipsLooked = 1000

// standing is the task's snooze while it stands: its occurrence has no outcome
// yet, and the rule still has it. A newer zone database can take it away.
func standing(r *Rule, t ordinaut.Task) (*ordinaut.Snooze, error) {
	if t.Snooze == nil || !t.Snooze.Nominal.After(t.Cursor) {
		return nil, nil
	}
	o, ok, err := r.Prev(t.Snooze.Nominal.Add(time.Nanosecond))
	if err != nil || !ok || !o.At.Equal(t.Snooze.Nominal) {
		return nil, err
	}
	return t.Snooze, nil
}

// snoozed is the fire of the occurrence that is put off. It decides about those
// that the snooze leaves out as well, so that they need not be looked at one by
// one.
func (p *plan) snoozed() (fire, bool, error) {
	s := p.task.Snooze
	o, ok, err := p.rule.Prev(s.Nominal.Add(time.Nanosecond))
	if err != nil || !ok {
		return fire{}, false, err
	}
	last, _, err := p.rule.Prev(s.Until)
	return fire{Occurrence: o, due: s.Until, last: last.At}, true, err
}
