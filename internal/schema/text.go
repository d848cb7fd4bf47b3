package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

const (
	mostListed   = 20    // of many values or names in one message
	mostCompared = 1_000 // values and names, with what was sent, over all faults
)

// list names things in one line.
func list(names []string) string {
	if len(names) > mostListed {
		return strings.Join(names[:mostListed], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// describe tells what a field is, from its own schema.
func (n *node) describe() string {
	text := ""
	if t, ok := n.schema["type"].(string); ok {
		text += ", " + article(t)
	}
	if d, ok := n.schema["description"].(string); ok && len(d) <= 120 {
		text += ": " + strings.TrimSuffix(d, ".")
	}
	return text
}

// examples are values that the subschema itself names as acceptable.
func (n *node) examples() []string {
	values, _ := n.schema["examples"].([]any)
	if len(values) == 0 {
		values, _ = n.schema["enum"].([]any)
	}
	if v, ok := n.schema["default"]; ok && len(values) == 0 {
		values = []any{v}
	}
	var texts []string
	for _, v := range values[:min(len(values), mostListed)] {
		texts = append(texts, plain(v))
	}
	return texts
}

// nameOf says in words what stands at a place.
func nameOf(tokens []string) string {
	if len(tokens) == 0 {
		return "the value"
	}
	last := tokens[len(tokens)-1]
	if _, err := strconv.Atoi(last); err == nil {
		return "item " + last
	}
	return last
}

// article puts the article before the name of a JSON type.
func article(t string) string {
	switch t {
	case "null":
		return t
	case "integer", "array", "object":
		return "an " + t
	}
	return "a " + t
}

// plain writes a value as people would: text without quotes, the rest as JSON.
func plain(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// shown is the value itself when it is short enough to be told back.
func shown(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) > 200 {
			return strings.ToValidUTF8(v[:200], "") + "…"
		}
	case []any, map[string]any, Unknown:
		return nil
	}
	return v
}

// formatExample shows a format that people are likely to get wrong.
func formatExample(format string) string {
	switch format {
	case "date-time":
		return ", such as 2026-01-31T08:30:00Z"
	case "date":
		return ", such as 2026-01-31"
	case "time":
		return ", such as 08:30:00Z"
	case "duration":
		return ", such as PT1H30M"
	case "uri":
		return ", such as https://example.com/path"
	}
	return ""
}
