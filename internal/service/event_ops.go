package service

import (
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

func (s *Service) eventOps() []op.Op {
	columns := []string{"seq", "time", "type", "subject", "source"}
	publish := op.Op{
		Name: "event.publish", Summary: "Tell of events", Method: "POST", Path: "/v1/events", Status: 201,
		Details: "They are in the log when the answer comes, and tasks whose schedule is of the kind event are triggered. An event whose source and id are there already counts once. The body may also be one CloudEvent, or a batch of them, of the media types application/cloudevents+json and application/cloudevents-batch+json.",
		Command: "events publish", Columns: []string{"id", "source", "topic", "duplicate"}, Scope: ordinaut.ScopeEventsPublish, Effect: op.Write,
		Example: json.RawMessage(`{"topic":"order.paid","data":{"order":4711,"total":99.5},"id":"order-4711-paid"}`),
	}
	return []op.Op{
		op.Checked(op.New(publish, s.PublishEvents), s.CheckEvents),
		op.New(op.Op{
			Name: "event.list", Summary: "List events", Method: "GET", Path: "/v1/events",
			Command: "events list", Columns: columns, Scope: ordinaut.ScopeEventsRead, Effect: op.Read,
		}, s.ListEvents),
		op.New(op.Op{
			Name: "event.topics", Summary: "List the topics of the events that are kept", Method: "GET", Path: "/v1/events/topics",
			Command: "events topics", Columns: []string{"topic", "events", "last_at"}, Scope: ordinaut.ScopeEventsRead, Effect: op.Read,
		}, s.ListTopics),
		op.New(op.Op{
			Name: "event.get", Summary: "Show one event", Method: "GET", Path: "/v1/events/{event}",
			Command: "events get", Args: []string{"event"}, Scope: ordinaut.ScopeEventsRead, Effect: op.Read,
		}, s.GetEvent),
		op.New(op.Op{
			Name: "event.stream", Summary: "Tell what happens while it happens", Method: "GET", Path: "/v1/stream",
			Details: "Server-sent events of the name event, each with one CloudEvent, from now on. With the header Last-Event-ID it goes on where the reader left off; an event of the name gap says that what follows there is no longer kept.",
			Scope:   ordinaut.ScopeEventsRead, Effect: op.Read,
		}, s.StreamEvents),
	}
}

// groupOps are about groups of consumers.
func (s *Service) groupOps() []op.Op {
	const path = "/v1/events/groups"
	columns := []string{"name", "topics", "after", "lag", "pending", "dead"}
	given := []string{"seq", "type", "consumer", "tries", "until", "dead"}
	create := op.Op{
		Name: "group.create", Summary: "Make a group of consumers that share events", Method: "POST", Path: path, Status: 201,
		Details: "Each event of its topics is given to one consumer of the group, until one has acknowledged it. One that was given out five times without that is given up.",
		Command: "events groups create", Args: []string{"group"}, Scope: ordinaut.ScopeEventsRead, Effect: op.Write,
		Example: json.RawMessage(`{"group":"billing","topics":["order.*"]}`),
	}
	return []op.Op{
		op.Checked(op.New(create, s.CreateGroup), s.CheckGroup),
		op.New(op.Op{
			Name: "group.list", Summary: "List the groups of consumers and how far they have come", Method: "GET", Path: path,
			Command: "events groups list", Columns: columns, Scope: ordinaut.ScopeEventsRead, Effect: op.Read,
		}, s.ListGroups),
		op.New(op.Op{
			Name: "group.get", Summary: "Show a group of consumers", Method: "GET", Path: path + "/{group}",
			Command: "events groups get", Args: []string{"group"}, Scope: ordinaut.ScopeEventsRead, Effect: op.Read,
		}, s.GetGroup),
		op.New(op.Op{
			Name: "group.delete", Summary: "Forget a group of consumers", Method: "DELETE", Path: path + "/{group}",
			Command: "events groups delete", Args: []string{"group"}, Scope: ordinaut.ScopeEventsRead, Effect: op.Destroy,
		}, s.DeleteGroup),
		op.New(op.Op{
			Name: "group.claim", Summary: "Take events of a group", Method: "POST", Path: path + "/{group}/claim",
			Details: "First those that another consumer had and did not acknowledge in time, then new ones.",
			Command: "events groups claim", Args: []string{"group"}, Columns: given, Lasts: "wait_seconds", Scope: ordinaut.ScopeEventsRead, Effect: op.Write,
			Example: json.RawMessage(`{"group":"billing","consumer":"billing-1","limit":10,"wait_seconds":20}`),
		}, s.ClaimEvents),
		op.New(op.Op{
			Name: "group.ack", Summary: "Say that events are dealt with", Method: "POST", Path: path + "/{group}/ack",
			Command: "events groups ack", Args: []string{"group"}, Scope: ordinaut.ScopeEventsRead, Effect: op.Write,
			Example: json.RawMessage(`{"group":"billing","seqs":[4711]}`),
		}, s.AckEvents),
		op.New(op.Op{
			Name: "group.reject", Summary: "Give events back, or give them up", Method: "POST", Path: path + "/{group}/reject",
			Command: "events groups reject", Args: []string{"group"}, Scope: ordinaut.ScopeEventsRead, Effect: op.Write,
			Example: json.RawMessage(`{"group":"billing","seqs":[4711],"again_seconds":30}`),
		}, s.RejectEvents),
		op.New(op.Op{
			Name: "group.deliveries", Summary: "List what a group has given out, or given up", Method: "GET", Path: path + "/{group}/deliveries",
			Command: "events groups deliveries", Args: []string{"group"}, Columns: given, Scope: ordinaut.ScopeEventsRead, Effect: op.Read,
		}, s.ListDeliveries),
		op.New(op.Op{
			Name: "group.seek", Summary: "Let a group begin anew at another place", Method: "POST", Path: path + "/{group}/seek",
			Details: "So events are given out again, or left out. What is pending and given up is forgotten. A dry run counts what would be given out.",
			Command: "events groups seek", Args: []string{"group"}, Scope: ordinaut.ScopeEventsRead, Effect: op.Destroy, DryRun: true,
			Example: json.RawMessage(`{"group":"billing","to":"start","dry_run":true}`),
		}, s.SeekGroup),
	}
}
