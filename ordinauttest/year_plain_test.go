//go:build !race

package ordinauttest_test

const tasksOfAYear = 200
