package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"log/slog"

	"github.com/ordinaut/ordinaut"
)

// Archive is the store in a folder while nobody works on it. Its records are the
// rows of the tables, whose columns it finds out by itself.
type Archive struct {
	folder *folder
	db     *sql.DB
}

// OpenArchive opens the store in the folder to be read or filled as a whole, and
// makes it when there is none. It refuses a folder that a process works on.
func OpenArchive(ctx context.Context, o Options) (*Archive, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f, err := openFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	// The connection is none of a store's: it has no triggers that tell of changes,
	// and what refers to what is only looked at when all is there.
	db, err := connect(f.database(), "busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)", "temp_store(memory)")
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	db.SetMaxOpenConns(1)
	a := &Archive{folder: f, db: db}
	texts, err := texts()
	if err == nil {
		m := migrator{db: db, stmts: newStatements(db, texts), folder: f, log: o.Log}
		err = errors.Join(m.migrate(ctx, migrations()), m.stmts.close())
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Close lets others work on the store.
func (a *Archive) Close() error { return errors.Join(a.db.Close(), a.folder.close()) }

// Export gives everything that is to outlive the store.
func (a *Archive) Export(ctx context.Context, yield func(ordinaut.Record) error) error {
	for _, n := range ordinaut.Nouns() {
		t, err := a.table(ctx, n)
		if err != nil {
			return err
		}
		if err := a.each(ctx, n.Name, t.export(n.Order), yield); err != nil {
			return fmt.Errorf("export the records of %s: %w", n.Name, storageError(err))
		}
	}
	return nil
}

func (a *Archive) each(ctx context.Context, noun, query string, yield func(ordinaut.Record) error) error {
	rows, err := a.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row []byte
		if err := rows.Scan(&row); err != nil {
			return err
		}
		r, err := ordinaut.NewRecord(noun, row)
		if err != nil {
			return err
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Import fills an empty store, whole or not at all.
func (a *Archive) Import(ctx context.Context, records iter.Seq2[ordinaut.Record, error]) (err error) {
	tables := map[string]table{}
	for _, n := range ordinaut.Nouns() {
		if tables[n.Name], err = a.table(ctx, n); err != nil {
			return err
		}
	}
	tx, err := a.db.BeginTx(ctx, nil)
	if err != nil {
		return storageError(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(storageError(err), tx.Rollback())
		}
	}()
	if err := clearEmpty(ctx, tx, tables); err != nil {
		return err
	}
	for batch, err := range ordinaut.Batches(records) {
		if err == nil {
			err = tables[batch.Noun].fill(ctx, tx, batch)
		}
		if err != nil {
			return fmt.Errorf("import the records of %s: %w", batch.Noun, err)
		}
	}
	if err := checkReferences(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// clearEmpty refuses a store with something in it, and takes away the rows that a
// new one begins with.
func clearEmpty(ctx context.Context, tx *sql.Tx, tables map[string]table) error {
	var some bool
	row := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM agent) OR EXISTS (SELECT 1 FROM task) OR EXISTS (SELECT 1 FROM event) OR EXISTS (SELECT 1 FROM secret)")
	if err := row.Scan(&some); err != nil {
		return err
	}
	if some {
		return ordinaut.ErrNotEmpty
	}
	for _, t := range tables {
		if t.write != "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+quote(t.name)); err != nil {
			return err
		}
	}
	return nil
}

// checkReferences looks whether every row is there that others refer to.
func checkReferences(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var from, to string
	var row, key sql.NullInt64
	if err := rows.Scan(&from, &row, &to, &key); err != nil {
		return err
	}
	return fmt.Errorf("a record of %s refers to one of %s that is not there", from, to)
}
