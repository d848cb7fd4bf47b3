package mcpclient

import "time"

// The rests of a server that keeps failing.
const (
	firstRest   = time.Second
	longestRest = time.Minute
)

// rest is how long a server is left alone after failures: a second, then twice
// as long each time, up to a minute.
type rest struct {
	failures int // in a row
	until    time.Time
}

// failed notes a failure. It costs no rest when there were fewer than so many
// before it.
func (r *rest) failed(free int) {
	if n := r.failures - free; n >= 0 {
		r.until = time.Now().Add(min(longestRest, firstRest<<min(n, 10)))
	}
	r.failures++
}

// left is how long the rest still takes.
func (r *rest) left() time.Duration { return max(0, time.Until(r.until)) }
