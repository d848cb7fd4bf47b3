//go:build !race

package ordinauttest_test

const (
	tasksOfAYear = 200
	hotTasks     = 200
	canceledRuns = 600
)
