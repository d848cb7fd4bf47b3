package mcpclient

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// mostMessage of what a tool or server says stands in an error.
const mostMessage = 2 << 10

// explain turns an error of the SDK into the failure that it is.
func (s *session) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if unreached, ok := errors.AsType[*url.Error](err); ok {
		return s.unreachable(unreached)
	}
	if refused, ok := errors.AsType[*jsonrpc.Error](err); ok {
		return refusal(s.name, refused)
	}
	if fault := s.whySoon(ctx); fault != nil {
		return s.failure(fault)
	}
	fault := endedFault(s.name, s.link.epitaph())
	fault.Message = fmt.Sprintf("the server %s gave no answer that can be used: %s", s.name, err)
	return &tool.Failure{Class: ordinaut.ClassUnavailable, Doubt: true, Err: fault}
}

// whySoon is why the session is over. Of a process that is known only a moment
// after its calls have failed.
func (s *session) whySoon(ctx context.Context) error {
	if s.link.ended != nil {
		select {
		case <-s.broken:
		case <-time.After(lastWords + lastWords/2):
		case <-ctx.Done():
		}
	}
	return s.why()
}

// failure gives the fault of the session its class for a call. A message that is
// too large will be so again, but only the call that asked for it is to blame,
// and among several nobody knows which that was, nor what they have done.
func (s *session) failure(fault error) error {
	e := ordinaut.AsError(fault)
	switch {
	case errors.Is(fault, errSessionGone):
		return fault
	case errors.Is(fault, errClosing):
		e = endedFault(s.name, errClosing.Error())
	case e.Code == ordinaut.CodeToolFrame && s.used == 1:
		return &tool.Failure{Class: ordinaut.ClassInvalidOutput, Err: e}
	}
	return &tool.Failure{Class: ordinaut.ClassUnavailable, Doubt: true, Err: e}
}

// refusal is an error that the server answered with.
func refusal(server string, e *jsonrpc.Error) *tool.Failure {
	said := cut(strings.TrimSpace(e.Message), mostMessage)
	if e.Code == jsonrpc.CodeInvalidParams {
		return &tool.Failure{Class: ordinaut.ClassInvalidInput, Err: &ordinaut.Error{
			Code:    ordinaut.CodeToolInput,
			Message: fmt.Sprintf("the server %s does not accept the call: %s", server, said),
			Fix:     "mend the arguments as it says",
		}}
	}
	return &tool.Failure{Class: ordinaut.ClassToolError, Err: &ordinaut.Error{
		Code:    ordinaut.CodeToolFailed,
		Message: fmt.Sprintf("the server %s answered with error %d: %s", server, e.Code, said),
		Fix:     "mend what it says; when it is a fault of the server, tell whoever makes it",
	}}
}

// startFault is the error about a server that did not start. What the cause says
// about itself stands in it.
func startFault(server, why, epitaph string, cause error) *ordinaut.Error {
	e := &ordinaut.Error{
		Code:    ordinaut.CodeToolStart,
		Message: fmt.Sprintf("the server %s did not start: %s", server, withWords(why, epitaph)),
		Fix:     "check its command, arguments and variables in the catalog file, or its url and headers",
		Err:     cause,
	}
	if known, ok := errors.AsType[*ordinaut.Error](cause); ok {
		e.Message = fmt.Sprintf("the server %s did not start: %s", server, withWords(known.Message, epitaph))
		e.Fix, e.Sent, e.Examples = known.Fix, known.Sent, known.Examples
	}
	return e
}

// endedFault is the error about a server that ended in the middle of calls.
func endedFault(server, epitaph string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeToolEnded,
		Message: withWords("the server "+server+" ended before it answered", epitaph),
		Fix:     "try again; if it happens again, look for the reason in what it said last",
	}
}

// restingFault is the error about a server that is left alone for a while.
func restingFault(server string, left time.Duration, last error) *ordinaut.Error {
	seconds := math.Ceil(left.Seconds())
	e := &ordinaut.Error{
		Code:       ordinaut.CodeToolResting,
		Message:    fmt.Sprintf("the server %s keeps failing and rests for %g more seconds", server, seconds),
		Fix:        "mend why it fails, or wait",
		RetryAfter: left,
	}
	if last != nil {
		e.Message += "; the last time, " + ordinaut.AsError(last).Message
	}
	return e
}

// withWords appends the last words of a server to a sentence, in one line.
func withWords(sentence, words string) string {
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return r == '\n' || r == '\r' }), " | ")
	if words == "" {
		return sentence
	}
	return sentence + ": " + words
}

// named completes a fault whose message is a predicate with the server.
func named(server string, err error) *ordinaut.Error {
	e, ok := errors.AsType[*ordinaut.Error](err)
	if !ok {
		return endedFault(server, err.Error())
	}
	full := *e
	full.Message = "the server " + server + " " + e.Message
	return &full
}
