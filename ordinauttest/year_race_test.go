//go:build race

package ordinauttest_test

// These are fewer where the race detector makes everything slower; the whole
// numbers live without it.
const (
	tasksOfAYear = 10
	cancels      = 100
	approvals    = 80
	restarts     = 25
	hotTasks     = 50
	canceledRuns = 200
	triggering   = 200 // events that trigger tasks
	awaiting     = 30  // runs that wait for an event
)
