package pipeline

import (
	"encoding/json"

	"github.com/ordinaut/ordinaut"
)

// Preview is what a step would do, if the steps before it gave what samples
// say.
type Preview struct {
	Outline
	Missing []string // ids of steps that it reads and for which there is no sample
	Next    Decision // Call, Skip or Failed; nil when something is missing
}

// Preview walks the whole plan without calling anything. A sample stands for the
// result of the step with that id or save_as.
func (p *Plan) Preview(e Env, samples map[string]json.RawMessage) []Preview {
	g := p.Begin(e)
	unknown := make([]bool, len(p.steps))
	var steps []Preview
	for i, o := range p.Outline() {
		v := Preview{Outline: o}
		for _, n := range p.readBy(i) {
			if unknown[n] {
				v.Missing = append(v.Missing, p.steps[n].path)
			}
		}
		if v.Missing == nil {
			v.Next = g.Next()
		}
		steps = append(steps, v)
		unknown[i] = !g.suppose(v, samples)
	}
	return steps
}

// suppose records what a step would have given, and says whether that is known.
// A step of which nothing is known is passed over.
func (g *Progress) suppose(v Preview, samples map[string]json.RawMessage) (known bool) {
	result := ordinaut.StepResult{Path: v.Path, Status: ordinaut.StepSkipped}
	_, known = v.Next.(Skip)
	for _, name := range v.Names {
		if sample, sent := samples[name]; sent && !known {
			result.Status, result.Output, known = ordinaut.StepSucceeded, sample, true
		}
	}
	g.Record(result)
	return known
}
