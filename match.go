package ordinaut

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Lookout is somebody who looks out for events: a task whose schedule is of the
// kind event, or a step that waits for one. It sees each event behind Since once.
type Lookout struct {
	Number int64  // given when it began, or was changed; numbers only grow
	Expr   string // a topic or a pattern, and " where " with an expression when it has one
	Since  int64  // events up to this position are not its business
	Behind *int64 // it has seen the events up to here, and no other; nil is all that were matched

	TaskID TaskID
	Task   *Task // of a task; nil is a step that waits

	RunID RunID // of a step that waits
	Path  string
	Until *time.Time // when its wait is over
}

// Unmatched is what is to be matched next.
type Unmatched struct {
	Now    time.Time // the store's clock
	Cursor int64     // every event up to it was matched
	Until  int64     // Events are all up to here that have one of the topics asked for
	Events []Event   // behind the cursor
	Behind []Lookout // those that have yet to look back
}

// Match is what was decided of a range of events. The store carries all of it
// out at once, or nothing when the range was matched by somebody else meanwhile.
type Match struct {
	Lookout int64 // only this one looks back; 0 is all that have nothing to look back to
	From    int64 // up to where events were matched when it was decided
	To      int64 // up to where they are now
	Known   int64 // the greatest number of a lookout whose topics were asked for
	Runs    []Triggered
	Answers []EventAnswer
}

// Triggered is an event that a task looks out for. It becomes a run, part of one
// that gathers events, or a gap that says why not.
type Triggered struct {
	Lookout int64
	TaskID  TaskID
	RunID   RunID // of the run, if it makes one
	Seq     int64
	At      time.Time       // when the event was written down
	Event   json.RawMessage // what ${event} is
	Depth   int             // of the run
	Reason  Reason          // why it does not run; "" when it does
	Overlap OverlapPolicy
	Gather  *Gather // nil is a run for each event
	Trigger Trigger // why there is the run; "" is an event
}

// Gather has several events share a run, as long as it has not started.
type Gather struct {
	Per    string        // events with the same text share a run
	Window time.Duration // how long after the first event the run starts at the latest
	Quiet  time.Duration // how long after the newest event it starts; 0 is at the end of the window
	Most   int           // with so many events it starts at once
	Bytes  int           // likewise
}

// Start is when a run begins that gathers: as of now, when it is due with these
// events, of which the first came at a time.
func (g Gather) Start(first, now time.Time, events, size int) time.Time {
	last := first.Add(g.Window)
	switch {
	case events >= g.Most || size >= g.Bytes:
		return now
	case g.Quiet > 0 && now.Add(g.Quiet).Before(last):
		return now.Add(g.Quiet)
	}
	return last
}

// EventAnswer is an event that a step waits for.
type EventAnswer struct {
	Lookout int64
	RunID   RunID
	Path    string
	Event   json.RawMessage
}

// Matching brings events together with those who look out for them.
//
// A lookout that begins takes its number and its position in the transaction in
// which it begins. One that a Match did not know is from then on behind, and
// looks back; so it misses no event and sees none twice, however many sequencers
// there are and whenever they die.
type Matching interface {
	// Lookouts gives those whose number is greater than known.
	Lookouts(ctx context.Context, known int64) ([]Lookout, error)
	// Unmatched gives up to limit events behind the cursor whose topic one of the
	// patterns covers, and the lookouts that are behind.
	Unmatched(ctx context.Context, topics []string, limit int) (Unmatched, error)
	// Match carries out a decision, and moves the cursor or the lookout; false when
	// another sequencer was there before. What lookouts ask for that are gone, or
	// have changed, is left out. An event makes one run of a task: one of them that
	// finds an earlier run unfinished heeds the overlap policy of the task, and one
	// with the dedupe key of another becomes a gap, as it is with nominal times.
	Match(ctx context.Context, m Match) (bool, error)
}

// Yields says what becomes of a new run of a task that has so many unfinished
// ones, and so many of them parked: it is parked behind them, or not made for a
// reason. Of parked runs there are no more than most.
func (p OverlapPolicy) Yields(unfinished, parked, most int) (parks bool, why Reason) {
	switch {
	case unfinished == 0 || p == OverlapAllow:
		return false, ""
	case p == OverlapSkip, p == OverlapBufferOne && parked > 0:
		return false, ReasonOverlap
	case parked >= most:
		return false, ReasonLimit
	}
	return true, ""
}

// Heeded are the numbers of the lookouts that the decision is about, each once.
func (m Match) Heeded() []int64 {
	var numbers []int64
	for _, r := range m.Runs {
		numbers = append(numbers, r.Lookout)
	}
	for _, a := range m.Answers {
		numbers = append(numbers, a.Lookout)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}
