//go:build !race

package engine_test

import "time"

const frostsOfWinter = 40

// flawsShowWith are the margins with which a store without the fence is looked for.
func flawsShowWith() []time.Duration { return []time.Duration{margin, deaf} }
