package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// loop is a foreach on its way.
type loop struct {
	place
	items   []any
	results []json.RawMessage // by item
	errors  []any             // likewise; nil is no failure
	begun   time.Time
	next    int // the first item that was not begun
	busy    int // items that were begun and have no result
	bad     bool
}

// goesOn says whether an item that fails leaves the others alone.
func (l *loop) goesOn() bool { return l.of().onError.goesOn }

// open finds the items of a foreach, and begins with the first.
func (g *Progress) open(p place, env *expr.Env) {
	items, err := g.list(p, env)
	if err != nil {
		g.refuse(p, p.of().each.at, err)
		return
	}
	g.items += len(items)
	l := &loop{
		place: p, items: items, begun: g.now,
		results: make([]json.RawMessage, len(items)), errors: make([]any, len(items)),
	}
	g.fill(l)
}

// list is the list of a foreach.
func (g *Progress) list(p place, env *expr.Env) ([]any, error) {
	value, err := p.of().each.list.Eval(env)
	if err != nil {
		return nil, err
	}
	items, ok := value.([]any)
	switch {
	case !ok:
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeExprType, Message: "a foreach needs a list, and this is " + kind(value),
			Fix: "name the list in it; write x || `[]` when none is meant as well",
		}
	case len(items) > limits.ForeachItems:
		return nil, tooMany("the list has", len(items), limits.ForeachItems)
	case g.items+len(items) > limits.RunItems:
		return nil, tooMany("with this list the run has", g.items+len(items), limits.RunItems)
	}
	return items, nil
}

func tooMany(what string, n, most int) error {
	return &ordinaut.Error{
		Code: ordinaut.CodePipelineItems, Message: fmt.Sprintf("%s %d items, and %d are allowed", what, n, most),
		Fix: "have fewer of them, with a filter such as list[?new] or a slice such as list[:100]",
	}
}

// kind names what a value is.
func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case string:
		return "a text"
	case bool:
		return "true or false"
	}
	return "a number"
}

// fill begins with as many items as may be under way at once, and ends a foreach
// that has no more.
func (g *Progress) fill(l *loop) {
	each := l.of().each
	for l.next < len(l.items) && l.busy < each.parallel {
		f := l.item()
		l.next++
		l.busy++
		g.enter(f)
	}
	if l.busy == 0 {
		g.loopEnded(l)
	}
}

// item is the next item.
func (l *loop) item() *frame {
	f := newFrame(l.of().each.body, l.path()+"["+strconv.Itoa(l.next)+"]", l.env())
	f.loop, f.index = l, l.next
	f.inherit(l.frame)
	return f
}

// env is what the steps of the next item read from.
func (l *loop) env() expr.Env {
	env := l.frame.env
	env.Roots = maps.Clone(env.Roots)
	env.Roots["item"], env.Roots["index"] = l.items[l.next], l.next
	return env
}

// bury ends an item that has failed, once nothing of it is under way.
func (g *Progress) bury(f *frame) {
	if f.failure == nil || f.calls > 0 || f.loop == nil || f.ended || !f.loop.goesOn() {
		return
	}
	f.ended = true
	g.abandon(f)
	l, output := f.loop, json.RawMessage("null")
	l.errors[f.index], l.bad = toldOf(f.failure.Failure), true
	if value := l.of().onError.value; value != nil {
		var err error
		if output, err = g.render(value, l.after(f)); err != nil {
			g.spoil(l, err)
			return
		}
	}
	g.itemEnded(l, f.index, output)
}

// after is what can be read when an item has failed: its error is that of the
// foreach.
func (l *loop) after(f *frame) *expr.Env {
	env := *l.frame.view(l.step)
	errors, _ := env.Roots["errors"].(map[string]any)
	env.Roots, errors = maps.Clone(env.Roots), maps.Clone(errors)
	for _, name := range l.of().names {
		errors[name] = l.errors[f.index]
	}
	env.Roots["item"], env.Roots["index"], env.Roots["errors"] = l.items[f.index], f.index, errors
	return &env
}

// spoil fails everything around an item for which nothing can stand.
func (g *Progress) spoil(l *loop, err error) {
	failure := ordinaut.NewFailure(ordinaut.ClassInvalidInput, err)
	failure.Step, failure.At = l.path(), "/on_error/value"+failure.At
	g.stop(l.frame, Failed{Failure: failure})
}

// itemEnded gives an item its result.
func (g *Progress) itemEnded(l *loop, index int, output json.RawMessage) {
	if len(output) == 0 {
		output = json.RawMessage("null")
	}
	l.results[index] = output
	l.busy--
	g.fill(l)
}

// loopEnded gives a foreach the list of its results.
func (g *Progress) loopEnded(l *loop) {
	if l.bad {
		for _, name := range l.of().names {
			l.frame.errors[name] = l.errors
		}
	}
	r, known := g.past[l.path()]
	if !known || !r.Done() {
		r = g.ended(l.place, ordinaut.StepSucceeded)
		r.StartedAt = l.begun
		r.Output = listOf(l.results)
		if len(r.Output) > limits.StepOutputBytes {
			g.refuse(l.place, "", tooLarge("the list of results", len(r.Output)))
			return
		}
		g.keep(r)
	}
	g.settle(l.place, r)
}

// listOf writes values as one list.
func listOf(values []json.RawMessage) json.RawMessage {
	parts := make([][]byte, len(values))
	for i, v := range values {
		parts[i] = v
	}
	return slices.Concat([]byte("["), bytes.Join(parts, []byte(",")), []byte("]"))
}
