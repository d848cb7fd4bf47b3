package postgres

import (
	"context"
	"slices"

	"github.com/ordinaut/ordinaut"
)

// A settling is the end of a lease.
type settling struct {
	lease   ordinaut.Lease
	outcome ordinaut.Outcome
}

// isEnd says whether a run ends with the outcome, and its steps have nothing beside
// their own row.
func isEnd(o ordinaut.Outcome) bool { return o.Status.Final() && isPlain(o.Steps) }

// settleTogether ends many runs in one transaction, of which nothing hangs on each.
// The steps come first: in the log of a run, its end stands behind theirs.
func (s *Store) settleTogether(ctx context.Context, settlings []settling) []error {
	var errs []error
	err := s.write(ctx, func(t *tx) error {
		errs = make([]error, len(settlings))
		leases := make([]ordinaut.Lease, len(settlings))
		for i, st := range settlings {
			leases[i] = st.lease
		}
		found, err := t.holdAll(leases)
		if err != nil {
			return err
		}
		var steps stepRows
		var ends endRows
		for i, st := range settlings {
			errs[i] = gather(st, found, &steps, &ends)
		}
		if err := t.saveRows(steps); err != nil {
			return err
		}
		return t.endRows(ends)
	})
	if err != nil {
		return apart(len(settlings), err)
	}
	return errs
}

// gather adds what one settling says to what is written, or answers why not.
func gather(st settling, found map[ordinaut.RunID]holding, steps *stepRows, ends *endRows) error {
	run := st.lease.RunID
	switch h, holds := found[run]; {
	case !holds:
		return ordinaut.ErrLeaseLost
	case !h.plain || !h.alone || slices.Contains(ends.runs, string(run)) || !steps.fits(run, st.outcome.Steps):
		return errApart
	}
	var failure *string
	if st.outcome.Failure != nil {
		text, err := encoded(st.outcome.Failure)
		if err != nil {
			return err
		}
		failure = &text
	}
	if err := steps.add(run, st.outcome.Steps); err != nil {
		return err
	}
	ends.add(run, st.outcome, failure)
	return nil
}

// endRows are ends of runs as one statement takes many of them: columns of the same
// length.
type endRows struct {
	runs, statuses, reasons []string
	failed                  []int32
	failures, outputs       []*string
	worked                  []int64
}

func (e *endRows) add(run ordinaut.RunID, o ordinaut.Outcome, failure *string) {
	e.runs, e.statuses, e.reasons = append(e.runs, string(run)), append(e.statuses, string(o.Status)), append(e.reasons, string(o.Reason))
	e.failed = append(e.failed, int32(failures(o)))
	e.failures, e.outputs = append(e.failures, failure), append(e.outputs, texted(o.Output))
	e.worked = append(e.worked, int64(o.Worked))
}

// endRows ends runs, moves them to the past, and releases what is parked behind them.
func (t *tx) endRows(e endRows) error {
	if len(e.runs) == 0 {
		return nil
	}
	t.signal(ordinaut.SignalRuns)
	ended, err := changedRows(t, "FinishAll", scanTaskID, e.runs, e.statuses, e.reasons, e.failed, e.failures, e.outputs, e.worked, t.now)
	if err != nil {
		return err
	}
	slices.Sort(ended)
	return t.releaseParked(slices.Compact(ended)...)
}
