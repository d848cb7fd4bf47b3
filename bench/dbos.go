package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	_ "github.com/dbos-inc/dbos-transact-golang/dbos/driver/sqlite" // how it reads the driver's errors
)

// How DBOS opens a database of its own accord.
const (
	dbosConnections = 8
	dbosSync        = "normal" // which the loss of power can cost what was told as done
	fullSync        = "full"   // which is what every other side here has
	dbosStop        = 10 * time.Second
)

// fiveSteps is a workflow of DBOS whose steps do nothing; each is recorded.
func fiveSteps(ctx dbos.Context, _ string) (string, error) {
	for range flowSteps {
		_, err := dbos.RunAsStep(ctx, func(context.Context) (string, error) { return "done", nil })
		if err != nil {
			return "", err
		}
	}
	return "done", nil
}

// callDBOS measures workflows of DBOS: so many callers each start one and wait for
// its result, over and over.
func callDBOS(ctx context.Context, dir string, runs, callers int, sync string) (s sample, err error) {
	db, err := openDBOS(dir, sync)
	if err != nil {
		return sample{}, err
	}
	defer db.Close()
	d, err := dbos.NewContext(ctx, dbos.Config{
		AppName: "bench", SQLiteSystemDB: db, Logger: slog.New(slog.DiscardHandler), ApplicationVersion: "1",
	})
	if err != nil {
		return sample{}, err
	}
	dbos.RegisterWorkflow(d, fiveSteps)
	if err := dbos.Launch(d); err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, dbos.Shutdown(d, dbosStop)) }()
	return measured(runs, func() error { return workflows(d, runs, callers) })
}

// callDBOSPG measures the same on PostgreSQL.
func callDBOSPG(ctx context.Context, c cluster, address string, runs, callers int) (s sample, err error) {
	d, err := dbos.NewContext(ctx, dbos.Config{
		AppName: "bench", DatabaseURL: address, Logger: slog.New(slog.DiscardHandler), ApplicationVersion: "1",
	})
	if err != nil {
		return sample{}, err
	}
	dbos.RegisterWorkflow(d, fiveSteps)
	if err := dbos.Launch(d); err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, dbos.Shutdown(d, dbosStop)) }()
	return c.measured(runs, func() error { return workflows(d, runs, callers) })
}

// workflows has callers start workflows, and wait for the result of each.
func workflows(d dbos.Context, runs, callers int) error {
	return byCallers(callers, runs, func(int) error {
		handle, err := dbos.RunWorkflow(d, fiveSteps, "")
		if err != nil {
			return err
		}
		result, err := handle.GetResult()
		if err == nil && result != "done" {
			err = fmt.Errorf("a workflow answers %q", result)
		}
		return err
	})
}

// openDBOS opens a database as DBOS does when it is given an address, but for what
// a commit waits for.
func openDBOS(dir, sync string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bench.db")+
		"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(on)&_pragma=journal_mode(wal)&_pragma=synchronous("+sync+")&_txlock=immediate")
	if err == nil {
		db.SetMaxOpenConns(dbosConnections)
		db.SetMaxIdleConns(dbosConnections)
	}
	return db, err
}
