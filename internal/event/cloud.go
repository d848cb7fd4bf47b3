package event

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

// MediaType is that of an event that is sent by itself (CloudEvents 1.0, JSON
// event format, section 3).
const MediaType = "application/cloudevents+json"

// cloud is an event in the form of CloudEvents 1.0, with attributes of the house
// beside those of the specification.
type cloud struct {
	SpecVersion string           `json:"specversion"`
	ID          string           `json:"id"`
	Source      string           `json:"source"`
	Type        string           `json:"type"`
	Subject     string           `json:"subject,omitempty"`
	Time        time.Time        `json:"time"`
	Seq         int64            `json:"seq,omitempty"`
	TaskID      ordinaut.TaskID  `json:"taskid,omitempty"`
	RunID       ordinaut.RunID   `json:"runid,omitempty"`
	AgentID     ordinaut.AgentID `json:"agentid,omitempty"`
	Depth       int              `json:"depth,omitempty"`
	Data        json.RawMessage  `json:"data,omitempty"`
}

// Cloud writes an event in the form of CloudEvents 1.0.
func Cloud(e ordinaut.Event) ([]byte, error) {
	return jsonguard.Encode(cloud{
		SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Topic, Subject: e.Subject, Time: e.At, Seq: max(e.Seq, 0),
		TaskID: e.TaskID, RunID: e.RunID, AgentID: e.Actor, Depth: e.Depth, Data: e.Data,
	})
}

// Reserved says whether only the house tells events of the topic: whoever looks
// out for these relies on their being true.
func Reserved(topic string) bool {
	first, _, _ := strings.Cut(topic, ".")
	return slices.Contains(ReservedWords(), first)
}

// ReservedWords are the first words of topics of which only the house tells.
func ReservedWords() []string {
	return []string{"task", "approval", "agent", "tool", "schedule", "budget", "webhook", "hook", "worker"}
}
