package service

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Delivery is an event that was given to a consumer.
type Delivery struct {
	Event
	Consumer string    `json:"consumer" doc:"Who has it."`
	Tries    int       `json:"tries" doc:"How often it was given out, this time included."`
	Until    time.Time `json:"until" doc:"When it is given to another, unless it is acknowledged."`
	Dead     string    `json:"dead,omitempty" required:"false" doc:"Why it was given up."`
}

// DeliveryList is events that were given out.
type DeliveryList struct {
	Items []Delivery `json:"items" doc:"The events, oldest first." nullable:"false"`
}

func showDeliveries(deliveries []ordinaut.Delivery) DeliveryList {
	list := DeliveryList{Items: make([]Delivery, 0, len(deliveries))}
	for _, d := range deliveries {
		list.Items = append(list.Items, Delivery{
			Event: showEvent(d.Event), Consumer: d.Consumer, Tries: d.Tries, Until: d.Until, Dead: d.Dead,
		})
	}
	return list
}

// ClaimEvents asks for events of a group.
type ClaimEvents struct {
	GroupName
	Consumer     string  `json:"consumer,omitempty" maxLength:"200" doc:"Who asks; your name, when left out." example:"billing-1"`
	Limit        int     `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"10" doc:"How many at most."`
	LeaseSeconds float64 `json:"lease_seconds,omitempty" minimum:"1" maximum:"43200" default:"60" doc:"How long they are yours: what is not acknowledged by then is given to another."`
	WaitSeconds  float64 `json:"wait_seconds,omitempty" minimum:"0" maximum:"30" doc:"Wait this long for an event when there is none."`
}

// Where nothing else is asked for.
const (
	claimLimit = 10
	claimLease = 60 // seconds
)

