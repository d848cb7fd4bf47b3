package server

import (
	"context"
	"errors"
	"log/slog"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/store/postgres"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
)

// Migrate brings a store to the schema of this version, or says what there is to
// do.
func Migrate(ctx context.Context, s cli.MigrateSettings) (m cli.Migrated, err error) {
	if s.DatabaseURL != "" {
		if err := checkDatabaseURL("/database_url", s.DatabaseURL); err != nil {
			return m, err
		}
		o := postgres.Options{URL: s.DatabaseURL, Log: slog.New(slog.DiscardHandler)}
		if s.Status {
			m.From, m.To, err = postgres.Schema(ctx, o)
		} else {
			m.From, m.To, err = postgres.Migrate(ctx, o)
		}
		return m, err
	}
	m.From, m.To, err = sqlite.Schema(ctx, s.DataDir)
	if err != nil || s.Status || m.From == m.To {
		return m, err
	}
	store, err := sqlite.Open(ctx, sqlite.Options{Dir: s.DataDir})
	if err != nil {
		return m, err
	}
	return m, errors.Join(err, store.Close())
}
