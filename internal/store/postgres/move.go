package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Archive is the store in a database while nobody works on it. Its records are the
// rows of the tables, whose columns it finds out by itself.
type Archive struct{ conn *pgx.Conn }

// OpenArchive opens the store in the database to be read or filled as a whole, and
// makes it when there is none. It refuses one that processes work on, and keeps
// them from starting until it is closed.
func OpenArchive(ctx context.Context, o Options) (*Archive, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := placeAll(ctx, o); err != nil {
		return nil, err
	}
	config, err := configure(o.URL)
	if err != nil {
		return nil, urlError(err)
	}
	unhurried := config.ConnConfig.Copy()
	unhurried.RuntimeParams = maps.Clone(unhurried.RuntimeParams)
	for _, bound := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		unhurried.RuntimeParams[bound] = "0"
	}
	conn, err := pgx.ConnectConfig(ctx, unhurried)
	if err != nil {
		return nil, storageError(err)
	}
	a := &Archive{conn: conn}
	if err := a.hold(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// placeAll gives what has no position yet its place in the log and in the audit,
// as whoever reads them does.
func placeAll(ctx context.Context, o Options) error {
	s, err := Open(ctx, o)
	if err != nil {
		return err
	}
	_, logged := s.LogEnd(ctx)
	_, audited := s.Audit(ctx, 0, 1)
	return errors.Join(logged, audited, s.Close())
}

// hold keeps processes from starting, each of which waits for its turn to migrate,
// and refuses when there are some.
func (a *Archive) hold(ctx context.Context) error {
	if _, err := a.conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrating)); err != nil {
		return storageError(err)
	}
	var names []string
	row := a.conn.QueryRow(ctx, "SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM worker WHERE seen_at > ordinaut.clock() - $1::interval", limits.Lease)
	if err := row.Scan(&names); err != nil {
		return storageError(err)
	}
	if len(names) > 0 {
		return &ordinaut.Error{
			Code: ordinaut.CodeStorageInUse, Sent: names,
			Message: fmt.Sprintf("%d servers work on the database", len(names)),
			Fix:     fmt.Sprintf("stop them; one that has died counts as at work for %s", limits.Lease),
		}
	}
	return nil
}

// Close lets others work on the store.
func (a *Archive) Close() error { return a.conn.Close(context.Background()) }

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
	rows, err := a.conn.Query(ctx, query, pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			return err
		}
		r, err := ordinaut.NewRecord(noun, []byte(row))
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
func (a *Archive) Import(ctx context.Context, records iter.Seq2[ordinaut.Record, error]) error {
	tables := map[string]table{}
	for _, n := range ordinaut.Nouns() {
		var err error
		if tables[n.Name], err = a.table(ctx, n); err != nil {
			return err
		}
	}
	err := pgx.BeginFunc(ctx, a.conn, func(tx pgx.Tx) error {
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
		return finish(ctx, tx, tables)
	})
	return storageError(err)
}

// clearEmpty refuses a store with something in it, takes away the rows that a new
// one begins with, and silences the triggers that tell of changes.
func clearEmpty(ctx context.Context, tx pgx.Tx, tables map[string]table) error {
	var some bool
	row := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM agent) OR EXISTS (SELECT FROM task) OR EXISTS (SELECT FROM event) OR EXISTS (SELECT FROM secret)")
	if err := row.Scan(&some); err != nil {
		return err
	}
	if some {
		return ordinaut.ErrNotEmpty
	}
	for _, t := range tables {
		for _, text := range t.clear() {
			if _, err := tx.Exec(ctx, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish lets triggers tell again, has numbers go on behind those that were given,
// and names the slots that runs need.
func finish(ctx context.Context, tx pgx.Tx, tables map[string]table) error {
	texts := []string{
		"INSERT INTO slot (name) SELECT DISTINCT slot FROM live_run WHERE slot IS NOT NULL ON CONFLICT DO NOTHING",
		"INSERT INTO event_name (source, event_id, at) SELECT source, event_id, at FROM event WHERE source IS NOT NULL ON CONFLICT DO NOTHING",
		"UPDATE event SET depth = run.depth FROM run WHERE run.id = event.run_id AND run.depth > 0 AND event.kind IN ('run', 'step')",
	}
	for _, t := range tables {
		texts = append(texts, t.finish()...)
	}
	for _, text := range texts {
		if _, err := tx.Exec(ctx, text); err != nil {
			return fmt.Errorf("finish the import: %w", err)
		}
	}
	return nil
}
