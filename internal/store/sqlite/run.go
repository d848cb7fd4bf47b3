package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// CreateRun queues a run that somebody asked for.
func (s *Store) CreateRun(ctx context.Context, r ordinaut.Run, c ordinaut.Change) error {
	err := s.change(ctx, c, func(t *tx) error {
		if twice, err := t.duplicateRun(r.TaskID); twice || err != nil {
			return cmp.Or(err, ordinaut.ErrDuplicate)
		}
		return t.insertRun(r)
	})
	if err != nil {
		return fmt.Errorf("create run %s: %w", r.ID, err)
	}
	return nil
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
	if r.Status == ordinaut.RunParked {
		t.waits = new(true)
		return nil
	}
	t.signal(ordinaut.SignalQueue)
	return nil
}

// Run finds a run.
func (s *Store) Run(ctx context.Context, id ordinaut.RunID) (ordinaut.Run, error) {
	return first(ctx, s.read, "Run", scanOneRun, string(id))
}

// ListRuns finds runs, newest first.
func (s *Store) ListRuns(ctx context.Context, f ordinaut.RunFilter) ([]ordinaut.Run, error) {
	args := append(selecting(f), string(f.Before), page(f.Limit), f.Offset)
	if f.TaskID != "" {
		return all(ctx, s.read, "ListRunsOfTask", scanOneRun, append(args, string(f.TaskID))...)
	}
	return all(ctx, s.read, "ListRuns", scanOneRun, args...)
}

// CountRuns says how many runs a filter finds on all its pages.
func (s *Store) CountRuns(ctx context.Context, f ordinaut.RunFilter) (int, error) {
	args := selecting(f)
	if f.TaskID != "" {
		return first(ctx, s.read, "CountRunsOfTask", scanCount, append(args, string(f.TaskID))...)
	}
	return first(ctx, s.read, "CountRuns", scanCount, args...)
}

// selecting is what a filter selects by, on all its pages.
func selecting(f ordinaut.RunFilter) []any {
	from, to := int64(0), int64(endOfTime)
	if !f.From.IsZero() {
		from = micros(f.From)
	}
	if !f.To.IsZero() {
		to = micros(f.To)
	}
	return []any{string(f.CreatedBy), string(f.Status), from, to}
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
		optional{&r.Now}, &r.Worked, bytesOf(&r.Params), bytesOf(&r.Output), decoded{&r.Failure}, &r.PlanRev, &cancel)...)
	r.TaskVersion, r.Cancel = int(version.Int64), ordinaut.Reason(cancel.String)
	return err
}

func scanStep(rows *sql.Rows, s *ordinaut.StepResult) error {
	return rows.Scan(&s.Path, &s.Status, &s.Attempt, &s.Tool, bytesOf(&s.Input), bytesOf(&s.Output),
		decoded{&s.Failure}, &s.IdempotencyKey, (*instant)(&s.StartedAt), optional{&s.FinishedAt})
}
