package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How the heap is collected. It is small, as the database's memory lies outside
// of it, and collecting it less often saves a tenth of the work; but it must not
// grow to five times what a few large answers of tools leave alive for a moment.
const (
	roomy     = 400       // per cent of what is alive that may be added while little is
	smallHeap = 112 << 20 // bytes up to which little is
)

// keepSmall sets how the heap is collected, as far as the environment does not.
func keepSmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(roomy)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		boundHeap()
	}
}

// boundHeap sets the bound of the heap after each collection: twice what is
// alive, so that a heap that really is large is not collected without end.
func boundHeap() {
	debug.SetMemoryLimit(max(smallHeap, 2*aliveBytes()))
	// Nothing else holds the mark, so that the next collection finds it.
	mark := new([16]byte)
	runtime.AddCleanup(mark, func(struct{}) { boundHeap() }, struct{}{})
}

// aliveBytes is what the last collection found alive.
func aliveBytes() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
