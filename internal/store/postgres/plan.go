package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Due gives up to limit tasks whose next fire has come, the longest waiting
// first.
func (s *Store) Due(ctx context.Context, limit int) (ordinaut.Due, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return ordinaut.Due{}, err
	}
	due := ordinaut.Due{Now: now}
	if due.Tasks, err = all(ctx, s, "DueTasks", scanDueTask, due.Now, limit); err != nil {
		return ordinaut.Due{}, err
	}
	due.Next, err = first(ctx, s, "NextFire", scanOptional, due.Now)
	return due, err
}

func scanDueTask(r row, d *ordinaut.DueTask) error {
	return r.Scan(append(taskColumns(&d.Task), &d.Unfinished, &d.Parked)...)
}

func scanOptional(r row, t **time.Time) error { return r.Scan(t) }

// Materialize carries out decisions, each for itself: together while all goes
// well, and one by one when something of it fails.
func (s *Store) Materialize(ctx context.Context, ms []ordinaut.Materialization) ([]bool, error) {
	applied, errs := make([]bool, len(ms)), make([]error, len(ms))
	for _, round := range rounds(ms, errs) {
		err := s.materialize(ctx, ms, round, applied)
		if len(round) == 1 {
			errs[round[0]] = err
		} else if err != nil {
			for _, i := range round {
				errs[i] = s.materialize(ctx, ms, []int{i}, applied)
			}
		}
	}
	for i, err := range errs {
		if err != nil {
			errs[i] = fmt.Errorf("materialize task %s: %w", ms[i].TaskID, err)
		}
	}
	return applied, errors.Join(errs...)
}

// rounds are the lawful decisions, those of one task one after the other and those
// of different tasks together, in the order in which tasks are locked. Why the
// others are not lawful it notes.
func rounds(ms []ordinaut.Materialization, errs []error) (rounds [][]int) {
	seen := map[ordinaut.TaskID]int{}
	for i, m := range ms {
		if errs[i] = lawful(m); errs[i] != nil {
			continue
		}
		n := seen[m.TaskID]
		seen[m.TaskID]++
		if n == len(rounds) {
			rounds = append(rounds, nil)
		}
		rounds[n] = append(rounds[n], i)
	}
	for _, round := range rounds {
		slices.SortFunc(round, func(a, b int) int { return cmp.Compare(ms[a].TaskID, ms[b].TaskID) })
	}
	return rounds
}

// materialize carries out a round in one transaction, all of it or nothing.
func (s *Store) materialize(ctx context.Context, ms []ordinaut.Materialization, round []int, applied []bool) error {
	var moved map[ordinaut.TaskID]bool
	err := s.write(ctx, func(t *tx) (err error) {
		if moved, err = t.advance(ms, round); err != nil || len(moved) == 0 {
			return err
		}
		return t.outcomes(ms, round, moved)
	})
	for _, i := range round {
		_, applied[i] = moved[ms[i].TaskID]
		applied[i] = applied[i] && err == nil
	}
	return err
}

// advance moves the cursors of the round, and says of each task whose cursor was
// still where it was whether it has a dedupe key.
func (t *tx) advance(ms []ordinaut.Materialization, round []int) (map[ordinaut.TaskID]bool, error) {
	n := len(round)
	tasks, revs := make([]ordinaut.TaskID, n), make([]int64, n)
	cursors, advances, nexts := make([]time.Time, n), make([]time.Time, n), make([]*time.Time, n)
	completes, awakes := make([]bool, n), make([]bool, n)
	for k, i := range round {
		m := ms[i]
		tasks[k], revs[k], cursors[k], advances[k], nexts[k] = m.TaskID, m.PlanRev, m.Cursor, m.Advance, m.NextFire
		completes[k], awakes[k] = m.Complete, m.Awake
	}
	rows, err := changedRows(t, "AdvancePlans", scanAdvanced, ids(tasks), cursors, revs, advances, nexts, completes, awakes)
	moved := make(map[ordinaut.TaskID]bool, len(rows))
	for _, r := range rows {
		moved[r.task] = r.dedupes
	}
	if err != nil {
		return moved, err
	}
	return moved, t.tellCompleted(ms, round, moved)
}

// tellCompleted tells of the moved tasks that have no further occurrence.
func (t *tx) tellCompleted(ms []ordinaut.Materialization, round []int, moved map[ordinaut.TaskID]bool) error {
	var told []ordinaut.Event
	for _, i := range round {
		if _, ok := moved[ms[i].TaskID]; ok && ms[i].Complete {
			told = append(told, ordinaut.CompletedEvent(ms[i].TaskID))
		}
	}
	if len(told) == 0 {
		return nil
	}
	_, err := t.publish(told)
	return err
}

// advanced is a task whose cursor was moved.
type advanced struct {
	task    ordinaut.TaskID
	dedupes bool
}

func scanAdvanced(r row, a *advanced) error { return r.Scan(&a.task, &a.dedupes) }

// outcomes makes the runs and gaps of what was moved: those that need care one by
// one, and all others at once.
func (t *tx) outcomes(ms []ordinaut.Materialization, round []int, moved map[ordinaut.TaskID]bool) error {
	var plain fires
	var gaps gaps
	for _, i := range round {
		m := ms[i]
		dedupes, ok := moved[m.TaskID]
		if !ok {
			continue
		}
		if err := gaps.add(m.TaskID, m.Gaps); err != nil {
			return err
		}
		if !dedupes && !needsCare(m) {
			plain.add(m)
		} else if err := t.fires(m); err != nil {
			return err
		}
	}
	if err := t.fireAll(plain); err != nil {
		return err
	}
	return t.insertAllGaps(gaps)
}

// needsCare says whether the runs of a decision depend on other runs.
func needsCare(m ordinaut.Materialization) bool {
	return m.Supersede || slices.ContainsFunc(m.Runs, func(r ordinaut.PlannedRun) bool { return r.Parked })
}

// fires are runs to be made, as the columns of a statement.
type fires struct {
	tasks    []ordinaut.TaskID
	nominals []time.Time
	runs     []ordinaut.RunID
	due      []time.Time
}

func (f *fires) add(m ordinaut.Materialization) {
	for _, r := range m.Runs {
		f.tasks, f.nominals = append(f.tasks, m.TaskID), append(f.nominals, r.Nominal)
		f.runs, f.due = append(f.runs, r.ID), append(f.due, r.ScheduledFor)
	}
}

// fireAll makes runs of which each waits for nobody.
func (t *tx) fireAll(f fires) error {
	if len(f.runs) == 0 {
		return nil
	}
	made, err := t.changed("InsertFires", ids(f.tasks), f.nominals, ids(f.runs), f.due, t.now)
	if made {
		t.signal(ordinaut.SignalQueue)
	}
	return err
}

// fires makes the runs of a decision that needs care. What a parked one was to
// wait for may have ended since the decision was made; then it waits no longer.
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
func (t *tx) makeWay(of ordinaut.TaskID) error {
	if twice, err := t.duplicateRun(of); twice || err != nil {
		return err
	}
	return t.supersede(of)
}

// fire makes the run of an occurrence, unless the occurrence has one, or the run
// would be a duplicate.
func (t *tx) fire(m ordinaut.Materialization, p ordinaut.PlannedRun) error {
	if twice, err := t.duplicateRun(m.TaskID); err != nil {
		return err
	} else if twice {
		_, err := t.exec("InsertDuplicate", id(m.TaskID), p.Nominal)
		return err
	}
	made, err := t.changed("InsertOccurrence", id(m.TaskID), p.Nominal, id(p.ID))
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
