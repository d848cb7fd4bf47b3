package pipeline

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Decision is what is next: one of Call, Skip, Done and Failed.
type Decision interface{ decision() }

// Call says: call this tool, and record what it answers.
type Call struct {
	Path           string // of the step
	Tool           string
	ReadOnly       bool // the tool changes nothing
	Args           json.RawMessage
	Timeout        time.Duration
	IdempotencyKey string // the same over all attempts and resumes of this step
}

// Skip says: the step's condition does not hold.
type Skip struct {
	Path string
	Tool string
}

// Done says: every step has its result.
type Done struct {
	Output json.RawMessage // of the run
}

// Failed says: the run cannot go on.
type Failed struct {
	Failure ordinaut.Failure
}

func (Call) decision()   {}
func (Skip) decision()   {}
func (Done) decision()   {}
func (Failed) decision() {}

// Started is the record of a step that is about to be called.
func (c Call) Started(attempt int, now time.Time) ordinaut.StepResult {
	return ordinaut.StepResult{
		Path: c.Path, Status: ordinaut.StepRunning, Attempt: attempt, Tool: c.Tool,
		Input: c.Args, IdempotencyKey: c.IdempotencyKey, StartedAt: now,
	}
}

// Result is the record of a step that was skipped.
func (s Skip) Result(attempt int, now time.Time) ordinaut.StepResult {
	return ordinaut.StepResult{
		Path: s.Path, Status: ordinaut.StepSkipped, Attempt: attempt, Tool: s.Tool,
		StartedAt: now, FinishedAt: &now,
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
