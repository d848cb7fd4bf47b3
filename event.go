package ordinaut

import (
	"context"
	"encoding/json"
	"strings"
	"time"
)

// Event is something that has happened: to a task, a run or a step, or outside
// (CloudEvents 1.0). It is written in the transaction of what it tells of, so
// that there is never the one without the other.
type Event struct {
	Seq     int64           // its position in the log: 1, 2, 3, in the order in which readers see events
	ID      string          // given by its source; Source and ID together count once
	Source  string          // who tells it; SourceOrdinaut is the house itself
	Topic   string          // what has happened, as words with dots; the type of CloudEvents
	Subject string          // the id of what it is about
	At      time.Time       // when it was written down
	Data    json.RawMessage // nil when there is none
	Actor   AgentID         // who published it; "" is nobody
	TaskID  TaskID          // the task that it is about, or whose run has published it
	RunID   RunID           // the run that it is about, or that has published it
	Depth   int             // how many runs that were triggered by events lie above it
}

// SourceOrdinaut is the source of the events that the house itself tells.
const SourceOrdinaut = "ordinaut"

// EventFilter selects events. Zero fields do not select.
type EventFilter struct {
	Topics []string // patterns, any of them
	TaskID TaskID
	RunID  RunID
	From   time.Time // only events of this time or later
	To     time.Time // only events before this time
	After  int64     // only events behind this position
	Until  int64     // only events up to this position
	Newest bool      // the newest first, instead of the oldest
	Limit  int       // 0 is no limit
}

// Events keeps the log of what has happened. Whoever has seen a position will never
// see an event appear before it. Positions are given to what tools say, too, which
// is no event.
//
// What becomes of tasks, runs and steps the store writes by itself: an event for
// each Change with a Topic, and for each line of a run's log that has one.
type Events interface {
	// Publish appends events on somebody's behalf, and says which of them were new:
	// one whose Source and ID are in the log already counts once. Seq and At are the
	// store's to give.
	Publish(ctx context.Context, events []Event, c Change) (fresh []bool, err error)
	// ListEvents lists events in their order. What was committed before the call is
	// in the log.
	ListEvents(ctx context.Context, f EventFilter) ([]Event, error)
	// EventEnds are the position from which on no event is gone, and the one that was
	// given out last. The log may keep some events before the first.
	EventEnds(ctx context.Context) (first, last int64, err error)
	// Topics counts the kept events by their topic, the newest so many of them.
	Topics(ctx context.Context, most int) ([]TopicCount, error)
}

// TopicCount says how often something has happened.
type TopicCount struct {
	Topic  string
	Events int
	Last   time.Time
}

// TopicMatches says whether a pattern covers a topic: * stands for one word, and
// > at the end for one or more.
func TopicMatches(pattern, topic string) bool {
	for {
		want, patterns, more := strings.Cut(pattern, ".")
		if want == ">" && !more {
			return topic != ""
		}
		has, topics, left := strings.Cut(topic, ".")
		if want != has && (want != "*" || has == "") {
			return false
		}
		if more != left {
			return false
		}
		if !more {
			return true
		}
		pattern, topic = patterns, topics
	}
}
