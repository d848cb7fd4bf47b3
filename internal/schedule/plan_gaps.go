package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Elapse is the record of all nominal times after the task's cursor and up to a
// moment as one range that did not run for one reason: the time during which a
// task was paused, or what an edit or the end of a task leaves undone. What a
// snooze had left out before has that for its reason. It is empty when there are
// none.
func Elapse(r *Rule, t ordinaut.Task, until time.Time, reason ordinaut.Reason) ([]ordinaut.Gap, error) {
	newest, ok, err := r.Prev(until.Add(time.Nanosecond))
	if err != nil || !ok {
		return nil, err
	}
	g := gaps{rule: r, task: t.ID}
	err = g.through(t.Cursor, newest.At, func(o ordinaut.Occurrence) ordinaut.Reason {
		if t.Snooze.Covers(o.At) {
			return ordinaut.ReasonSnoozed
		}
		return reason
	})
	return g.list, err
}

// gaps gathers the nominal times that do not run, in ascending order. Those
// that follow each other for one reason become one range.
type gaps struct {
	rule *Rule
	task ordinaut.TaskID
	list []ordinaut.Gap
	open bool // nothing has run since the last range
}

// add records one nominal time.
func (g *gaps) add(at time.Time, reason ordinaut.Reason) {
	if !g.open || g.list[len(g.list)-1].Reason != reason {
		g.list = append(g.list, ordinaut.Gap{TaskID: g.task, First: at, Reason: reason})
		g.open = true
	}
	last := &g.list[len(g.list)-1]
	last.Last = at
	if last.Count == limits.LedgerCount {
		last.More = true
		return
	}
	last.Count++
}

// through records the nominal times after a moment up to a newest one. It looks
// at no more than a ledger counts; what lies beyond belongs to the last range,
// uncounted.
func (g *gaps) through(after, newest time.Time, why func(ordinaut.Occurrence) ordinaut.Reason) error {
	for n := 0; after.Before(newest); n++ {
		o, ok, err := g.rule.Next(after)
		if err != nil || !ok {
			return err
		}
		if n == limits.LedgerCount {
			g.add(o.At, why(ordinaut.Occurrence{}))
			last := &g.list[len(g.list)-1]
			last.Last, last.More = newest, last.More || o.At.Before(newest)
			return nil
		}
		g.add(o.At, why(o))
		after = o.At
	}
	return nil
}
