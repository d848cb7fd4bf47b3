package postgres

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ordinaut/ordinaut"
)

// Options says where a store lies.
type Options struct {
	URL  string        // of the database, as libpq understands it; its sslmode says how it is reached
	Log  *slog.Logger  // told of migrations and of connections that come and go; nil is nobody
	Deaf bool          // neither tells other processes of commits nor hears of theirs: what is left is the look
	Look time.Duration // how often the database is looked at for what no signal told of; 0 is 5 s, less is never
}

// Store is an ordinaut.Store in one PostgreSQL database.
type Store struct {
	pool     pool
	stmts    statements
	watchers *watchers
	teller   *teller // nil when nobody else is told
	stop     context.CancelFunc
	running  sync.WaitGroup

	creations *batch[creation]
	saves     *batch[saving]
	ends      *batch[settling]
}

// Open opens the store in the database, and makes it when there is none. Older
// data is migrated, and data that a newer version has written is refused.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	config, err := configure(o.URL)
	if err != nil {
		return nil, urlError(err)
	}
	from, to, err := migrate(ctx, config.ConnConfig, migrations())
	if err != nil {
		return nil, err
	}
	if from < to {
		o.Log.InfoContext(ctx, "the data was migrated", "from", from, "to", to)
	}
	return open(ctx, o, config)
}

// open opens a store whose data has the schema of this version. What it begins
// outlives the context.
func open(ctx context.Context, o Options, config *pgxpool.Config) (*Store, error) {
	stmts, err := texts()
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Store{stmts: stmts, watchers: newWatchers(), stop: stop}
	s.creations, s.saves, s.ends = newBatch(togetherMost, s.createTogether), newBatch(togetherMost, s.saveTogether), newBatch(togetherMost, s.settleTogether)
	if s.pool, err = newPool(life, config); err != nil {
		stop()
		return nil, storageError(err)
	}
	if !o.Deaf {
		if err := s.meet(ctx, life, newLine(config.ConnConfig, stmts, o.Log)); err != nil {
			_ = s.Close() // it has nothing to lose yet
			return nil, storageError(err)
		}
	}
	if every := cmp.Or(o.Look, lookEvery); every > 0 {
		s.running.Go(func() { s.look(life, every) })
	}
	return s, nil
}

// meet begins to hear of other processes, and to tell them.
func (s *Store) meet(ctx, life context.Context, l line) error {
	hearing := &listener{line: l, watchers: s.watchers}
	conn, err := hearing.listen(ctx)
	if err != nil {
		return err
	}
	s.teller = newTeller(l)
	s.running.Go(func() { hearing.run(life, conn) })
	s.running.Go(func() { s.teller.run(life) })
	return nil
}

// urlError refuses a URL. It may hold a password, and is not shown.
func urlError(err error) error {
	return &ordinaut.Error{
		Code:     ordinaut.CodeRequestInvalid,
		Message:  "the address of the database cannot be read",
		Fix:      "write it as a URL, with what is special in the password escaped by %",
		Examples: []string{"postgres://ordinaut:secret@localhost:5432/ordinaut?sslmode=verify-full"},
		Err:      err,
	}
}

// Close ends the store after the writes under way. Closing it again does
// nothing.
func (s *Store) Close() error {
	s.stop()
	s.running.Wait()
	s.pool.close()
	return nil
}
