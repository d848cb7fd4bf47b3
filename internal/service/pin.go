package service

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// Warning is something about a task that does not keep it from being stored, and
// that its owner should know.
type Warning struct {
	Code    ordinaut.Code `json:"code" doc:"What it is about."`
	At      string        `json:"at" doc:"Where in the task, a JSON Pointer."`
	Message string        `json:"message" doc:"What was found."`
	Fix     string        `json:"fix" doc:"What may be done."`
}

func warningOf(e *ordinaut.Error) Warning {
	return Warning{Code: e.Code, At: e.At, Message: e.Message, Fix: e.Fix}
}

// plan compiles a payload. Servers whose tools it names and that were never
// listed are asked for their tools first.
func (s *Service) plan(ctx context.Context, payload json.RawMessage) (*pipeline.Plan, error) {
	look, cancel := context.WithTimeout(ctx, limits.ToolCheck)
	defer cancel()
	s.tools.Look(look, pipeline.Uses(payload)...)
	plan, err := pipeline.Compile(payload, s.catalog())
	if err == nil {
		return plan, nil
	}
	var faults ordinaut.Errors
	for _, f := range ordinaut.AsError(err).All() {
		faults.Add(f.Under("/payload"))
	}
	return nil, faults.Err()
}

// pin records how the tools of a plan are defined. Fingerprints that were sent
// say how they must be defined; those that the task had before are left as they
// are, so that what has changed since stays to be seen.
func (s *Service) pin(c *compiled, plan *pipeline.Plan, was ordinaut.Definition) error {
	for _, w := range plan.Warnings() {
		c.warnings = append(c.warnings, warningOf(w.Under("/payload")))
	}
	d := &c.definition
	if d.ToolFingerprints != nil && maps.Equal(d.ToolFingerprints, was.ToolFingerprints) {
		return nil
	}
	pins := map[string]string{}
	for _, address := range plan.Tools() {
		if now := s.tools.Fingerprint(address); now != "" {
			pins[address] = now
		}
	}
	var faults ordinaut.Errors
	for address, sent := range d.ToolFingerprints {
		if now := pins[address]; now != sent {
			faults.Add(&ordinaut.Error{
				Code: ordinaut.CodeToolChanged, At: "/tool_fingerprints/" + address, Sent: sent,
				Message: fmt.Sprintf("%s is not defined as this fingerprint says", address),
				Fix:     "look at its definition, and send the task without tool_fingerprints to accept it",
			})
		}
	}
	d.ToolFingerprints = pins
	if len(pins) == 0 {
		d.ToolFingerprints = nil
	}
	return faults.Err()
}

// drift tells of tools that are no longer what they were when the task was
// checked.
func (s *Service) drift(d ordinaut.Definition) (warnings []Warning) {
	for _, address := range slices.Sorted(maps.Keys(d.ToolFingerprints)) {
		if w := s.tools.Drift(address, d.ToolFingerprints[address]); w != nil {
			warnings = append(warnings, warningOf(w.Under("/tool_fingerprints/"+address)))
		}
	}
	return warnings
}
