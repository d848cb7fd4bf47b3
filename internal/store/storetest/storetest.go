// Package storetest is what a store promises, as tests. Every store passes all
// of it, whole: there are no capabilities to declare and nothing to leave out.
// It asks through ordinaut.Store alone and knows no database.
//
// What a store promises beyond that, such as how it locks its files or migrates
// its data, is tested beside the store.
package storetest

import (
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Harness is how a store is opened, and how time goes by in it.
type Harness struct {
	// Open opens a fresh and empty store, which ends with t.
	Open func(t *testing.T) ordinaut.Store
	// Around runs a test where Pass works, such as in a bubble of virtual time.
	Around func(t *testing.T, test func(t *testing.T))
	// Pass lets the store's clock go by.
	Pass func(s ordinaut.Store, d time.Duration)
}

// A promise is a sentence, and the test of it.
type promise struct {
	sentence string
	test     func(f *fixture)
}

// Run tests every promise on a store of its own.
func Run(t *testing.T, h Harness) {
	groups := []struct {
		name     string
		promises []promise
	}{
		{"tasks", tasks()},
		{"edits", edits()},
		{"plans", plans()},
		{"ledger", ledger()},
		{"queue", queue()},
		{"leases", leases()},
		{"outcomes", outcomes()},
		{"waits", waits()},
		{"matches", matches()},
		{"triggers", triggers()},
		{"probes", probes()},
		{"endings", endings()},
		{"undos", undos()},
		{"rounds", rounds()},
		{"crashes", crashes()},
		{"families", families()},
		{"cancels", cancels()},
		{"overlaps", overlaps()},
		{"slots", slots()},
		{"dedupes", dedupes()},
		{"runs", runs()},
		{"reruns", reruns()},
		{"logs", logs()},
		{"events", events()},
		{"readers", readers()},
		{"groups", groupsOfConsumers()},
		{"artifacts", artifacts()},
		{"webhooks", webhooks()},
		{"deliveries", deliveries()},
		{"hooks", hooks()},
		{"snooze", snooze()},
		{"stats", stats()},
		{"agents", agents()},
		{"workers", workers()},
		{"upkeep", upkeep()},
		{"signals", signals()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range g.promises {
				t.Run(p.sentence, func(t *testing.T) {
					t.Parallel()
					h.Around(t, func(t *testing.T) { p.test(open(t, h)) })
				})
			}
		})
	}
	t.Run("any history of the queue is one that its model allows", func(t *testing.T) {
		t.Parallel()
		histories(t, h)
	})
}
