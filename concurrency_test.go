package ordinaut_test

import (
	"testing"

	"github.com/ordinaut/ordinaut"
)

func TestSlotsBelongToAnAgentUnlessTheyAreShared(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		key, slot   string
		sent, limit int
	}{
		"no key needs no slot":            {limit: 1},
		"a limit without a key is none":   {sent: 9, limit: 1},
		"a key is the agent's own":        {key: "mail", slot: "ada/mail", limit: 1},
		"a key may have many slots":       {key: "mail", slot: "ada/mail", sent: 9, limit: 9},
		"a shared key belongs to nobody":  {key: "shared:mail", slot: "shared:mail", sent: 2, limit: 2},
		"a prefix inside a key is no one": {key: "my shared:mail", slot: "ada/my shared:mail", limit: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task := ordinaut.Task{CreatedBy: "ada"}
			task.ConcurrencyKey, task.ConcurrencyLimit = test.key, test.sent
			if slot, limit := task.Slot(); slot != test.slot || limit != test.limit {
				t.Errorf("got %q with %d, want %q with %d", slot, limit, test.slot, test.limit)
			}
		})
	}
}
