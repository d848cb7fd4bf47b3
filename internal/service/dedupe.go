package service

import (
	"fmt"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// checkDedupe refuses a dedupe key that would have to be rendered, and a window
// without a key.
func checkDedupe(d ordinaut.Definition) error {
	switch {
	case strings.Contains(d.DedupeKey, "${"):
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/dedupe_key", Sent: d.DedupeKey,
			Message:  "a dedupe key is a plain text, in which templates are not rendered",
			Fix:      "send a text that is the same for all runs that must not be made twice",
			Examples: []string{"daily-report"},
		}
	case d.DedupeKey == "" && d.DedupeWindowSeconds != 0:
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/dedupe_key",
			Message:  "dedupe_window_seconds says how long a run keeps others with its dedupe_key from being made, and there is no key",
			Fix:      "send a dedupe_key too, or leave the window out",
			Examples: []string{"daily-report"},
		}
	}
	return nil
}

// warnDedupe tells of a dedupe key that keeps nothing from being made.
func warnDedupe(d ordinaut.Definition) []Warning {
	if d.DedupeKey == "" || d.DedupeWindowSeconds > 0 {
		return nil
	}
	return []Warning{{
		Code: ordinaut.CodeFieldValue, At: "/dedupe_window_seconds",
		Message: "the dedupe_key does nothing without a window",
		Fix:     "send dedupe_window_seconds, such as 3600, or leave the key out",
	}}
}

// duplicateRun refuses a run that would be made too soon after another.
func duplicateRun(t ordinaut.Task) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeRunDuplicate, At: "/task", Sent: t.Key,
		Message: fmt.Sprintf("a run with the dedupe key %q was made in the last %d s, so %s is not run again", t.DedupeKey, t.DedupeWindowSeconds, t.Key),
		Fix:     "list the runs to find it, or ask again when the window is over",
	}
}
