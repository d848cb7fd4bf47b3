package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"github.com/ordinaut/ordinaut"
)

//go:embed migrations/*.sql
var embedded embed.FS

// migrations are the numbered files of the schema.
func migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err) // only an invalid path can be the cause
	}
	return files
}

// A migrator brings a database to the schema of this version.
type migrator struct {
	db     *sql.DB
	stmts  *statements
	folder *folder
	log    *slog.Logger
}

// migrate makes the migrations that the database has not seen. A database with
// something in it is copied first, so that the way back is a copy away.
func (m migrator) migrate(ctx context.Context, files fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, m.db, files)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	have, want, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the data: %w", storageError(err))
	}
	switch {
	case have == want:
		return nil
	case have > want:
		return newerError(m.folder.dir, have, want)
	case have > 0:
		if err := m.backup(ctx, have); err != nil {
			return fmt.Errorf("copy the data before its migration: %w", err)
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the data from schema %d to %d: %w", have, want, storageError(err))
	}
	return nil
}

// newerError refuses data that this version does not understand.
func newerError(dir string, have, want int64) error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeStorageNewer,
		Sent:    dir,
		Message: fmt.Sprintf("the data in %s has schema %d, and this version of Ordinaut knows schemas up to %d", dir, have, want),
		Fix:     "start the newer Ordinaut that wrote it, or go back to a backup-*.db copy in the folder",
	}
}

// backup copies the database into the folder, whole or not at all.
func (m migrator) backup(ctx context.Context, version int64) error {
	name := fmt.Sprintf("backup-%d-%s.db", version, now().Format("20060102T150405.000000Z"))
	whole := filepath.Join(m.folder.dir, name)
	part := whole + ".part"
	if _, err := m.stmts.exec(ctx, "Backup", part); err != nil {
		return err
	}
	if err := flush(part); err != nil {
		return err
	}
	if err := os.Rename(part, whole); err != nil {
		return err
	}
	m.log.InfoContext(ctx, "the data was copied before its migration", "copy", whole)
	return nil
}

// flush waits until the file is on the disk.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
