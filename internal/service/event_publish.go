package service

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// EventDraft is an event as somebody tells it.
type EventDraft struct {
	Topic   string          `json:"topic,omitempty" doc:"What has happened, as words with dots." example:"order.paid"`
	Type    string          `json:"type,omitempty" doc:"The same as topic, as CloudEvents call it."`
	Data    json.RawMessage `json:"data,omitempty" doc:"What else is to be said of it; any JSON." example:"{\"order\":4711,\"total\":99.5}"`
	ID      string          `json:"id,omitempty" maxLength:"200" doc:"Names it within its source, so that however often it is sent it counts once; made up when left out." example:"order-4711-paid"`
	Source  string          `json:"source,omitempty" maxLength:"200" doc:"Who tells it, best as a URI; you, when left out." example:"https://shop.example/orders"`
	Subject string          `json:"subject,omitempty" maxLength:"200" doc:"What it is about." example:"4711"`
}

// PublishEvent tells of one event, or of several.
type PublishEvent struct {
	EventDraft
	Events []EventDraft `json:"events,omitempty" maxItems:"1000" doc:"Several at once, instead of one: all of them are taken, or none."`
}

// Published says what became of events that were told.
type Published struct {
	Items []PublishedEvent `json:"items" doc:"The events, in the order in which they were sent." nullable:"false"`
}

// PublishedEvent says what became of an event that was told.
type PublishedEvent struct {
	ID        string `json:"id" doc:"Its id."`
	Source    string `json:"source" doc:"Its source."`
	Topic     string `json:"topic" doc:"Its topic."`
	Duplicate bool   `json:"duplicate" doc:"It was told before, and counts once."`
}

// PublishEvents writes events down, in one transaction.
func (s *Service) PublishEvents(ctx context.Context, r PublishEvent) (Published, error) {
	events, err := s.drafted(ctx, r)
	if err != nil {
		return Published{}, err
	}
	fresh, err := s.store.Publish(ctx, events, ordinaut.ChangeFrom(ctx))
	if err != nil {
		return Published{}, fmt.Errorf("publish events: %w", err)
	}
	answer := Published{Items: make([]PublishedEvent, len(events))}
	for i, e := range events {
		answer.Items[i] = PublishedEvent{ID: e.ID, Source: e.Source, Topic: e.Topic, Duplicate: !fresh[i]}
	}
	return answer, nil
}

// CheckEvents finds everything that is wrong with events before they are told.
func (s *Service) CheckEvents(_ context.Context, r PublishEvent) error {
	if len(r.Events) == 0 {
		return r.EventDraft.check()
	}
	var faults ordinaut.Errors
	if !r.EventDraft.empty() {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/events", Message: "one event is sent beside a list of them",
			Fix: "put all of them into the list",
		})
	}
	for i, e := range r.Events {
		if err := e.check(); err != nil {
			faults.Add(ordinaut.AsError(err).Under("/events/" + strconv.Itoa(i)))
		}
	}
	return faults.Err()
}

func (d EventDraft) empty() bool {
	return d.Topic == "" && d.Type == "" && d.ID == "" && d.Source == "" && d.Subject == "" && len(d.Data) == 0
}

// topic is what has happened, under either of its names.
func (d EventDraft) topic() string { return cmp.Or(d.Topic, d.Type) }

// check finds what is wrong with an event that somebody tells.
func (d EventDraft) check() error {
	var faults ordinaut.Errors
	at := "/topic"
	if d.Topic == "" && d.Type != "" {
		at = "/type"
	}
	switch err := lookout.CheckTopic(d.topic()); {
	case d.Topic != "" && d.Type != "" && d.Topic != d.Type:
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/type", Sent: d.Type,
			Message: "topic and type are two names of one thing, and they differ", Fix: "send one of them",
		})
	case d.topic() == "":
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: at, Message: "topic is missing",
			Fix: "say what has happened, in words with dots", Examples: []string{"order.paid"},
		})
	case err != nil:
		faults.Add(ordinaut.AsError(err).Moved(at))
	}
	if err := checkOutside(d.topic(), d.Source); err != nil {
		for _, f := range ordinaut.AsError(err).All() {
			if f.At == "/topic" {
				f = f.Moved(at)
			}
			faults.Add(f)
		}
	}
	faults.Add(checkEventData(d.Data))
	return faults.Err()
}

// checkEventData refuses data that is larger than is kept.
func checkEventData(data json.RawMessage) error {
	if len(data) <= limits.EventDataBytes {
		return nil
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeFieldValue, At: "/data",
		Message: fmt.Sprintf("data has %d bytes, and %d are allowed", len(data), limits.EventDataBytes),
		Fix:     "keep what is large elsewhere, and say in the event where",
	}
}

// drafted are the events of a request, as they are written down.
func (s *Service) drafted(ctx context.Context, r PublishEvent) ([]ordinaut.Event, error) {
	if err := s.CheckEvents(ctx, r); err != nil {
		return nil, err
	}
	drafts := r.Events
	if len(drafts) == 0 {
		drafts = []EventDraft{r.EventDraft}
	}
	who, err := s.teller(ctx)
	if err != nil {
		return nil, err
	}
	events := make([]ordinaut.Event, len(drafts))
	for i, d := range drafts {
		e := who.event
		e.Topic, e.Subject = d.topic(), d.Subject
		e.Source = cmp.Or(d.Source, who.event.Source)
		e.ID = cmp.Or(d.ID, who.id(i))
		if !bytes.Equal(bytes.TrimSpace(d.Data), []byte("null")) {
			e.Data = d.Data
		}
		events[i] = e
	}
	return events, nil
}

// teller is who tells of events: an agent, or a step of a run.
type teller struct {
	event ordinaut.Event // what all of its events have in common
	key   string         // of a step: what its events are called; "" is an agent
}

// id is what an event is called that has no name of its own. A step calls it the
// same however often it is tried, so that it tells of it once.
func (t teller) id(i int) string {
	switch {
	case t.key == "":
		return newID()
	case i == 0:
		return t.key
	}
	return t.key + "#" + strconv.Itoa(i)
}

// teller finds who tells of events in the context.
func (s *Service) teller(ctx context.Context) (teller, error) {
	agent, _ := ordinaut.AgentFrom(ctx)
	o, step := ordinaut.OriginFrom(ctx)
	if !step {
		return teller{event: ordinaut.Event{Actor: agent.ID, Source: housePrefix + "agents/" + url.PathEscape(agent.Name)}}, nil
	}
	run, err := s.findRun(ctx, o.RunID)
	if err != nil {
		return teller{}, err
	}
	return teller{
		event: ordinaut.Event{
			Actor: agent.ID, Source: housePrefix + "tasks/" + string(run.TaskID),
			TaskID: run.TaskID, RunID: run.ID, Depth: run.Depth,
		},
		key: string(run.ID) + "/" + o.Step,
	}, nil
}
