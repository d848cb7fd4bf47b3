package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// Schema says which schema the data in a folder has, 0 when there is none yet, and
// which one this version needs. It changes nothing.
func Schema(ctx context.Context, dir string) (have, want int64, err error) {
	if _, err := os.Stat(filepath.Join(dir, databaseFile)); errors.Is(err, fs.ErrNotExist) {
		want, err := newest(migrations())
		return 0, want, err
	}
	f, err := openFolder(dir)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	db, err := connect(f.database(), "busy_timeout(5000)")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, migrations())
	if err != nil {
		return 0, 0, fmt.Errorf("read the migrations: %w", err)
	}
	if have, want, err = provider.GetVersions(ctx); err != nil {
		err = fmt.Errorf("read the version of the data: %w", storageError(err))
	}
	return have, want, err
}

// newest is the number of the last migration.
func newest(files fs.FS) (last int64, err error) {
	names, err := fs.Glob(files, "*.sql")
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		n, bad := strconv.ParseInt(number, 10, 64)
		last, err = max(last, n), errors.Join(err, bad)
	}
	return last, err
}
