// Package pipeline decides what is next. A payload is compiled once into a Plan,
// with every fault in it told at once; a Plan, together with the results so far,
// answers one question: what next? Call these, wait until then, done, or failed.
// The same results give the same answers, whichever process asks and however
// often. The package calls nothing and waits for nothing; the engine carries the
// answer out.
package pipeline

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
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
	block  *block
	output *expr.Template  // nil is the result of the last step
	read   map[string]bool // names of results that an expression reads
	whole  bool            // some expression reads all results at once
	events []string        // where the event is read that the run is about
	probe  *Probe          // of a condition; nil is none

	warnings ordinaut.Errors
}

// Warnings are what could not be checked, each with its place in the payload.
func (p *Plan) Warnings() ordinaut.Errors { return p.warnings }

// Tools are the addresses of the tools that the plan calls, each once, in order.
func (p *Plan) Tools() []string {
	addresses := p.block.tools(nil)
	if p.probe != nil {
		addresses = append(addresses, p.probe.plan.Tools()...)
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

// ReadsEvent lists the places in the payload that read the event which the run is
// about, and cannot do without.
func (p *Plan) ReadsEvent() []string { return p.events }

// Compile reads a payload. The error holds every fault, each with its place in
// the payload.
func Compile(payload json.RawMessage, c Catalog) (*Plan, error) {
	k := &checker{catalog: c, plan: &Plan{read: map[string]bool{}}, inner: map[string]string{}}
	k.payload(payload)
	if err := k.faults[:min(len(k.faults), mostFaults)].Err(); err != nil {
		return nil, err
	}
	return k.plan, nil
}

// Uses lists the tools that a payload names, as far as it can be read.
func Uses(payload json.RawMessage) []string {
	var named struct{ Pipeline, Probe any }
	if len(payload) > limits.PayloadBytes || json.Unmarshal(payload, &named) != nil {
		return nil
	}
	return usedIn(named.Probe, usedIn(named.Pipeline, nil))
}

// usedIn adds the tools that a step, or a list of steps, names.
func usedIn(value any, addresses []string) []string {
	switch v := value.(type) {
	case []any:
		for _, step := range v {
			addresses = usedIn(step, addresses)
		}
	case map[string]any:
		address, _ := v["uses"].(string)
		if with, ok := v["with"].(map[string]any); ok && address == foreachTool {
			return usedIn(with["body"], addresses)
		}
		if address != "" {
			addresses = append(addresses, address)
		}
		addresses = usedIn(v["undo"], addresses)
		addresses = usedIn(v["steps"], addresses)
	}
	return addresses
}

// mostFaults is how many faults are told. Nobody mends more at a time.
const mostFaults = 100

// checker makes a plan of a payload, and gathers what is wrong with it.
type checker struct {
	catalog Catalog
	plan    *Plan
	steps   int               // how many there are, in all lists
	inner   map[string]string // the foreach that each name inside one belongs to
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
	s := k.scope(list, "/pipeline", nil)
	k.plan.block = k.block(s)
	k.output(s, fields["output"])
	k.probe(fields["probe"], params)
	k.unread(s)
}

// output reads the template of the run's output, for which every step has ended.
func (k *checker) output(s *scope, value any) {
	if value == nil {
		return
	}
	t, err := expr.ParseTemplate(value)
	if err != nil {
		k.faults.Add(ordinaut.AsError(err).Under("/output"))
		return
	}
	k.refs(reader{at: "/output", in: s, step: atEnd}, t.Refs())
	k.plan.output = t
}
