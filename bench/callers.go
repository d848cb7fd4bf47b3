package main

import (
	"sync"
	"sync/atomic"
)

// byCallers does the work n times, by so many callers at once, and answers the
// first error, after which nobody begins anew.
func byCallers(callers, n int, do func(i int) error) error {
	var wait sync.WaitGroup
	var next atomic.Int64
	var once sync.Once
	var failed error
	for range callers {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if err := do(int(i)); err != nil {
					once.Do(func() { failed = err })
					next.Store(int64(n))
				}
			}
		})
	}
	wait.Wait()
	return failed
}
