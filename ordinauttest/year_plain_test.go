//go:build !race

package ordinauttest_test

const (
	tasksOfAYear = 200
	cancels      = 500
	approvals    = 400
	restarts     = 100
	hotTasks     = 200
	canceledRuns = 600
)
