package rest

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

// The media types of CloudEvents 1.0 in the JSON format.
const (
	oneCloudEvent   = "application/cloudevents+json"
	cloudEventBatch = "application/cloudevents-batch+json"
)

// listField is the request's field that a body is which is a list.
const listField = "events"

// unwrapped is a body as the operation takes it: a list of events is one of its
// fields, and of a CloudEvent those attributes are taken that it has a field for.
func unwrapped(h http.Header, body json.RawMessage, fields map[string]*huma.Schema) (json.RawMessage, error) {
	if fields[listField] == nil || len(body) == 0 {
		return body, nil
	}
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	clouds := strings.HasPrefix(media, "application/cloudevents")
	if body[0] != '[' && !clouds {
		return body, nil
	}
	if err := jsonguard.Check(body, jsonguard.Limits{}); err != nil {
		return nil, err
	}
	switch {
	case media == oneCloudEvent:
		return attributes(body, fields, "")
	case !clouds:
		return json.Marshal(map[string]json.RawMessage{listField: body})
	}
	var batch []json.RawMessage
	if media != cloudEventBatch || json.Unmarshal(body, &batch) != nil {
		return nil, unsupported("Content-Type", media, "send one event as "+oneCloudEvent+", and a list of them as "+cloudEventBatch)
	}
	for i, event := range batch {
		one, err := attributes(event, fields, "/"+listField)
		if err != nil {
			return nil, err
		}
		batch[i] = one
	}
	return json.Marshal(map[string][]json.RawMessage{listField: batch})
}

// attributes are those of a CloudEvent that have a field.
func attributes(event json.RawMessage, fields map[string]*huma.Schema, at string) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if json.Unmarshal(event, &all) != nil {
		return event, nil // not an object, which the operation says itself
	}
	if binary, has := all["data_base64"]; has {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: at + "/data_base64", Sent: cut(string(binary)),
			Message: "the data of an event is JSON", Fix: "send it as data",
		}
	}
	kept := map[string]json.RawMessage{}
	for name, value := range all {
		if fields[name] != nil && name != listField {
			kept[name] = value
		}
	}
	return json.Marshal(kept)
}
