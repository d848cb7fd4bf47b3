package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Due gives up to limit tasks whose next fire has come, the longest waiting
// first.
func (s *Store) Due(ctx context.Context, limit int) (ordinaut.Due, error) {
	due := ordinaut.Due{Now: now()}
	var err error
	if due.Tasks, err = all(ctx, s.read, "DueTasks", scanDueTask, micros(due.Now), limit); err != nil {
		return ordinaut.Due{}, err
	}
	due.Next, err = first(ctx, s.read, "NextFire", scanOptional, micros(due.Now))
	return due, err
}

func scanDueTask(r *sql.Rows, d *ordinaut.DueTask) error {
	return r.Scan(append(taskColumns(&d.Task), &d.Unfinished, &d.Parked)...)
}

func scanOptional(r *sql.Rows, t **time.Time) error { return r.Scan(optional{t}) }

// Materialize carries out decisions, each for itself.
func (s *Store) Materialize(ctx context.Context, ms []ordinaut.Materialization) ([]bool, error) {
	applied := make([]bool, len(ms))
	members := make([]func(*tx) error, len(ms))
	for i, m := range ms {
		members[i] = func(t *tx) (err error) {
			applied[i], err = t.materialize(m)
			return err
		}
	}
	errs, err := s.writer.submit(ctx, members...)
	if err != nil {
		return make([]bool, len(ms)), err
	}
	for i, err := range errs {
		if err != nil {
			applied[i] = false
			errs[i] = fmt.Errorf("materialize task %s: %w", ms[i].TaskID, err)
		}
	}
	return applied, errors.Join(errs...)
}

func (t *tx) materialize(m ordinaut.Materialization) (bool, error) {
	if err := lawful(m); err != nil {
		return false, err
	}
	moved, err := t.changed("AdvancePlan", string(m.TaskID), micros(m.Cursor), m.PlanRev,
		micros(m.Advance), microsOrNull(m.NextFire), m.Complete, m.Awake)
	if err != nil || !moved {
		return false, err
	}
	if err := t.fires(m); err != nil {
		return false, err
	}
	if m.Complete {
		if err := t.tell(ordinaut.CompletedEvent(m.TaskID)); err != nil {
			return false, err
		}
	}
	return true, t.insertGaps(m.TaskID, m.Gaps)
}

// fires makes the runs of a decision. What a parked one was to wait for may have
// ended since the decision was made; then it waits no longer.
func (t *tx) fires(m ordinaut.Materialization) error {
	if m.Supersede {
		if err := t.makeWay(m.TaskID); err != nil {
			return err
		}
	}
	parked := false
	for _, r := range m.Runs {
		if err := t.fire(m, r); err != nil {
			return err
		}
		parked = parked || r.Parked
	}
	if !parked {
		return nil
	}
	return t.releaseParked(m.TaskID)
}

// makeWay cancels the runs whose place a new one takes; none, when the new one is
// a duplicate and is not made.
func (t *tx) makeWay(id ordinaut.TaskID) error {
	if twice, err := t.duplicateRun(id); twice || err != nil {
		return err
	}
	return t.supersede(id)
}

// fire makes the run of an occurrence, unless the occurrence has one, or the run
// would be a duplicate.
func (t *tx) fire(m ordinaut.Materialization, p ordinaut.PlannedRun) error {
	if twice, err := t.duplicateRun(m.TaskID); err != nil {
		return err
	} else if twice {
		_, err := t.exec("InsertDuplicate", string(m.TaskID), micros(p.Nominal))
		return err
	}
	made, err := t.changed("InsertOccurrence", string(m.TaskID), micros(p.Nominal), string(p.ID))
	if err != nil || !made {
		return err
	}
	status := ordinaut.RunQueued
	if p.Parked {
		status = ordinaut.RunParked
	}
	return t.insertRun(ordinaut.Run{
		ID:           p.ID,
		TaskID:       m.TaskID,
		Trigger:      ordinaut.TriggerSchedule,
		Nominal:      &p.Nominal,
		ScheduledFor: p.ScheduledFor,
		Status:       status,
	})
}

// lawful says why a decision would break the ledger: each nominal time lies
// after the old cursor and up to the new one, or it would have two outcomes.
func lawful(m ordinaut.Materialization) error {
	check := func(nominal time.Time) error {
		if !nominal.After(m.Cursor) || nominal.After(m.Advance) {
			return fmt.Errorf("the nominal time %v is not in (%v, %v]", nominal, m.Cursor, m.Advance)
		}
		return whole(nominal)
	}
	for _, r := range m.Runs {
		if err := check(r.Nominal); err != nil {
			return err
		}
	}
	for _, g := range m.Gaps {
		if err := errors.Join(check(g.First), check(g.Last)); err != nil {
			return err
		}
	}
	return nil
}

// whole refuses a nominal time finer than a column keeps it: the stored time
// would lie before the real one, and the occurrence would come again.
func whole(nominal time.Time) error {
	if nominal.Nanosecond()%int(time.Microsecond) != 0 {
		return fmt.Errorf("the nominal time %v is not in whole microseconds", nominal)
	}
	return nil
}

func (t *tx) insertGaps(id ordinaut.TaskID, gaps []ordinaut.Gap) error {
	for _, g := range gaps {
		if err := errors.Join(whole(g.First), whole(g.Last)); err != nil {
			return err
		}
		_, err := t.exec("InsertGap", string(id), micros(g.First), micros(g.Last), g.Count, g.More, string(g.Reason))
		if err != nil {
			return err
		}
	}
	return nil
}

// Ledger lists the outcomes of a task's nominal times in [from, to), oldest
// first.
func (s *Store) Ledger(ctx context.Context, id ordinaut.TaskID, from, to time.Time, limit int) ([]ordinaut.Entry, error) {
	return all(ctx, s.read, "Ledger", func(r *sql.Rows, e *ordinaut.Entry) error { return scanEntry(r, id, e) },
		string(id), micros(from), micros(to), page(limit))
}

func scanEntry(r *sql.Rows, id ordinaut.TaskID, e *ordinaut.Entry) error {
	var last *time.Time
	var count sql.NullInt64
	var more sql.NullBool
	var reason ordinaut.Reason
	if err := r.Scan((*instant)(&e.At), &e.RunID, &e.Status, optional{&last}, &count, &more, &reason); err != nil || last == nil {
		e.Reason = reason
		return err
	}
	e.Gap = &ordinaut.Gap{
		TaskID: id,
		First:  e.At,
		Last:   *last,
		Count:  int(count.Int64),
		More:   more.Bool,
		Reason: reason,
	}
	return nil
}
