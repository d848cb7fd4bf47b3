package lookout

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// fields are what an expression may read of an event, in alphabetical order.
func fields() []string {
	return []string{"data", "depth", "event", "id", "payload", "run_id", "seq", "source", "subject", "task_id", "time", "topic", "type"}
}

// occurred is an event as it is kept with a run, in the words of CloudEvents 1.0.
type occurred struct {
	ID      string          `json:"id"`
	Source  string          `json:"source"`
	Type    string          `json:"type"`
	Subject string          `json:"subject,omitempty"`
	Time    time.Time       `json:"time"`
	Seq     int64           `json:"seq"`
	TaskID  ordinaut.TaskID `json:"task_id,omitempty"`
	RunID   ordinaut.RunID  `json:"run_id,omitempty"`
	Depth   int             `json:"depth,omitempty"`
	Data    json.RawMessage `json:"data"`
}

// Document is an event as it is kept with a run that it triggers, or for which
// a step has waited.
func Document(e ordinaut.Event) (json.RawMessage, error) {
	return json.Marshal(occurred{
		ID: e.ID, Source: e.Source, Type: e.Topic, Subject: e.Subject, Time: e.At, Seq: e.Seq,
		TaskID: e.TaskID, RunID: e.RunID, Depth: e.Depth, Data: e.Data,
	})
}

// View is the document of an event as expressions see it: data is also called
// payload, and type topic.
func View(document json.RawMessage) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		return nil, err
	}
	return seen(fields), nil
}

// seen adds the second names, and what the event does not have.
func seen(event map[string]any) map[string]any {
	if event == nil {
		event = map[string]any{}
	}
	for names := range slices.Chunk([]string{"type", "topic", "data", "payload"}, 2) {
		if event[names[0]] == nil {
			event[names[0]] = event[names[1]]
		}
		event[names[1]] = event[names[0]]
	}
	return event
}

// Root is what a pipeline reads as event: the newest one that its run is about,
// with all of them, oldest first, under events. The document is that of one
// event, or a list of several.
func Root(document json.RawMessage) (map[string]any, error) {
	var list []json.RawMessage
	if len(document) > 0 && document[0] == '[' {
		if err := json.Unmarshal(document, &list); err != nil {
			return nil, err
		}
	} else {
		list = []json.RawMessage{document}
	}
	all := make([]any, len(list))
	root := map[string]any{}
	for i, one := range list {
		event, err := View(one)
		if err != nil {
			return nil, err
		}
		all[i] = event
		root = event
	}
	newest := map[string]any{"events": all, "count": len(all)}
	maps.Copy(newest, root)
	return newest, nil
}
