package service

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
)

// EventSelection says which events are meant. What is not sent does not select.
type EventSelection struct {
	Topic string     `json:"topic,omitempty" doc:"Only events of these topics: patterns with commas between them, in which * is one word and > at the end one or more." example:"order.*,task.run.failed"`
	Task  string     `json:"task,omitempty" doc:"Only events about this task, or published by its runs; its id or key."`
	Run   string     `json:"run,omitempty" doc:"Only events about this run, or published by it."`
	From  *time.Time `json:"from,omitempty" doc:"Only events of this time or later."`
	To    *time.Time `json:"to,omitempty" doc:"Only events before this time."`
	After int64      `json:"after,omitempty" minimum:"0" doc:"Only events behind this position."`
	Until int64      `json:"until,omitempty" minimum:"0" doc:"Only events up to this position."`
}

// selectingEvents is what the log is asked for.
func (s *Service) selectingEvents(ctx context.Context, r EventSelection) (ordinaut.EventFilter, error) {
	f := ordinaut.EventFilter{RunID: ordinaut.RunID(r.Run), After: r.After, Until: r.Until}
	var err error
	if f.Topics, err = patterns(r.Topic, "/topic"); err != nil {
		return f, err
	}
	if f.TaskID, err = s.taskNamed(ctx, r.Task); err != nil {
		return f, err
	}
	if r.From != nil {
		f.From = *r.From
	}
	if r.To != nil {
		f.To = *r.To
	}
	return f, nil
}

// ListEvents asks for events.
type ListEvents struct {
	EventSelection
	Newest bool `json:"newest,omitempty" doc:"The newest first, instead of the oldest."`
	Limit  int  `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
}

// EventPage is one page of events.
type EventPage struct {
	Items     []Event `json:"items" doc:"The events, in the order that was asked for." nullable:"false"`
	NextAfter *int64  `json:"next_after" doc:"Send it as after for the next page; null on the last, and when the newest come first."`
	NextUntil *int64  `json:"next_until" doc:"With newest, send it as until for the next page; null on the last."`
	First     int64   `json:"first" doc:"The position of the oldest event that is kept, or of the one that will be next."`
	Last      int64   `json:"last" doc:"The position of the newest event."`
}

// ListEvents shows what has happened.
func (s *Service) ListEvents(ctx context.Context, r ListEvents) (EventPage, error) {
	f, err := s.selectingEvents(ctx, r.EventSelection)
	if err != nil {
		return EventPage{}, err
	}
	limit := pageLimit(r.Limit)
	f.Newest, f.Limit = r.Newest, limit+1
	events, err := s.store.ListEvents(ctx, f)
	if err != nil {
		return EventPage{}, fmt.Errorf("list events: %w", err)
	}
	page := EventPage{}
	if len(events) > limit {
		events = events[:limit]
		if last := events[limit-1].Seq; r.Newest {
			until := last - 1
			page.NextUntil = &until
		} else {
			page.NextAfter = &last
		}
	}
	page.Items = showEvents(events)
	page.First, page.Last, err = s.store.EventEnds(ctx)
	return page, err
}

// EventName asks for one event.
type EventName struct {
	Event string `json:"event" pattern:"^[0-9]{1,18}$" doc:"Its position in the log." example:"42"`
}

// GetEvent shows one event.
func (s *Service) GetEvent(ctx context.Context, r EventName) (Event, error) {
	seq, err := strconv.ParseInt(r.Event, 10, 64)
	if err != nil {
		return Event{}, fmt.Errorf("read a position: %w", err) // the schema lets no other text pass
	}
	// A limit below zero selects nothing, so the position 0 is asked for as such.
	events, err := s.store.ListEvents(ctx, ordinaut.EventFilter{After: seq - 1, Until: max(seq, 1), Limit: 1})
	if err != nil {
		return Event{}, fmt.Errorf("find an event: %w", err)
	}
	if len(events) == 0 || events[0].Seq != seq {
		return Event{}, &ordinaut.Error{
			Code: ordinaut.CodeEventNotFound, At: "/event", Sent: r.Event,
			Message: "there is no event at position " + r.Event,
			Fix:     "list the events; old ones are no longer kept, and lines of runs' logs take positions too",
		}
	}
	return showEvent(events[0]), nil
}

// ListTopics asks for topics.
type ListTopics struct {
	Limit int `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"200" doc:"How many at most."`
}

// TopicList is the topics of the events that are kept.
type TopicList struct {
	Items []Topic `json:"items" doc:"The topics, those with the newest events first." nullable:"false"`
}

// Topic is a topic of events that are kept.
type Topic struct {
	Topic  string    `json:"topic" doc:"The topic."`
	Events int       `json:"events" doc:"How many events of it are kept."`
	LastAt time.Time `json:"last_at" doc:"When the newest was written down."`
}

// ListTopics says of which topics there are events.
func (s *Service) ListTopics(ctx context.Context, r ListTopics) (TopicList, error) {
	const most = 200
	limit := r.Limit
	if limit == 0 {
		limit = most
	}
	counts, err := s.store.Topics(ctx, limit)
	if err != nil {
		return TopicList{}, fmt.Errorf("count topics: %w", err)
	}
	list := TopicList{Items: make([]Topic, 0, len(counts))}
	for _, c := range counts {
		list.Items = append(list.Items, Topic{Topic: c.Topic, Events: c.Events, LastAt: c.Last})
	}
	return list, nil
}
