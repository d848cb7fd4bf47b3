package expr

import (
	"slices"
	"time"
)

// Env is what an expression may read.
type Env struct {
	Roots map[string]any // the value of each root, such as params and steps
	Now   time.Time      // the fixed time of the run, read as the root now; the zero time is no such root
	Zone  *time.Location // where days are counted and times are shown; nil is UTC
	RunID string         // the run for which uuid() makes names
}

func (e *Env) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

// root is the value of a root, and whether there is one of that name.
func (e *Env) root(text string) (any, bool) {
	if text == "now" && !e.Now.IsZero() {
		return e.Now.In(e.zone()).Format(time.RFC3339Nano), true
	}
	v, found := e.Roots[text]
	return v, found
}

func (e *Env) rootNames() []string {
	names := sortedKeys(e.Roots)
	if !e.Now.IsZero() && !slices.Contains(names, "now") {
		names = append(names, "now")
		slices.Sort(names)
	}
	return names
}
