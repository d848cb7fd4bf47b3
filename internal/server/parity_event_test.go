package server_test

import "github.com/ordinaut/ordinaut/internal/face/facetest"

// happenings asks about events and those who share them.
func happenings() []facetest.Question {
	return []facetest.Question{
		{Op: "group.create", Request: `{"group": "billing", "topics": ["order.*"]}`},
		{Op: "group.create", Request: `{"group": "billing", "topics": ["order.*"]}`, Code: "group.name_taken"},
		{Op: "event.publish", Request: `{"topic": "order.paid", "data": {"n": 1}, "id": "a"}`},
		{Op: "event.publish", Request: `{"topic": "task.created"}`, Code: "event.reserved"},
		{Op: "event.list", Request: `{"topic": "order.*", "limit": 5}`},
		{Op: "event.list", Request: `{"topic": "order..*"}`, Code: "event.invalid_topic"},
		{Op: "event.topics", Request: `{"limit": 1}`},
		{Op: "event.get", Request: `{"event": "1"}`},
		{Op: "event.get", Request: `{"event": "999999999"}`, Code: "event.not_found"},
		{Op: "group.list"},
		{Op: "group.get", Request: `{"group": "biling"}`, Code: "group.not_found"},
		{Op: "group.get", Request: `{"group": "billing"}`},
		{Op: "group.claim", Request: `{"group": "billing", "consumer": "one", "limit": 1}`},
		{Op: "group.deliveries", Request: `{"group": "billing"}`},
		{Op: "group.ack", Request: `{"group": "billing", "seqs": [999999999]}`},
		{Op: "group.reject", Request: `{"group": "billing", "seqs": [999999999], "why": "unknown"}`},
		{Op: "group.seek", Request: `{"group": "billing", "to": "end", "dry_run": true}`},
		{Op: "group.delete", Request: `{"group": "billing"}`},
		{Op: "worker.list"},
		{Op: "queue.list"},
	}
}
