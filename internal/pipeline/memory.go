package pipeline

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// memory is frames as they are recollected from what was recorded, by the path of
// their item; "" is the run.
type memory map[string]*frame

// recollect is the place of a step that has finished, with the results that it
// could read.
func (g *Progress) recollect(r ordinaut.StepResult) (place, error) {
	path, round := aside(r.Path)
	held := g.unwound.memory
	if round > 0 {
		held = memory{} // other results stood then
	}
	f := held[""]
	if f == nil {
		env := g.root.env
		env.Roots = maps.Clone(env.Roots)
		f = newFrame(g.plan.block, "", env)
		g.fillIn(f, r)
		held[""] = f
	}
	for part := range strings.SplitSeq(path, ".") {
		id, rest, inside := strings.Cut(part, "[")
		p := place{frame: f, step: slices.IndexFunc(f.block.steps, func(s step) bool { return s.id == id })}
		switch {
		case p.step < 0:
			return p, notUndone(r)
		case !inside:
			return p, toBeUndone(p, r)
		}
		index, _ := strconv.Atoi(strings.TrimSuffix(rest, "]"))
		var err error
		if f, err = g.itemAt(p, index, held, r); err != nil {
			return p, err
		}
	}
	p := place{frame: f}
	return p, toBeUndone(p, r)
}

// toBeUndone says whether the plan knows what undoes the step.
func toBeUndone(p place, r ordinaut.StepResult) error {
	if p.of().undo == nil {
		return notUndone(r)
	}
	return nil
}

func notUndone(r ordinaut.StepResult) error {
	return &ordinaut.Error{
		Code: ordinaut.CodePipelineReference, Message: "the pipeline says nothing of how " + r.Path + " is undone",
		Fix: "take it back by hand",
	}
}

// itemAt is an item of a foreach, of which the list is gone through again.
func (g *Progress) itemAt(p place, index int, held memory, r ordinaut.StepResult) (*frame, error) {
	prefix := p.path() + "[" + strconv.Itoa(index) + "]"
	if f := held[prefix]; f != nil {
		return f, nil
	}
	if p.of().each == nil {
		return nil, notUndone(r)
	}
	items, err := g.list(p, p.frame.view(p.step))
	if err != nil {
		return nil, err
	}
	if index >= len(items) {
		return nil, notUndone(r)
	}
	f := (&loop{place: p, items: items, next: index}).item()
	g.fillIn(f, r)
	held[prefix] = f
	return f, nil
}

// fillIn gives a frame the results that stood when a step was done.
func (g *Progress) fillIn(f *frame, of ordinaut.StepResult) {
	for n := range f.block.steps {
		p := place{frame: f, step: n}
		r, known := g.asOf(p.path(), of)
		if !known || !r.Done() && r.Failure == nil {
			continue
		}
		var value any
		if g.plan.reads(p.of()) {
			value, _ = decode(orNothing(r.Output))
		}
		for _, name := range p.of().names {
			f.steps[name] = value
			if r.Failure != nil {
				f.errors[name] = toldOf(*r.Failure)
			}
		}
	}
}

// asOf is what was recorded at a path when a step was done: of a step that was
// done again, the last result that was begun before it.
func (g *Progress) asOf(path string, of ordinaut.StepResult) (ordinaut.StepResult, bool) {
	own, round := aside(of.Path)
	id := top(path)
	in := func(n int) (ordinaut.StepResult, bool) {
		version := path
		if n > 0 {
			version = id + "~" + strconv.Itoa(n) + path[len(id):]
		}
		r, known := g.past[version]
		return r, known
	}
	if round == 0 || id == top(own) {
		return in(round)
	}
	order := g.unwound.order
	if r, known := in(0); known && order[r.Path] < order[of.Path] {
		return r, true
	}
	for n := g.rounds[id]; n > 0; n-- {
		if r, known := in(n); known && order[r.Path] < order[of.Path] {
			return r, true
		}
	}
	return ordinaut.StepResult{}, false
}

// finished is when a step has finished.
func finished(r ordinaut.StepResult) time.Time {
	if r.FinishedAt == nil {
		return time.Time{}
	}
	return *r.FinishedAt
}
