package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How long what is waited for, before a caller is told that the database is not
// there.
const (
	connectWait = 2 * time.Second  // a connection is made
	acquireWait = 2 * time.Second  // one of the pool is free
	lockWait    = 5 * time.Second  // a lock is given
	askWait     = 10 * time.Second // a statement, or all of a transaction, is done
)

// settings are what every connection begins with. Statements are short and many:
// compiling them would cost more than it gains.
func settings() map[string]string {
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return map[string]string{
		"search_path":                         schema,
		"application_name":                    "ordinaut",
		"timezone":                            "UTC",
		"jit":                                 "off",
		"default_transaction_isolation":       "read committed",
		"statement_timeout":                   ms(askWait),
		"lock_timeout":                        ms(lockWait),
		"idle_in_transaction_session_timeout": ms(askWait),
	}
}

// configure reads the URL. What it says itself goes before the settings, except
// for the search path.
func configure(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	bare, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if _, chosen := bare.RuntimeParams["pool_max_conns"]; !chosen {
		config.MaxConns = int32(max(8, 2*runtime.GOMAXPROCS(0)))
	}
	params := settings()
	maps.Copy(params, config.ConnConfig.RuntimeParams)
	params["search_path"] = schema
	config.ConnConfig.RuntimeParams = params
	if bare.ConnectTimeout == 0 || bare.ConnectTimeout > connectWait {
		config.ConnConfig.ConnectTimeout = connectWait
	}
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: time.Second, Count: 5}}
	config.ConnConfig.DialFunc = dialer.DialContext
	config.PingTimeout = acquireWait
	config.AfterConnect = utc
	return config, nil
}

// utc has a connection give instants in UTC.
func utc(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// pool are the connections that ask and change.
type pool struct {
	*pgxpool.Pool
	closed *atomic.Bool
}

// newPool connects when it is first asked.
func newPool(ctx context.Context, config *pgxpool.Config) (pool, error) {
	p, err := pgxpool.NewWithConfig(ctx, config)
	return pool{p, new(atomic.Bool)}, err
}

// close waits for what is under way.
func (p pool) close() {
	p.closed.Store(true)
	p.Close()
}

// use gives a connection to do.
func (p pool) use(ctx context.Context, do func(*pgx.Conn) error) error {
	wait, cancel := context.WithTimeoutCause(ctx, acquireWait, errBusy)
	defer cancel()
	conn, err := p.Acquire(wait)
	switch {
	case err != nil && p.closed.Load():
		return errClosed()
	case err != nil:
		return because(ctx, wait, err)
	}
	defer conn.Release()
	return do(conn.Conn())
}

// deaths bounds how often something is tried again on another connection. After
// the server has gone and come back, each connection of the pool is found dead
// once.
const deaths = 100

// read has do ask on a connection, and on another one when that has gone.
func (p pool) read(ctx context.Context, do func(context.Context, asker) error) (err error) {
	for range deaths {
		err = p.use(ctx, func(conn *pgx.Conn) error {
			wait, cancel := context.WithTimeoutCause(ctx, askWait, errSlow)
			defer cancel()
			return because(ctx, wait, do(wait, conn))
		})
		if !lost(err) {
			break
		}
	}
	return storageError(err)
}

// because names why a context within ctx has ended, if that was what made the
// error.
func because(ctx, within context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), err)
	case within.Err() != nil:
		return fmt.Errorf("%w: %w", context.Cause(within), err)
	}
	return err
}
