package ordinaut

import (
	"context"
	"time"
)

// Rerun is a run that repeats one that has ended.
type Rerun struct {
	Run  Run      // its RerunOf is repeated
	Keep []string // the steps whose results it begins with, by their paths
}

// DeadLetter is a run that failed and that nobody has dealt with.
type DeadLetter struct {
	RunID      RunID
	TaskID     TaskID
	Failure    Failure
	FinishedAt time.Time
}

// DeadLetterFilter selects dead letters. Zero fields do not select.
type DeadLetterFilter struct {
	TaskID    TaskID
	CreatedBy AgentID // of the task
	Limit     int     // 0 is no limit
}

// Reruns repeats runs, and keeps which failures nobody has dealt with.
type Reruns interface {
	// Rerun queues a run that repeats another, with the results of some of its
	// steps. The dedupe key of its task does not hold it back, and counts for the
	// runs after it. ErrNotFound when there is no such task, or a result is gone.
	Rerun(ctx context.Context, r Rerun, c Change) error
	// RerunsOf lists the runs that repeat a run, newest first. A limit of 0 is none.
	RerunsOf(ctx context.Context, id RunID, limit int) ([]Run, error)
	// DeadLetters lists the failed runs that nobody has dealt with, newest first.
	// Somebody has when it was dismissed, or when a rerun of it was made, unless
	// that was canceled. A rerun that fails is a dead letter itself.
	DeadLetters(ctx context.Context, f DeadLetterFilter) ([]DeadLetter, error)
	// Dismiss notes that somebody has dealt with failed runs, and names those that
	// were dead letters until then.
	Dismiss(ctx context.Context, runs []RunID, c Change) ([]RunID, error)
}
