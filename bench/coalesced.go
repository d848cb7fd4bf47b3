package main

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"time"
)

// coalescedMost is how many writes share a commit at most.
const coalescedMost = 512

const coalescedSchema = `
CREATE TABLE run (
  id          INTEGER PRIMARY KEY,
  status      TEXT    NOT NULL,
  input       TEXT    NOT NULL,
  output      TEXT,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER
);
CREATE TABLE step (
  run_id      INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  output      TEXT    NOT NULL,
  finished_at INTEGER NOT NULL,
  PRIMARY KEY (run_id, number)
) WITHOUT ROWID;`

// coalesced is the least that any durable execution on SQLite does: a row for the
// start, a row for each step, and the end. Whoever waits for a commit while one is
// under way shares the next.
type coalesced struct {
	conn                *sql.Conn
	begin, commit       *sql.Stmt
	start, step, finish *sql.Stmt
	writes              chan write
}

// A write is one row, and whom to tell when it is committed.
type write struct {
	stmt *sql.Stmt
	args []any
	done chan error
}

// callCoalesced measures the reference: so many callers each take a run through its
// steps, waiting for the commit of each, over and over.
func callCoalesced(ctx context.Context, dir string, runs, callers int) (sample, error) {
	db, err := openSQLite(dir)
	if err != nil {
		return sample{}, err
	}
	defer db.Close()
	c, err := openCoalesced(ctx, db)
	if err != nil {
		return sample{}, err
	}
	defer c.conn.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.serve(ctx)
	}()
	s, err := measured(runs, func() error {
		return byCallers(callers, runs, func(i int) error { return c.carryOut(int64(i)) })
	})
	close(c.writes)
	<-ended
	return s, err
}

func openCoalesced(ctx context.Context, db *sql.DB) (*coalesced, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &coalesced{conn: conn, writes: make(chan write)}
	if _, err := conn.ExecContext(ctx, coalescedSchema); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&c.begin, `BEGIN IMMEDIATE`},
		{&c.commit, `COMMIT`},
		{&c.start, `INSERT INTO run (id, status, input, started_at) VALUES (?, 'running', '{}', ?)`},
		{&c.step, `INSERT INTO step (run_id, number, output, finished_at) VALUES (?, ?, '"done"', ?)`},
		{&c.finish, `UPDATE run SET status = 'succeeded', output = '"done"', finished_at = ?2 WHERE id = ?1`},
	} {
		if *s.to, err = conn.PrepareContext(ctx, s.text); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return c, nil
}

// carryOut takes a run from its start to its end.
func (c *coalesced) carryOut(id int64) error {
	now := func() int64 { return time.Now().UnixMicro() }
	done := make(chan error, 1)
	wait := func(stmt *sql.Stmt, args ...any) error {
		c.writes <- write{stmt, args, done}
		return <-done
	}
	err := wait(c.start, id, now())
	for i := 0; i < flowSteps && err == nil; i++ {
		err = wait(c.step, id, i, now())
	}
	if err != nil {
		return err
	}
	return wait(c.finish, id, now())
}

// serve commits, over and over, everything that waits.
func (c *coalesced) serve(ctx context.Context) {
	var group []write
	for first := range c.writes {
		group = append(group[:0], first)
		runtime.Gosched() // those whom the last commit woke get to the door first
		for more := true; more && len(group) < coalescedMost; {
			select {
			case w, open := <-c.writes:
				if more = open; open {
					group = append(group, w)
				}
			default:
				more = false
			}
		}
		err := c.together(ctx, group)
		for _, w := range group {
			w.done <- err
		}
	}
}

func (c *coalesced) together(ctx context.Context, group []write) error {
	if _, err := c.begin.ExecContext(ctx); err != nil {
		return err
	}
	for _, w := range group {
		if _, err := w.stmt.ExecContext(ctx, w.args...); err != nil {
			return err // the whole measurement is void
		}
	}
	_, err := c.commit.ExecContext(ctx)
	return err
}
