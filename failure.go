package ordinaut

import (
	"strings"
	"time"
)

// Failure is why a step or a run failed, as it is recorded.
type Failure struct {
	Class   Class  `json:"class" doc:"What may be done about it."`
	Code    Code   `json:"code" doc:"The stable code of the error."`
	Step    string `json:"step,omitempty" required:"false" doc:"The step that failed."`
	At      string `json:"at,omitempty" required:"false" doc:"JSON Pointer into what the step was given."`
	Message string `json:"message" doc:"What went wrong."`
	Fix     string `json:"fix,omitempty" required:"false" doc:"What to do about it."`

	// What is decided upon at once, and not recorded.
	RetryAfter time.Duration `json:"-"` // whoever refused asked for this wait
	Doubt      bool          `json:"-"` // what the call was to do may have been done all the same
}

// NewFailure is the record of an error, with all its faults in one message.
func NewFailure(class Class, err error) Failure {
	all := AsError(err).All()
	f := Failure{Class: class, Code: all[0].Code, At: all[0].At, Message: all[0].Message, Fix: all[0].Fix}
	if len(all) == 1 {
		return f
	}
	messages := make([]string, 0, len(all))
	for _, e := range all {
		messages = append(messages, strings.TrimPrefix(e.At+": "+e.Message, ": "))
	}
	f.At, f.Message = "", strings.Join(messages, "; ")
	return f
}

// Class sorts failures by what may be done about them.
type Class string

// The classes of failure.
const (
	ClassInvalidInput  Class = "invalid_input"
	ClassInvalidOutput Class = "invalid_output"
	ClassToolError     Class = "tool_error" // the tool said no
	ClassTimeout       Class = "timeout"
	ClassUnavailable   Class = "unavailable"
	ClassRateLimited   Class = "rate_limited" // asked too often
	ClassDenied        Class = "denied"       // it is not allowed
	ClassCanceled      Class = "canceled"
	ClassInternal      Class = "internal"
)

// Retryable says whether the same call may succeed later without anybody's
// help.
func (c Class) Retryable() bool {
	switch c {
	case ClassTimeout, ClassUnavailable, ClassRateLimited, ClassToolError, ClassInternal:
		return true
	}
	return false
}
