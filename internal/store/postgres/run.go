package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// CreateRun queues a run that somebody asked for.
func (s *Store) CreateRun(ctx context.Context, r ordinaut.Run, c ordinaut.Change) error {
	err := errApart
	if isSimple(r, c) {
		err = s.creations.submit(ctx, creation{r, c})
	}
	if errors.Is(err, errApart) {
		err = s.change(ctx, c, func(t *tx) error {
			if err := t.madeBefore(r); err != nil {
				return err
			}
			return t.insertRun(r)
		})
	}
	if err != nil {
		return fmt.Errorf("create run %s: %w", r.ID, err)
	}
	return nil
}

// madeBefore answers why a run is not made another time: its step has made it, or
// it would do what one with its dedupe key has done.
func (t *tx) madeBefore(r ordinaut.Run) error {
	if r.Parent != "" {
		if err := t.lock("LockStep", string(r.Parent), r.ParentStep); err != nil {
			return err
		}
		if made, err := seen(t, "RunMade", scanFlag, id(r.Parent), r.ParentStep); made || err != nil {
			return cmp.Or(err, ordinaut.ErrRunMade)
		}
	}
	twice, err := t.duplicateRun(r.TaskID)
	if twice && err == nil {
		err = ordinaut.ErrDuplicate
	}
	return err
}

// insertRun stores a new run; one that is not parked enters the queue.
func (t *tx) insertRun(r ordinaut.Run) error {
	r.Status = cmp.Or(r.Status, ordinaut.RunQueued)
	if r.Status != ordinaut.RunQueued && r.Status != ordinaut.RunParked {
		return fmt.Errorf("a run cannot begin as %q", r.Status)
	}
	if r.ScheduledFor.IsZero() {
		r.ScheduledFor = t.now
	}
	made, err := t.changed("InsertRun", id(r.ID), id(r.TaskID), string(r.Trigger), r.Nominal,
		r.ScheduledFor, t.now, string(r.Status), r.Priority, document(r.Params),
		r.TaskVersion, r.Now, id(r.RerunOf), id(r.Parent), r.ParentStep, r.Depth, document(r.Event))
	if err != nil {
		return err
	}
	if !made {
		return fmt.Errorf("its task %s: %w", r.TaskID, ordinaut.ErrNotFound)
	}
	if r.Status == ordinaut.RunParked {
		return t.lock("LockUnfinished", id(r.TaskID)) // none of those before it ends unseen
	}
	t.signal(ordinaut.SignalQueue)
	return nil
}

// Run finds a run.
func (s *Store) Run(ctx context.Context, run ordinaut.RunID) (ordinaut.Run, error) {
	return first(ctx, s, "Run", scanOneRun, id(run))
}

// ListRuns finds runs, newest first.
func (s *Store) ListRuns(ctx context.Context, f ordinaut.RunFilter) ([]ordinaut.Run, error) {
	args, err := selecting(f)
	if err != nil {
		return nil, err
	}
	args = append(args, id(f.Before), page(f.Limit), f.Offset)
	switch {
	case f.Parent != "":
		return all(ctx, s, "ListRunsOfRun", scanOneRun, append(args, id(f.TaskID), id(f.Parent))...)
	case f.TaskID != "":
		return all(ctx, s, "ListRunsOfTask", scanOneRun, append(args, id(f.TaskID))...)
	}
	return all(ctx, s, "ListRuns", scanOneRun, args...)
}

// CountRuns says how many runs a filter finds on all its pages.
func (s *Store) CountRuns(ctx context.Context, f ordinaut.RunFilter) (int, error) {
	args, err := selecting(f)
	if err != nil {
		return 0, err
	}
	switch {
	case f.Parent != "":
		return first(ctx, s, "CountRunsOfRun", scanCount, append(args, id(f.TaskID), id(f.Parent))...)
	case f.TaskID != "":
		return first(ctx, s, "CountRunsOfTask", scanCount, append(args, id(f.TaskID))...)
	}
	return first(ctx, s, "CountRuns", scanCount, args...)
}

// The instants between which every run was made.
func always() (from, to time.Time) {
	return time.Unix(0, 0), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
}

// selecting is what a filter selects by, on all its pages.
func selecting(f ordinaut.RunFilter) ([]any, error) {
	from, to := always()
	if !f.From.IsZero() {
		from = f.From
	}
	if !f.To.IsZero() {
		to = f.To
	}
	labels, err := labels(f.Label)
	return []any{id(f.CreatedBy), textsOf(f.Statuses), from, to, string(f.Reason), string(f.Code), string(f.Class), labels, f.Unrerun}, err
}

// RunStats says what became of the runs of a task, or of all.
func (s *Store) RunStats(ctx context.Context, task ordinaut.TaskID, from time.Time, most int) (ordinaut.RunStats, error) {
	var parts []statsPart
	var err error
	if task != "" {
		parts, err = all(ctx, s, "RunStatsOfTask", scanStatsPart, from, most, id(task))
	} else {
		parts, err = all(ctx, s, "RunStats", scanStatsPart, from, most)
	}
	return together(parts, most), err
}

// Steps are the recorded steps of a run, in the order they were started.
func (s *Store) Steps(ctx context.Context, run ordinaut.RunID) ([]ordinaut.StepResult, error) {
	return all(ctx, s, "Steps", scanStep, id(run))
}

func scanOneRun(r row, run *ordinaut.Run) error { return scanRun(r, run) }

// scanRun scans the columns of a run, and those that stand before them.
func scanRun(from row, r *ordinaut.Run, before ...any) error {
	var version *int
	err := from.Scan(append(before, &r.ID, &r.TaskID, &version, &r.Trigger, &r.Nominal,
		&r.ScheduledFor, &r.EnqueuedAt, &r.ClaimedAt, &r.StartedAt, &r.FinishedAt,
		&r.Status, &r.Reason, &r.Failures, &r.Priority, &r.Worker,
		&r.Now, &r.Worked, bytesOf(&r.Params), bytesOf(&r.Output), decoded{&r.Failure}, &r.PlanRev, &r.Cancel,
		decoded{&r.Ending}, &r.Crashes, &r.RerunOf, &r.Parent, &r.ParentStep, &r.Depth, bytesOf(&r.Event))...)
	if version != nil {
		r.TaskVersion = *version
	}
	return err
}

func scanStep(r row, s *ordinaut.StepResult) error { return scanStepAfter(r, s) }

// scanStepAfter scans the columns of a step and its wait, and those that stand
// before them.
func scanStepAfter(r row, s *ordinaut.StepResult, before ...any) error {
	var kind *ordinaut.WaitKind
	var w ordinaut.Wait
	err := r.Scan(append(before, &s.Path, &s.Status, &s.Attempt, &s.Tool, bytesOf(&s.Input), bytesOf(&s.Output),
		decoded{&s.Failure}, &s.IdempotencyKey, &s.StartedAt, &s.FinishedAt, &s.Undoable,
		&kind, orNone(&w.Key), &w.Until, bytesOf(&w.Then), bytesOf(&w.Answer))...)
	if kind != nil {
		w.Kind = *kind
		s.Wait = &w
	}
	return err
}

func scanFlag(r row, flag *bool) error { return r.Scan(flag) }

func scanRunID(r row, id *ordinaut.RunID) error { return r.Scan(id) }
