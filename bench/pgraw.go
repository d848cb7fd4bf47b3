package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgRawWorkers claim from the raw queue at once.
const pgRawWorkers = 2

const pgRawSchema = `
CREATE TABLE due_work (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id     bigint      NOT NULL,
  priority    smallint    NOT NULL,
  run_at      timestamptz NOT NULL,
  payload     jsonb       NOT NULL,
  lease_owner integer,
  lease_until timestamptz
) WITH (fillfactor = 70, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX due_order ON due_work (priority, run_at, id) WHERE lease_owner IS NULL;
CREATE TABLE run (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  due_id     bigint      NOT NULL,
  task_id    bigint      NOT NULL,
  status     text        NOT NULL,
  started_at timestamptz NOT NULL
);
CREATE INDEX run_task ON run (task_id, started_at);`

const (
	pgRawClaim = `
UPDATE due_work SET lease_owner = $1, lease_until = clock_timestamp() + interval '1 minute'
WHERE id = ANY(ARRAY(
  SELECT id FROM due_work
  WHERE lease_owner IS NULL AND run_at <= clock_timestamp()
  ORDER BY priority, run_at, id
  LIMIT $2
  FOR UPDATE SKIP LOCKED))
RETURNING id`
	pgRawEnd = `
WITH gone AS (DELETE FROM due_work WHERE id = ANY($1) AND lease_owner = $2 RETURNING id, task_id)
INSERT INTO run (due_id, task_id, status, started_at) SELECT id, task_id, 'succeeded', clock_timestamp() FROM gone`
)

// drainRawPG measures the least that any durable queue on PostgreSQL does: two
// workers claim a hundred under a lease in one commit, and end them in another,
// by deleting their queue rows and inserting their history rows.
func drainRawPG(ctx context.Context, c cluster, address string, runs int) (sample, error) {
	pool, err := connect(ctx, address, pgRawWorkers)
	if err != nil {
		return sample{}, err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, pgRawSchema); err != nil {
		return sample{}, err
	}
	_, err = pool.Exec(ctx, `INSERT INTO due_work (task_id, priority, run_at, payload)
		SELECT i % 20, 5, clock_timestamp(), '{"a": 1}' FROM generate_series(1, $1) AS i`, runs)
	if err != nil {
		return sample{}, fmt.Errorf("fill the queue: %w", err)
	}
	var done atomic.Int64
	s, err := c.measured(runs, func() error {
		return everyone(pgRawWorkers, func(owner int) error {
			n, err := rawWorker(ctx, pool, owner)
			done.Add(int64(n))
			return err
		})
	})
	if err == nil && done.Load() != int64(runs) {
		err = fmt.Errorf("%d of %d runs were done", done.Load(), runs)
	}
	return s, err
}

// rawWorker claims and ends until nothing is left.
func rawWorker(ctx context.Context, pool *pgxpool.Pool, owner int) (done int, err error) {
	for {
		rows, err := pool.Query(ctx, pgRawClaim, owner, rawBatch)
		if err != nil {
			return done, err
		}
		batch, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil || len(batch) == 0 {
			return done, err
		}
		if _, err := pool.Exec(ctx, pgRawEnd, batch, owner); err != nil {
			return done, err
		}
		done += len(batch)
	}
}

// everyone has so many do something at once.
func everyone(n int, do func(i int) error) error {
	var wait sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wait.Go(func() { errs[i] = do(i) })
	}
	wait.Wait()
	return errors.Join(errs...)
}
