package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Schema says which schema the database has, 0 when there is none yet, and which
// one this version needs. It changes nothing.
func Schema(ctx context.Context, o Options) (have, want int64, err error) {
	config, err := configure(o.URL)
	if err != nil {
		return 0, 0, urlError(err)
	}
	db := stdlib.OpenDB(*config.ConnConfig)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations(), goose.WithTableName(schema+".goose_db_version"))
	if err != nil {
		return 0, 0, fmt.Errorf("read the migrations: %w", err)
	}
	var some bool
	if err := db.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", schema+".goose_db_version").Scan(&some); err != nil {
		return 0, 0, fmt.Errorf("look for the data: %w", storageError(err))
	}
	if !some {
		sources := provider.ListSources()
		return 0, sources[len(sources)-1].Version, nil
	}
	if have, want, err = provider.GetVersions(ctx); err != nil {
		err = fmt.Errorf("read the version of the data: %w", storageError(err))
	}
	return have, want, err
}
