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

// Outcome is what a worker says of a run it held: it ended, it is to be taken up
// again, or it waits.
type Outcome struct {
	Status  RunStatus // succeeded, failed, canceled; queued: again at RunAt; waiting: until RunAt, if it is set, or an answer
	Reason  Reason
	RunAt   time.Time
	Ending  *Ending  // of queued: the steps are undone first, and then the run ends so
	Redo    []string // of queued: the steps whose results are put aside, to be done again
	Failed  bool     // counts as a failure
	Failure *Failure
	Output  json.RawMessage
	Steps   []StepResult // results not yet saved
	Worked  time.Duration
}
