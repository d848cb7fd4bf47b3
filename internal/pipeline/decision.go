package pipeline

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Turn is what is next. Without a call to begin and without an end there is
// nothing to do until a call that is under way has answered, a wait has been, or
// a moment has come.
//
// Settled is to be recorded, with what begins or with the end. Among it are steps
// that wait from now on, whose wait may be answered as soon as it is recorded, and
// later the results that they have waited for.
//
// When nothing is under way and Waiting is set, the run may be put aside until the
// moment or an answer, and be resumed by whichever process is there: a wait goes
// on where it was, also over a moment that has passed meanwhile.
type Turn struct {
	Settled []ordinaut.StepResult // of steps that ended, or wait, without a call: to be recorded
	Begin   []Call                // to be made now, beside each other
	Until   *time.Time            // when a wait is over, or a step is tried again: to ask again then
	Waiting bool                  // some step waits for an answer or a moment
	End     Ending                // nil is that the run goes on
}

// Ending is how a run ends or is left: Done, Failed, Back or Undone. No call is
// under way then.
type Ending interface{ ending() }

// Done says: every step has its result.
type Done struct {
	Output json.RawMessage // of the run
}

// Failed says: the run cannot go on.
type Failed struct {
	Failure ordinaut.Failure
	Spent   bool // the step was tried again as often as it may be
}

// Back says: somebody wants steps to be done again. Their results, with those that
// were settled with this turn, are to be put aside in one write; then the run goes
// on with what is left.
type Back struct {
	Paths []string // of the steps; the items of a foreach go with it
}

// Undone says: what was to be undone is undone, or cannot be.
type Undone struct {
	Ending ordinaut.Ending // of the run, which also tells what could not be undone
}

func (Done) ending()   {}
func (Failed) ending() {}
func (Back) ending()   {}
func (Undone) ending() {}

// Call says: call this tool, and record what it answers.
type Call struct {
	Path           string // of the step
	Tool           string
	ReadOnly       bool // the tool changes nothing
	Args           json.RawMessage
	Timeout        time.Duration
	Attempt        int    // of the run, or of the step when it has a budget of its own
	IdempotencyKey string // the same over all attempts and resumes of this step
	Undoable       bool   // the step has something to undo when the call succeeds
}

// Started is the record of a step that is about to be called.
func (c Call) Started(now time.Time) ordinaut.StepResult {
	return ordinaut.StepResult{
		Path: c.Path, Status: ordinaut.StepRunning, Attempt: c.Attempt, Tool: c.Tool,
		Input: c.Args, IdempotencyKey: c.IdempotencyKey, StartedAt: now, Undoable: c.Undoable,
	}
}

// Again says whether a run is tried again after its failure, counted from 1, and
// after which wait: at least the one that whoever refused has asked for. random
// is in [0, 1).
func Again(d ordinaut.Definition, failures int, f ordinaut.Failure, random float64) (time.Duration, bool) {
	if failures > d.MaxRetries || !f.Class.Retryable() {
		return 0, false
	}
	return max(d.RetryDelay(failures, random), min(f.RetryAfter, limits.RetryAfter)), true
}
