package sqlite

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/ordinaut/ordinaut"
)

// A folder is the data folder, held by this process alone.
type folder struct {
	dir  string
	lock *flock.Flock
}

// openFolder makes the folder when it is missing, and takes its lock.
func openFolder(dir string) (*folder, error) {
	if dir == "" {
		return nil, fmt.Errorf("open the store: no data folder is named")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	f := &folder{dir: dir, lock: flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))}
	held, err := f.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !held {
		return nil, &ordinaut.Error{
			Code:    ordinaut.CodeStorageLocked,
			Sent:    dir,
			Message: fmt.Sprintf("another process uses the data folder %s", dir),
			Fix:     "stop the other Ordinaut, or choose another folder with --data-dir",
		}
	}
	return f, nil
}

// databaseFile is the name of the database in the folder.
const databaseFile = "ordinaut.db"

// database is the path of the database file.
func (f *folder) database() string { return filepath.Join(f.dir, databaseFile) }

func (f *folder) close() error { return f.lock.Unlock() }
