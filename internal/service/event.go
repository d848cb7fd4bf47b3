package service

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// Event is an event as it is shown: in the form of CloudEvents 1.0, with
// attributes of the house beside those of the specification.
type Event struct {
	SpecVersion string           `json:"specversion" doc:"The version of CloudEvents, 1.0."`
	ID          string           `json:"id" doc:"Given by its source; source and id together count once."`
	Source      string           `json:"source" doc:"Who tells it; ordinaut is the house itself."`
	Type        string           `json:"type" doc:"Its topic: what has happened, as words with dots."`
	Subject     string           `json:"subject,omitempty" required:"false" doc:"What it is about."`
	Time        time.Time        `json:"time" doc:"When it was written down."`
	Seq         int64            `json:"seq" doc:"Its position in the log; send it as after for what follows."`
	TaskID      ordinaut.TaskID  `json:"taskid,omitempty" required:"false" doc:"The task that it is about, or whose run has published it."`
	RunID       ordinaut.RunID   `json:"runid,omitempty" required:"false" doc:"The run that it is about, or that has published it."`
	AgentID     ordinaut.AgentID `json:"agentid,omitempty" required:"false" doc:"Who published it, or asked for the change that it tells of."`
	Depth       int              `json:"depth,omitempty" required:"false" doc:"How many runs that were triggered by events lie above it."`
	Data        json.RawMessage  `json:"data" doc:"What else is to be said of it."`
}

// cloudEvents is the version of the specification that events are shown in.
const cloudEvents = "1.0"

func showEvent(e ordinaut.Event) Event {
	return Event{
		SpecVersion: cloudEvents, ID: e.ID, Source: e.Source, Type: e.Topic, Subject: e.Subject, Time: e.At, Seq: e.Seq,
		TaskID: e.TaskID, RunID: e.RunID, AgentID: e.Actor, Depth: e.Depth, Data: e.Data,
	}
}

func showEvents(events []ordinaut.Event) []Event {
	shown := make([]Event, 0, len(events))
	for _, e := range events {
		shown = append(shown, showEvent(e))
	}
	return shown
}

// housePrefix begins the sources that the house gives to events of others.
const housePrefix = ordinaut.SourceOrdinaut + "/"

// checkOutside refuses a topic or a source under which only the house publishes:
// whoever looks out for these relies on their being true.
func checkOutside(topic, source string) error {
	var faults ordinaut.Errors
	if first, _, _ := strings.Cut(topic, "."); event.Reserved(topic) {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeEventReserved, At: "/topic", Sent: topic,
			Message: "topics that begin with " + first + " are told by Ordinaut alone",
			Fix:     "begin it with a word of your own", Examples: []string{"external." + topic},
		})
	}
	if source == ordinaut.SourceOrdinaut || strings.HasPrefix(source, housePrefix) {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeEventReserved, At: "/source", Sent: source,
			Message: "a source of this name is Ordinaut itself",
			Fix:     "name the source after what tells it, or leave it out", Examples: []string{"https://shop.example/orders"},
		})
	}
	return faults.Err()
}

// patterns reads patterns of topics with commas between them. None at all are
// all topics.
func patterns(text, at string) ([]string, error) {
	var topics []string
	for pattern := range strings.SplitSeq(text, ",") {
		if pattern = strings.TrimSpace(pattern); pattern != "" {
			topics = append(topics, pattern)
		}
	}
	return topics, checkPatterns(topics, func(int) string { return at })
}

// checkPatterns tells every pattern that is not well-formed.
func checkPatterns(topics []string, at func(i int) string) error {
	var faults ordinaut.Errors
	for i, topic := range topics {
		if err := lookout.CheckPattern(topic); err != nil {
			faults.Add(ordinaut.AsError(err).Moved(at(i)))
		}
	}
	return faults.Err()
}
