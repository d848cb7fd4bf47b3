package main

import (
	"syscall"
	"time"
)

// A sample is one measurement: so many operations, the time they took, and the
// processor time that this process spent on them.
type sample struct {
	ops  int
	wall time.Duration
	cpu  time.Duration
	p50  time.Duration // of the single operations, where they were timed
	p99  time.Duration
}

// middle is the median time of one operation, in microseconds.
func (s sample) middle() float64 { return float64(s.p50.Nanoseconds()) / 1000 }

// slow is the time of the hundredth slowest operation, in microseconds.
func (s sample) slow() float64 { return float64(s.p99.Nanoseconds()) / 1000 }

// rate is operations per second.
func (s sample) rate() float64 { return float64(s.ops) / s.wall.Seconds() }

// cost is processor time per operation, in microseconds.
func (s sample) cost() float64 { return float64(s.cpu.Microseconds()) / float64(s.ops) }

// measured does the work and measures it. Every database here is a library, so
// the processor time of this process is that of client and database together.
func measured(ops int, work func() error) (sample, error) {
	spent, began := cpuTime(), time.Now()
	err := work()
	return sample{ops: ops, wall: time.Since(began), cpu: cpuTime() - spent}, err
}

// cpuTime is the processor time that this process has used so far.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // it fails for a wrong argument only
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
