package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// A tx is the transaction of a group, as each of its members sees it.
type tx struct {
	stmts    *statements
	now      time.Time
	guarded  bool              // each member has a savepoint
	alone    bool              // there is but one member
	changes  int64             // how many rows were changed
	signals  []ordinaut.Signal // what to tell once it is committed
	dedupes  *bool             // whether any task has a dedupe key; nil when nobody asked yet
	behind   *bool             // whether any run is parked or blocked; nil when nobody asked yet
	suspects *bool             // whether any run is a suspect; nil when nobody asked yet
}

// carryOut carries out one member so that, when it fails, nothing of it stays
// and its neighbours go on. The second error ends the transaction.
func (t *tx) carryOut(do func(*tx) error) (err, end error) {
	if t.guarded {
		return t.guard(do)
	}
	before := t.changes
	err = do(t)
	switch {
	case err == nil, t.changes == before && harmless(err):
		return err, nil
	case t.alone:
		return nil, err
	}
	return nil, errors.Join(errGuard, err)
}

// guard carries out one member in a savepoint.
func (t *tx) guard(do func(*tx) error) (err, end error) {
	if _, err := t.exec("Savepoint"); err != nil {
		return nil, err
	}
	told := len(t.signals)
	if err = do(t); err != nil {
		t.signals = t.signals[:told]
		if _, gone := t.exec("RollbackMember"); gone != nil || failed(err) {
			return nil, err
		}
	}
	_, end = t.exec("ReleaseMember")
	return err, end
}

// signal remembers to tell the watchers.
func (t *tx) signal(s ordinaut.Signal) {
	if !slices.Contains(t.signals, s) {
		t.signals = append(t.signals, s)
	}
}

// exec runs a statement and says how many rows it changed. A transaction is
// never interrupted halfway: whoever waits for it waits to its end.
func (t *tx) exec(name string, args ...any) (int64, error) {
	n, err := t.stmts.exec(context.Background(), name, args...)
	t.changes += n
	return n, err
}

// changed runs a statement and says whether it changed anything.
func (t *tx) changed(name string, args ...any) (bool, error) {
	n, err := t.exec(name, args...)
	return n > 0, err
}

// changedRows runs a statement that answers with the rows it changed.
func changedRows[T any](t *tx, name string, scan func(*sql.Rows, *T) error, args ...any) ([]T, error) {
	rows, err := all(context.Background(), t.stmts, name, scan, args...)
	t.changes += int64(len(rows))
	return rows, err
}

// changedRow runs a statement that answers with the one row it changed.
func changedRow[T any](t *tx, name string, scan func(*sql.Rows, *T) error, args ...any) (T, error) {
	row, err := first(context.Background(), t.stmts, name, scan, args...)
	if err == nil {
		t.changes++
	}
	return row, err
}

// seen runs a statement that reads one row.
func seen[T any](t *tx, name string, scan func(*sql.Rows, *T) error, args ...any) (T, error) {
	return first(context.Background(), t.stmts, name, scan, args...)
}

// seenAll runs a statement that reads rows.
func seenAll[T any](t *tx, name string, scan func(*sql.Rows, *T) error, args ...any) ([]T, error) {
	return all(context.Background(), t.stmts, name, scan, args...)
}
