package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Options says where a store lies.
type Options struct {
	Dir string       // the data folder, made when it is missing
	Log *slog.Logger // told of migrations and of what a crash left behind; nil is nobody
}

// Store is an ordinaut.Store in one SQLite file.
type Store struct {
	folder   *folder
	writer   *writer
	reads    *sql.DB
	read     *statements
	watchers *watchers
	workers  workers
}

// Open opens the store in the folder, and makes it when there is none. It
// refuses a folder that another process has, and data that a newer version has
// written. Older data is migrated after a copy of it was made in the folder.
// Runs that a dead process held return to the queue.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f, err := openFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{folder: f, watchers: newWatchers()}
	if err := s.open(ctx, o.Log); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, log *slog.Logger) error {
	texts, err := texts()
	if err != nil {
		return err
	}
	db, err := connectWriter(s.folder.database())
	if err != nil {
		return err
	}
	m := migrator{db: db, stmts: newStatements(db, texts), folder: s.folder, log: log}
	if err := errors.Join(m.migrate(ctx, migrations()), m.stmts.close()); err != nil {
		return errors.Join(err, db.Close())
	}
	if s.writer, err = openWriter(ctx, db, texts, s.watchers.notify); err != nil {
		return errors.Join(err, db.Close())
	}
	if s.reads, err = connectReads(s.folder.database()); err != nil {
		return err
	}
	s.read = newStatements(s.reads, texts)
	held, err := s.reclaim(ctx, endOfTime)
	if held > 0 {
		log.InfoContext(ctx, "runs of a process that died return to the queue", "runs", held)
	}
	return err
}

// Now is the time of the process.
func (s *Store) Now(context.Context) (time.Time, error) { return now(), nil }

// Ready says why the store cannot work, or nil.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.writer.refusal(); err != nil {
		return err
	}
	_, err := first(ctx, s.read, "Ping", func(r *sql.Rows, one *int) error { return r.Scan(one) })
	return err
}

// Close ends the store after the writes under way. Closing it again does
// nothing.
func (s *Store) Close() error {
	var errs []error
	if s.reads != nil {
		errs = append(errs, s.read.close(), s.reads.Close())
	}
	// The writer goes last: it leaves all in one file, which a connection that
	// only reads could not.
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	return errors.Join(append(errs, s.folder.close())...)
}

// write has the writer carry out one change.
func (s *Store) write(ctx context.Context, do func(*tx) error) error {
	errs, err := s.writer.submit(ctx, do)
	if err != nil {
		return err
	}
	return errs[0]
}

// change has the writer carry out what somebody asked for, with its entry in
// the audit and its event.
func (s *Store) change(ctx context.Context, c ordinaut.Change, do func(*tx) error) error {
	if c.Action == "" {
		return errors.New("the change names no action")
	}
	return s.write(ctx, func(t *tx) error {
		if err := do(t); err != nil {
			return err
		}
		_, err := t.exec("InsertAudit", micros(t.now), string(c.Actor), c.Action, c.Subject, document(c.Detail))
		if err != nil || c.Topic() == "" {
			return err
		}
		return t.tell(c.Event())
	})
}
