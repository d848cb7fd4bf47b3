package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/lookout"
	"github.com/ordinaut/ordinaut/internal/op"
)

// LegacyPublish tells of an event in the words of the original.
type LegacyPublish struct {
	Topic   string           `json:"topic" doc:"What has happened."`
	Payload json.RawMessage  `json:"payload,omitempty" doc:"What else is to be said of it."`
	Source  ordinaut.AgentID `json:"source_agent_id,omitempty" doc:"The agent that tells it."`
}

// LegacyPublishEvent writes an event down, and names the tasks that look out for
// it.
func (s *Service) LegacyPublishEvent(ctx context.Context, r LegacyPublish) (LegacyDone, error) {
	draft := EventDraft{Topic: r.Topic, Data: r.Payload, ID: newID()}
	if r.Source != "" {
		if _, err := s.store.Agent(ctx, r.Source); errors.Is(err, ordinaut.ErrNotFound) {
			return LegacyDone{}, &ordinaut.Error{
				Code: ordinaut.CodeFieldValue, At: "/source_agent_id", Sent: r.Source,
				Message: "there is no such agent", Fix: "leave it out: your token says who you are",
			}
		} else if err != nil {
			return LegacyDone{}, err
		}
		draft.Source = "agents/" + string(r.Source)
	}
	if _, err := s.PublishEvents(ctx, PublishEvent{EventDraft: draft}); err != nil {
		return LegacyDone{}, renamed(err, "/data", "/payload")
	}
	e, err := s.published(ctx, draft)
	if err != nil {
		return LegacyDone{}, err
	}
	triggered, err := s.lookingOut(ctx, e)
	return LegacyDone{
		Success: true, Message: "the event was written down",
		Details: map[string]any{
			"event_id": e.ID, "stream_id": eventID(e.Seq), "topic": e.Topic, "triggered_tasks": triggered, "published_at": e.At,
		},
	}, err
}

// published finds an event that was written down just now.
func (s *Service) published(ctx context.Context, d EventDraft) (ordinaut.Event, error) {
	const near = 1_000 // events of one topic that others may have told meanwhile
	events, err := s.store.ListEvents(ctx, ordinaut.EventFilter{Topics: []string{d.Topic}, Newest: true, Limit: near})
	if err != nil {
		return ordinaut.Event{}, fmt.Errorf("find the event: %w", err)
	}
	if i := slices.IndexFunc(events, func(e ordinaut.Event) bool { return e.ID == d.ID }); i >= 0 {
		return events[i], nil
	}
	return ordinaut.Event{ID: d.ID, Topic: d.Topic, Data: d.Data}, nil
}

// eventTasks are the tasks that look out for events, with what they look out for.
func (s *Service) eventTasks(ctx context.Context) ([]ordinaut.Task, []*lookout.Lookout, error) {
	tasks, err := s.store.ListTasks(ctx, ordinaut.TaskFilter{Status: ordinaut.TaskActive, Kind: ordinaut.ScheduleEvent})
	if err != nil {
		return nil, nil, fmt.Errorf("list the tasks that look out for events: %w", err)
	}
	compiled := make([]*lookout.Lookout, len(tasks))
	for i, t := range tasks {
		if compiled[i], err = lookout.Parse(t.ScheduleExpr); err != nil {
			return nil, nil, fmt.Errorf("read what task %s looks out for: %w", t.ID, err)
		}
	}
	return tasks, compiled, nil
}

// lookingOut are the tasks that an event triggers.
func (s *Service) lookingOut(ctx context.Context, e ordinaut.Event) ([]ordinaut.TaskID, error) {
	ids := []ordinaut.TaskID{}
	tasks, compiled, err := s.eventTasks(ctx)
	if err != nil || len(tasks) == 0 {
		return ids, err
	}
	document, err := lookout.Document(e)
	if err != nil {
		return ids, fmt.Errorf("write the event: %w", err)
	}
	view, err := lookout.View(document)
	if err != nil {
		return ids, fmt.Errorf("read the event: %w", err)
	}
	for i, t := range tasks {
		if !compiled[i].Covers(e.Topic) {
			continue
		}
		if sees, err := compiled[i].Sees(view); err == nil && sees { // one that cannot be evaluated does not hold
			ids = append(ids, t.ID)
		}
	}
	return ids, nil
}

// LegacyTopics is the topics that tasks look out for.
type LegacyTopics struct {
	Total  int           `json:"total_topics" doc:"How many there are."`
	Topics []LegacyTopic `json:"topics" doc:"The topics." nullable:"false"`
}

// LegacyTopic is a topic that tasks look out for.
type LegacyTopic struct {
	Topic  string            `json:"topic" doc:"The topic, or the pattern."`
	Active int               `json:"active_tasks" doc:"How many active tasks look out for it."`
	Tasks  []ordinaut.TaskID `json:"task_ids" doc:"Their ids." nullable:"false"`
}

// LegacyTopicsOf lists the topics that active tasks look out for.
func (s *Service) LegacyTopicsOf(ctx context.Context, _ op.Nothing) (LegacyTopics, error) {
	tasks, compiled, err := s.eventTasks(ctx)
	if err != nil {
		return LegacyTopics{}, err
	}
	all := LegacyTopics{Topics: []LegacyTopic{}}
	at := map[string]int{}
	for i, t := range tasks {
		topic := compiled[i].Topic()
		j, known := at[topic]
		if !known {
			j, at[topic] = len(all.Topics), len(all.Topics)
			all.Topics = append(all.Topics, LegacyTopic{Topic: topic})
		}
		all.Topics[j].Active++
		all.Topics[j].Tasks = append(all.Topics[j].Tasks, t.ID)
	}
	all.Total = len(all.Topics)
	return all, nil
}

// LegacyRecent asks for the newest events.
type LegacyRecent struct {
	Count int `json:"count,omitempty" minimum:"1" maximum:"1000" default:"50" doc:"How many at most."`
}

// LegacyEvents is the newest events.
type LegacyEvents struct {
	Total  int           `json:"total_events" doc:"How many are shown."`
	Events []LegacyEvent `json:"events" doc:"The events, newest first." nullable:"false"`
}

// LegacyEvent is an event in the words of the original.
type LegacyEvent struct {
	ID          string           `json:"event_id" doc:"Its id."`
	StreamID    string           `json:"stream_id" doc:"Its position."`
	Topic       string           `json:"topic" doc:"Its topic."`
	Payload     json.RawMessage  `json:"payload" doc:"What else is said of it."`
	Source      string           `json:"source_agent_id" doc:"Who tells it."`
	PublishedAt time.Time        `json:"published_at" doc:"When it was written down."`
	PublishedBy ordinaut.AgentID `json:"published_by" doc:"Who published it."`
}

// LegacyRecentEvents lists the newest events.
func (s *Service) LegacyRecentEvents(ctx context.Context, r LegacyRecent) (LegacyEvents, error) {
	events, err := s.store.ListEvents(ctx, ordinaut.EventFilter{Newest: true, Limit: cmp.Or(r.Count, 50)})
	if err != nil {
		return LegacyEvents{}, fmt.Errorf("list events: %w", err)
	}
	recent := LegacyEvents{Total: len(events), Events: make([]LegacyEvent, 0, len(events))}
	for _, e := range events {
		recent.Events = append(recent.Events, LegacyEvent{
			ID: e.ID, StreamID: eventID(e.Seq), Topic: e.Topic, Payload: e.Data, Source: e.Source,
			PublishedAt: e.At, PublishedBy: e.Actor,
		})
	}
	return recent, nil
}
