package realtest

import (
	"testing"
	"time"
)

// Patience is how long anything may take on a busy machine.
const Patience = time.Minute

// Await waits until something is so, and tells how long that took. It fails the
// test when that is longer than the limit.
func Await(t testing.TB, limit time.Duration, what string, so func() bool) (took time.Duration) {
	t.Helper()
	began, retry := time.Now(), time.NewTicker(5*time.Millisecond)
	defer retry.Stop()
	for !so() {
		if <-retry.C; time.Since(began) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
	return time.Since(began)
}
