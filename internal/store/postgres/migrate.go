package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/ordinaut/ordinaut"
)

//go:embed migrations/*.sql
var embedded embed.FS

// schema is the namespace in which everything lies.
const schema = "ordinaut"

// migrating is the advisory lock of those who migrate a database: "ordinaut" in
// ASCII.
const migrating = 0x6f7264696e617574

// migrations are the numbered files of the schema.
func migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err) // only an invalid path can be the cause
	}
	return files
}

// Migrate brings the database to the schema of this version, and says from which
// to which it came. Any number of processes may do it at once: one does, and the
// others wait for it. Data that a newer version has written is refused.
func Migrate(ctx context.Context, o Options) (from, to int64, err error) {
	config, err := configure(o.URL)
	if err != nil {
		return 0, 0, urlError(err)
	}
	return migrate(ctx, config.ConnConfig, migrations())
}

func migrate(ctx context.Context, config *pgx.ConnConfig, files fs.FS) (from, to int64, err error) {
	config = config.Copy()
	config.RuntimeParams = maps.Clone(config.RuntimeParams)
	// A migration takes what it takes.
	for _, bound := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		delete(config.RuntimeParams, bound)
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	m, err := newMigrator(db, files)
	if err != nil {
		return 0, 0, fmt.Errorf("read the migrations: %w", err)
	}
	if from, err = m.version(ctx); err != nil || from == m.newest {
		return from, m.newest, err
	}
	return from, m.newest, m.migrate(ctx)
}

// A migrator brings a database to the schema of this version.
type migrator struct {
	db       *sql.DB
	provider *goose.Provider
	newest   int64
}

func newMigrator(db *sql.DB, files fs.FS) (migrator, error) {
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(schema+".goose_db_version"))
	if err != nil {
		return migrator{}, err
	}
	sources := provider.ListSources()
	return migrator{db: db, provider: provider, newest: sources[len(sources)-1].Version}, nil
}

// version is the schema of the data, 0 when there is none. A newer one than this
// version knows is refused.
func (m migrator) version(ctx context.Context) (have int64, err error) {
	err = m.db.QueryRowContext(ctx, "SELECT max(version_id) FROM "+schema+".goose_db_version").Scan(&have)
	switch s := state(err); {
	case s == "42P01", s == "3F000":
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("read the version of the data: %w", storageError(err))
	case have > m.newest:
		return have, newerError(have, m.newest)
	}
	return have, nil
}

// migrate makes the migrations that the database has not seen. Those who come
// meanwhile wait, and find nothing left to do.
func (m migrator) migrate(ctx context.Context) (err error) {
	turn, err := m.db.Conn(ctx)
	if err != nil {
		return storageError(err)
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	if err := takeTurn(ctx, turn); err != nil {
		return storageError(err)
	}
	have, err := m.version(ctx)
	if err != nil || have == m.newest {
		return err
	}
	if _, err := m.provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the data from schema %d to %d: %w", have, m.newest, storageError(err))
	}
	return nil
}

// takeTurn waits until nobody else migrates; the turn ends with the connection.
// The schema is made here, where no two can make it at once.
func takeTurn(ctx context.Context, turn *sql.Conn) error {
	if _, err := turn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrating)); err != nil {
		return err
	}
	_, err := turn.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema)
	return err
}

// newerError refuses data that this version does not understand.
func newerError(have, want int64) error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeStorageNewer,
		Message: fmt.Sprintf("the data in the database has schema %d, and this version of Ordinaut knows schemas up to %d", have, want),
		Fix:     "start the newer Ordinaut that wrote it, or go back to a backup of the database",
	}
}
