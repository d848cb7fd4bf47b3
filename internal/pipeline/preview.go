package pipeline

import (
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// Preview is what a step would do, if the steps before it gave what samples
// say. Without Missing, it is skipped, fails, or is called.
type Preview struct {
	Outline
	Missing []string // ids of steps that it reads and for which there is no sample
	Skipped bool
	Failure *ordinaut.Failure
	Args    json.RawMessage // of the call; of a foreach of one step, for its first item
	Items   int             // of a foreach
	Wait    *ordinaut.Wait  // of a step that waits
}

// Preview walks the whole plan without calling anything. A sample stands for the
// result of the step with that id or save_as.
func (p *Plan) Preview(e Env, samples map[string]json.RawMessage) []Preview {
	g := &Progress{plan: p, run: e.Run, zones: e.loadZone}
	if e.Run.Now != nil {
		g.now = *e.Run.Now
	}
	g.root = newFrame(p.block, "", e.roots(p, nil))
	outline := p.Outline()
	steps, known := make([]Preview, len(outline)), make([]bool, len(outline))
	g.enter(g.root)
	// A step is ready when all that it waits for were looked at.
	for len(g.ready) > 0 {
		at := g.ready[0]
		g.ready = g.ready[1:]
		v := Preview{Outline: outline[at.step]}
		for _, n := range p.readBy(at.step) {
			if !known[n] {
				v.Missing = append(v.Missing, outline[n].Path)
			}
		}
		if v.Missing == nil {
			g.foresee(at, &v)
		}
		known[at.step] = g.suppose(at, v, samples)
		steps[at.step] = v
	}
	return steps
}

// foresee finds out what a step would do.
func (g *Progress) foresee(at place, v *Preview) {
	s, env := at.of(), g.root.view(at.step)
	field, err := "/if", error(nil)
	if s.condition != nil {
		var holds any
		if holds, err = s.condition.Eval(env); err == nil && !expr.Truthy(holds) {
			v.Skipped = true
			return
		}
	}
	switch {
	case err != nil:
	case s.each != nil:
		field, err = g.foreseeEach(at, v, env)
	default:
		field = "/with"
		v.Args, err = g.render(s.with, env)
		if err == nil && controls(s.tool.Address) {
			v.Wait, err = g.foreseeWait(at, v.Args)
		}
	}
	if err != nil {
		f := ordinaut.NewFailure(ordinaut.ClassInvalidInput, err)
		f.Step, f.At = v.Path, field+f.At
		v.Failure = &f
	}
}

// foreseeWait finds out what a step would wait for; nil when it would not have to.
func (g *Progress) foreseeWait(at place, args json.RawMessage) (*ordinaut.Wait, error) {
	wait, err := g.waitOf(at, args)
	if err != nil || !wait.Until.After(g.now) {
		return nil, err
	}
	return &wait, nil
}

// foreseeEach finds out how many items a foreach has, and with what the tool is
// called for the first.
func (g *Progress) foreseeEach(at place, v *Preview, env *expr.Env) (field string, err error) {
	each := at.of().each
	items, err := g.list(at, env)
	if err != nil {
		return each.at, err
	}
	v.Items = len(items)
	if first := &each.body.steps[0]; len(items) > 0 && first.id == "" {
		l := &loop{place: at, items: items}
		v.Args, err = g.render(first.with, l.item().view(0))
	}
	return "/with", err
}

// suppose gives a step the result that it would have, and says whether that is
// known. A step of which nothing is known is passed over.
func (g *Progress) suppose(at place, v Preview, samples map[string]json.RawMessage) (known bool) {
	result := ordinaut.StepResult{Status: ordinaut.StepSkipped}
	known = v.Skipped
	for _, name := range v.Names {
		if sample, sent := samples[name]; sent && !known {
			result.Status, result.Output, known = ordinaut.StepSucceeded, sample, true
		}
	}
	g.settle(at, result)
	return known
}
