package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/ordinaut/ordinaut"
)

// togetherMost bounds how many requests share a commit, and so how long the first of
// them waits for the last.
const togetherMost = 256

// errApart says that a request is not one of those that are carried out together,
// and is to be carried out by itself.
var errApart = errors.New("it is carried out by itself")

// apart is the outcome of n requests that could not be carried out together. Of
// one that may be at fault itself each is tried apart; when the database is, all
// have failed.
func apart(n int, err error) []error {
	if _, told := errors.AsType[*ordinaut.Error](err); !told {
		err = errApart
	}
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// A saving are the steps that are recorded of a run.
type saving struct {
	lease ordinaut.Lease
	steps []ordinaut.StepResult
}

// isPlain says whether steps have nothing beside their own row.
func isPlain(steps []ordinaut.StepResult) bool {
	for _, s := range steps {
		if s.Status == ordinaut.StepWaiting || len(s.Log) > 0 || s.Artifact != "" {
			return false
		}
	}
	return true
}

// saveTogether records the steps of many runs in one transaction.
func (s *Store) saveTogether(ctx context.Context, savings []saving) []error {
	var errs []error
	err := s.write(ctx, func(t *tx) error {
		errs = make([]error, len(savings))
		leases := make([]ordinaut.Lease, len(savings))
		for i, sv := range savings {
			leases[i] = sv.lease
		}
		found, err := t.holdAll(leases)
		if err != nil {
			return err
		}
		var rows stepRows
		for i, sv := range savings {
			switch h, holds := found[sv.lease.RunID]; {
			case !holds:
				errs[i] = ordinaut.ErrLeaseLost
			case !h.plain || !rows.fits(sv.lease.RunID, sv.steps):
				errs[i] = errApart
			default:
				if err := rows.add(sv.lease.RunID, sv.steps); err != nil {
					errs[i] = err
				}
			}
		}
		return t.saveRows(rows)
	})
	if err != nil {
		return apart(len(savings), err)
	}
	return errs
}

// holding is a run that is held until the commit.
type holding struct {
	run   ordinaut.RunID
	plain bool // nothing of it has waited, and it has not crashed
	alone bool // no other run waits for its end or its slot, as far as it knows itself
}

func scanHolding(r row, h *holding) error { return r.Scan(&h.run, &h.plain, &h.alone) }

// holdAll holds the runs of leases that stand.
func (t *tx) holdAll(leases []ordinaut.Lease) (map[ordinaut.RunID]holding, error) {
	p := proofsOf(leases)
	rows, err := seenAll(t, "HoldLeases", scanHolding, p.runs, p.fences, p.workers, t.now)
	found := make(map[ordinaut.RunID]holding, len(rows))
	for _, h := range rows {
		found[h.run] = h
	}
	return found, err
}

// stepRows are steps as one statement takes many of them: columns of the same
// length. None is there twice.
type stepRows struct {
	known map[stepName]bool

	runs, paths, statuses, tools, keys []string
	attempts                           []int32
	started                            []time.Time
	finished                           []*time.Time
	undoable                           []bool
	inputs, outputs, failures          []*string
}

// stepName names a step of all runs.
type stepName struct {
	run  ordinaut.RunID
	path string
}

// fits says whether none of the steps is there already.
func (r *stepRows) fits(run ordinaut.RunID, steps []ordinaut.StepResult) bool {
	for i, s := range steps {
		if r.known[stepName{run, s.Path}] {
			return false
		}
		for _, before := range steps[:i] {
			if before.Path == s.Path {
				return false
			}
		}
	}
	return true
}

// add adds steps of a run, all or none.
func (r *stepRows) add(run ordinaut.RunID, steps []ordinaut.StepResult) error {
	failures := make([]*string, len(steps))
	for i, s := range steps {
		if s.Failure == nil {
			continue
		}
		text, err := encoded(s.Failure)
		if err != nil {
			return err
		}
		failures[i] = &text
	}
	if r.known == nil {
		r.known = map[stepName]bool{}
	}
	for i, s := range steps {
		r.known[stepName{run, s.Path}] = true
		r.runs, r.paths, r.statuses = append(r.runs, string(run)), append(r.paths, s.Path), append(r.statuses, string(s.Status))
		r.tools, r.keys = append(r.tools, s.Tool), append(r.keys, s.IdempotencyKey)
		r.attempts = append(r.attempts, int32(s.Attempt))
		r.started, r.finished = append(r.started, s.StartedAt), append(r.finished, s.FinishedAt)
		r.undoable = append(r.undoable, s.Undoable)
		r.inputs, r.outputs = append(r.inputs, texted(s.Input)), append(r.outputs, texted(s.Output))
		r.failures = append(r.failures, failures[i])
	}
	return nil
}

// texted is JSON as an element of a text[], or nil when there is none.
func texted(raw []byte) *string {
	if raw == nil {
		return nil
	}
	text := string(raw)
	return &text
}

// saveRows records steps.
func (t *tx) saveRows(r stepRows) error {
	if len(r.runs) == 0 {
		return nil
	}
	_, err := t.exec("SaveSteps", r.runs, r.paths, r.statuses, r.attempts, r.tools, r.keys,
		r.started, r.finished, r.undoable, r.inputs, r.outputs, r.failures)
	return err
}
