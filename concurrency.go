package ordinaut

import (
	"cmp"
	"strings"
)

// SharedPrefix begins the concurrency keys that all agents share.
const SharedPrefix = "shared:"

// Slot names the slots of which a run of the task needs one while it is at work,
// and says how many there are for all runs that name them. Without a concurrency
// key it needs none, and the name is "".
func (t Task) Slot() (name string, limit int) {
	limit = cmp.Or(t.ConcurrencyLimit, 1)
	switch {
	case t.ConcurrencyKey == "":
		return "", 1
	case strings.HasPrefix(t.ConcurrencyKey, SharedPrefix):
		return t.ConcurrencyKey, limit
	}
	return string(t.CreatedBy) + "/" + t.ConcurrencyKey, limit
}
