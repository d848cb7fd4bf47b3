package egress

import (
	"encoding/json"
	"net/url"
	"strings"
)

// Text is a JSON value as a header, a parameter or a part of a path takes it:
// text as it is, anything else as JSON.
func Text(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // of what was decoded from JSON, which can be encoded again
	return strings.TrimSuffix(out.String(), "\n")
}

// Texts is each of the values as text, without those that are null.
func Texts(values map[string]any) map[string]string {
	texts := make(map[string]string, len(values))
	for name, v := range values {
		if v != nil {
			texts[name] = Text(v)
		}
	}
	return texts
}

// Parameters is the values as the parameters of a query or a form. A list is
// its parameter several times, and null leaves one out.
func Parameters(values map[string]any) url.Values {
	parameters := make(url.Values, len(values))
	for name, v := range values {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, item := range list {
			if item != nil {
				parameters.Add(name, Text(item))
			}
		}
	}
	return parameters
}

// headerText is text that a header can carry: what is not plain ASCII in it is
// percent-encoded.
func headerText(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return url.PathEscape(text)
	}
	return text
}
