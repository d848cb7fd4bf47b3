package ordinaut

import (
	"encoding/json"
	"time"
)

// Lease is the right to act on a run until a moment. The fence only grows, and
// every write on behalf of the lease carries it: a worker that lost its lease,
// however long it slept, can change nothing any more.
type Lease struct {
	RunID  RunID
	Fence  int64
	Worker string
}

// Claimed is a run that the worker now holds.
type Claimed struct {
	Lease Lease
	Run   Run
}

// Claim is the answer to a worker that asked for runs.
type Claim struct {
	Now  time.Time // the store's clock, on which decisions are made
	Runs []Claimed
	Next *time.Time // when the earliest run that is not yet due will be
}

// Outcome is what a worker says of a run it held: it ended, or it is to be
// tried again.
type Outcome struct {
	Status  RunStatus // succeeded, failed, canceled; or queued: again at RunAt
	Reason  Reason
	RunAt   time.Time
	Failed  bool // counts as a failure
	Failure *Failure
	Output  json.RawMessage
	Steps   []StepResult // results not yet saved
	Worked  time.Duration
}
