package main

import (
	"context"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// pgCoalescedWriters commit at once.
const pgCoalescedWriters = 2

const pgCoalescedSchema = `
CREATE TABLE run (
  id          bigint PRIMARY KEY,
  status      text        NOT NULL,
  input       text        NOT NULL,
  output      text,
  started_at  timestamptz NOT NULL,
  finished_at timestamptz
) WITH (fillfactor = 70);
CREATE TABLE step (
  run_id      bigint      NOT NULL,
  number      smallint    NOT NULL,
  output      text        NOT NULL,
  finished_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, number)
);`

// The three writes of a run, each for many runs at once, in one statement.
const pgCoalescedWrite = `
WITH started AS (
  INSERT INTO run (id, status, input, started_at) SELECT id, 'running', '{}', clock_timestamp() FROM unnest($1::bigint[]) AS id
), stepped AS (
  INSERT INTO step (run_id, number, output, finished_at)
  SELECT id, number, '"done"', clock_timestamp() FROM unnest($2::bigint[], $3::smallint[]) AS s (id, number)
)
UPDATE run SET status = 'succeeded', output = '"done"', finished_at = clock_timestamp() WHERE id = ANY($4::bigint[])`

// pgCoalesced is the least that any durable execution on PostgreSQL does: a row for
// the start, a row for each step, and the end. Whoever waits for a commit while one
// is under way shares the next.
type pgCoalesced struct {
	pool   *pgxpool.Pool
	writes chan pgWrite
}

// A pgWrite is one row of a run: its start (number 0), a step, or its end.
type pgWrite struct {
	run    int64
	number int16
	done   chan error
}

// callCoalescedPG measures the reference: so many callers each take a run through
// its steps, waiting for the commit of each, over and over.
func callCoalescedPG(ctx context.Context, c cluster, address string, runs, callers int) (sample, error) {
	pool, err := connect(ctx, address, pgCoalescedWriters)
	if err != nil {
		return sample{}, err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, pgCoalescedSchema); err != nil {
		return sample{}, err
	}
	w := &pgCoalesced{pool: pool, writes: make(chan pgWrite)}
	ended := make(chan error, 1)
	go func() {
		ended <- everyone(pgCoalescedWriters, func(int) error { w.serve(ctx); return nil })
	}()
	s, err := c.measured(runs, func() error {
		return byCallers(callers, runs, func(i int) error { return w.carryOut(int64(i)) })
	})
	close(w.writes)
	<-ended
	return s, err
}

// carryOut takes a run from its start to its end.
func (w *pgCoalesced) carryOut(id int64) error {
	done := make(chan error, 1)
	for number := range int16(flowSteps + 2) {
		w.writes <- pgWrite{id, number, done}
		if err := <-done; err != nil {
			return err
		}
	}
	return nil
}

// serve commits, over and over, everything that waits.
func (w *pgCoalesced) serve(ctx context.Context) {
	for first := range w.writes {
		group := []pgWrite{first}
		runtime.Gosched() // those whom the last commit woke get to the door first
		for more := true; more && len(group) < coalescedMost; {
			select {
			case one, open := <-w.writes:
				if more = open; open {
					group = append(group, one)
				}
			default:
				more = false
			}
		}
		err := w.together(ctx, group)
		for _, one := range group {
			one.done <- err
		}
	}
}

func (w *pgCoalesced) together(ctx context.Context, group []pgWrite) error {
	var starts, ends, steps []int64
	var numbers []int16
	for _, one := range group {
		switch one.number {
		case 0:
			starts = append(starts, one.run)
		case flowSteps + 1:
			ends = append(ends, one.run)
		default:
			steps, numbers = append(steps, one.run), append(numbers, one.number)
		}
	}
	_, err := w.pool.Exec(ctx, pgCoalescedWrite, starts, steps, numbers, ends)
	return err
}

// latencyRawPG measures the reference of a wake-up: a row is inserted, another
// connection tells of it after the commit, and a listener claims it.
func latencyRawPG(ctx context.Context, c cluster, address string, jobs int, pause time.Duration) (sample, error) {
	pool, err := connect(ctx, address, riverConnections)
	if err != nil {
		return sample{}, err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, pgRawSchema); err != nil {
		return sample{}, err
	}
	watch, work, end := newStopwatch(jobs), make(chan struct{}, 1), make(chan error, 2)
	ctx, stop := context.WithCancel(ctx)
	go func() { end <- rawNotify(ctx, pool, work) }()
	go func() { end <- rawListen(ctx, pool, watch) }()
	s, err := c.measured(jobs, func() error {
		return watch.times(ctx, pause, func(i int) error {
			_, err := pool.Exec(ctx, `INSERT INTO due_work (task_id, priority, run_at, payload) VALUES ($1, 5, clock_timestamp(), '{"a": 1}')`, i)
			select {
			case work <- struct{}{}:
			default:
			}
			return err
		})
	})
	stop()
	<-end
	<-end
	watch.into(&s)
	return s, err
}

// rawNotify tells of new rows, at most one telling at a time.
func rawNotify(ctx context.Context, pool *pgxpool.Pool, work <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-work:
			if _, err := pool.Exec(ctx, `NOTIFY due`); err != nil {
				return err
			}
		}
	}
}

// rawListen claims what it is told of.
func rawListen(ctx context.Context, pool *pgxpool.Pool, watch *stopwatch) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `LISTEN due`); err != nil {
		return err
	}
	const claim = `UPDATE due_work SET lease_owner = 1, lease_until = clock_timestamp() + interval '1 minute'
		WHERE id = ANY(ARRAY(SELECT id FROM due_work WHERE lease_owner IS NULL AND run_at <= clock_timestamp()
			ORDER BY priority, run_at, id LIMIT 100 FOR UPDATE SKIP LOCKED)) RETURNING task_id`
	for {
		rows, err := pool.Query(ctx, claim)
		if err != nil {
			return err
		}
		taken := 0
		for rows.Next() {
			var i int
			if err := rows.Scan(&i); err != nil {
				return err
			}
			watch.stop(i)
			taken++
		}
		if taken > 0 {
			continue
		}
		if _, err := conn.Conn().WaitForNotification(ctx); err != nil {
			return err
		}
	}
}
