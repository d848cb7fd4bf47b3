//go:build race

package ordinauttest_test

// tasksOfAYear is fewer where the race detector makes everything slower; the
// whole number lives without it.
const tasksOfAYear = 40
