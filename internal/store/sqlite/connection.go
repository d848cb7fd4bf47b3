package sqlite

import (
	"database/sql"
	"net/url"
	"path/filepath"

	"modernc.org/sqlite"
)

// The reading connections: enough that a slow list holds nobody up.
const readers = 4

// connect opens a database with the settings of a connection.
func connect(path string, pragmas ...string) (*sql.DB, error) {
	address := url.URL{
		Scheme:   "file",
		OmitHost: true,
		Path:     filepath.ToSlash(path),
		RawQuery: url.Values{"_pragma": pragmas}.Encode(),
	}
	connector, err := sqlite.NewConnector(address.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// connectWriter opens the database for writing, with a single connection.
func connectWriter(path string) (*sql.DB, error) {
	db, err := connect(path,
		"busy_timeout(5000)",
		"journal_mode(wal)",
		"synchronous(full)",
		"foreign_keys(on)",
		"temp_store(memory)",
		"cache_size(-32768)",
		"wal_autocheckpoint(4000)",
		"journal_size_limit(67108864)",
	)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// connectReads opens the connections that only read.
func connectReads(path string) (*sql.DB, error) {
	db, err := connect(path, "busy_timeout(5000)", "query_only(on)", "cache_size(-8192)")
	if err == nil {
		db.SetMaxOpenConns(readers)
		db.SetMaxIdleConns(readers)
	}
	return db, err
}
