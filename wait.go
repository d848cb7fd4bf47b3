package ordinaut

import (
	"context"
	"encoding/json"
	"time"
)

// Wait is what a step waits for. It holds no worker and no connection: a run in
// which no step can move is settled as waiting, and leaves the queue until one of
// its waits is answered, or is over.
type Wait struct {
	Kind   WaitKind        `json:"kind"`
	Key    string          `json:"key,omitempty"`   // of a run: its id; of an event: which one, as Lookout.Expr
	From   *time.Time      `json:"-"`               // of an event: since when it may have happened; nil is now. Not given back
	Until  *time.Time      `json:"until,omitempty"` // when it is over without an answer
	Then   json.RawMessage `json:"then,omitempty"`  // of an approval: the calls that follow, as they will be made
	Answer json.RawMessage `json:"answer,omitempty"`
}

// WaitKind says what a step waits for.
type WaitKind string

// The kinds of waits.
const (
	WaitApproval WaitKind = "approval" // somebody's decision
	WaitDoubt    WaitKind = "doubt"    // somebody's word on what became of a call
	WaitSleep    WaitKind = "sleep"    // a moment
	WaitRun      WaitKind = "run"      // the end of another run
	WaitEvent    WaitKind = "event"    // an event
)

// Waiting is a step that waits.
type Waiting struct {
	RunID  RunID
	TaskID TaskID
	Step   StepResult // with its Wait
}

// WaitFilter selects waits. Zero fields do not select.
type WaitFilter struct {
	Kinds     []WaitKind
	RunID     RunID
	TaskID    TaskID
	CreatedBy AgentID // of the task
	Open      bool    // only those without an answer
	Limit     int     // 0 is no limit
}

// Answer is given to a step that waits.
type Answer struct {
	RunID RunID
	Path  string
	Data  json.RawMessage
}

// Waits keeps what runs wait for.
type Waits interface {
	// Answer answers a wait, and lets its run go on: one that waits is due now, and
	// the worker of one that is under way is told. ErrNotFound when nothing waits
	// there or its time is over, so that who finds a wait over and then reads the
	// steps has every answer that was accepted; ErrAnswered when there is an answer
	// already.
	Answer(ctx context.Context, a Answer, c Change) error
	// Answered names the runs that the worker holds and of which a wait was answered
	// whose step still waits.
	Answered(ctx context.Context, worker string) ([]RunID, error)
	// ListWaits finds waits, those that have waited longest first.
	ListWaits(ctx context.Context, f WaitFilter) ([]Waiting, error)
	// Wake lets up to limit waiting runs go on of which a wait is over, and says
	// when the next one will be.
	Wake(ctx context.Context, limit int) (Woken, error)
}

// Woken says how many runs go on, and when there is something to wake again.
type Woken struct {
	Runs int
	Next *time.Time
}
