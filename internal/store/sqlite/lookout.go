package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Lookouts gives those whose number is greater than known.
func (s *Store) Lookouts(ctx context.Context, known int64) ([]ordinaut.Lookout, error) {
	return all(ctx, s.read, "Lookouts", scanLookout, known)
}

func scanLookout(r *sql.Rows, l *ordinaut.Lookout) error {
	var behind, version, rev sql.NullInt64
	var key, by, status sql.NullString
	var definition ordinaut.Definition
	err := r.Scan(&l.Number, &l.Expr, &l.Since, &behind, &l.TaskID, &l.RunID, &l.Path, optional{&l.Until},
		&key, &by, &version, &status, &rev, decoded{&definition})
	if behind.Valid {
		l.Behind = &behind.Int64
	}
	if l.TaskID != "" {
		l.Task = &ordinaut.Task{
			ID: l.TaskID, Key: key.String, CreatedBy: ordinaut.AgentID(by.String), Version: int(version.Int64),
			Status: ordinaut.TaskStatus(status.String), Definition: definition, Plan: ordinaut.Plan{PlanRev: rev.Int64},
		}
	}
	return err
}

// numbered is what a new lookout is given.
type numbered struct{ number, cursor int64 }

func scanNumbered(r *sql.Rows, n *numbered) error { return r.Scan(&n.number, &n.cursor) }

// lookOut gives a lookout its number and its position: the end of the log, or
// what lies before a time. It is behind when something after that was matched.
func (t *tx) lookOut(from *time.Time) (number, since int64, behind any, err error) {
	end, err := seen(t, "LogEnd", scanSeq)
	if err != nil {
		return 0, 0, nil, err
	}
	n, err := changedRow(t, "NextLookout", scanNumbered, end)
	if err != nil {
		return 0, 0, nil, err
	}
	since = end
	if from != nil {
		if since, err = seen(t, "EventBefore", scanSeq, micros(*from)); err != nil {
			return 0, 0, nil, err
		}
	}
	if since < n.cursor {
		behind = since
	}
	t.signal(ordinaut.SignalLog)
	return n.number, since, behind, nil
}

func scanSeq(r *sql.Rows, seq *int64) error { return r.Scan(seq) }

// keepTrigger has a task look out for events for as long as its schedule says so
// and it may run, or will again.
func (t *tx) keepTrigger(task ordinaut.Task) error {
	stands := task.Status == ordinaut.TaskActive || task.Status == ordinaut.TaskPaused
	if task.ScheduleKind != ordinaut.ScheduleEvent || !stands {
		_, err := t.exec("DropTrigger", string(task.ID))
		return err
	}
	number, since, behind, err := t.lookOut(nil)
	if err != nil {
		return err
	}
	_, err = t.exec("SaveTrigger", number, task.ScheduleExpr, since, behind, string(task.ID))
	return err
}

// keepEventWait has a step look out for an event.
func (t *tx) keepEventWait(id ordinaut.RunID, path string, w ordinaut.Wait) error {
	number, since, behind, err := t.lookOut(w.From)
	if err != nil {
		return err
	}
	_, err = t.exec("SaveEventWait", number, w.Key, since, behind, string(id), path)
	return err
}
