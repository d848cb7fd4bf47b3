//go:build race

package engine_test

import "time"

// frostsOfWinter is fewer where the race detector makes everything slower; the
// whole number comes without it.
const frostsOfWinter = 5

// flawsShowWith see frozen_plain_test.go; with the deaf one they show soonest.
func flawsShowWith() []time.Duration { return []time.Duration{deaf} }
