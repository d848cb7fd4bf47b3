package tool

import (
	"context"
	"errors"

	"github.com/ordinaut/ordinaut"
)

// Failure is why a call failed, with the class that says what may be done about
// it.
type Failure struct {
	Class ordinaut.Class
	Doubt bool // the call was sent, and what it was to do may have been done
	Err   *ordinaut.Error
}

// Error tells the error without the class.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives the error.
func (f *Failure) Unwrap() error { return f.Err }

// Record is the failure as a run keeps it. Of a call that was not answered in time
// nobody knows what it has done.
func (f *Failure) Record(step string) ordinaut.Failure {
	return ordinaut.Failure{
		Class:   f.Class,
		Code:    f.Err.Code,
		Step:    step,
		At:      f.Err.At,
		Message: f.Err.Message,
		Fix:     f.Err.Fix,

		RetryAfter: f.Err.RetryAfter,
		Doubt:      f.Doubt || f.Class == ordinaut.ClassTimeout,
	}
}

// InDoubt is the failure of a call that was sent and not answered.
func InDoubt(err error) *Failure {
	f := *FailureOf(err)
	f.Doubt = true
	return &f
}

// FailureOf finds the failure in err, or sorts err into a class: an
// *ordinaut.Error by its code, the end of a context as timeout or unavailable,
// and everything else as internal.
func FailureOf(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*ordinaut.Error](err); ok {
		return &Failure{Class: classOf(e), Err: e}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Class: ordinaut.ClassTimeout, Err: &ordinaut.Error{
			Code:    ordinaut.CodeToolTimeout,
			Message: "the tool did not answer in time",
			Fix:     "give the step a larger timeout_seconds, or ask the tool for less",
			Err:     err,
		}}
	case errors.Is(err, context.Canceled):
		return &Failure{Class: ordinaut.ClassUnavailable, Err: &ordinaut.Error{
			Code:    ordinaut.CodeUnavailable,
			Message: "the tool broke the call off",
			Fix:     "try again",
			Err:     err,
		}}
	}
	return &Failure{Class: ordinaut.ClassInternal, Err: ordinaut.AsError(err)}
}

// classOf sorts an error by its code and kind.
func classOf(e *ordinaut.Error) ordinaut.Class {
	switch e.Code {
	case ordinaut.CodeToolFailed:
		return ordinaut.ClassToolError
	case ordinaut.CodeToolOutput, ordinaut.CodeOutputTooLarge, ordinaut.CodeToolFrame, ordinaut.CodeEgressTooLarge:
		return ordinaut.ClassInvalidOutput
	case ordinaut.CodeToolTimeout:
		return ordinaut.ClassTimeout
	case ordinaut.CodeToolCanceled:
		return ordinaut.ClassCanceled
	}
	switch e.Kind() {
	case ordinaut.KindInvalid, ordinaut.KindMalformed:
		return ordinaut.ClassInvalidInput
	case ordinaut.KindUnavailable:
		return ordinaut.ClassUnavailable
	case ordinaut.KindTooMany:
		return ordinaut.ClassRateLimited
	case ordinaut.KindDenied, ordinaut.KindUnauthorized:
		return ordinaut.ClassDenied
	case ordinaut.KindInternal:
		return ordinaut.ClassInternal
	}
	return ordinaut.ClassToolError
}