// ClaimEvents gives events of a group to a consumer.
func (s *Service) ClaimEvents(ctx context.Context, r ClaimEvents) (DeliveryList, error) {
	agent, _ := ordinaut.AgentFrom(ctx)
	consumer := cmp.Or(r.Consumer, agent.Name)
	changed, end := s.store.Watch(ordinaut.SignalLog)
	defer end()
	over := time.After(seconds(r.WaitSeconds))
	for waits := r.WaitSeconds > 0; ; {
		given, err := s.store.ClaimEvents(ctx, r.Group, consumer, cmp.Or(r.Limit, claimLimit), seconds(cmp.Or(r.LeaseSeconds, claimLease)))
		if err != nil || len(given) > 0 || !waits {
			return showDeliveries(given), r.found(err)
		}
		// What another consumer lets go of gives no signal, so it is looked for.
		again := time.After(limits.StreamLook)
		select {
		case <-ctx.Done():
			return DeliveryList{}, context.Cause(ctx)
		case <-over:
			waits = false
		case <-changed:
		case <-again:
		}
	}
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// AckEvents says which events are dealt with.
type AckEvents struct {
	GroupName
	Seqs []int64 `json:"seqs" minItems:"1" maxItems:"1000" doc:"Their positions." example:"[4711,4712]"`
}

// Acknowledged says how many events are dealt with.
type Acknowledged struct {
	Count int `json:"count" doc:"How many of them were pending until now."`
}

// AckEvents takes note that events are dealt with.
func (s *Service) AckEvents(ctx context.Context, r AckEvents) (Acknowledged, error) {
	n, err := s.store.AckEvents(ctx, r.Group, r.Seqs)
	return Acknowledged{Count: n}, r.found(err)
}

// RejectEvents gives events back.
type RejectEvents struct {
	AckEvents
	AgainSeconds float64 `json:"again_seconds,omitempty" minimum:"0" maximum:"86400" doc:"When they are given out again; at once, when left out."`
	Why          string  `json:"why,omitempty" maxLength:"500" doc:"Give them up for this reason, instead of giving them out again." example:"unknown order"`
}

// RejectEvents takes events back, to give them out again or to give them up.
func (s *Service) RejectEvents(ctx context.Context, r RejectEvents) (Acknowledged, error) {
	now, err := s.now(ctx)
	if err != nil {
		return Acknowledged{}, err
	}
	n, err := s.store.RejectEvents(ctx, r.Group, r.Seqs, now.Add(seconds(r.AgainSeconds)), r.Why)
	return Acknowledged{Count: n}, r.found(err)
}

// ListDeliveries asks for what a group has given out.
type ListDeliveries struct {
	GroupName
	Dead  bool `json:"dead,omitempty" doc:"What was given up, instead of what is pending."`
	Limit int  `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
}

// ListDeliveries shows what of a group is pending, or was given up.
func (s *Service) ListDeliveries(ctx context.Context, r ListDeliveries) (DeliveryList, error) {
	if _, err := s.GetGroup(ctx, r.GroupName); err != nil {
		return DeliveryList{}, err
	}
	deliveries, err := s.store.ListDeliveries(ctx, r.Group, r.Dead, pageLimit(r.Limit))
	return showDeliveries(deliveries), err
}

// SeekGroup lets a group begin anew.
type SeekGroup struct {
	GroupName
	After *int64     `json:"after,omitempty" minimum:"0" doc:"Behind this position."`
	At    *time.Time `json:"at,omitempty" doc:"With the first event of this time or later."`
	To    string     `json:"to,omitempty" enum:"start,end" doc:"With the oldest event that is kept, or with what happens from now on."`
}

// Sought says where a group stands after it was moved.
type Sought struct {
	Group  string `json:"group" doc:"The name of the group."`
	Was    int64  `json:"was" doc:"The position behind which it stood."`
	After  int64  `json:"after" doc:"The position behind which it stands."`
	Events int    `json:"events" doc:"How many events of its topics it gives out from there; no more than 10,000 are counted."`
	More   bool   `json:"more,omitempty" required:"false" doc:"There are more than were counted."`
	Forgot int    `json:"forgot" doc:"How many were pending or given up, and are no longer."`
}

// counted is how many events are counted for an answer.
const counted = 10_000

// SeekGroup lets a group give out again what it has given out, or leave out what
// it has not.
func (s *Service) SeekGroup(ctx context.Context, r SeekGroup) (Sought, error) {
	was, err := s.GetGroup(ctx, r.GroupName)
	if err != nil {
		return Sought{}, err
	}
	after, err := r.target(ctx, s.store)
	if err != nil {
		return Sought{}, err
	}
	follow, err := s.store.ListEvents(ctx, ordinaut.EventFilter{Topics: was.Topics, After: after, Limit: counted + 1})
	if err != nil {
		return Sought{}, fmt.Errorf("count events: %w", err)
	}
	sought := Sought{
		Group: r.Group, Was: was.After, After: after, Forgot: was.Pending + was.Dead,
		Events: min(len(follow), counted), More: len(follow) > counted,
	}
	change := ordinaut.ChangeFrom(ctx).About(r.Group)
	if change.DryRun {
		return sought, nil
	}
	return sought, r.found(s.store.SeekGroup(ctx, r.Group, after, change))
}

// target is the position behind which the group is to begin.
func (r SeekGroup) target(ctx context.Context, log ordinaut.Events) (int64, error) {
	ways := 0
	for _, sent := range []bool{r.After != nil, r.At != nil, r.To != ""} {
		if sent {
			ways++
		}
	}
	if ways != 1 {
		return 0, &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/after",
			Message: "exactly one of after, at and to says where the group begins anew",
			Fix:     "send one of them", Examples: []string{`{"to":"start"}`},
		}
	}
	first, last, err := log.EventEnds(ctx)
	switch {
	case err != nil:
		return 0, fmt.Errorf("find the ends of the log: %w", err)
	case r.After != nil:
		return min(*r.After, last), nil
	case r.To == "start":
		return first - 1, nil
	case r.To == "end":
		return last, nil
	}
	later, err := log.ListEvents(ctx, ordinaut.EventFilter{From: *r.At, Limit: 1})
	if err != nil {
		return 0, fmt.Errorf("find the first event of a time: %w", err)
	}
	if len(later) == 0 {
		return last, nil
	}
	return later[0].Seq - 1, nil
}
