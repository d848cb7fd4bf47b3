package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

const (
	dueBatch  = 1000             // tasks decided in one round trip
	rulesKept = 10_000           // compiled rules kept; the rest is compiled again
	aside     = 10 * time.Minute // how long a task that cannot be decided is left alone
)

// scheduler turns the occurrences that have come into runs and ledger rows.
type scheduler struct {
	store ordinaut.Store
	log   *slog.Logger
	rules map[ordinaut.TaskID]compiledRule
}

// compiledRule is a rule with what it was compiled from.
type compiledRule struct {
	rule    *schedule.Rule
	version int
}

func newScheduler(o Options) *scheduler {
	return &scheduler{store: o.Store, log: o.Log, rules: map[ordinaut.TaskID]compiledRule{}}
}

// run looks at what is due, sleeps until the next fire or a signal, and looks
// again.
func (s *scheduler) run(stop context.Context) error {
	signal, end := s.store.Watch(ordinaut.SignalPlans)
	defer end()
	repeat(stop, signal, s.turn, func(err error) {
		s.log.Error("the scheduler could not look at what is due", telemetry.KeyError, err)
	})
	return nil
}

// turn decides everything that is due, batch by batch, and says when the next
// task will be.
func (s *scheduler) turn(ctx context.Context) (*time.Time, error) {
	for {
		due, err := s.store.Due(ctx, dueBatch)
		if err != nil {
			return nil, fmt.Errorf("find due tasks: %w", err)
		}
		if len(due.Tasks) == 0 {
			return due.Next, nil
		}
		ms := make([]ordinaut.Materialization, 0, len(due.Tasks))
		for _, d := range due.Tasks {
			ms = append(ms, s.decide(d, due.Now))
		}
		// One that came too late is due again, as it now is, in the next round.
		if _, err := s.store.Materialize(ctx, ms); err != nil {
			return nil, fmt.Errorf("materialize: %w", err)
		}
	}
}

// decide asks what becomes of a task's occurrences. A task whose schedule
// cannot be computed any more must not hold up the others: it is left alone for
// a while, its cursor unmoved so that nothing is lost, and the log says why.
func (s *scheduler) decide(d ordinaut.DueTask, now time.Time) ordinaut.Materialization {
	rule, err := s.rule(d.Task)
	if err == nil {
		var m ordinaut.Materialization
		if m, err = schedule.Decide(rule, d, now, newRunID); err == nil {
			return m
		}
	}
	s.log.Error("the schedule cannot be computed; the task is left alone for a while",
		telemetry.KeyTaskID, d.Task.ID, telemetry.KeyError, err)
	later := now.Add(aside)
	return ordinaut.Materialization{
		TaskID: d.Task.ID, Cursor: d.Task.Cursor, PlanRev: d.Task.PlanRev,
		Advance: d.Task.Cursor, NextFire: &later,
	}
}

// rule is the task's compiled rule.
func (s *scheduler) rule(t ordinaut.Task) (*schedule.Rule, error) {
	if c, ok := s.rules[t.ID]; ok && c.version == t.Version {
		return c.rule, nil
	}
	rule, err := schedule.Compile(t.Schedule(t.Anchor))
	if err != nil {
		return nil, err
	}
	if len(s.rules) >= rulesKept {
		clear(s.rules)
	}
	s.rules[t.ID] = compiledRule{rule: rule, version: t.Version}
	return rule, nil
}

// newRunID makes ids that sort by the time they were made.
func newRunID() ordinaut.RunID { return ordinaut.RunID(uuid.Must(uuid.NewV7()).String()) }
