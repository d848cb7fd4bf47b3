package cli

import "github.com/ordinaut/ordinaut"

// The exit codes. They never change their meaning.
const (
	ExitOK           = 0
	ExitFailed       = 1
	ExitUsage        = 2
	ExitNotFound     = 3
	ExitConflict     = 4
	ExitUnauthorized = 5
	ExitUnreachable  = 6
	ExitInvalid      = 7
	ExitRunFailed    = 8
	ExitTimedOut     = 9
	ExitInterrupted  = 130
)

// exitOf is the exit code of an error: that of its kind, but for what only a
// command line can meet.
func exitOf(e *ordinaut.Error) int {
	switch e.Code {
	case ordinaut.CodeCommandUsage:
		return ExitUsage
	case ordinaut.CodeCommandServer:
		return ExitUnreachable
	case ordinaut.CodeCommandRunFailed:
		return ExitRunFailed
	case ordinaut.CodeCommandTimeout:
		return ExitTimedOut
	case ordinaut.CodeCommandDiffers, ordinaut.CodeRehearsalFailed:
		return ExitFailed
	}
	switch e.Kind() {
	case ordinaut.KindNotFound:
		return ExitNotFound
	case ordinaut.KindConflict:
		return ExitConflict
	case ordinaut.KindUnauthorized, ordinaut.KindDenied:
		return ExitUnauthorized
	case ordinaut.KindMalformed, ordinaut.KindInvalid:
		return ExitInvalid
	default:
		return ExitFailed
	}
}

// exitCodes is what help says about them.
const exitCodes = `  0  ok                     5  not authorised
  1  failed                 6  the server is out of reach
  2  wrong usage            7  invalid input
  3  not found              8  the awaited run failed
  4  conflict               9  timed out
                          130  interrupted`
