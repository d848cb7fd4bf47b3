package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/ordinaut/ordinaut"
)

// Rerun queues a run that repeats another, with the results of some of its steps.
func (s *Store) Rerun(ctx context.Context, r ordinaut.Rerun, c ordinaut.Change) error {
	err := s.change(ctx, c, func(t *tx) error { return t.rerun(r) })
	if err != nil {
		return fmt.Errorf("repeat run %s: %w", r.Run.RerunOf, err)
	}
	return nil
}

func (t *tx) rerun(r ordinaut.Rerun) error {
	if err := t.insertRun(r.Run); err != nil {
		return err
	}
	if len(r.Keep) == 0 {
		return nil
	}
	paths, err := list(r.Keep)
	if err != nil {
		return err
	}
	copied, err := t.exec("CopySteps", string(r.Run.ID), string(r.Run.RerunOf), paths)
	if err == nil && int(copied) < len(r.Keep) {
		err = fmt.Errorf("%d of %d results: %w", len(r.Keep)-int(copied), len(r.Keep), ordinaut.ErrNotFound)
	}
	return err
}

// RerunsOf lists the runs that repeat a run, newest first.
func (s *Store) RerunsOf(ctx context.Context, id ordinaut.RunID, limit int) ([]ordinaut.Run, error) {
	return all(ctx, s.read, "RerunsOf", scanOneRun, string(id), page(limit))
}

// DeadLetters lists the failed runs that nobody has dealt with, newest first.
func (s *Store) DeadLetters(ctx context.Context, f ordinaut.DeadLetterFilter) ([]ordinaut.DeadLetter, error) {
	return all(ctx, s.read, "DeadLetters", scanDeadLetter, string(f.CreatedBy), string(f.TaskID), page(f.Limit))
}

func scanDeadLetter(r *sql.Rows, d *ordinaut.DeadLetter) error {
	return r.Scan(&d.RunID, &d.TaskID, decoded{&d.Failure}, (*instant)(&d.FinishedAt))
}

// Dismiss notes that somebody has dealt with failed runs.
func (s *Store) Dismiss(ctx context.Context, runs []ordinaut.RunID, c ordinaut.Change) (gone []ordinaut.RunID, err error) {
	ids, err := list(runs)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, c, func(t *tx) (err error) {
		gone, err = changedRows(t, "Dismiss", scanRunID, ids, micros(t.now))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dismiss failed runs: %w", err)
	}
	slices.Sort(gone)
	return gone, nil
}
