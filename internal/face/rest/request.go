package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// waitField is the request's field that the Prefer header can set.
const waitField = "wait_seconds"

// assemble makes the one JSON object that the operation takes out of the path,
// the query, the body and the Prefer header. A field may come twice if it says
// the same both times.
func (f *face) assemble(w http.ResponseWriter, r *http.Request, o *op.Op, pathFields []string) (json.RawMessage, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeRequestMalformed, Message: "the query of the URL cannot be read",
			Fix: "percent-encode its names and values", Err: err,
		}
	}
	schema := f.Ops.RequestSchema(o)
	if body, err = unwrapped(r.Header, body, schema.Properties); err != nil {
		return nil, err
	}
	wait, waits := preferredWait(r.Header.Values("Prefer"), schema.Properties[waitField])
	last, resumes := lastEvent(r.Header.Get("Last-Event-ID"), schema.Properties[afterField])
	if len(pathFields) == 0 && len(query) == 0 && !waits && !resumes {
		return body, nil
	}
	fields := map[string]json.RawMessage{}
	if len(body) > 0 {
		if err := jsonguard.Check(body, jsonguard.Limits{}); err != nil {
			return nil, err
		}
		if json.Unmarshal(body, &fields) != nil || fields == nil {
			return body, nil // not an object, which the operation says itself
		}
	}
	var faults ordinaut.Errors
	for _, name := range pathFields {
		faults.Add(put(fields, name, quoted(r.PathValue(name)), "path"))
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if schema.Properties[name] != nil && strings.Join(query[name], "") == "" {
			continue // a form that was left empty
		}
		faults.Add(put(fields, name, fromQuery(f.resolve(schema.Properties[name]), query[name]), "query"))
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	if resumes {
		fields[afterField] = last // a reader that comes back still has the first one in its URL
	}
	if _, sent := fields[waitField]; waits && !sent {
		fields[waitField] = json.RawMessage(strconv.Itoa(wait))
		w.Header().Set("Preference-Applied", "wait="+strconv.Itoa(wait))
	}
	return json.Marshal(fields)
}

// put adds a field, unless it is there with another value.
func put(fields map[string]json.RawMessage, name string, value json.RawMessage, from string) error {
	was, twice := fields[name]
	if twice && !sameJSON(was, value) {
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/" + ordinaut.PointerToken(name), Sent: was,
			Message: fmt.Sprintf("%s is %s in the %s of the URL and another value elsewhere in the request", name, cut(string(value)), from),
			Fix:     "send it once",
		}
	}
	fields[name] = value
	return nil
}

func sameJSON(a, b json.RawMessage) bool {
	read := func(raw json.RawMessage) (v any) {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		_ = d.Decode(&v)
		return v
	}
	return reflect.DeepEqual(read(a), read(b))
}

// fromQuery turns the values of one query parameter into JSON of the type that
// the schema asks for. What does not fit becomes a string, or an array when the
// parameter was repeated, so that the schema finds the fault and names it.
func fromQuery(s *huma.Schema, values []string) json.RawMessage {
	if s != nil && s.Type == huma.TypeArray || len(values) > 1 {
		var item *huma.Schema
		if s != nil {
			item = s.Items
		}
		parts := make([]json.RawMessage, len(values))
		for i, v := range values {
			parts[i] = fromQuery(item, []string{v})
		}
		list, _ := json.Marshal(parts) // every part is valid JSON
		return list
	}
	text := values[0]
	if s == nil {
		return quoted(text)
	}
	switch s.Type {
	case huma.TypeString:
	case huma.TypeBoolean:
		if v, err := strconv.ParseBool(text); err == nil {
			return json.RawMessage(strconv.FormatBool(v))
		}
	default: // numbers, objects, and fields that take any JSON
		if json.Valid([]byte(text)) {
			return json.RawMessage(text)
		}
	}
	return quoted(text)
}

// resolve follows the reference of a schema, if it is one.
func (f *face) resolve(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return f.Ops.Registry().SchemaFromRef(s.Ref)
	}
	return s
}

// preferredWait reads wait=N of the Prefer header (RFC 7240). A preference that
// cannot be met in full is met as far as the field's schema allows, and one that
// makes no sense here is ignored, as the RFC asks.
func preferredWait(headers []string, field *huma.Schema) (seconds int, ok bool) {
	if field == nil {
		return 0, false
	}
	for preference := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(preference), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
		if err != nil || n < 0 {
			return 0, false
		}
		if field.Maximum != nil {
			n = min(n, int(*field.Maximum))
		}
		return n, true
	}
	return 0, false
}

// readBody reads a body that must be JSON. One that holds nothing but white space
// is no body.
func readBody(w http.ResponseWriter, r *http.Request) (json.RawMessage, error) {
	body, err := readAll(w, r)
	if err != nil {
		return nil, err
	}
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return nil, nil
	}
	return body, checkMedia(r.Header)
}

// readForm reads the form that a page of ours sends.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	body, err := readAll(w, r)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/x-www-form-urlencoded" || err != nil {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeRequestMalformed, Message: "this is not what the form sends", Fix: "follow the link again, and use its buttons", Err: err,
		}
	}
	return form, nil
}

// readAll reads the body within the limits of size and time.
func readAll(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	// Not every ResponseWriter has deadlines. The answer before this one on the
	// connection left one for writing, which would cut off a 100 Continue.
	_ = control.SetWriteDeadline(time.Time{})
	_ = control.SetReadDeadline(time.Now().Add(limits.BodyWait))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limits.BodyBytes))
	if err != nil {
		return nil, unreadable(err)
	}
	// The server reads on to notice a client that leaves. A deadline that passes
	// then would end the request while the operation is at work.
	_ = control.SetReadDeadline(time.Time{})
	return body, nil
}

func unreadable(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &ordinaut.Error{
			Code:    ordinaut.CodeRequestTooLarge,
			Message: fmt.Sprintf("the body is larger than %d bytes", limits.BodyBytes),
			Fix:     "send less; large data belongs in the tool that the pipeline calls",
			Err:     err,
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &ordinaut.Error{
			Code:    ordinaut.CodeRequestTooSlow,
			Message: fmt.Sprintf("the body did not arrive within %s", limits.BodyWait),
			Fix:     "send it again, without a pause",
			Err:     err,
		}
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeRequestMalformed,
		Message: "the body ended before it was complete",
		Fix:     "send the whole body, as long as Content-Length says",
		Err:     err,
	}
}

// checkMedia refuses a body that does not say it is JSON. Browsers cannot send
// one across origins without asking, and what a form sends is never meant for us.
func checkMedia(h http.Header) error {
	sent := h.Get("Content-Type")
	media, _, _ := mime.ParseMediaType(sent)
	encoded := h.Get("Content-Encoding")
	switch {
	case encoded != "" && encoded != "identity":
		return unsupported("Content-Encoding", encoded, "send the body as it is, without Content-Encoding")
	case media == "application/json", strings.HasSuffix(media, "+json"):
		return nil
	}
	return unsupported("Content-Type", sent, "send the header Content-Type: application/json")
}

func unsupported(header, sent, fix string) error {
	message := fmt.Sprintf("the body is not sent as JSON: its %s is %s", header, cut(sent))
	if sent == "" {
		message = "the body does not say that it is JSON: it has no " + header
	}
	return &ordinaut.Error{Code: ordinaut.CodeUnsupportedMedia, Message: message, Fix: fix, Examples: []string{"application/json"}}
}

func quoted(text string) json.RawMessage {
	raw, _ := json.Marshal(text) // a string always marshals
	return raw
}
