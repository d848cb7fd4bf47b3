// Package schedule computes when. A schedule is compiled once into a Rule, and
// the Rule is asked: the next occurrence after t, or the previous one before t.
// Preview, validation, the scheduler and the ledger all ask the same Rule; no
// other code computes a time. The package does no I/O and has no clock of its
// own: whoever asks brings the time.
package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

// A timeline yields occurrences as instants in strictly increasing order, from
// wherever it is asked.
type timeline interface {
	// next is the first occurrence strictly after t, if there is one.
	next(t time.Time, b *budget) (ordinaut.Occurrence, bool, error)
	// prev is the last occurrence strictly before t, if there is one.
	prev(t time.Time, b *budget) (ordinaut.Occurrence, bool, error)
}

// A calendar is one kind of schedule, compiled.
type calendar interface {
	timeline
	// canonical is the one spelling of the expression.
	canonical() string
	// sentence says in English when it fires; "" when no sentence is sure.
	sentence() string
}

// A wallClock yields the wall-clock times a rule asks for, without a zone: each
// is a time.Time in UTC that stands for what a clock on the wall would show.
// How they lie on the time line is decided in one place, by placed.
type wallClock interface {
	nextWall(t time.Time, b *budget) (time.Time, bool, error)
	prevWall(t time.Time, b *budget) (time.Time, bool, error)
}
