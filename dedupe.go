package ordinaut

import "time"

// Dedupe names what the runs of the task must not do twice, and says within which
// time. Without a key or a window there is nothing, and the name is "".
func (t Task) Dedupe() (name string, window time.Duration) {
	if t.DedupeKey == "" || t.DedupeWindowSeconds <= 0 {
		return "", 0
	}
	return string(t.CreatedBy) + "/" + t.DedupeKey, time.Duration(t.DedupeWindowSeconds) * time.Second
}
