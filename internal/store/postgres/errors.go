package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ordinaut/ordinaut"
)

// again is when a caller may try once more while the database cannot be reached.
const again = 2 * time.Second

// state is the SQLSTATE of an error; "" when the server did not answer with one.
func state(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// duplicate says whether a unique index refused a row.
func duplicate(err error) bool { return state(err) == "23505" }

// orphan says whether a row names another that is not there.
func orphan(err error) bool { return state(err) == "23503" }

// conflicted says whether the transaction lost against another one and would do
// well if it were carried out again.
func conflicted(err error) bool {
	s := state(err)
	return s == "40001" || s == "40P01"
}

// lost says whether a connection that stood has gone. What it had begun and not
// committed is undone.
func lost(err error) bool {
	if _, never := errors.AsType[*pgconn.ConnectError](err); never || err == nil {
		return false
	}
	switch s := state(err); s {
	case "":
		_, network := errors.AsType[net.Error](err)
		return (network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "conn closed")) &&
			!errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)
	case "57P01", "57P02", "57P03", "25P03":
		return true
	default:
		return strings.HasPrefix(s, "08")
	}
}

// unreached says whether the server could not be reached, or would not work just
// now.
func unreached(err error) bool {
	if _, never := errors.AsType[*pgconn.ConnectError](err); never {
		return true
	}
	switch state(err) {
	case "":
		return errors.Is(err, errBusy) || errors.Is(err, errSlow) || lost(err)
	case "53300", "55P03", "57014", "25006", "53200":
		return true
	}
	return lost(err)
}

// The reasons for which a context of this room ends.
var (
	errBusy = errors.New("every connection is in use")
	errSlow = errors.New("the database does not answer")
)

// storageError gives the troubles of a database the code and the words that users
// see; every other error stays as it is.
func storageError(err error) error {
	if _, told := errors.AsType[*ordinaut.Error](err); told || err == nil {
		return err
	}
	switch {
	case state(err) == "53100":
		return &ordinaut.Error{
			Code:    ordinaut.CodeStorageFull,
			Message: "the disk of the database is full, so nothing was stored",
			Fix:     "free some space on the database server; no restart is needed",
			Err:     err,
		}
	case unreached(err):
		return &ordinaut.Error{
			Code:       ordinaut.CodeUnavailable,
			Message:    "the database cannot be reached, or does not answer in time",
			Fix:        "send it again; if that goes on, look after the PostgreSQL server",
			RetryAfter: again,
			Err:        err,
		}
	}
	return err
}

// errUnknown answers a change whose connection went during its commit.
func errUnknown(cause error) error {
	return &ordinaut.Error{
		Code:       ordinaut.CodeUnavailable,
		Message:    "the connection to the database was lost during the commit, so the change may have been made or not",
		Fix:        "look whether it was made before sending it again",
		RetryAfter: again,
		Err:        cause,
	}
}

// errClosed answers a call that came after Close.
func errClosed() error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeUnavailable,
		Message: "the server is shutting down",
		Fix:     "send it again when the server is back",
	}
}
