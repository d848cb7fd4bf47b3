package pipeline

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Probe is the call that a condition is about: it is made again and again, and
// what it answers is looked at.
type Probe struct {
	every time.Duration
	plan  *Plan // of this one step
}

// Probe is the probe of the payload; nil is none.
func (p *Plan) Probe() *Probe { return p.probe }

// Every is how often it is made.
func (p *Probe) Every() time.Duration { return p.every }

// Call is the call as it is made now, with Run.Now as its time, or why it cannot
// be made.
func (p *Probe) Call(e Env) (Call, *ordinaut.Failure) {
	turn := p.plan.Begin(e).Next(*e.Run.Now)
	if len(turn.Begin) == 1 {
		return turn.Begin[0], nil
	}
	if failed, is := turn.End.(Failed); is {
		return Call{}, &failed.Failure
	}
	return Call{}, &ordinaut.Failure{
		Code: ordinaut.CodePipelineStep, Class: ordinaut.ClassInvalidInput,
		Message: "the probe calls nothing", Fix: "have it use a tool that answers at once",
	}
}

// probeField is the standing of a field of the probe.
func probeField(name string) standing {
	switch name {
	case "uses", "with", "timeout_seconds", "every_seconds", "description":
		return standing{known: true}
	case "retry", "on_error", "on_doubt", "idempotency_key":
		return standing{instead: "leave it out: a probe that fails is made again by itself, and a tool that only looks needs no key"}
	}
	return standing{}
}

// probe reads the probe of the payload. It is checked as a step that is alone.
func (k *checker) probe(value any, params map[string]any) {
	if value == nil {
		return
	}
	fields, ok := value.(map[string]any)
	if !ok {
		k.fault(ordinaut.CodeFieldType, "/probe", value, "probe must be an object: one call of a tool", "say which tool is called, and how often").
			Examples = []string{`{"uses": "http.request", "with": {"url": "https://shop.example/stock"}, "every_seconds": 60}`}
		return
	}
	k.fields(fields, "/probe", probeField)
	every := k.probeSeconds(fields, "every_seconds", limits.ProbeEvery, limits.ProbeEveryMost)
	k.probeSeconds(fields, "timeout_seconds", 0, limits.ProbeTimeout)
	if fields["every_seconds"] == nil {
		k.fault(ordinaut.CodeFieldRequired, "/probe/every_seconds", nil, "every_seconds is missing", "say how often the probe is made").
			Examples = []string{"60"}
	}
	plan := k.single(fields, params)
	if plan == nil {
		return
	}
	k.plan.probe = &Probe{every: every, plan: plan}
	k.onlyLooks(plan.block.steps[0].tool)
}

// probeSeconds reads a time of the probe, and tells when it is out of bounds.
func (k *checker) probeSeconds(fields map[string]any, name string, least, most time.Duration) time.Duration {
	number, ok := fields[name].(json.Number)
	if !ok {
		if fields[name] != nil {
			k.fault(ordinaut.CodeFieldType, "/probe/"+name, fields[name], name+" must be a number", "send a number of seconds")
		}
		return 0
	}
	n, err := number.Float64()
	d := time.Duration(n * float64(time.Second))
	if err != nil || n < least.Seconds() || n > most.Seconds() || d <= 0 {
		k.fault(ordinaut.CodeFieldValue, "/probe/"+name, number,
			fmt.Sprintf("%s must be at least %g and at most %g", name, max(least.Seconds(), 0.001), most.Seconds()), "choose a value between them")
	}
	return d
}

// single compiles the probe as the one step of a pipeline, and tells its faults
// where they stand.
func (k *checker) single(fields, params map[string]any) *Plan {
	step := map[string]any{"id": "probe"}
	for _, name := range []string{"uses", "with", "timeout_seconds"} {
		if value, sent := fields[name]; sent {
			step[name] = value
		}
	}
	payload, err := json.Marshal(map[string]any{"params": params, "pipeline": []any{step}})
	if err != nil {
		k.faults.Add(fmt.Errorf("write the probe: %w", err)) // it was read from JSON
		return nil
	}
	plan, err := Compile(payload, k.catalog)
	if err != nil {
		for _, f := range ordinaut.AsError(err).All() {
			if at, own := strings.CutPrefix(f.At, "/pipeline/0"); own {
				k.faults.Add(f.Moved("/probe" + at))
			}
		}
		return nil
	}
	for _, w := range plan.warnings {
		if at, own := strings.CutPrefix(w.At, "/pipeline/0"); own {
			k.plan.warnings = append(k.plan.warnings, w.Moved("/probe"+at))
		}
	}
	return plan
}

// onlyLooks refuses a tool of the house that does not only look: nobody could
// say how often what it does was done.
func (k *checker) onlyLooks(t ordinaut.Tool) {
	group, _, _ := strings.Cut(t.Address, ".")
	house := []string{"flow", "pipeline", "orchestrator", "policy", "system", "task", "event"}
	if !slices.Contains(house, group) || t.ReadOnly {
		return
	}
	k.fault(ordinaut.CodePipelineStep, "/probe/uses", t.Address, t.Address+" does more than look, and a probe is made over and over",
		"use a tool that only looks, and put this one into the pipeline")
}
