package postgres

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/ordinaut/ordinaut"
)

// notifyGap lies between two notifications of a process: each takes a lock of the
// whole database, and one tells of all that came meanwhile.
const notifyGap = 20 * time.Millisecond

// listenPause lies between two attempts to listen.
const listenPause = 500 * time.Millisecond

// A line is a connection of its own, for what may not wait behind statements.
type line struct {
	config *pgx.ConnConfig
	stmts  statements
	self   string // tells the notifications of this store from those of others
	log    *slog.Logger
}

func newLine(config *pgx.ConnConfig, stmts statements, log *slog.Logger) line {
	return line{config: config, stmts: stmts, self: uuid.NewString(), log: log}
}

// hangUp closes a connection, if there is one.
func hangUp(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // it is of no more use either way
}

// A teller notifies other processes of signals.
type teller struct {
	line
	mu      sync.Mutex
	pending map[ordinaut.Signal]bool
	wake    chan struct{}
}

func newTeller(l line) *teller {
	return &teller{line: l, pending: map[ordinaut.Signal]bool{}, wake: make(chan struct{}, 1)}
}

// tell hands signals over. It never waits.
func (t *teller) tell(signals []ordinaut.Signal) {
	t.mu.Lock()
	for _, s := range signals {
		t.pending[s] = true
	}
	t.mu.Unlock()
	ring(t.wake)
}

// take gives what is to be told, as the payload of a notification.
func (t *teller) take() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	words := []string{t.self}
	for s := range t.pending {
		words = append(words, string(s))
	}
	clear(t.pending)
	return strings.Join(words, " ")
}

// run notifies until the context ends. What cannot be told is not told later: the
// others look for themselves.
func (t *teller) run(ctx context.Context) {
	var conn *pgx.Conn
	defer func() { hangUp(conn) }()
	for {
		select {
		case <-t.wake:
		case <-ctx.Done():
			return
		}
		conn = t.notify(ctx, conn, t.take())
		select {
		case <-time.After(notifyGap):
		case <-ctx.Done():
			return
		}
	}
}

// notify sends a notification, and gives the connection if it still stands.
func (t *teller) notify(ctx context.Context, conn *pgx.Conn, payload string) *pgx.Conn {
	ctx, cancel := context.WithTimeout(ctx, connectWait)
	defer cancel()
	err := error(nil)
	if conn == nil {
		if conn, err = pgx.ConnectConfig(ctx, t.config); err != nil {
			t.log.DebugContext(ctx, "other processes cannot be told of commits", "error", err)
			return nil
		}
	}
	if _, err = t.stmts.exec(ctx, conn, "Notify", payload); err != nil {
		hangUp(conn)
		return nil
	}
	return conn
}

// A listener hears the notifications of other processes.
type listener struct {
	line
	watchers *watchers
}

// listen begins to listen.
func (l *listener) listen(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*connectWait)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return nil, err
	}
	if _, err = l.stmts.exec(ctx, conn, "Listen"); err != nil {
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}

// run hears until the context ends, on one connection after the other. Between two
// of them anything may have happened, and so every watcher is told.
func (l *listener) run(ctx context.Context, conn *pgx.Conn) {
	for {
		err := l.hear(ctx, conn)
		hangUp(conn)
		if ctx.Err() != nil {
			return
		}
		l.log.WarnContext(ctx, "the connection that hears of commits is lost", "error", err)
		if conn = l.relisten(ctx); conn == nil {
			return
		}
		l.log.InfoContext(ctx, "the connection that hears of commits is back")
		l.watchers.notifyWithout(nil)
	}
}

// relisten tries to listen until it does; nil when the context has ended.
func (l *listener) relisten(ctx context.Context) *pgx.Conn {
	for {
		if conn, err := l.listen(ctx); err == nil {
			return conn
		}
		select {
		case <-time.After(listenPause):
		case <-ctx.Done():
			return nil
		}
	}
}

// hear tells the watchers of what others notify, until the connection is lost.
func (l *listener) hear(ctx context.Context, conn *pgx.Conn) error {
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		from, words, _ := strings.Cut(n.Payload, " ")
		if from == l.self {
			continue
		}
		for word := range strings.FieldsSeq(words) {
			l.watchers.notify(ordinaut.Signal(word))
		}
	}
}
