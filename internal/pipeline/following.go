package pipeline

import (
	"encoding/json"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"maps"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// foretold is a call that follows an approval, as it will be made.
type foretold struct {
	Step string          `json:"step"`
	Tool string          `json:"tool"`
	With json.RawMessage `json:"with"`
}

// following are the calls that follow at once when an approval is given as it is
// asked for, as far as they can be told by now: whoever decides sees exactly what
// will be done.
func (g *Progress) following(p place, a approval) json.RawMessage {
	given := decision{Decision: "approved", At: g.instant(g.now)}
	result, err := jsonguard.Encode(given.result(ordinaut.StepResult{Wait: &ordinaut.Wait{Answer: json.RawMessage("{}")}}, a))
	if err != nil {
		return nil
	}
	supposed := *p.frame
	supposed.steps = maps.Clone(p.frame.steps)
	supposed.env.Roots = maps.Clone(p.frame.env.Roots)
	supposed.env.Roots["steps"] = supposed.steps
	value, _ := decode(result)
	for _, name := range p.of().names {
		supposed.steps[name] = value
	}
	var calls []foretold
	for _, n := range p.of().followers {
		if p.frame.unmet[n] > 1 {
			continue // it waits for another branch as well
		}
		calls = append(calls, g.foretell(place{frame: &supposed, step: n})...)
	}
	return written(calls)
}

// written is a list of calls, as many as are kept.
func written(calls []foretold) json.RawMessage {
	size := 0
	for i, c := range calls {
		if size += len(c.With); size > limits.StepOutputBytes/4 {
			calls = calls[:i]
			break
		}
	}
	if len(calls) == 0 {
		return nil
	}
	list, err := jsonguard.Encode(calls)
	if err != nil {
		return nil
	}
	return list
}

// foretell is what a step will call, or nothing when that cannot be told.
func (g *Progress) foretell(p place) []foretold {
	s, env := p.of(), p.frame.view(p.step)
	if s.condition != nil {
		if holds, err := s.condition.Eval(env); err != nil || !expr.Truthy(holds) {
			return nil
		}
	}
	if s.each != nil {
		return g.foretellEach(p, env)
	}
	with, err := g.render(s.with, env)
	if err != nil || controls(s.tool.Address) {
		return nil
	}
	return []foretold{{Step: p.path(), Tool: s.tool.Address, With: with}}
}

// foretellEach is what the first steps of all items will call.
func (g *Progress) foretellEach(p place, env *expr.Env) (calls []foretold) {
	items, err := g.list(p, env)
	if err != nil {
		return nil
	}
	l := &loop{place: p, items: items}
	for ; l.next < len(items); l.next++ {
		f := l.item()
		for n, unmet := range f.unmet {
			if unmet == 0 {
				calls = append(calls, g.foretell(place{frame: f, step: n})...)
			}
		}
	}
	return calls
}
