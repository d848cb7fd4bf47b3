package service

import (
	"context"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// SnoozeTask asks for the next occurrence of a task to run later. One of Until,
// For and DelaySeconds says when.
type SnoozeTask struct {
	Task         string     `json:"task" doc:"The id or key of the task."`
	Until        *time.Time `json:"until,omitempty" doc:"Run it at this time." example:"2027-01-04T10:00:00Z"`
	For          string     `json:"for,omitempty" maxLength:"40" doc:"Run it so long from now, such as 90m or 1d." example:"2h"`
	DelaySeconds int        `json:"delay_seconds,omitempty" minimum:"1" maximum:"315360000" doc:"Run it so many seconds after it would fire by itself."`
	Reason       string     `json:"reason,omitempty" maxLength:"200" doc:"Why; shown with the task."`
}

// SnoozeTask puts the next occurrence of a task off. It keeps its nominal time;
// those that follow it before then do not run, and the ledger says so. Snoozing
// again replaces what was said before.
func (s *Service) SnoozeTask(ctx context.Context, r SnoozeTask) (Task, error) {
	wait, err := r.check()
	if err != nil {
		return Task{}, err
	}
	return s.change(ctx, r.Task, func(e *ordinaut.TaskEdit, rule *schedule.Rule, now time.Time) error {
		if e.Task.Status != ordinaut.TaskActive {
			return wrongState(e.Task, "only an active task can be snoozed", "")
		}
		o, at, some, err := schedule.Upcoming(rule, e.Task, now)
		if err != nil {
			return err
		}
		if !some {
			return wrongState(e.Task, "it has no fire that could be put off", "run it when you want it")
		}
		until, field := r.until(wait, at, now)
		if err := checkUntil(field, until, at, now, rule.Location()); err != nil {
			return err
		}
		return setSnooze(e, rule, &ordinaut.Snooze{Nominal: o.At, Until: until, Reason: r.Reason})
	})
}

// UnsnoozeTask lets the occurrence that was put off fire at its own time; when
// that has passed, as the task's catch-up policy says.
func (s *Service) UnsnoozeTask(ctx context.Context, r TaskName) (Task, error) {
	return s.change(ctx, r.Task, func(e *ordinaut.TaskEdit, rule *schedule.Rule, _ time.Time) error {
		if e.Task.Snooze == nil {
			return nil
		}
		return setSnooze(e, rule, nil)
	})
}

// setSnooze changes when the next occurrence fires, and nothing else.
func setSnooze(e *ordinaut.TaskEdit, rule *schedule.Rule, snooze *ordinaut.Snooze) error {
	e.Task.Snooze = snooze
	e.Task.PlanRev++
	if e.Task.NextFireAt == nil {
		return nil // it is paused
	}
	next, _, err := schedule.First(rule, e.Task)
	e.Task.NextFireAt = next
	return err
}

// check finds what is wrong with the request itself, and reads For.
func (r SnoozeTask) check() (wait time.Duration, err error) {
	said := 0
	for _, yes := range []bool{r.Until != nil, r.For != "", r.DelaySeconds != 0} {
		if yes {
			said++
		}
	}
	if said != 1 {
		return 0, &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/until",
			Message:  fmt.Sprintf("one of until, for and delay_seconds says when it is to run, and %d were sent", said),
			Fix:      "send one of them",
			Examples: []string{"2027-01-04T10:00:00Z"},
		}
	}
	if r.For == "" {
		return 0, nil
	}
	wait, err = schedule.Duration(r.For)
	if err != nil {
		return 0, ordinaut.AsError(err).Moved("/for")
	}
	return wait, nil
}

// until is when the occurrence is to run that would fire at a time by itself, to
// the second, and the field that says so.
func (r SnoozeTask) until(wait time.Duration, at, now time.Time) (until time.Time, field string) {
	switch {
	case r.Until != nil:
		until, field = *r.Until, "/until"
	case r.For != "":
		until, field = now.Add(wait), "/for"
	default:
		until, field = at.Add(time.Duration(r.DelaySeconds)*time.Second), "/delay_seconds"
	}
	return until.UTC().Truncate(time.Second), field
}

// checkUntil refuses a time that puts nothing off.
func checkUntil(field string, until, at, now time.Time, zone *time.Location) error {
	in := func(t time.Time) string { return t.In(zone).Format(time.RFC3339) }
	fault := &ordinaut.Error{Code: ordinaut.CodeFieldValue, At: field}
	switch {
	case !until.After(now):
		fault.Message = fmt.Sprintf("%s has passed; it is now %s", in(until), in(now))
		fault.Fix = "choose a time that is still to come"
	case !until.After(at):
		fault.Message = fmt.Sprintf("%s puts nothing off: it fires at %s by itself", in(until), in(at))
		fault.Fix = "choose a later time, or run it now"
	case until.Sub(now) > limits.Snooze:
		fault.Message = fmt.Sprintf("%s is more than %d days away", in(until), limits.Snooze/(24*time.Hour))
		fault.Fix = "choose an earlier time, or pause the task"
	default:
		return nil
	}
	return fault
}

// showSnooze is a snooze as it reads in the zone of its task.
func showSnooze(s *ordinaut.Snooze, zone *time.Location) *ordinaut.Snooze {
	if s == nil {
		return nil
	}
	return &ordinaut.Snooze{Nominal: s.Nominal.In(zone), Until: s.Until.In(zone), Reason: s.Reason}
}
