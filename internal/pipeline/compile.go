// Package pipeline decides what is next. A payload is compiled once into a Plan,
// with every fault in it told at once; a Plan, together with the results so far,
// answers one question: what next? Call this, skip that, done, or failed. The
// package calls nothing and waits for nothing; the engine carries the answer
// out.
package pipeline

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Catalog is what the checks need to know of the tools there are.
type Catalog interface {
	// Find finds a tool by its address. An error of the kind unavailable says
	// that nobody can know now whether there is such a tool, any other that
	// there is none.
	Find(address string) (ordinaut.Tool, error)
	// CheckInput says what in the arguments does not fit the tool. Parts that
	// are not known yet are schema.Unknown.
	CheckInput(address string, args any) ordinaut.Errors
}

// Plan is a payload, compiled. It never changes, and many runs may follow it at
// once.
type Plan struct {
	params map[string]any
	steps  []step
	byPath map[string]int
	read   map[string]bool // names of results that an expression reads
	whole  bool            // some expression reads all results at once

	warnings ordinaut.Errors
}

// Warnings are what could not be checked, each with its place in the payload.
func (p *Plan) Warnings() ordinaut.Errors { return p.warnings }

// Tools are the addresses of the tools that the plan calls, each once, in order.
func (p *Plan) Tools() (addresses []string) {
	for _, s := range p.steps {
		addresses = append(addresses, s.tool.Address)
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

// Compile reads a payload. The error holds every fault, each with its place in
// the payload.
func Compile(payload json.RawMessage, c Catalog) (*Plan, error) {
	k := &checker{
		catalog: c,
		plan:    &Plan{byPath: map[string]int{}, read: map[string]bool{}},
		names:   map[string]int{},
	}
	k.payload(payload)
	if err := k.faults[:min(len(k.faults), mostFaults)].Err(); err != nil {
		return nil, err
	}
	return k.plan, nil
}

// Uses lists the tools that a payload names, as far as it can be read.
func Uses(payload json.RawMessage) (addresses []string) {
	var named struct {
		Pipeline []struct{ Uses any }
	}
	if len(payload) > limits.PayloadBytes || json.Unmarshal(payload, &named) != nil {
		return nil
	}
	for _, s := range named.Pipeline {
		if address, ok := s.Uses.(string); ok {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// mostFaults is how many faults are told. Nobody mends more at a time.
const mostFaults = 100

// checker makes a plan of a payload, and gathers what is wrong with it.
type checker struct {
	catalog Catalog
	plan    *Plan
	names   map[string]int // the step that each name belongs to
	faults  ordinaut.Errors
}

// fault notes a fault.
func (k *checker) fault(code ordinaut.Code, at string, sent any, message, fix string) *ordinaut.Error {
	switch sent.(type) {
	case map[string]any, []any:
		sent = nil
	}
	e := &ordinaut.Error{Code: code, At: at, Sent: sent, Message: message, Fix: fix}
	k.faults = append(k.faults, e)
	return e
}

func (k *checker) payload(raw json.RawMessage) {
	if len(raw) > limits.PayloadBytes {
		k.fault(ordinaut.CodePipelineTooLarge, "", nil,
			fmt.Sprintf("the payload has %d bytes, and %d are allowed", len(raw), limits.PayloadBytes),
			"keep large texts elsewhere and have a step read them")
		return
	}
	value, err := decode(raw)
	fields, ok := value.(map[string]any)
	if err != nil || !ok {
		k.fault(ordinaut.CodeFieldType, "", value, "the payload must be an object", "send the steps under pipeline").
			Examples = []string{`{"pipeline": [{"uses": "debug.echo", "with": {"message": "hello"}}]}`}
		return
	}
	k.fields(fields, "", payloadField)
	params, ok := fields["params"].(map[string]any)
	if !ok && fields["params"] != nil {
		k.fault(ordinaut.CodeFieldType, "/params", fields["params"], "params must be an object", "send names and values").
			Examples = []string{`{"city": "Chisinau"}`}
	}
	k.plan.params = params
	list, ok := fields["pipeline"].([]any)
	if !ok && fields["pipeline"] != nil {
		k.fault(ordinaut.CodeFieldType, "/pipeline", fields["pipeline"], "pipeline must be a list of steps", "put the steps in [ ]")
		return
	}
	k.steps(list)
}

func (k *checker) steps(list []any) {
	switch {
	case len(list) == 0:
		k.fault(ordinaut.CodePipelineEmpty, "/pipeline", nil, "a pipeline needs at least one step", "add a step").
			Examples = []string{`{"uses": "debug.echo", "with": {"message": "hello"}}`}
	case len(list) > limits.PipelineSteps:
		k.fault(ordinaut.CodePipelineSteps, "/pipeline", nil,
			fmt.Sprintf("the pipeline has %d steps, and %d are allowed", len(list), limits.PipelineSteps),
			"split it into several tasks")
		return
	}
	var drafts []draft
	for i, value := range list {
		at := "/pipeline/" + strconv.Itoa(i)
		if fields, ok := value.(map[string]any); ok {
			drafts = append(drafts, k.draft(fields, at, i))
		} else {
			k.fault(ordinaut.CodeFieldType, at, value, "a step must be an object", "say which tool it uses").
				Examples = []string{`{"uses": "debug.echo", "with": {"message": "hello"}}`}
		}
	}
	// A step may read any step before it, and a mistaken one names those after
	// it: so all names are known before the first reference is looked at.
	for i, d := range drafts {
		k.plan.steps = append(k.plan.steps, k.step(d))
		k.plan.byPath[d.path] = i
	}
}
