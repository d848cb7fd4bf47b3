package redisstream

import (
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// entry is an event as it stands in a stream, as names and values: the attributes
// of CloudEvents, of which those that are empty are left out.
func entry(e ordinaut.Event) []any {
	fields := []any{
		"seq", e.Seq, "id", e.ID, "source", e.Source, "type", e.Topic, "time", e.At.UTC().Format(time.RFC3339Nano),
	}
	for _, more := range [][2]string{
		{"subject", e.Subject}, {"taskid", string(e.TaskID)}, {"runid", string(e.RunID)}, {"agentid", string(e.Actor)}, {"data", string(e.Data)},
	} {
		if more[1] != "" {
			fields = append(fields, more[0], more[1])
		}
	}
	if e.Depth > 0 {
		fields = append(fields, "depth", e.Depth)
	}
	return fields
}

// GapTopic is the topic of an entry that stands in the log of no store: some events
// behind one position and up to another are not kept any more, and were never
// added.
const GapTopic = "ordinaut.gap"

// gap is the entry that tells of a gap.
func gap(after, until int64) ordinaut.Event {
	return ordinaut.Event{
		Seq: after, ID: fmt.Sprintf("gap-%d-%d", after, until), Source: ordinaut.SourceOrdinaut, Topic: GapTopic, At: time.Now(),
		Data: fmt.Appendf(nil, `{"after":%d,"until":%d}`, after, until),
	}
}

// idOf is the id of the entry of an event. That of a gap lies between those of the
// event before it and of the first that it may hide.
func idOf(e ordinaut.Event) string {
	if e.Topic == GapTopic {
		return fmt.Sprintf("%d-1", e.Seq)
	}
	return entryID(e.Seq)
}
