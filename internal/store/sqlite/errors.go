package sqlite

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/ordinaut/ordinaut"
)

// primary is SQLite's result code of an error, without its extension; 0 when
// the error is not SQLite's.
func primary(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// duplicate says whether a unique index refused a row.
func duplicate(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}

// harmless says whether the transaction goes on after the error as if the
// statement had not been. After others, such as a full disk, SQLite may have
// rolled all of it back.
func harmless(err error) bool {
	p := primary(err)
	return p == 0 || p == sqlite3.SQLITE_CONSTRAINT
}

// failed says whether the disk or the file has failed in a way that later
// writes cannot be trusted after: a page that could not be synced is no longer
// known to be dirty, so trying again would succeed without having written it.
func failed(err error) bool {
	switch primary(err) {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// storageError gives the troubles of a disk the code and the words that users
// see; every other error stays as it is.
func storageError(err error) error {
	if _, told := errors.AsType[*ordinaut.Error](err); told || err == nil {
		return err
	}
	if primary(err) == sqlite3.SQLITE_FULL {
		return &ordinaut.Error{
			Code:    ordinaut.CodeStorageFull,
			Message: "the disk with the data folder is full, so nothing was stored",
			Fix:     "free some space; no restart is needed",
			Err:     err,
		}
	}
	if primary(err) == sqlite3.SQLITE_BUSY {
		return &ordinaut.Error{
			Code:    ordinaut.CodeUnavailable,
			Message: "another program holds the database in the data folder",
			Fix:     "end the other program, such as an open sqlite3 shell, and send it again",
			Err:     err,
		}
	}
	if failed(err) {
		return &ordinaut.Error{
			Code:    ordinaut.CodeStorageFailed,
			Message: "the disk with the data folder failed, and nothing more is written to it",
			Fix:     "check the disk, then start Ordinaut again; what was answered before is safe",
			Err:     err,
		}
	}
	return err
}

// errClosed answers a write that came after Close.
func errClosed() error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeUnavailable,
		Message: "the server is shutting down",
		Fix:     "send it again when the server is back",
	}
}
