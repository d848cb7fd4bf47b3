package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// idChars bounds the id of an event and its subject.
const idChars = 200

// occurred is the event that a message to a hook becomes.
func occurred(h ordinaut.Hook, header http.Header, body json.RawMessage) (ordinaut.Event, error) {
	var value any
	if err := jsonguard.Decode(body, &value); err != nil {
		return ordinaut.Event{}, err
	}
	document := map[string]any{"hook": h.Name, "headers": shownHeaders(h, header), "body": value}
	e := ordinaut.Event{Source: Source(h.Name), Topic: "hook." + h.Name, Data: body, Actor: h.CreatedBy}
	var faults ordinaut.Errors
	for _, m := range []struct {
		name string
		text string
		into *string
	}{{"topic", h.Map.Topic, &e.Topic}, {"subject", h.Map.Subject, &e.Subject}, {"id", h.Map.ID, &e.ID}} {
		faults.Add(mapText(m.name, m.text, document, m.into))
	}
	faults.Add(mapData(h.Map.Data, document, &e.Data))
	if err := faults.Err(); err != nil {
		return e, err
	}
	if h.Map.ID == "" {
		e.ID = messageID(h.Verify, header, value)
	}
	return e, check(h, e)
}

// Source is the source of the events of a hook.
func Source(hook string) string { return ordinaut.SourceOrdinaut + "/hooks/" + hook }

// shownHeaders are the headers by their names in lower case, without those that
// hold secrets.
func shownHeaders(h ordinaut.Hook, header http.Header) map[string]any {
	shown := make(map[string]any, len(header))
	for name, values := range header {
		switch {
		case name == "Authorization", name == "Cookie", strings.EqualFold(name, h.Header):
		default:
			shown[strings.ToLower(name)] = strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD")
		}
	}
	return shown
}

// mapText evaluates an expression that gives a text, if there is one.
func mapText(name, text string, document any, into *string) error {
	if text == "" {
		return nil
	}
	v, err := evaluate(name, text, document)
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case string:
		*into = v
	case json.Number:
		*into = v.String()
	case nil:
		return unmapped(name, "gives null", "have it give a text, such as with || for what may be missing")
	default:
		raw, err := jsonguard.Encode(v)
		if err != nil {
			return unmapped(name, "gives no value", "have it give a text")
		}
		if bytes.ContainsAny(raw[:1], `[{tf`) {
			return unmapped(name, "gives no text", "have it give a text")
		}
		*into = string(raw)
	}
	return nil
}

func mapData(text string, document any, into *json.RawMessage) error {
	if text == "" {
		return nil
	}
	v, err := evaluate("data", text, document)
	if err != nil {
		return err
	}
	*into, err = jsonguard.Encode(v)
	return err
}

func evaluate(name, text string, document any) (any, error) {
	parsed, err := expr.Parse(text)
	if err == nil {
		var v any
		if v, err = parsed.Search(&expr.Env{}, document); err == nil {
			return v, nil
		}
	}
	return nil, unmapped(name, "cannot be evaluated: "+ordinaut.AsError(err).Message, "mend the expression")
}

func unmapped(name, message, fix string) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeHookMapping, At: "/map/" + name,
		Message: "the expression for " + name + " " + message, Fix: fix + ": ordinaut hooks update",
	}
}

// check refuses an event that nobody may publish.
func check(h ordinaut.Hook, e ordinaut.Event) error {
	var faults ordinaut.Errors
	if err := lookout.CheckTopic(e.Topic); err != nil {
		faults.Add(ordinaut.AsError(err).Moved("/map/topic"))
	}
	if own := "hook." + h.Name; e.Topic != own && !strings.HasPrefix(e.Topic, own+".") && event.Reserved(e.Topic) {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeEventReserved, At: "/map/topic", Sent: e.Topic,
			Message: "only Ordinaut itself tells events of this topic", Fix: "begin it with another word, or with " + own,
		})
	}
	for name, text := range map[string]string{"id": e.ID, "subject": e.Subject} {
		if len(text) > idChars {
			faults.Add(unmapped(name, fmt.Sprintf("gives more than %d characters", idChars), "have it give less"))
		}
	}
	if len(e.Data) > limits.EventDataBytes {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeRequestTooLarge, At: "/map/data",
			Message: fmt.Sprintf("the data of the event has %d bytes, and %d are kept", len(e.Data), limits.EventDataBytes),
			Fix:     "have an expression for data choose what is needed",
		})
	}
	return faults.Err()
}

// messageID is what the sender calls what he sent; "" when he does not say.
func messageID(v ordinaut.HookVerify, header http.Header, body any) string {
	field := func(names ...string) string {
		fields, _ := body.(map[string]any)
		for _, name := range names {
			if text, _ := fields[name].(string); text != "" {
				return text
			}
		}
		return ""
	}
	id := ""
	switch v {
	case ordinaut.VerifyStandard:
		id = header.Get(event.HeaderID)
	case ordinaut.VerifyGitHub:
		id = header.Get("X-GitHub-Delivery")
	case ordinaut.VerifyStripe:
		id = field("id")
	case ordinaut.VerifySlack:
		id = field("event_id", "trigger_id")
	case ordinaut.VerifySecret:
		id = header.Get("Idempotency-Key")
	}
	return strings.ToValidUTF8(id, "\uFFFD")
}
