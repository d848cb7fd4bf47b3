package spawn

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/ordinaut/ordinaut"
)

// cannot is the error about a program that cannot be started.
func cannot(message, fix string, cause error) *ordinaut.Error {
	return &ordinaut.Error{Code: ordinaut.CodeToolStart, Message: message, Fix: fix, Err: cause}
}

// about is cannot with the value of which it speaks.
func about(sent, message, fix string, cause error) *ordinaut.Error {
	e := cannot(message, fix, cause)
	e.Sent = sent
	return e
}

// errNoKeeper says that our binary was started as a keeper and became none, or
// was killed before it could say so.
var errNoKeeper = errors.New("no keeper: spawn.Main must be called first in main and in TestMain")

// startFault explains what the system said to a program that was found.
func startFault(program string, err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, errNoKeeper):
		return fmt.Errorf("start %s: %w", program, err)
	case errors.Is(err, fs.ErrNotExist):
		return about(program, program+" cannot run, as the interpreter that it names is not there", "install the interpreter that its first line names", err)
	case errors.Is(err, fs.ErrPermission):
		return about(program, program+" may not be executed", "make it and its interpreter executable, on a disk that allows programs", err)
	case errors.Is(err, syscall.ENOEXEC):
		return about(program, program+" is not a program of this system", "name a program for this system, or a script whose first line begins with #!", err)
	case errors.Is(err, syscall.E2BIG):
		return about(program, "the arguments and variables of "+program+" are longer than the system takes", "shorten args and env", err)
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOMEM), errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return about(program, "the system has no room for another process", "end other programs, or raise the limits of processes and open files", err)
	}
	return about(program, program+" cannot be started", "start it by hand to see what it says", err)
}

// ended is the error about a child that has ended otherwise than with status 0.
func ended(how string) error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeToolEnded,
		Message: "the program " + how,
		Fix:     "look at what it wrote to its standard error, or start it by hand",
	}
}

// unkillable is the error about a process that the system does not end.
func unkillable() error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeToolEnded,
		Message: "the program was killed, and the system has not ended it",
		Fix:     "see what it waits for inside the system, such as a disk that does not answer",
	}
}
