package sqlite

import (
	"errors"

	"github.com/ordinaut/ordinaut"
)

// duplicateRun says whether a run with the dedupe key of the task was made within
// its window. Mostly no task has such a key, so a group asks but once.
func (t *tx) duplicateRun(id ordinaut.TaskID) (bool, error) {
	if t.dedupes == nil {
		some, err := seen(t, "SomeDedupe", scanFlag)
		if err != nil {
			return false, err
		}
		t.dedupes = &some
	}
	if !*t.dedupes {
		return false, nil
	}
	twice, err := seen(t, "Duplicate", scanFlag, string(id), micros(t.now))
	if errors.Is(err, ordinaut.ErrNotFound) {
		return false, nil // it has no such key
	}
	return twice, err
}
