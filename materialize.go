package ordinaut

import "time"

// DueTask is a task whose next fire is due, with what is needed to decide what
// becomes of it.
type DueTask struct {
	Task       Task
	Unfinished int // its runs that have not ended
	Parked     int // of them, those that wait outside the queue
}

// Due is the answer to a scheduler that asked what is due.
type Due struct {
	Now   time.Time // the store's clock, on which decisions are made
	Tasks []DueTask
	Next  *time.Time // when the earliest task that is not yet due will be
}

// Materialization is what was decided for one task at one moment. The store
// makes it all at once, or nothing of it when the task's cursor or plan has
// moved meanwhile.
type Materialization struct {
	TaskID  TaskID
	Cursor  time.Time // as it was when the decision was made
	PlanRev int64     // as it was when the decision was made

	Advance   time.Time  // the new cursor: every nominal time up to it has its outcome
	NextFire  *time.Time // when to look again; nil is never
	Complete  bool       // the task has no further occurrence
	Awake     bool       // its snooze is over
	Supersede bool       // its runs that have not ended are canceled, to make way for the new one
	Runs      []PlannedRun
	Gaps      []Gap
}

// PlannedRun is a run that is to be made for an occurrence.
type PlannedRun struct {
	ID           RunID
	Nominal      time.Time
	ScheduledFor time.Time
	Parked       bool // released when the runs before it have ended
}
