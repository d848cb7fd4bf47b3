package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// riverConnections is the pool that River gets on PostgreSQL.
const riverConnections = 20

// pgRival is River on PostgreSQL, with the settings of its own benchmark.
type pgRival struct {
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
}

func openRiverPG(ctx context.Context, address string, work func(context.Context, *river.Job[noop]) error) (*pgRival, error) {
	pool, err := connect(ctx, address, riverConnections)
	if err != nil {
		return nil, err
	}
	r := &pgRival{pool: pool}
	if err := r.open(ctx, work); err != nil {
		pool.Close()
		return nil, err
	}
	return r, nil
}

func (r *pgRival) open(ctx context.Context, work func(context.Context, *river.Job[noop]) error) error {
	driver, quiet := riverpgxv5.New(r.pool), slog.New(slog.DiscardHandler)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(work))
	r.client, err = river.NewClient(driver, &river.Config{
		FetchCooldown:     riverCooldown,
		FetchPollInterval: riverPoll,
		Logger:            quiet,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: riverWorkers}},
		Workers:           workers,
	})
	return err
}

// nothing is the work of a job that does nothing.
func nothing(context.Context, *river.Job[noop]) error { return nil }

// drainRiverPG measures how fast River works off a queue that was filled before,
// until it has told of each job that it is completed.
func drainRiverPG(ctx context.Context, c cluster, address string, jobs int) (sample, error) {
	r, err := openRiverPG(ctx, address, nothing)
	if err != nil {
		return sample{}, err
	}
	defer r.pool.Close()
	if err := r.fill(ctx, jobs); err != nil {
		return sample{}, fmt.Errorf("fill the queue: %w", err)
	}
	completed, end := r.client.SubscribeConfig(&river.SubscribeConfig{
		ChanSize: jobs,
		Kinds:    []river.EventKind{river.EventKindJobCompleted},
	})
	defer end()
	s, err := c.measured(jobs, func() error {
		if err := r.client.Start(ctx); err != nil {
			return err
		}
		for range jobs {
			select {
			case <-completed:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	return s, errors.Join(err, r.client.StopAndCancel(context.WithoutCancel(ctx)))
}

func (r *pgRival) fill(ctx context.Context, jobs int) error {
	const most = 5000
	for left := jobs; left > 0; left -= most {
		params := make([]river.InsertManyParams, min(left, most))
		for i := range params {
			params[i].Args = noop{A: 1}
		}
		if _, err := r.client.InsertManyFast(ctx, params); err != nil {
			return err
		}
	}
	return nil
}

// createRiverPG measures single inserts by so many callers at once.
func createRiverPG(ctx context.Context, c cluster, address string, jobs, callers int) (sample, error) {
	r, err := openRiverPG(ctx, address, nothing)
	if err != nil {
		return sample{}, err
	}
	defer r.pool.Close()
	return c.measured(jobs, func() error {
		return byCallers(callers, jobs, func(int) error {
			_, err := r.client.Insert(ctx, noop{A: 1}, nil)
			return err
		})
	})
}

// createManyRiverPG measures inserts by COPY, a thousand at a time.
func createManyRiverPG(ctx context.Context, c cluster, address string, batches, batch int) (sample, error) {
	r, err := openRiverPG(ctx, address, nothing)
	if err != nil {
		return sample{}, err
	}
	defer r.pool.Close()
	return c.measured(batches*batch, func() error {
		for range batches {
			params := make([]river.InsertManyParams, batch)
			for i := range params {
				params[i].Args = noop{A: 1}
			}
			if _, err := r.client.InsertManyFast(ctx, params); err != nil {
				return err
			}
		}
		return nil
	})
}

// latencyRiverPG measures how long it takes from the call that inserts a job to the
// begin of its work, one job after the other or at a rate.
func latencyRiverPG(ctx context.Context, c cluster, address string, jobs int, pause time.Duration) (sample, error) {
	watch := newStopwatch(jobs)
	r, err := openRiverPG(ctx, address, func(_ context.Context, j *river.Job[noop]) error {
		watch.stop(j.Args.A)
		return nil
	})
	if err != nil {
		return sample{}, err
	}
	defer r.pool.Close()
	if err := r.client.Start(ctx); err != nil {
		return sample{}, err
	}
	s, err := c.measured(jobs, func() error {
		return watch.times(ctx, pause, func(i int) error {
			_, err := r.client.Insert(ctx, noop{A: i}, nil)
			return err
		})
	})
	watch.into(&s)
	return s, errors.Join(err, r.client.StopAndCancel(context.WithoutCancel(ctx)))
}
