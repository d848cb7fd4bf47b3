package schedule

import (
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// A budget bounds one search: how many candidates it may look at, and how far
// from its start. Candidates are counted and no clock is read, so the same
// question always has the same answer.
type budget struct {
	left        int
	early, late time.Time
	cut         bool
}

// searchSpan is how far a search may go.
const searchSpan = limits.SearchYears * 366 * 24 * time.Hour

// newBudget is what one search from t may use up.
func newBudget(t time.Time) *budget {
	return &budget{left: limits.SearchCandidates, early: t.Add(-searchSpan), late: t.Add(searchSpan)}
}

// reach lets the search begin at t instead, where a rule begins or has ended.
func (b *budget) reach(t time.Time) {
	b.early = earlierOf(b.early, t.Add(-searchSpan))
	b.late = laterOf(b.late, t.Add(searchSpan))
}

// spend takes n candidates, and fails once they are used up. A candidate is
// about as much work as looking through one month.
func (b *budget) spend(n int) error {
	b.left -= n
	if b.left >= 0 {
		return nil
	}
	return tooCostly(fmt.Sprintf("no occurrence was found among the first %d candidates", limits.SearchCandidates))
}

// covers reports whether t lies within the search. A search that comes to t
// beyond it ends as if nothing were there; whoever asked then finds the
// difference in short.
func (b *budget) covers(t time.Time) bool {
	if t.Before(b.early) || t.After(b.late) {
		b.cut = true
		return false
	}
	return true
}

// short is the error of a search that found nothing because it was cut short,
// and nil when there certainly is nothing.
func (b *budget) short() error {
	if !b.cut {
		return nil
	}
	return tooCostly(fmt.Sprintf("no occurrence was found within %d years", limits.SearchYears))
}

func tooCostly(message string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeScheduleTooCostly,
		At:      "/schedule_expr",
		Message: message,
		Fix:     "loosen the expression so that it fires more often",
	}
}
