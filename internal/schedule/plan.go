package schedule

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Decide says what becomes of the nominal times of a task after its cursor and
// up to now: each gets a run, or a place in a gap that says why not. It changes
// nothing; a store carries the decision out, if the task is still as it was.
//
// A fire that is at most limits.LateGrace late is on time. Of the older ones,
// the catch-up policy takes those that run after all, and the others are
// missed. What was taken then meets the overlap policy, oldest first.
func Decide(r *Rule, due ordinaut.DueTask, now time.Time, newID func() ordinaut.RunID) (ordinaut.Materialization, error) {
	p, err := newPlan(r, due, now, newID)
	if err != nil {
		return ordinaut.Materialization{}, err
	}
	taken, reached, err := p.take()
	if err != nil {
		return ordinaut.Materialization{}, err
	}
	if err := p.dismiss(reached); err != nil {
		return ordinaut.Materialization{}, err
	}
	newest := newestRun(taken)
	for i, f := range taken {
		if err := p.settle(f, i == newest); err != nil {
			return ordinaut.Materialization{}, err
		}
		reached = f.last
	}
	after := p.task
	after.Cursor = reached
	next, done, err := First(r, after)
	if errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleTooCostly}) {
		// What lies beyond the search must not hold back what is due.
		next, done, err = nil, true, nil
	}
	if err != nil {
		return ordinaut.Materialization{}, err
	}
	return ordinaut.Materialization{
		TaskID:    p.task.ID,
		Cursor:    p.task.Cursor,
		PlanRev:   p.task.PlanRev,
		Advance:   reached,
		NextFire:  next,
		Complete:  done,
		Supersede: p.supersede,
		Awake:     due.Task.Snooze != nil && !due.Task.Snooze.Nominal.After(reached),
		Runs:      p.runs,
		Gaps:      p.gaps.list,
	}, nil
}

// plan is a decision in the making.
type plan struct {
	rule   *Rule
	task   ordinaut.Task
	now    time.Time
	window time.Time // fires before it are too old to be caught up
	newID  func() ordinaut.RunID

	onTime int // runs taken that are on time
	caught int // runs taken that are late
	ahead  int // runs that will not have ended when the next one is made
	parked int // of them, those that wait for the others

	supersede bool // the runs that have not ended make way
	runs      []ordinaut.PlannedRun
	gaps      gaps
}

func newPlan(r *Rule, due ordinaut.DueTask, now time.Time, newID func() ordinaut.RunID) (*plan, error) {
	window := time.Unix(now.Unix()-int64(due.Task.CatchUpWindowSeconds), int64(now.Nanosecond()))
	if window.Before(due.Task.Cursor) {
		window = due.Task.Cursor
	}
	p := &plan{
		rule:   r,
		task:   due.Task,
		now:    now,
		window: window,
		newID:  newID,
		ahead:  due.Unfinished,
		parked: due.Parked,
		gaps:   gaps{rule: r, task: due.Task.ID},
	}
	var err error
	p.task.Snooze, err = standing(r, due.Task)
	return p, err
}

// fire is an occurrence with the moment at which it is due, and the last of
// those whose fate it shares: itself, or the newest that its snooze leaves out.
type fire struct {
	ordinaut.Occurrence
	due  time.Time
	last time.Time
}

// take goes back from now, so that its cost does not grow with the time that
// has passed, and gives the fires that are decided one by one, oldest first.
// Before them, everything up to reached is yet to be dismissed.
func (p *plan) take() (taken []fire, reached time.Time, err error) {
	for before := p.now.Add(time.Nanosecond); ; {
		f, ok, err := p.previous(before)
		switch {
		case err != nil:
			return nil, time.Time{}, err
		case !ok:
			slices.Reverse(taken)
			return taken, p.task.Cursor, nil
		case f.due.After(p.now): // its jitter has not passed yet
		case p.takes(f):
			taken = append(taken, f)
		default:
			slices.Reverse(taken)
			return taken, f.last, nil
		}
		before = f.At
	}
}

