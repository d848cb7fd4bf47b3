//go:build race

package engine_test

// everyWrite is at which of its writes a process dies: at a few, where the race
// detector makes everything slower.
const everyWrite = 29

// disturbances is how often runs are disturbed.
func disturbances() []int { return []int{8} }
