package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/ordinaut/ordinaut"
)

// groupMembers bounds how many changes share a commit, and so how long the
// first of them waits for the last.
const groupMembers = 512

// A writer is the one goroutine that writes. It takes every request that waits,
// carries them out in one transaction, and answers them all after its commit.
type writer struct {
	db       *sql.DB
	conn     *sql.Conn
	stmts    *statements
	notify   func(ordinaut.Signal)
	requests chan *request
	closing  chan struct{}
	done     chan struct{}
	close    func() error
	logEnd   int64                          // the position that the log had come to
	fault    atomic.Pointer[ordinaut.Error] // why nothing is written any more
}

// A request is one caller's changes, each with an outcome of its own.
type request struct {
	members []func(*tx) error
	errs    []error
	done    chan struct{}
}

// fail answers every member with the error.
func (r *request) fail(err error) {
	for i := range r.errs {
		r.errs[i] = err
	}
}

// openWriter takes the connection of the database, and begins to write.
func openWriter(ctx context.Context, db *sql.DB, texts map[string]string, notify func(ordinaut.Signal)) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, storageError(err)
	}
	w := &writer{
		db:       db,
		conn:     conn,
		stmts:    newStatements(conn, texts),
		notify:   notify,
		requests: make(chan *request),
		closing:  make(chan struct{}),
		done:     make(chan struct{}),
	}
	if err := openLog(ctx, w.stmts); err != nil {
		return nil, errors.Join(err, w.stmts.close(), conn.Close())
	}
	w.close = sync.OnceValue(w.end)
	go w.run()
	return w, nil
}

// end stops the goroutine after the commit under way.
func (w *writer) end() error {
	close(w.closing)
	<-w.done
	return errors.Join(w.stmts.close(), w.conn.Close(), w.db.Close())
}

// submit hands changes to the writer and waits until they are committed, or
// answers why none was. A caller that gives up before the writer has taken its
// request leaves nothing behind; after that its changes are carried out, and it
// waits to learn what became of them.
func (w *writer) submit(ctx context.Context, members ...func(*tx) error) ([]error, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &request{members: members, errs: make([]error, len(members)), done: make(chan struct{})}
	select {
	case w.requests <- r:
	case <-w.closing:
		return nil, errClosed()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	<-r.done
	return r.errs, nil
}

func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case r := <-w.requests:
			w.commit(w.gather(r))
		case <-w.closing:
			return
		}
	}
}

// gather adds to the first request those that wait behind it.
func (w *writer) gather(first *request) []*request {
	// Those whom the last commit woke get to the door first; a lone caller
	// loses nothing.
	runtime.Gosched()
	group, members := []*request{first}, len(first.members)
	for members < groupMembers {
		select {
		case r := <-w.requests:
			group, members = append(group, r), members+len(r.members)
		default:
			return group
		}
	}
	return group
}

// commit carries out a group in one transaction, and answers all of it.
func (w *writer) commit(group []*request) {
	signals, err := w.transact(group, false)
	if errors.Is(err, errGuard) {
		signals, err = w.transact(group, true)
	}
	for _, s := range signals {
		w.notify(s)
	}
	for _, r := range group {
		if err != nil {
			r.fail(err)
		}
		close(r.done)
	}
}

// errGuard says that a member failed halfway, so that the group has to be
// carried out again with each member in a savepoint of its own. Savepoints cost
// a fifth of a group's time, and such members are rare.
var errGuard = errors.New("a member failed halfway")

// transact answers what to signal, or why the whole group failed.
func (w *writer) transact(group []*request, guarded bool) (_ []ordinaut.Signal, err error) {
	if err := w.refusal(); err != nil {
		return nil, err
	}
	t := &tx{stmts: w.stmts, guarded: guarded, alone: len(group) == 1 && len(group[0].members) == 1}
	defer func() {
		if err != nil {
			w.abandon(t, err)
		}
	}()
	if _, err := t.exec("Begin"); err != nil {
		return nil, err
	}
	t.now = now()
	if err := setClock(context.Background(), w.stmts, t.now); err != nil {
		return nil, err
	}
	t.changes = 0 // what SQLite says of BEGIN is about the statement before
	for _, r := range group {
		for i, do := range r.members {
			if r.errs[i], err = t.carryOut(do); err != nil {
				return nil, err
			}
		}
	}
	end, err := w.grown(t)
	if err == nil {
		_, err = t.exec("Commit")
	}
	if err == nil {
		w.logEnd = end
	}
	return t.signals, err
}

// grown signals the log when it has grown, and says up to where. Readers of the log
// write down how far they have come, which must not wake them again.
func (w *writer) grown(t *tx) (int64, error) {
	if t.changes == 0 {
		return w.logEnd, nil
	}
	end, err := seen(t, "LogEnd", scanPosition)
	if end > w.logEnd {
		t.signal(ordinaut.SignalLog)
	}
	return end, err
}

// abandon takes the transaction back, and ends all writing when the disk cannot
// be trusted.
func (w *writer) abandon(t *tx, cause error) {
	// SQLite may have rolled back by itself, and then has nothing to roll back.
	_, _ = t.exec("Rollback")
	if e, ok := errors.AsType[*ordinaut.Error](cause); ok && e.Code == ordinaut.CodeStorageFailed {
		w.fault.CompareAndSwap(nil, e)
	}
}

// refusal is why nothing can be written, or nil.
func (w *writer) refusal() error {
	select {
	case <-w.closing:
		return errClosed()
	default:
	}
	if fault := w.fault.Load(); fault != nil {
		return fault
	}
	return nil
}
