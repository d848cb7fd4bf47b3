package ordinaut

import "time"

// RunStats is what became of runs. Those that are not counted as ended are still
// to end.
type RunStats struct {
	Runs      int
	More      bool // there may be older ones that were not looked at
	Tasks     int  // whose runs they are
	Succeeded int
	Failed    int
	Canceled  int

	Average time.Duration // from the first start to the end

	LastRun     *time.Time // when the newest of them was made
	LastSuccess *time.Time // when the newest that succeeded was made
	LastFailure *time.Time // when the newest that failed was made
}

// Backlog is what waits in the queue and what is under way.
type Backlog struct {
	Now     time.Time // the store's clock
	Due     int       // queued, and due
	Later   int       // queued for a time to come
	Parked  int
	Running int
	Waiting int        // for an answer or a moment
	Oldest  *time.Time // since when the one that waits longest has been due
}
