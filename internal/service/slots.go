package service

import (
	"strings"

	"github.com/ordinaut/ordinaut"
)

// checkSlots refuses a concurrency key that names nothing, and a limit that
// limits nothing.
func checkSlots(d ordinaut.Definition) error {
	named := strings.TrimSpace(strings.TrimPrefix(d.ConcurrencyKey, ordinaut.SharedPrefix)) != ""
	switch {
	case d.ConcurrencyKey != "" && !named:
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/concurrency_key", Sent: d.ConcurrencyKey,
			Message:  "the key names nothing",
			Fix:      "name what its runs must not use at once, or leave the key out",
			Examples: []string{"mailbox", ordinaut.SharedPrefix + "printer"},
		}
	case d.ConcurrencyKey == "" && d.ConcurrencyLimit > 1:
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/concurrency_key",
			Message:  "a concurrency_limit says how many runs with one concurrency_key may be at work at once, and there is no key",
			Fix:      "send a concurrency_key too, or leave the limit out; overlap: skip keeps a task from running beside itself",
			Examples: []string{"mailbox"},
		}
	}
	return nil
}
