package ordinaut

import "context"

// Cancels ends runs before their time.
type Cancels interface {
	// CancelRun ends a run for the reason, and releases what was parked behind it.
	// One that no worker holds has ended when this returns. Of one that is at work
	// the worker is asked, and the request stays: the run ends as its worker says,
	// but is never tried again, nor taken up by another when its lease is lost. One
	// that has done something that can be undone is queued for that, with its Ending.
	// ErrNotFound when there is no such run, ErrRunEnded when it has ended, or is
	// being undone.
	CancelRun(ctx context.Context, id RunID, why Reason, c Change) error
	// Canceling names the runs that the worker holds and is asked to end.
	Canceling(ctx context.Context, worker string) ([]RunID, error)
}
