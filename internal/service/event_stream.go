package service

import (
	"context"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// StreamEvents asks to be told what happens.
type StreamEvents struct {
	Topics string `json:"topics,omitempty" doc:"Only events of these topics: patterns with commas between them, in which * is one word and > at the end one or more." example:"order.*,task.run.failed"`
	Task   string `json:"task,omitempty" doc:"Only events about this task, or published by its runs; its id or key."`
	Run    string `json:"run,omitempty" doc:"Only events about this run, or published by it."`
	After  *int64 `json:"after,omitempty" minimum:"0" doc:"Only what follows this position, and not only what happens from now on; the header Last-Event-ID says the same."`
}

// StreamEvents tells events in their order, from now on or from where the reader
// left off.
func (s *Service) StreamEvents(ctx context.Context, r StreamEvents) (op.Events, error) {
	f, err := s.selectingEvents(ctx, EventSelection{Topic: r.Topics, Task: r.Task, Run: r.Run})
	if err != nil {
		return op.Events{}, renamed(err, "/topic", "/topics")
	}
	if r.After != nil {
		f.After = *r.After
	} else if _, f.After, err = s.store.EventEnds(ctx); err != nil {
		return op.Events{}, fmt.Errorf("find the end of the log: %w", err)
	}
	return op.NewEvents(func(ctx context.Context, send func(op.Event) error) error {
		// Whoever is cut off before the first event resumes here.
		if err := send(op.Event{ID: eventID(f.After), Name: "open", Data: struct{}{}}); err != nil {
			return err
		}
		return (&eventReader{log: s.store, filter: f, send: send}).follow(ctx, s.store)
	}), nil
}

// renamed is an error about a field under the name that the sender knows.
func renamed(err error, was, is string) error {
	whole := ordinaut.AsError(err)
	var faults ordinaut.Errors
	for _, f := range whole.All() {
		if f.At == was {
			f = f.Moved(is)
		}
		faults.Add(f)
	}
	return faults.Err()
}

// Gap is told to a reader that was away for so long that events are gone which
// it has not seen.
type Gap struct {
	After int64 `json:"after"` // the newest position that it has seen
	First int64 `json:"first"` // the oldest that is kept
}

// eventReader tells one reader of events.
type eventReader struct {
	log    ordinaut.Events
	filter ordinaut.EventFilter // its After is how far the reader has come
	send   func(op.Event) error
}

// follow tells event after event. When there is none it waits for the store to
// signal that there may be more; whatever happens, it does not look more often
// than its pace.
func (r *eventReader) follow(ctx context.Context, store ordinaut.Upkeep) error {
	changed, end := store.Watch(ordinaut.SignalLog)
	defer end()
	r.filter.Limit = looked
	for {
		pace := time.After(limits.StreamPace)
		more, err := r.tell(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		if err := r.send(op.Pause()); err != nil {
			return err
		}
		if !await(ctx, pace, nil) || !await(ctx, time.After(limits.StreamLook), changed) {
			return context.Cause(ctx)
		}
	}
}

// tell looks once, and sends what is new. It says whether there is more.
func (r *eventReader) tell(ctx context.Context) (more bool, err error) {
	first, last, err := r.log.EventEnds(ctx)
	if err != nil {
		return false, err
	}
	if r.filter.After < first-1 {
		if err := r.send(op.Event{ID: eventID(first - 1), Name: "gap", Data: Gap{After: r.filter.After, First: first}}); err != nil {
			return false, err
		}
		r.filter.After = first - 1
	}
	events, err := r.log.ListEvents(ctx, r.filter)
	if err != nil {
		return false, err
	}
	for _, e := range events {
		if err := r.send(op.Event{ID: eventID(e.Seq), Name: "event", Data: showEvent(e)}); err != nil {
			return false, err
		}
		r.filter.After = e.Seq
	}
	if len(events) == looked {
		return true, nil
	}
	// What was not told is none of the reader's business, and is not looked at again.
	r.filter.After = max(r.filter.After, last)
	return false, nil
}
