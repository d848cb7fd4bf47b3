package webhook

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

// readBody reads what was sent as JSON: a form becomes an object of its fields,
// unless it carries JSON in the one field payload, as those of Slack and GitHub
// do. Nothing at all is null.
func readBody(h http.Header, body []byte) (json.RawMessage, error) {
	sent := h.Get("Content-Type")
	media, _, _ := mime.ParseMediaType(sent)
	switch {
	case len(body) == 0:
		return json.RawMessage("null"), nil
	case media == "application/json", strings.HasSuffix(media, "+json"):
		return body, jsonguard.Check(body, jsonguard.Limits{})
	case media == "application/x-www-form-urlencoded":
		return readForm(string(body))
	}
	return nil, &ordinaut.Error{
		Code: ordinaut.CodeUnsupportedMedia, Sent: sent,
		Message:  fmt.Sprintf("a hook cannot read a body of the type %q", sent),
		Fix:      "have the sender send JSON, or a form",
		Examples: []string{"application/json", "application/x-www-form-urlencoded"},
	}
}

func readForm(text string) (json.RawMessage, error) {
	form, err := url.ParseQuery(text)
	if err != nil {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeRequestMalformed, Message: "the form cannot be read", Fix: "percent-encode its names and values", Err: err,
		}
	}
	if payload := form["payload"]; len(form) == 1 && len(payload) == 1 {
		if jsonguard.Check([]byte(payload[0]), jsonguard.Limits{}) == nil {
			return json.RawMessage(payload[0]), nil
		}
	}
	fields := make(map[string]any, len(form))
	for name, values := range form {
		fields[name] = values
		if len(values) == 1 {
			fields[name] = values[0]
		}
	}
	raw, err := jsonguard.Encode(fields)
	if err == nil {
		err = jsonguard.Check(raw, jsonguard.Limits{})
	}
	return raw, err
}
