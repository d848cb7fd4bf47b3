package pipeline

import (
	"encoding/json"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"maps"
	"slices"

	"github.com/ordinaut/ordinaut/internal/expr"
)

// frame is a list of steps on its way: that of the run, or of one item of a
// foreach.
type frame struct {
	block   *block
	prefix  string // of the paths of its steps; "" is the run itself
	env     expr.Env
	steps   map[string]any // results by every name of their step
	errors  map[string]any // failures that were gone over, likewise
	unmet   []int          // by step: how many others it still waits for
	left    int            // steps without a result
	calls   int            // under way here and inside
	failure *Failed        // why nothing new begins here

	last   int // the last step in the list that has a result
	output json.RawMessage

	loop  *loop // whose item this is; nil is the run
	index int
	ended bool // the item has its result
}

func newFrame(b *block, prefix string, env expr.Env) *frame {
	f := &frame{
		block: b, prefix: prefix, env: env, unmet: slices.Clone(b.unmet), left: len(b.steps),
		steps: map[string]any{}, errors: map[string]any{},
	}
	f.env.Roots["steps"], f.env.Roots["errors"] = f.steps, f.errors
	return f
}

// inherit lets the steps of an item read what lies around it. A name that they
// have themselves is theirs.
func (f *frame) inherit(outer *frame) {
	maps.Copy(f.steps, outer.steps)
	maps.Copy(f.errors, outer.errors)
	for _, s := range f.block.steps {
		for _, name := range s.names {
			delete(f.steps, name)
			delete(f.errors, name)
		}
	}
}

// enter makes those steps of a frame ready that wait for no other.
func (g *Progress) enter(f *frame) {
	for n, unmet := range f.unmet {
		if unmet == 0 {
			g.ready = append(g.ready, place{frame: f, step: n})
		}
	}
}

// outer is the frame in which the foreach stands whose item this is.
func (f *frame) outer() *frame {
	if f.loop == nil {
		return nil
	}
	return f.loop.frame
}

// within says whether the frame is another one, or inside of it.
func (f *frame) within(other *frame) bool {
	for ; f != nil; f = f.outer() {
		if f == other {
			return true
		}
	}
	return false
}

// alive says whether something new may begin in the frame.
func (f *frame) alive() bool {
	for ; f != nil; f = f.outer() {
		if f.failure != nil {
			return false
		}
	}
	return true
}

// forgiven says whether a foreach around goes on without an item that failed.
func (f *frame) forgiven() bool {
	for ; f.loop != nil; f = f.loop.frame {
		if f.loop.goesOn() {
			return true
		}
	}
	return false
}

// view is what the step reads from. One that reads all results at once sees
// those that it has waited for, and no others: which of its neighbours were
// faster must not change what it does.
func (f *frame) view(number int) *expr.Env {
	if !f.block.steps[number].whole {
		return &f.env
	}
	env := f.env
	env.Roots = maps.Clone(f.env.Roots)
	v := &vista{steps: map[string]any{}, errors: map[string]any{}, hidden: map[string]bool{}}
	v.add(f, number)
	for ; f.loop != nil; f = f.loop.frame {
		v.add(f.loop.frame, f.loop.step)
	}
	env.Roots["steps"], env.Roots["errors"] = v.steps, v.errors
	return &env
}

// vista is everything that one step has waited for.
type vista struct {
	steps, errors map[string]any
	hidden        map[string]bool // names of lists inside, which hide those around
}

// add adds what a step of a frame has waited for, and its own error.
func (v *vista) add(f *frame, number int) {
	b := f.block
	for n := range b.steps {
		for _, name := range b.steps[n].names {
			if v.hidden[name] {
				continue
			}
			before := b.steps[number].before.has(n)
			if value, ok := f.steps[name]; ok && before {
				v.steps[name] = value
			}
			if told, ok := f.errors[name]; ok && (before || n == number) {
				v.errors[name] = told
			}
		}
	}
	for _, s := range b.steps {
		for _, name := range s.names {
			v.hidden[name] = true
		}
	}
}

// render fills a template in.
func (g *Progress) render(t *expr.Template, env *expr.Env) (json.RawMessage, error) {
	value, err := t.Render(env)
	if err != nil {
		return nil, err
	}
	return jsonguard.Encode(value)
}
