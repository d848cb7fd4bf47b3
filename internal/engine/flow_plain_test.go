//go:build !race

package engine_test

// everyWrite is at which of its writes a process dies: at each.
const everyWrite = 1

// disturbances is how often runs are disturbed.
func disturbances() []int { return []int{6, 24} }
