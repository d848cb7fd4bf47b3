package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// A creation is a run that somebody asks for.
type creation struct {
	run    ordinaut.Run
	change ordinaut.Change
}

// isSimple says whether a run enters the queue and has nothing from another, and
// nothing beside its entry in the audit tells of its change.
func isSimple(r ordinaut.Run, c ordinaut.Change) bool {
	return cmp.Or(r.Status, ordinaut.RunQueued) == ordinaut.RunQueued && r.Nominal == nil && r.Event == nil && r.Now == nil &&
		r.RerunOf == "" && r.Parent == "" && r.TaskVersion == 0 && r.Depth == 0 && c.Action != "" && c.Topic() == ""
}

// createTogether queues many runs in one transaction. Those of which the task is not
// there, or has a dedupe key, are left to be made apart.
func (s *Store) createTogether(ctx context.Context, creations []creation) []error {
	var errs []error
	err := s.write(ctx, func(t *tx) error {
		errs = make([]error, len(creations))
		var rows creationRows
		for _, c := range creations {
			rows.add(c, t.now)
		}
		made, err := changedRows(t, "InsertRuns", scanPosition, rows.runs, rows.tasks, rows.triggers, rows.due, rows.priorities, rows.params, t.now)
		if err != nil {
			return err
		}
		slices.Sort(made)
		for i := range creations {
			if _, is := slices.BinarySearch(made, int64(i+1)); !is {
				errs[i] = errApart
			}
		}
		if len(made) > 0 {
			t.signal(ordinaut.SignalQueue)
		}
		return t.auditAll(creations, errs)
	})
	if err != nil {
		return apart(len(creations), err)
	}
	return errs
}

// creationRows are runs as one statement takes many of them: columns of the same
// length.
type creationRows struct {
	runs, tasks []string
	triggers    []string
	due         []time.Time
	priorities  []int32
	params      []*string
}

func (r *creationRows) add(c creation, now time.Time) {
	due := c.run.ScheduledFor
	if due.IsZero() {
		due = now
	}
	r.runs, r.tasks = append(r.runs, oneID(c.run.ID)), append(r.tasks, oneID(c.run.TaskID))
	r.triggers, r.due = append(r.triggers, string(c.run.Trigger)), append(r.due, due)
	r.priorities, r.params = append(r.priorities, int32(c.run.Priority)), append(r.params, texted(c.run.Params))
}

// auditAll writes the entries of the changes that were made.
func (t *tx) auditAll(creations []creation, errs []error) error {
	var actors, actions, subjects []string
	var details []*string
	for i, c := range creations {
		if errs[i] == nil {
			actors, actions = append(actors, string(c.change.Actor)), append(actions, c.change.Action)
			subjects, details = append(subjects, plain(c.change.Subject)), append(details, texted(c.change.Detail))
		}
	}
	if len(actors) == 0 {
		return nil
	}
	_, err := t.exec("InsertAudits", t.now, actors, actions, subjects, details)
	return err
}
