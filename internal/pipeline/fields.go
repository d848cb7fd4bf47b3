package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// standing says what becomes of a field.
type standing struct {
	known   bool
	later   string // of a field that is not available: what to do instead
	instead string // of a field that does not exist: where its meaning is to be had
}

// payloadField is the standing of a field of the payload.
func payloadField(name string) standing {
	switch name {
	case "params", "pipeline", "output", "probe":
		return standing{known: true}
	case "timeout_seconds", "max_retries", "retry_policy", "on_error":
		return standing{instead: "leave it out; max_retries and timeout_seconds stand beside payload, in the task"}
	}
	return standing{}
}

// stepField is the standing of a field of a step.
func stepField(name string) standing {
	switch name {
	case "id", "uses", "with", "save_as", "if", "timeout_seconds", "timeout", "description",
		"needs", "retry", "on_error", "foreach", "steps", "max_parallel", "on_doubt", "undo", "idempotency_key":
		return standing{known: true}
	case "output":
		return standing{later: "leave it out"}
	case "probe":
		return standing{instead: "put it beside pipeline, in the payload"}
	case "max_retries", "retries", "retry_count", "retry_delay":
		return standing{instead: "leave it out; how often a step is tried again stands in retry"}
	}
	return standing{}
}

// knownFields are the fields that a field may have been meant to be.
func knownFields(standingOf func(string) standing) (known []string) {
	for _, name := range []string{
		"params", "pipeline", "output", "id", "uses", "with", "save_as", "if", "needs", "foreach", "steps", "max_parallel",
		"retry", "on_error", "on_doubt", "undo", "idempotency_key", "timeout_seconds", "description",
		"probe", "every_seconds",
	} {
		if standingOf(name).known {
			known = append(known, name)
		}
	}
	return known
}

// fields finds fields that do not exist, or not yet.
func (k *checker) fields(fields map[string]any, at string, standingOf func(string) standing) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		s, value, place := standingOf(name), fields[name], at+"/"+ordinaut.PointerToken(name)
		switch {
		case s.known:
		case s.later != "":
			if value != nil {
				k.fault(ordinaut.CodeFieldNotAvailable, place, value, name+" is not available in this version", s.later)
			}
		default:
			known := knownFields(standingOf)
			e := k.fault(ordinaut.CodeFieldUnknown, place, value, fmt.Sprintf("there is no field %q here", name),
				"leave it out, or use one of "+strings.Join(known, ", "))
			if near := ordinaut.Nearest(name, known); near != "" {
				e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
			} else if s.instead != "" {
				e.Fix = s.instead
			}
		}
	}
}
