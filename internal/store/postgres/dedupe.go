package postgres

import (
	"errors"

	"github.com/ordinaut/ordinaut"
)

// duplicateRun says whether a run with the dedupe key of the task was made within
// its window. Whoever asks has the key to himself until his commit.
func (t *tx) duplicateRun(task ordinaut.TaskID) (bool, error) {
	keyed, err := t.changed("LockDedupe", id(task))
	if err != nil || !keyed {
		return false, err
	}
	t.changes-- // a lock is no change
	twice, err := seen(t, "Duplicate", scanFlag, id(task), t.now)
	if errors.Is(err, ordinaut.ErrNotFound) {
		return false, nil // it has no such key
	}
	return twice, err
}
