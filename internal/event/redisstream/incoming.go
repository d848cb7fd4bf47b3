package redisstream

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// incomingChars is how long the id, the source and the subject of an event may be.
const incomingChars = 200

// event reads an entry: the attributes of CloudEvents under their names, the type
// also as topic, and the data also as payload, as JSON. An entry without an id has
// that of its place in the stream, so that it counts once however often it is read.
func (in *inlet) event(m redis.XMessage) (ordinaut.Event, error) {
	text := func(names ...string) string {
		for _, name := range names {
			if s, _ := m.Values[name].(string); s != "" {
				return s
			}
		}
		return ""
	}
	e := ordinaut.Event{
		Topic: text("type", "topic"), Subject: text("subject"), Actor: in.options.Actor,
		ID: cmp.Or(text("id", "event_id"), m.ID), Source: cmp.Or(text("source"), readerPrefix+in.stream.key),
	}
	if data := text("data", "payload"); data != "" {
		e.Data = json.RawMessage(data)
	}
	return e, check(e)
}

// check finds everything that keeps what came in from being an event.
func check(e ordinaut.Event) error {
	var faults ordinaut.Errors
	if err := lookout.CheckTopic(e.Topic); err != nil {
		faults.Add(ordinaut.AsError(err).Moved("/type"))
	} else if event.Reserved(e.Topic) {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeEventReserved, At: "/type", Sent: e.Topic,
			Message: "only Ordinaut tells of this topic", Fix: "begin it with a word of your own", Examples: []string{"external." + e.Topic},
		})
	}
	if e.Source == ordinaut.SourceOrdinaut || strings.HasPrefix(e.Source, ordinaut.SourceOrdinaut+"/") {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeEventReserved, At: "/source", Sent: e.Source,
			Message: "a source of this name is Ordinaut itself", Fix: "name the source after what tells it, or leave it out",
		})
	}
	for _, text := range [][2]string{{"/id", e.ID}, {"/source", e.Source}, {"/subject", e.Subject}} {
		faults.Add(checkText(text[0], text[1]))
	}
	faults.Add(checkData(e.Data))
	return faults.Err()
}

func checkText(at, text string) error {
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return &ordinaut.Error{Code: ordinaut.CodeFieldValue, At: at, Message: "it is not text in UTF-8", Fix: "encode it as UTF-8"}
	case utf8.RuneCountInString(text) > incomingChars:
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: at,
			Message: fmt.Sprintf("it has %d characters, and %d are allowed", utf8.RuneCountInString(text), incomingChars), Fix: "shorten it",
		}
	}
	return nil
}

func checkData(data json.RawMessage) error {
	if data == nil {
		return nil
	}
	if len(data) > limits.EventDataBytes {
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/data",
			Message: fmt.Sprintf("data has %d bytes, and %d are allowed", len(data), limits.EventDataBytes),
			Fix:     "keep what is large elsewhere, and say in the event where",
		}
	}
	if err := jsonguard.Check(data, jsonguard.Limits{}); err != nil {
		return ordinaut.AsError(err).Under("/data")
	}
	return nil
}
