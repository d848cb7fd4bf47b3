package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ordinaut/ordinaut"
)

// A tx is a transaction.
type tx struct {
	ctx     context.Context // ends when the transaction has taken too long, not when its caller gives up
	conn    *pgx.Conn
	stmts   statements
	now     time.Time         // the store's clock when it began
	changes int64             // how many rows were changed
	signals []ordinaut.Signal // what to tell once it is committed
}

// conflicts bounds how often a transaction is carried out again that lost against
// another one.
const conflicts = 10

// write carries out one change in a transaction. A caller that gives up before it
// has begun leaves nothing behind; after that it is carried out to its end. do may
// be carried out several times, of which one counts.
func (s *Store) write(ctx context.Context, do func(*tx) error) error {
	var err error
	for died, lostOut := 0, 0; died < deaths && lostOut < conflicts; {
		if err = s.transact(ctx, do); err == nil {
			return nil
		}
		switch {
		case conflicted(err):
			lostOut++
			if pause(ctx, lostOut) != nil {
				return err
			}
		case lost(err):
			died++
		default:
			return storageError(err)
		}
	}
	return storageError(err)
}

// pause waits a moment that grows with the conflicts, so that those who collided
// do not collide again.
func pause(ctx context.Context, conflicts int) error {
	select {
	case <-time.After(rand.N(time.Duration(conflicts) * 5 * time.Millisecond)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// transact carries out a transaction once, and tells what it signals.
func (s *Store) transact(ctx context.Context, do func(*tx) error) error {
	t := &tx{stmts: s.stmts}
	err := s.pool.use(ctx, func(conn *pgx.Conn) error {
		within, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), askWait, errSlow)
		defer cancel()
		t.ctx, t.conn = within, conn
		return because(context.WithoutCancel(ctx), within, t.carryOut(do))
	})
	if err == nil {
		s.tell(t.signals)
	}
	return err
}

// carryOut begins, does and commits. After an error the connection goes back
// without a transaction.
func (t *tx) carryOut(do func(*tx) error) error {
	if err := t.begin(); err != nil {
		return err
	}
	if err := do(t); err != nil {
		// A connection that cannot even roll back is closed by the pool.
		_, _ = t.conn.Exec(t.ctx, "ROLLBACK")
		return err
	}
	if t.changes > 0 {
		t.signal(ordinaut.SignalLog)
	}
	return t.commit()
}

// begin begins the transaction and reads the clock, in one round trip.
func (t *tx) begin() error {
	var batch pgx.Batch
	batch.Queue("BEGIN")
	batch.Queue("SELECT ordinaut.clock()").QueryRow(func(r pgx.Row) error { return r.Scan(&t.now) })
	return t.conn.SendBatch(t.ctx, &batch).Close()
}

// commit ends the transaction. When the connection goes meanwhile nobody knows
// whether it was committed; only the server's own word says that it was not.
func (t *tx) commit() error {
	tag, err := t.conn.Exec(t.ctx, "COMMIT")
	switch _, answered := errors.AsType[*pgconn.PgError](err); {
	case err == nil && tag.String() != "COMMIT":
		return fmt.Errorf("the transaction had failed before its commit: %s", tag)
	case err == nil:
		return nil
	case answered && !lost(err):
		return err
	}
	return errUnknown(err)
}

// signal remembers to tell the watchers.
func (t *tx) signal(s ordinaut.Signal) {
	if !slices.Contains(t.signals, s) {
		t.signals = append(t.signals, s)
	}
}

// exec runs a statement and says how many rows it changed.
func (t *tx) exec(name string, args ...any) (int64, error) {
	n, err := t.stmts.exec(t.ctx, t.conn, name, args...)
	t.changes += n
	return n, err
}

// changed runs a statement and says whether it changed anything.
func (t *tx) changed(name string, args ...any) (bool, error) {
	n, err := t.exec(name, args...)
	return n > 0, err
}

// changedRows runs a statement that answers with the rows it changed.
func changedRows[T any](t *tx, name string, scan func(row, *T) error, args ...any) ([]T, error) {
	found, err := seenAll(t, name, scan, args...)
	t.changes += int64(len(found))
	return found, err
}

// changedRow runs a statement that answers with the one row it changed.
func changedRow[T any](t *tx, name string, scan func(row, *T) error, args ...any) (T, error) {
	return only(changedRows(t, name, scan, args...))
}

// seen runs a statement that reads one row.
func seen[T any](t *tx, name string, scan func(row, *T) error, args ...any) (T, error) {
	return only(seenAll(t, name, scan, args...))
}

// seenAll runs a statement that reads rows.
func seenAll[T any](t *tx, name string, scan func(row, *T) error, args ...any) ([]T, error) {
	return rowsOf(t.ctx, t.stmts, t.conn, name, scan, args...)
}

// change carries out what somebody asked for, with its entry in the audit and its
// event.
func (s *Store) change(ctx context.Context, c ordinaut.Change, do func(*tx) error) error {
	if c.Action == "" {
		return errors.New("the change names no action")
	}
	return s.write(ctx, func(t *tx) error {
		if err := do(t); err != nil {
			return err
		}
		if err := t.audit(c); err != nil || c.Topic() == "" {
			return err
		}
		return t.tell(c.Event())
	})
}
