package pipeline

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Turn is what is next. Without a call to begin and without an end there is
// nothing to do until a call that is under way answers, or until a moment.
type Turn struct {
	Settled []ordinaut.StepResult // of steps that ended without a call: to be recorded
	Begin   []Call                // to be made now, beside each other
	Until   *time.Time            // when a step is tried again: to ask again then
	End     Ending                // nil is that the run goes on
}

// Ending is how a run ends: Done or Failed. No call is under way then.
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

func (Done) ending()   {}
func (Failed) ending() {}

// Call says: call this tool, and record what it answers.
type Call struct {
	Path           string // of the step
	Tool           string
	ReadOnly       bool // the tool changes nothing
	Args           json.RawMessage
	Timeout        time.Duration
	Attempt        int    // of the run, or of the step when it has a budget of its own
	IdempotencyKey string // the same over all attempts and resumes of this step
}

// Started is the record of a step that is about to be called.
func (c Call) Started(now time.Time) ordinaut.StepResult {
	return ordinaut.StepResult{
		Path: c.Path, Status: ordinaut.StepRunning, Attempt: c.Attempt, Tool: c.Tool,
		Input: c.Args, IdempotencyKey: c.IdempotencyKey, StartedAt: now,
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