// previous is the newest pending fire whose nominal time lies before a moment.
func (p *plan) previous(before time.Time) (fire, bool, error) {
	o, ok, err := p.rule.Prev(before)
	switch {
	case err != nil || !ok || !o.At.After(p.task.Cursor):
		return fire{}, false, err
	case p.task.Snooze != nil && (o.At.Equal(p.task.Snooze.Nominal) || p.task.Snooze.Covers(o.At)):
		return p.snoozed()
	}
	due, err := spread{p.rule, p.task.ID, p.task.Jitter()}.due(o)
	return fire{o, due, o.At}, true, err
}

// takes says whether the fire is decided for itself, and counts it if it is to
// run.
func (p *plan) takes(f fire) bool {
	runs := 1
	if f.Skip != "" {
		runs = 0
	}
	if !p.late(f) || p.task.ScheduleKind == ordinaut.ScheduleOnce && p.task.RunIfPast {
		p.onTime += runs
		return true
	}
	if f.due.Before(p.window) || p.room() <= 0 {
		return false
	}
	p.caught += runs
	return true
}

func (p *plan) late(f fire) bool { return p.now.Sub(f.due) > limits.LateGrace }

// room is how many more late fires the catch-up policy lets run.
func (p *plan) room() int {
	switch p.task.CatchUp {
	case ordinaut.CatchUpNone:
		return 0
	case ordinaut.CatchUpAll:
		return limits.CatchUpRuns - p.caught
	}
	return 1 - p.onTime - p.caught
}

// dismiss records every pending nominal time up to newest, none of which runs:
// those inside the window because there were too many, the others as missed.
func (p *plan) dismiss(newest time.Time) error {
	missed := newest
	if p.task.CatchUp == ordinaut.CatchUpAll {
		var err error
		if missed, err = p.tooOld(newest); err != nil {
			return err
		}
	}
	if err := p.gaps.through(p.task.Cursor, missed, p.unlessSkipped(ordinaut.ReasonMissed)); err != nil {
		return err
	}
	return p.gaps.through(missed, newest, p.unlessSkipped(ordinaut.ReasonLimit))
}

// tooOld is the last pending nominal time up to newest whose fire lies before
// the window, or the cursor. It is the one before the window, or, when that
// one's jitter reaches into the window, the one before that.
func (p *plan) tooOld(newest time.Time) (time.Time, error) {
	before := newest.Add(time.Nanosecond)
	if p.window.Before(before) {
		before = p.window
	}
	for {
		f, ok, err := p.previous(before)
		if err != nil || !ok {
			return p.task.Cursor, err
		}
		if f.due.Before(p.window) {
			return f.last, nil
		}
		before = f.At
	}
}

// unlessSkipped gives a reason to each occurrence that has none of its own.
func (p *plan) unlessSkipped(reason ordinaut.Reason) func(ordinaut.Occurrence) ordinaut.Reason {
	return func(o ordinaut.Occurrence) ordinaut.Reason {
		if p.task.Snooze.Covers(o.At) {
			return cmp.Or(o.Skip, ordinaut.ReasonSnoozed)
		}
		return cmp.Or(o.Skip, reason)
	}
}

// newestRun is the place of the newest fire that is to run; -1 when none is.
func newestRun(taken []fire) int {
	for i, f := range slices.Backward(taken) {
		if f.Skip == "" {
			return i
		}
	}
	return -1
}

// settle makes a run of the fire, or says why it gets none, and records what its
// snooze leaves out. The newest is the last of this decision that is to run.
func (p *plan) settle(f fire, newest bool) error {
	if why := cmp.Or(f.Skip, p.yields(newest)); why != "" {
		p.gaps.add(f.At, why)
	} else {
		p.run(f)
	}
	return p.gaps.through(f.At, f.last, p.unlessSkipped(ordinaut.ReasonSnoozed))
}

// start is when the run is to begin: late ones at once, a few at a time.
func (p *plan) start(f fire) time.Time {
	if !p.late(f) {
		return f.due
	}
	return p.now.Add(time.Duration(len(p.runs)/limits.CatchUpSpread) * time.Second)
}
