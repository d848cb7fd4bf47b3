package schema

import (
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Unknown stands in a value for a part that is not known yet, such as an
// argument that is rendered when the step runs. No fault is reported that may
// come from such a part.
type Unknown struct{}

// uncertain says whether an error may come from a part that is unknown.
func (c *collector) uncertain(e *jsonschema.ValidationError) bool {
	if !c.partial {
		return false
	}
	if strings.Contains(e.SchemaURL, "/then") || strings.Contains(e.SchemaURL, "/else") || strings.Contains(e.SchemaURL, "/unevaluated") {
		return true // whether they apply may depend on it
	}
	switch e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.AllOf, *kind.Reference,
		*kind.Required, *kind.DependentRequired, *kind.AdditionalProperties, *kind.Type,
		*kind.MinItems, *kind.MaxItems, *kind.MinProperties, *kind.MaxProperties:
		_, unknown := c.at(e).(Unknown)
		return unknown
	}
	return holdsUnknown(c.at(e))
}

// holdsUnknown says whether some part of the value is unknown.
func holdsUnknown(v any) bool {
	switch v := v.(type) {
	case Unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, holdsUnknown)
	case map[string]any:
		for _, c := range v {
			if holdsUnknown(c) {
				return true
			}
		}
	}
	return false
}
