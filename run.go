package ordinaut

import (
	"encoding/json"
	"time"
)

// RunID names a run; a UUIDv7.
type RunID string

// Trigger says why a run exists.
type Trigger string

// The triggers.
const (
	TriggerSchedule  Trigger = "schedule"
	TriggerManual    Trigger = "manual"
	TriggerRerun     Trigger = "rerun"     // somebody asked for an earlier run again
	TriggerRun       Trigger = "run"       // a step of another run asked for it
	TriggerEvent     Trigger = "event"     // an event that its schedule waits for
	TriggerCondition Trigger = "condition" // what its schedule waits for has come true
)

// RunStatus is where a run stands.
type RunStatus string

// The states of a run. A parked run waits outside the queue until the runs
// before it have ended.
const (
	RunQueued    RunStatus = "queued"
	RunParked    RunStatus = "parked"
	RunRunning   RunStatus = "running"
	RunWaiting   RunStatus = "waiting" // for an answer or a moment; no worker holds it
	RunSucceeded RunStatus = "succeeded"
	RunFailed    RunStatus = "failed"
	RunCanceled  RunStatus = "canceled"
)

// Final says whether nothing follows the state.
func (s RunStatus) Final() bool {
	return s == RunSucceeded || s == RunFailed || s == RunCanceled
}

// Run is one occurrence of a task being carried out.
type Run struct {
	ID           RunID
	TaskID       TaskID
	TaskVersion  int // bound at the first claim
	Trigger      Trigger
	Nominal      *time.Time // the nominal time; nil when somebody asked for the run
	ScheduledFor time.Time  // the nominal time with its jitter
	EnqueuedAt   time.Time
	ClaimedAt    *time.Time
	StartedAt    *time.Time
	FinishedAt   *time.Time
	Status       RunStatus
	Reason       Reason
	Cancel       Reason // why its worker is asked to end it; "" when nobody asked
	Failures     int
	Priority     int
	Worker       string
	Now          *time.Time // what ${now} is, fixed at the first start
	Worked       time.Duration
	Params       json.RawMessage // laid over the task's params
	Output       json.RawMessage
	Failure      *Failure
	PlanRev      int64
	Ending       *Ending         // set while its steps are undone
	Crashes      int             // how often it was cut off in the middle of a call, one after the other
	RerunOf      RunID           // the run that this one repeats
	Parent       RunID           // the run whose step asked for this one
	ParentStep   string          // the path of that step
	Depth        int             // how many runs are above it: those that asked, or whose events triggered
	Event        json.RawMessage // what ${event} is; of a batch a list
}

// Ending is what becomes of a run when its steps are undone.
type Ending struct {
	Status  RunStatus `json:"status"` // failed or canceled
	Reason  Reason    `json:"reason,omitempty"`
	Failure *Failure  `json:"failure,omitempty"`
}

// Attempt is what users see: which try of the run this is, or was when it ended.
func (r Run) Attempt() int {
	if r.Status == RunFailed {
		return max(r.Failures, 1) // the last failure was the end, not a reason to try again
	}
	return r.Failures + 1
}

// Success is nil until the run has ended.
func (r Run) Success() *bool {
	if !r.Status.Final() {
		return nil
	}
	ok := r.Status == RunSucceeded
	return &ok
}

// StepStatus is where a step of a run stands.
type StepStatus string

// The states of a step.
const (
	StepRunning   StepStatus = "running"
	StepSucceeded StepStatus = "succeeded"
	StepFailed    StepStatus = "failed"
	StepSkipped   StepStatus = "skipped"
	StepWaiting   StepStatus = "waiting"
)

// StepResult is what a step did. A succeeded or skipped one is never computed
// again for its run. Neither is a failed one that the pipeline goes on from;
// whatever stands for its result is then its output.
type StepResult struct {
	Path           string // the step's id, below its item as in loop[3].draft
	Status         StepStatus
	Attempt        int // of the run, or of the step when it has a budget of its own
	Tool           string
	Input          json.RawMessage // as rendered
	Output         json.RawMessage
	Failure        *Failure
	IdempotencyKey string
	StartedAt      time.Time
	FinishedAt     *time.Time
	Wait           *Wait // what it waits for, or has waited for
	Undoable       bool  // it has something to undo when it has succeeded

	Log      []LogLine  // what its tool said since the last write; saved before the step, and not given back
	Artifact ArtifactID // that its output refers to; not given back
}

// Done says whether the step's outcome stands.
func (s StepResult) Done() bool { return s.Status == StepSucceeded || s.Status == StepSkipped }
