package rehearsal

import (
	"cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// failure is what the tool answers with.
func (m *mockedError) failure(address string) *tool.Failure {
	return &tool.Failure{Class: m.Class, Err: &ordinaut.Error{
		Code: cmp.Or(m.Code, codeOf(m.Class)), Message: cmp.Or(m.Message, address+" failed"), Fix: "the mock says so",
	}}
}

// doubtful is the failure of a call that was sent, and of which nothing was heard
// again.
func doubtful(address string) *tool.Failure {
	return tool.InDoubt(&tool.Failure{Class: ordinaut.ClassUnavailable, Err: &ordinaut.Error{
		Code: ordinaut.CodeToolUnavailable, Message: "nobody knows what became of the call of " + address, Fix: "the mock says so",
	}})
}

// codeOf is the code that failures of a class usually have.
func codeOf(c ordinaut.Class) ordinaut.Code {
	switch c {
	case ordinaut.ClassInvalidInput:
		return ordinaut.CodeToolInput
	case ordinaut.ClassInvalidOutput:
		return ordinaut.CodeToolOutput
	case ordinaut.ClassTimeout:
		return ordinaut.CodeToolTimeout
	case ordinaut.ClassUnavailable:
		return ordinaut.CodeToolUnavailable
	case ordinaut.ClassRateLimited:
		return ordinaut.CodeEgressTooMany
	case ordinaut.ClassDenied:
		return ordinaut.CodeEgressDenied
	case ordinaut.ClassCanceled:
		return ordinaut.CodeToolCanceled
	case ordinaut.ClassInternal:
		return ordinaut.CodeInternal
	}
	return ordinaut.CodeToolFailed
}
