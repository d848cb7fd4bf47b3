//go:build !race

package ordinauttest_test

const (
	tasksOfAYear = 200
	cancels      = 500
	approvals    = 400
	restarts     = 100
	hotTasks     = 200
	canceledRuns = 600
	triggering   = 1000 // events that trigger tasks
	awaiting     = 100  // runs that wait for an event
)
