package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

const pgRawPlansSchema = `
CREATE TABLE schedule (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  expr        text        NOT NULL,
  zone        text        NOT NULL,
  next_run_at timestamptz NOT NULL,
  enabled     boolean     NOT NULL DEFAULT true
) WITH (fillfactor = 80);
CREATE INDEX schedule_next ON schedule (next_run_at) WHERE enabled;
CREATE TABLE due_work (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schedule_id bigint      NOT NULL,
  run_at      timestamptz NOT NULL,
  priority    smallint    NOT NULL,
  UNIQUE (schedule_id, run_at)
);
CREATE INDEX due_order ON due_work (priority, run_at, id);`

const (
	pgRawDue = `
SELECT id, next_run_at FROM schedule
WHERE enabled AND next_run_at <= $1
ORDER BY next_run_at
LIMIT 1000
FOR UPDATE SKIP LOCKED`
	pgRawApply = `
WITH moved AS (
  UPDATE schedule AS s SET next_run_at = d.next
  FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS d (id, due, next)
  WHERE s.id = d.id
)
INSERT INTO due_work (schedule_id, run_at, priority)
SELECT id, due, 5 FROM unnest($1::bigint[], $2::timestamptz[]) AS d (id, due)
ON CONFLICT DO NOTHING`
)

// planRawPG measures the least that any scheduler does: it takes a thousand due
// schedules, computes the next occurrence of each with a compiled rule, and makes
// their runs and moves them on in one commit.
func planRawPG(ctx context.Context, c cluster, address string, schedules int) (sample, error) {
	pool, err := connect(ctx, address, 1)
	if err != nil {
		return sample{}, err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, pgRawPlansSchema); err != nil {
		return sample{}, err
	}
	_, err = pool.Exec(ctx, `INSERT INTO schedule (expr, zone, next_run_at)
		SELECT '30 8 * * *', 'Europe/Berlin', clock_timestamp() - interval '1 minute' + i * interval '1 microsecond'
		FROM generate_series(1, $1) AS i`, schedules)
	if err != nil {
		return sample{}, err
	}
	rule, err := schedule.Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "30 8 * * *", Timezone: "Europe/Berlin"})
	if err != nil {
		return sample{}, err
	}
	return c.measured(schedules, func() error {
		for now := time.Now(); ; {
			n, err := planBatch(ctx, pool, rule, now)
			if err != nil || n == 0 {
				return err
			}
		}
	})
}

// planBatch moves up to a thousand schedules on, and says how many there were.
func planBatch(ctx context.Context, pool *pgxpool.Pool, rule *schedule.Rule, now time.Time) (n int, err error) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() {
		if rolled := tx.Rollback(ctx); !errors.Is(rolled, pgx.ErrTxClosed) {
			err = errors.Join(err, rolled)
		}
	}()
	rows, err := tx.Query(ctx, pgRawDue, now)
	if err != nil {
		return 0, err
	}
	var ids []int64
	var due, next []time.Time
	for rows.Next() {
		var id int64
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			return 0, err
		}
		following, _, err := rule.Next(now)
		if err != nil {
			return 0, err
		}
		ids, due, next = append(ids, id), append(due, at), append(next, following.At)
	}
	if rows.Err() != nil || len(ids) == 0 {
		return 0, rows.Err()
	}
	if _, err := tx.Exec(ctx, pgRawApply, ids, due, next); err != nil {
		return 0, err
	}
	return len(ids), tx.Commit(ctx)
}
