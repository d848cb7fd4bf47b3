package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/ordinaut/ordinaut"
)

// gaps are gaps to be made, as the columns of a statement.
type gaps struct {
	tasks         []ordinaut.TaskID
	firsts, lasts []time.Time
	counts        []int
	mores         []bool
	reasons       []ordinaut.Reason
}

func (g *gaps) add(of ordinaut.TaskID, more []ordinaut.Gap) error {
	for _, gap := range more {
		if err := errors.Join(whole(gap.First), whole(gap.Last)); err != nil {
			return err
		}
		g.tasks = append(g.tasks, of)
		g.firsts, g.lasts = append(g.firsts, gap.First), append(g.lasts, gap.Last)
		g.counts, g.mores = append(g.counts, gap.Count), append(g.mores, gap.More)
		g.reasons = append(g.reasons, gap.Reason)
	}
	return nil
}

func (t *tx) insertGaps(of ordinaut.TaskID, more []ordinaut.Gap) error {
	var g gaps
	if err := g.add(of, more); err != nil {
		return err
	}
	return t.insertAllGaps(g)
}

func (t *tx) insertAllGaps(g gaps) error {
	if len(g.tasks) == 0 {
		return nil
	}
	_, err := t.exec("InsertGaps", ids(g.tasks), g.firsts, g.lasts, g.counts, g.mores, textsOf(g.reasons))
	return err
}

// Ledger lists the outcomes of a task's nominal times in [from, to), oldest
// first.
func (s *Store) Ledger(ctx context.Context, of ordinaut.TaskID, from, to time.Time, limit int) ([]ordinaut.Entry, error) {
	return all(ctx, s, "Ledger", func(r row, e *ordinaut.Entry) error { return scanEntry(r, of, e) },
		id(of), from, to, page(limit))
}

func scanEntry(r row, of ordinaut.TaskID, e *ordinaut.Entry) error {
	var last *time.Time
	gap := ordinaut.Gap{TaskID: of}
	if err := r.Scan(&e.At, orNone(&e.RunID), &e.Status, &last, &gap.Count, &gap.More, &e.Reason); err != nil || last == nil {
		return err
	}
	gap.First, gap.Last, gap.Reason = e.At, *last, e.Reason
	e.Gap, e.Reason = &gap, ""
	return nil
}
