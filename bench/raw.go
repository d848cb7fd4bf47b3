package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// rawBatch is how many runs the raw loop claims at once.
const rawBatch = 100

const rawSchema = `
CREATE TABLE due (
  id           INTEGER PRIMARY KEY,
  run_at       INTEGER NOT NULL,
  priority     INTEGER NOT NULL,
  payload      TEXT    NOT NULL,
  locked_until INTEGER,
  locked_by    TEXT
);
CREATE INDEX due_order ON due (priority, run_at, id) WHERE locked_until IS NULL;
CREATE TABLE run (
  id          INTEGER PRIMARY KEY,
  due_id      INTEGER NOT NULL,
  status      TEXT    NOT NULL,
  finished_at INTEGER NOT NULL
);`

// raw is the least that any durable queue on SQLite does: one goroutine claims a
// batch under a lease, and ends each run of it by deleting its queue row and
// inserting its history row.
type raw struct {
	db                    *sql.DB
	claim, remove, record *sql.Stmt
}

// drainRaw measures the raw loop. Fused, the end of a batch and the claim of the
// next share a commit.
func drainRaw(ctx context.Context, dir string, runs int, fused bool) (sample, error) {
	r, err := openRaw(ctx, dir)
	if err != nil {
		return sample{}, err
	}
	defer r.db.Close()
	if err := r.fill(ctx, runs); err != nil {
		return sample{}, fmt.Errorf("fill the queue: %w", err)
	}
	drain := r.drain
	if fused {
		drain = r.drainFused
	}
	done := 0
	s, err := measured(runs, func() (err error) {
		done, err = drain(ctx)
		return err
	})
	if err == nil && done != runs {
		err = fmt.Errorf("%d of %d runs were done", done, runs)
	}
	return s, err
}

func openRaw(ctx context.Context, dir string) (*raw, error) {
	db, err := openSQLite(dir)
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, rawSchema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	r := &raw{db: db}
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&r.claim, `UPDATE due SET locked_until = ?1, locked_by = 'bench' WHERE id IN (
			SELECT id FROM due WHERE locked_until IS NULL AND priority = 5 AND run_at <= ?2
			ORDER BY priority, run_at, id LIMIT ?3) RETURNING id, payload`},
		{&r.remove, `DELETE FROM due WHERE id = ? AND locked_by = 'bench'`},
		{&r.record, `INSERT INTO run (due_id, status, finished_at) VALUES (?, 'succeeded', ?)`},
	} {
		if *s.to, err = db.PrepareContext(ctx, s.text); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return r, nil
}

func (r *raw) fill(ctx context.Context, runs int) error {
	return inTransaction(ctx, r.db, func(tx *sql.Tx) error {
		now := time.Now().UnixMicro()
		for range runs {
			if _, err := tx.ExecContext(ctx, `INSERT INTO due (run_at, priority, payload) VALUES (?, 5, '{"a":1}')`, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// drain claims in one transaction and ends in a second.
func (r *raw) drain(ctx context.Context) (done int, err error) {
	for {
		var batch []int64
		err := inTransaction(ctx, r.db, func(tx *sql.Tx) (err error) {
			batch, err = r.take(ctx, tx)
			return err
		})
		if err != nil || len(batch) == 0 {
			return done, err
		}
		if err := inTransaction(ctx, r.db, func(tx *sql.Tx) error { return r.end(ctx, tx, batch) }); err != nil {
			return done, err
		}
		done += len(batch)
	}
}

// drainFused ends one batch and claims the next in a single transaction.
func (r *raw) drainFused(ctx context.Context) (done int, err error) {
	var batch []int64
	for {
		ended := batch
		err := inTransaction(ctx, r.db, func(tx *sql.Tx) (err error) {
			if err := r.end(ctx, tx, ended); err != nil {
				return err
			}
			batch, err = r.take(ctx, tx)
			return err
		})
		if err != nil {
			return done, err
		}
		done += len(ended)
		if len(batch) == 0 {
			return done, nil
		}
	}
}

func (r *raw) take(ctx context.Context, tx *sql.Tx) (batch []int64, err error) {
	now := time.Now()
	rows, err := tx.StmtContext(ctx, r.claim).QueryContext(ctx, now.Add(time.Minute).UnixMicro(), now.UnixMicro(), rawBatch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var payload string
		if err := rows.Scan(&id, &payload); err != nil {
			return nil, err
		}
		batch = append(batch, id)
	}
	return batch, rows.Err()
}

func (r *raw) end(ctx context.Context, tx *sql.Tx, batch []int64) error {
	now := time.Now().UnixMicro()
	remove, record := tx.StmtContext(ctx, r.remove), tx.StmtContext(ctx, r.record)
	for _, id := range batch {
		if _, err := remove.ExecContext(ctx, id); err != nil {
			return err
		}
		if _, err := record.ExecContext(ctx, id, now); err != nil {
			return err
		}
	}
	return nil
}
