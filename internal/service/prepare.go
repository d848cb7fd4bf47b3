package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// compiled is a definition that was found good.
type compiled struct {
	definition ordinaut.Definition
	plan       ordinaut.Plan
	rule       *schedule.Rule
	warnings   []Warning
}

// systemAgent is the caller that the examples of the original project name; it
// stands for whoever asks.
const systemAgent = "00000000-0000-0000-0000-000000000001"

// prepare checks everything about a task that is to be made, and tells all
// faults at once.
func (s *Service) prepare(ctx context.Context, r CreateTask, now time.Time) (compiled, error) {
	var faults ordinaut.Errors
	faults.Add(checkKey(r.Key))
	agent, _ := ordinaut.AgentFrom(ctx)
	if by := r.CreatedBy; by != "" && by != string(agent.ID) && by != agent.Name && by != systemAgent {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/created_by", Sent: by,
			Message: "a task is created by whoever asks, and that is " + agent.Name,
			Fix:     "leave created_by out",
		})
	}
	c, err := s.compile(ctx, r.Definition, ordinaut.Definition{}, now)
	if err == nil {
		err = checkFuture(c, now)
	}
	faults.Add(err)
	return c, faults.Err()
}

// compile checks a definition that takes the place of another, and makes its
// plan, as if it began now.
func (s *Service) compile(ctx context.Context, d, was ordinaut.Definition, now time.Time) (compiled, error) {
	var faults ordinaut.Errors
	if strings.TrimSpace(d.Title) == "" {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/title", Sent: d.Title,
			Message: "a task needs a title", Fix: "say in a few words what it does",
		})
	}
	if len(d.Labels) > limits.Labels {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/labels",
			Message: fmt.Sprintf("there are %d labels, and %d are allowed", len(d.Labels), limits.Labels),
			Fix:     "send fewer labels",
		})
	}
	faults.Add(checkSlots(d))
	faults.Add(checkDedupe(d))
	faults.Add(checkGathering(d))
	plan, err := s.plan(ctx, d.Payload)
	faults.Add(err)
	d.StartsAt, d.EndsAt = wholeSecond(d.StartsAt), wholeSecond(d.EndsAt)
	c := compiled{definition: d, plan: newPlan(d, now), warnings: warnDedupe(d)}
	c.definition.Payload = compact(d.Payload)
	if plan != nil {
		faults.Add(checkEvent(d, plan))
		faults.Add(checkProbe(d, plan))
		faults.Add(s.pin(&c, plan, was))
	}
	if c.rule, err = compileSchedule(d, c.plan.Anchor, s.zone); err != nil {
		faults.Add(err)
		return c, faults.Err()
	}
	c.definition.Timezone = c.rule.Location().String()
	faults.Add(checkSpacing(ctx, c.rule, now))
	return c, faults.Err()
}

// wholeSecond cuts a bound to the second: an interval begins at its start, and no
// nominal time is finer.
func wholeSecond(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	cut := t.Truncate(time.Second)
	return &cut
}

// newPlan is the plan of a schedule that begins now: nothing up to now is its
// business.
func newPlan(d ordinaut.Definition, now time.Time) ordinaut.Plan {
	return ordinaut.Plan{Anchor: anchorAt(d.ScheduleKind, now), Cursor: now, PlanRev: 1}
}

// anchorAt is where a recurrence without a start of its own begins. A rule that
// names no second means the full minute.
func anchorAt(kind ordinaut.ScheduleKind, now time.Time) time.Time {
	if kind == ordinaut.ScheduleInterval {
		return now.UTC().Truncate(time.Second)
	}
	return now.UTC().Truncate(time.Minute)
}

// compileSchedule makes the rule of a definition in which the zone may be left
// to the server.
func compileSchedule(d ordinaut.Definition, anchor time.Time, zone string) (*schedule.Rule, error) {
	spec := d.Schedule(anchor)
	spec.DefaultZone = zone
	return schedule.Compile(spec)
}

// compileStored makes the rule of a task that is stored, which names its zone.
func compileStored(t ordinaut.Task) (*schedule.Rule, error) {
	return schedule.Compile(t.Schedule(t.Anchor))
}

// finest is the least spacing that any schedule can have.
const finest = time.Second

// spacingLooked is how many fires are looked at for their spacing.
const spacingLooked = 100

// checkSpacing refuses a schedule that fires more often than the caller may.
func checkSpacing(ctx context.Context, rule *schedule.Rule, now time.Time) error {
	least := limits.MinimumSpacing
	if agent, _ := ordinaut.AgentFrom(ctx); agent.May(ordinaut.ScopeAdmin) {
		least = limits.MinimumSpacingAdmin
	}
	if least <= finest {
		return nil
	}
	fires, err := schedule.Preview(rule, now, spacingLooked)
	if err != nil {
		return err
	}
	for i := 1; i < len(fires); i++ {
		if gap := fires[i].At.Sub(fires[i-1].At); gap < least {
			return &ordinaut.Error{
				Code: ordinaut.CodeScheduleTooOften, At: "/schedule_expr",
				Message: fmt.Sprintf("it would fire %s apart, and %s is the least you may ask for", gap, least),
				Fix:     fmt.Sprintf("leave at least %s between two fires", least),
			}
		}
	}
	return nil
}

// checkFuture refuses a schedule that has no occurrence left.
func checkFuture(c compiled, now time.Time) error {
	d := c.definition
	if !d.ScheduleKind.Clock() || d.RunIfPast {
		return nil
	}
	_, some, err := c.rule.Next(now)
	if some || err != nil {
		return err
	}
	e := &ordinaut.Error{
		Code: ordinaut.CodeSchedulePast, At: "/schedule_expr", Sent: d.ScheduleExpr,
		Message: fmt.Sprintf("it has no occurrence left; it is now %s", now.In(c.rule.Location()).Format(time.RFC3339)),
		Fix:     "choose a time that is still to come",
	}
	if d.ScheduleKind == ordinaut.ScheduleOnce {
		e.Fix += ", or send run_if_past: true to run it at once"
	}
	return e
}

// startPlan sets when a task that becomes active fires first; it is completed
// when it never will.
func (s *Service) startPlan(t *ordinaut.Task, rule *schedule.Rule) error {
	if t.RunIfPast {
		if o, some, err := rule.Prev(t.Cursor); err == nil && some {
			t.Cursor = o.At.Add(-time.Second)
		}
	}
	next, done, err := schedule.First(rule, *t)
	if err != nil {
		return err
	}
	t.NextFireAt = next
	if done {
		t.Status = ordinaut.TaskCompleted
	}
	return nil
}

// laterTaskFields are fields of a task that are known and not there yet.
func laterTaskFields() map[string]string {
	return map[string]string{
		"exclusions": "leave it out; a cron or rrule can leave days out by its own parts, an rrule also by EXDATE",
		"hold":       "pause the task instead",
	}
}
