package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// CreateRun queues a run that somebody asked for.
func (s *Store) CreateRun(ctx context.Context, r ordinaut.Run, c ordinaut.Change) error {
	err := s.change(ctx, c, func(t *tx) error {
		if err := t.madeBefore(r); err != nil {
			return err
		}
		return t.insertRun(r)
	})
	if err != nil {
		return fmt.Errorf("create run %s: %w", r.ID, err)
	}
	return nil
}

// madeBefore answers why a run is not made another time: its step has made it, or
// it would do what one with its dedupe key has done.
func (t *tx) madeBefore(r ordinaut.Run) error {
	if r.Parent != "" {
		if made, err := seen(t, "RunMade", scanFlag, string(r.Parent), r.ParentStep); made || err != nil {
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
	made, err := t.changed("InsertRun", string(r.ID), string(r.TaskID), string(r.Trigger), microsOrNull(r.Nominal),
		micros(r.ScheduledFor), micros(t.now), string(r.Status), r.Priority, document(r.Params))
	if err != nil {
		return err
	}
	if !made {
		return fmt.Errorf("its task %s: %w", r.TaskID, ordinaut.ErrNotFound)
	}
	if err := errors.Join(t.inherit(r), t.about(r), t.logMade(r)); err != nil {
		return err
	}
	if r.Status == ordinaut.RunParked {
		t.behind = new(true)
		return nil
	}
	t.signal(ordinaut.SignalQueue)
	return nil
}

// inherit gives a new run what it has from another. Most runs have nothing, and
// need no columns in their statement.
func (t *tx) inherit(r ordinaut.Run) error {
	if r.RerunOf == "" && r.Parent == "" && r.TaskVersion == 0 && r.Now == nil {
		return nil
	}
	_, err := t.exec("Inherit", string(r.ID), r.TaskVersion, microsOrNull(r.Now), string(r.RerunOf), string(r.Parent), r.ParentStep, r.Depth)
	return err
}

// about gives a new run the event that it is about. What triggers a run says more
// of it.
func (t *tx) about(r ordinaut.Run) error {
	if r.Event == nil {
		return nil
	}
	_, err := t.exec("SetEvent", string(r.ID), document(r.Event), 0, nil, 0, r.Depth)
	return err
}

// Run finds a run.
func (s *Store) Run(ctx context.Context, id ordinaut.RunID) (ordinaut.Run, error) {
	return first(ctx, s.read, "Run", scanOneRun, string(id))
}

// ListRuns finds runs, newest first.
func (s *Store) ListRuns(ctx context.Context, f ordinaut.RunFilter) ([]ordinaut.Run, error) {
	args, err := selecting(f)
	if err != nil {
		return nil, err
	}
	args = append(args, string(f.Before), page(f.Limit), f.Offset)
	switch {
	case f.Parent != "":
		return all(ctx, s.read, "ListRunsOfRun", scanOneRun, append(args, string(f.TaskID), string(f.Parent))...)
	case f.TaskID != "":
		return all(ctx, s.read, "ListRunsOfTask", scanOneRun, append(args, string(f.TaskID))...)
	}
	return all(ctx, s.read, "ListRuns", scanOneRun, args...)
}

// CountRuns says how many runs a filter finds on all its pages.
func (s *Store) CountRuns(ctx context.Context, f ordinaut.RunFilter) (int, error) {
	args, err := selecting(f)
	if err != nil {
		return 0, err
	}
	switch {
	case f.Parent != "":
		return first(ctx, s.read, "CountRunsOfRun", scanCount, append(args, string(f.TaskID), string(f.Parent))...)
	case f.TaskID != "":
		return first(ctx, s.read, "CountRunsOfTask", scanCount, append(args, string(f.TaskID))...)
	}
	return first(ctx, s.read, "CountRuns", scanCount, args...)
}

// selecting is what a filter selects by, on all its pages.
func selecting(f ordinaut.RunFilter) ([]any, error) {
	from, to := int64(0), int64(endOfTime)
	if !f.From.IsZero() {
		from = micros(f.From)
	}
	if !f.To.IsZero() {
		to = micros(f.To)
	}
	statuses, err := list(append([]ordinaut.RunStatus{}, f.Statuses...))
	if err != nil {
		return nil, err
	}
	labels, err := labels(f.Label)
	return []any{string(f.CreatedBy), statuses, from, to, string(f.Reason), string(f.Code), string(f.Class), labels, f.Unrerun}, err
}

// RunStats says what became of the runs of a task, or of all.
func (s *Store) RunStats(ctx context.Context, id ordinaut.TaskID, from time.Time, most int) (ordinaut.RunStats, error) {
	var parts []statsPart
	var err error
	if id != "" {
		parts, err = all(ctx, s.read, "RunStatsOfTask", scanStatsPart, micros(from), most, string(id))
	} else {
		parts, err = all(ctx, s.read, "RunStats", scanStatsPart, micros(from), most)
	}
	return together(parts, most), err
}

// Steps are the recorded steps of a run, in the order they were started.
func (s *Store) Steps(ctx context.Context, id ordinaut.RunID) ([]ordinaut.StepResult, error) {
	return all(ctx, s.read, "Steps", scanStep, string(id))
}

func scanOneRun(rows *sql.Rows, r *ordinaut.Run) error { return scanRun(rows, r) }

// scanRun scans the columns of a run, and those that stand before them.
func scanRun(rows *sql.Rows, r *ordinaut.Run, before ...any) error {
	var version sql.NullInt64
	var cancel sql.NullString
	err := rows.Scan(append(before, &r.ID, &r.TaskID, &version, &r.Trigger, optional{&r.Nominal},
		(*instant)(&r.ScheduledFor), (*instant)(&r.EnqueuedAt),
		optional{&r.ClaimedAt}, optional{&r.StartedAt}, optional{&r.FinishedAt},
		&r.Status, &r.Reason, &r.Failures, &r.Priority, &r.Worker,
		optional{&r.Now}, &r.Worked, bytesOf(&r.Params), bytesOf(&r.Output), decoded{&r.Failure}, &r.PlanRev, &cancel,
		decoded{&r.Ending}, &r.Crashes, &r.RerunOf, &r.Parent, &r.ParentStep, &r.Depth, bytesOf(&r.Event))...)
	r.TaskVersion, r.Cancel = int(version.Int64), ordinaut.Reason(cancel.String)
	return err
}

func scanStep(rows *sql.Rows, s *ordinaut.StepResult) error { return scanStepAfter(rows, s) }

// scanStepAfter scans the columns of a step and its wait, and those that stand
// before them.
func scanStepAfter(rows *sql.Rows, s *ordinaut.StepResult, before ...any) error {
	var kind, key sql.NullString
	var w ordinaut.Wait
	err := rows.Scan(append(before, &s.Path, &s.Status, &s.Attempt, &s.Tool, bytesOf(&s.Input), bytesOf(&s.Output),
		decoded{&s.Failure}, &s.IdempotencyKey, (*instant)(&s.StartedAt), optional{&s.FinishedAt}, &s.Undoable,
		&kind, &key, optional{&w.Until}, bytesOf(&w.Then), bytesOf(&w.Answer))...)
	if kind.Valid {
		w.Kind, w.Key = ordinaut.WaitKind(kind.String), key.String
		s.Wait = &w
	}
	return err
}
