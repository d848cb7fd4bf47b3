package postgres

import (
	"context"
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
	copied, err := t.exec("CopySteps", id(r.Run.ID), id(r.Run.RerunOf), r.Keep)
	if err == nil && int(copied) < len(r.Keep) {
		err = fmt.Errorf("%d of %d results: %w", len(r.Keep)-int(copied), len(r.Keep), ordinaut.ErrNotFound)
	}
	return err
}

// RerunsOf lists the runs that repeat a run, newest first.
func (s *Store) RerunsOf(ctx context.Context, run ordinaut.RunID, limit int) ([]ordinaut.Run, error) {
	return all(ctx, s, "RerunsOf", scanOneRun, id(run), page(limit))
}

// DeadLetters lists the failed runs that nobody has dealt with, newest first.
func (s *Store) DeadLetters(ctx context.Context, f ordinaut.DeadLetterFilter) ([]ordinaut.DeadLetter, error) {
	return all(ctx, s, "DeadLetters", scanDeadLetter, id(f.CreatedBy), id(f.TaskID), page(f.Limit))
}

func scanDeadLetter(r row, d *ordinaut.DeadLetter) error {
	return r.Scan(&d.RunID, &d.TaskID, decoded{&d.Failure}, &d.FinishedAt)
}

// Dismiss notes that somebody has dealt with failed runs.
func (s *Store) Dismiss(ctx context.Context, runs []ordinaut.RunID, c ordinaut.Change) (gone []ordinaut.RunID, err error) {
	err = s.change(ctx, c, func(t *tx) (err error) {
		gone, err = changedRows(t, "Dismiss", scanRunID, ids(runs), t.now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dismiss failed runs: %w", err)
	}
	slices.Sort(gone)
	return gone, nil
}
