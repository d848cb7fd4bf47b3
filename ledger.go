package ordinaut

import "time"

// Reason says why something did not happen, or why a run ended as it did.
type Reason string

// The reasons of gaps in the ledger, and of runs that were withdrawn.
const (
	ReasonMissed          Reason = "missed"           // catch-up: nothing was running, or it is too old
	ReasonOverlap         Reason = "overlap"          // an earlier run of the task was unfinished
	ReasonPaused          Reason = "paused"           // the task was paused
	ReasonScheduleChanged Reason = "schedule_changed" // the schedule was edited before it ran
	ReasonCanceled        Reason = "canceled"         // the task, or the run itself, was canceled
	ReasonDSTGap          Reason = "dst_gap"          // the wall-clock time does not exist, and the policy is skip
	ReasonLimit           Reason = "limit"            // beyond the cap of catch-up, or of runs that are buffered
	ReasonDuplicate       Reason = "duplicate"        // a run with its dedupe key was made shortly before
	ReasonConcurrency     Reason = "concurrency"      // it waits for a slot of its concurrency key
	ReasonSuperseded      Reason = "superseded"       // a later run of the task took its place
	ReasonSnoozed         Reason = "snoozed"          // an earlier one was put off until after it
	ReasonQuarantined     Reason = "quarantined"      // its process died too often in the middle of its calls
	ReasonOwnEvent        Reason = "own_event"        // a run of the task itself has told the event
	ReasonTooDeep         Reason = "too_deep"         // runs trigger runs in a long chain
)

// Gap is a range of nominal times of one task that did not run, and why.
type Gap struct {
	TaskID TaskID
	First  time.Time
	Last   time.Time
	Count  int  // how many nominal times lie in it
	More   bool // there are more than Count: counting stopped at the limit
	Reason Reason
}

// Entry is one line of the ledger, in which every nominal time of a task has
// exactly one outcome: a run, or a gap that says why not.
type Entry struct {
	At     time.Time // the nominal time, or the first one of the gap
	RunID  RunID     // the run, when there is one
	Status RunStatus // where the run stands; "" when it is no longer kept
	Reason Reason    // why the run was withdrawn
	Gap    *Gap      // the gap, when there is none
}
