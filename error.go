package ordinaut

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind sorts errors by who can do what about them. Each face has one table
// that turns a Kind into its own words: an HTTP status, an exit code.
type Kind string

// The kinds of error.
const (
	KindMalformed    Kind = "malformed"    // the bytes are not what was agreed: not JSON, too large (400)
	KindInvalid      Kind = "invalid"      // well-formed, but it cannot be accepted (422)
	KindUnauthorized Kind = "unauthorized" // who asks is unknown (401)
	KindDenied       Kind = "denied"       // who asks is known and may not (403)
	KindNotFound     Kind = "not_found"    // it does not exist, or not for the caller (404)
	KindConflict     Kind = "conflict"     // it collides with what is there (409)
	KindTooMany      Kind = "too_many"     // a limit of rate or amount is reached (429)
	KindUnavailable  Kind = "unavailable"  // not now; the same call may work later (503)
	KindInternal     Kind = "internal"     // our fault (500)
)

// Error is the one error that users meet, on every face. It says what is
// wrong, where, what was sent, and how to mend it, in words that a person and a
// language model can act on. It never carries SQL, paths or stacks: those stay
// in Err, which is logged and not shown.
type Error struct {
	Code       Code          // stable and documented, such as "schedule.invalid_rrule"
	At         string        // JSON Pointer (RFC 6901) into what was sent; "" is the whole
	Sent       any           // the value found there, when showing it helps
	Message    string        // what is wrong, one sentence without a full stop
	Fix        string        // what to do about it
	Examples   []string      // values that would have been accepted
	RetryAfter time.Duration // wait this long before the same call again
	Faults     []*Error      // every fault found, when there is more than one
	Err        error         // the cause, for the log only
}

// Error tells the fault with its place and mend, for logs and terminals.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if e.At != "" {
		s += " (at " + e.At + ")"
	}
	if e.Fix != "" {
		s += "; " + e.Fix
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Kind is the kind of the error's code.
func (e *Error) Kind() Kind { return e.Code.Kind() }

// Retryable says whether the same call may succeed later, unchanged.
func (e *Error) Retryable() bool {
	k := e.Kind()
	return k == KindUnavailable || k == KindTooMany
}

// Is reports whether target carries the same code, so that errors.Is works with
// an Error that holds nothing but a Code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// PointerToken is a name as it stands in a JSON Pointer (RFC 6901).
func PointerToken(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// Under returns the error with its places moved below prefix, a JSON Pointer.
// A room that checks a part reports places in that part; its caller knows where
// the part lies in the whole.
func (e *Error) Under(prefix string) *Error {
	moved := *e
	moved.At = prefix + e.At
	moved.Faults = make([]*Error, len(e.Faults))
	for i, f := range e.Faults {
		moved.Faults[i] = f.Under(prefix)
	}
	return &moved
}

// Moved returns the error with its place at the pointer, for a caller that was
// sent the value under another name.
func (e *Error) Moved(at string) *Error {
	moved := *e
	moved.At = at
	return &moved
}

// All lists the single faults of the error: its Faults, or itself.
func (e *Error) All() []*Error {
	if len(e.Faults) == 0 {
		return []*Error{e}
	}
	return e.Faults
}

// Errors gathers the faults of a check, so that all of them are told at once.
// The zero value is ready to use.
type Errors []*Error

// Add notes one fault. An err that is not an *Error is noted as internal, and
// nil is ignored.
func (es *Errors) Add(err error) {
	if err == nil {
		return
	}
	*es = append(*es, AsError(err).All()...)
}

// Err is nil when nothing was noted, the fault itself when it is the only one,
// and otherwise one error that holds them all.
func (es Errors) Err() error {
	switch len(es) {
	case 0:
		return nil
	case 1:
		return es[0]
	}
	return &Error{
		Code:    CodeRequestInvalid,
		Message: fmt.Sprintf("%d things have to be mended", len(es)),
		Fix:     "mend every fault in errors, then send it again",
		Faults:  es,
	}
}

// AsError finds the *Error in err, or makes an internal one of it whose text
// shows nothing of the cause.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{
		Code:    CodeInternal,
		Message: "something went wrong inside Ordinaut",
		Fix:     "try again; if it happens again, look up the request id in the server's log",
		Err:     err,
	}
}

// The errors that a store answers with and that callers act on. They are
// ordinary outcomes, not faults.
var (
	ErrNotFound  = errors.New("not found")
	ErrLeaseLost = errors.New("the lease is lost")
	ErrTaskMoved = errors.New("the task has changed meanwhile")
	ErrKeyTaken  = errors.New("the key is taken")
	ErrRunEnded  = errors.New("the run has ended")
	ErrDuplicate = errors.New("a run with its dedupe key was made shortly before")
	ErrAnswered  = errors.New("the wait has its answer already")
	ErrRunMade   = errors.New("the step has made its run already")
	ErrTaskLimit = errors.New("the agent has as many tasks as it may have")
	ErrHeld      = errors.New("another process has it")
	ErrTaken     = errors.New("the name is taken")
	ErrMoved     = errors.New("it has changed meanwhile")
	ErrNotEmpty  = errors.New("there is something in it already")
)
