package ordinaut

import (
	"context"
	"time"
)

// Probe is how the condition of a task stands: what was seen when its probe was
// made last, and when it is made next.
type Probe struct {
	TaskID   TaskID
	Version  int        // of the task, when it was looked at; 0 is never
	Basis    string     // what was looked at, and how; another is looked at anew
	Holds    bool       // the condition was true
	Since    *time.Time // since it is what it is, as far as anybody has looked
	LookedAt *time.Time // when somebody looked last
	NextAt   time.Time  // when somebody looks next
	Failures int        // looks that have failed, one after the other
	Failure  *Failure   // of the last; nil when it did not fail
}

// ProbeClaim is probes that the caller is to make.
type ProbeClaim struct {
	Now    time.Time // the store's clock
	Probes []ClaimedProbe
	Next   *time.Time // when the earliest of the others is to be made
}

// ClaimedProbe is a probe that the caller is to make, and no other.
type ClaimedProbe struct {
	Probe
	Task  Task
	Fence int64
}

// Look is what became of a probe that was made.
type Look struct {
	Probe            // as it stands from now on
	Fence int64      // of the claim
	Run   *Triggered // what the task makes of it that the condition has come true; nil is nothing
}

// Probes keeps how conditions stand.
type Probes interface {
	// ClaimProbes gives up to n probes of active tasks to be made, each to one caller
	// until its lease is over: those that are due, those never made, and those whose
	// task was changed since.
	ClaimProbes(ctx context.Context, n int, lease time.Duration) (ProbeClaim, error)
	// SettleProbe writes down what became of a probe; false when its lease was given
	// to another, or when its task was changed or is not active: then nothing is
	// written, and somebody looks anew. With a run, that is made in the same
	// transaction, so that a condition that has come true makes one, whoever dies
	// when. Overlap and dedupe of the task are heeded, as they are with events.
	SettleProbe(ctx context.Context, l Look) (bool, error)
	// Probe is how the condition of a task stands; ErrNotFound when nobody has
	// looked.
	Probe(ctx context.Context, id TaskID) (Probe, error)
}
