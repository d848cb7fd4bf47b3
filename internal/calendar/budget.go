package calendar

import (
	"context"
	"errors"

	"github.com/ordinaut/ordinaut"
)

// A budget bounds the work of one listing by counting the occurrences that are
// looked at, so that the same question has the same answer. The context is for
// the rare rule of which each takes long to find.
type budget struct {
	ctx  context.Context
	all  int // left of the listing
	each int // left of the event, or the zone
}

// How many occurrences are looked at: of one listing, and of one event.
const (
	maxLooked     = 1_000_000
	maxLookedEach = 20_000
)

// errTooOften is the error of one event; the others go on.
var errTooOften = errors.New("it recurs so often that not all of it was looked at")

func newBudget(ctx context.Context) *budget { return &budget{ctx: ctx, all: maxLooked} }

// next begins the share of another event.
func (b *budget) next() { b.each = min(b.all, maxLookedEach) }

// spend takes one occurrence.
func (b *budget) spend() error {
	b.all--
	b.each--
	if b.each < 0 {
		return errTooOften
	}
	return b.ctx.Err()
}

// err is the error of the whole listing.
func (b *budget) err() error {
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	if b.all > 0 {
		return nil
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeCalendarInvalid,
		Message: "the events of the calendar recur so often that they cannot be listed",
		Fix:     "ask for a shorter time, or for another calendar",
	}
}
