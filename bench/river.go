package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// The settings of River's own benchmark.
const (
	riverWorkers  = 2000
	riverCooldown = 2 * time.Millisecond
	riverPoll     = 20 * time.Millisecond
)

// noop is a job of River that does nothing.
type noop struct {
	A int `json:"a"`
}

// Kind is the name under which River stores the job.
func (noop) Kind() string { return "noop" }

// rival is River on its SQLite driver, with an empty database of its own.
type rival struct {
	db     *sql.DB
	client *river.Client[*sql.Tx]
}

func openRiver(ctx context.Context, dir string) (*rival, error) {
	db, err := openSQLite(dir)
	if err != nil {
		return nil, err
	}
	r := &rival{db: db}
	if err := r.open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return r, nil
}

func (r *rival) open(ctx context.Context) error {
	driver, quiet := riversqlite.New(r.db), slog.New(slog.DiscardHandler)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(context.Context, *river.Job[noop]) error { return nil }))
	r.client, err = river.NewClient(driver, &river.Config{
		FetchCooldown:     riverCooldown,
		FetchPollInterval: riverPoll,
		Logger:            quiet,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: riverWorkers}},
		Workers:           workers,
	})
	return err
}

// drainRiver measures how fast River works off a queue that was filled before,
// until it has told of each job that it is completed.
func drainRiver(ctx context.Context, dir string, jobs int) (sample, error) {
	r, err := openRiver(ctx, dir)
	if err != nil {
		return sample{}, err
	}
	defer r.db.Close()
	if err := r.fill(ctx, jobs); err != nil {
		return sample{}, fmt.Errorf("fill the queue: %w", err)
	}
	completed, end := r.client.SubscribeConfig(&river.SubscribeConfig{
		ChanSize: jobs,
		Kinds:    []river.EventKind{river.EventKindJobCompleted},
	})
	defer end()
	s, err := measured(jobs, func() error {
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

func (r *rival) fill(ctx context.Context, jobs int) error {
	params := make([]river.InsertManyParams, jobs)
	for i := range params {
		params[i].Args = noop{A: 1}
	}
	_, err := r.client.InsertManyFast(ctx, params)
	return err
}

// createRiver measures single inserts by so many callers at once.
func createRiver(ctx context.Context, dir string, jobs, callers int) (sample, error) {
	r, err := openRiver(ctx, dir)
	if err != nil {
		return sample{}, err
	}
	defer r.db.Close()
	return measured(jobs, func() error {
		return byCallers(callers, jobs, func(int) error {
			_, err := r.client.Insert(ctx, noop{A: 1}, nil)
			return err
		})
	})
}
