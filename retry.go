package ordinaut

import (
	"math"
	"time"
)

// Backoff names how the wait between retries grows.
type Backoff string

// The backoff strategies.
const (
	BackoffExponentialJitter Backoff = "exponential_jitter"
	BackoffExponential       Backoff = "exponential"
	BackoffLinear            Backoff = "linear"
	BackoffFixed             Backoff = "fixed"
)

// RetryDelay is the wait after the n-th failure, counted from 1. random is in
// [0, 1) and only exponential_jitter uses it, to keep runs that failed together
// from coming back together: the wait is then uniform in the upper half of its
// exponential value.
func (d Definition) RetryDelay(n int, random float64) time.Duration {
	base, longest := d.BackoffBaseSeconds, d.BackoffMaxSeconds
	var seconds float64
	switch d.BackoffStrategy {
	case BackoffFixed:
		seconds = base
	case BackoffLinear:
		seconds = base * float64(n)
	default:
		seconds = base * math.Pow(2, float64(n-1))
	}
	seconds = min(seconds, longest)
	if d.BackoffStrategy == BackoffExponentialJitter {
		seconds *= 0.5 + random/2
	}
	return time.Duration(seconds * float64(time.Second))
}
