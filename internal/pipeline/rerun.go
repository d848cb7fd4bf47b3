package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// Repeat is how a run is done once more.
type Repeat struct {
	From   string // the path of the step that is done anew; "" is none
	Steady bool   // params, now and plan are those of before, so every list has the items of before
}

// Keep names the recorded results that stand when a run is done once more, by
// their paths: all but those of the step, of what waits for it after all, and of
// steps that were undone since, with what waits for these. A failure stands when
// the run went on from it. Of a foreach in which the step lies the other items
// stay, unless its list may be another one.
func (p *Plan) Keep(how Repeat, past []ordinaut.StepResult) ([]string, error) {
	k := keeper{plan: p, Repeat: how, done: map[string]bool{}}
	if how.From != "" {
		from := p.trail(how.From)
		if from == nil {
			return nil, p.noStep(how.From, past)
		}
		k.anew(from)
	}
	for _, r := range past {
		k.done[r.Path] = r.Done()
	}
	for _, r := range past {
		if r.Done() && k.done[r.Path+undoSuffix] {
			if t := p.trail(r.Path); t != nil {
				k.anew(t)
			}
		}
	}
	var keep []string
	for _, r := range past {
		if t := p.trail(r.Path); t != nil && k.keeps(t, r) {
			keep = append(keep, r.Path)
		}
	}
	return keep, k.varied(keep)
}

// Missing names those of the results that the plan has no use for: it has no such
// step, or calls another tool there. Such results are of another version.
func (p *Plan) Missing(past []ordinaut.StepResult) (paths []string) {
	for _, r := range past {
		t := p.trail(r.Path)
		if t == nil || r.Tool != "" && t.last().tool.Address != r.Tool {
			paths = append(paths, r.Path)
		}
	}
	return paths
}

// undoSuffix follows the path of a step under which its undoing is recorded.
const undoSuffix = ".undo"

// trail is the steps on the way to a path, the outermost first.
type trail []point

// point is a step of a list, and the item when the way goes on into a foreach.
type point struct {
	block *block
	step  int
	item  string
}

func (t point) of() *step { return &t.block.steps[t.step] }

func (t trail) last() *step { return t[len(t)-1].of() }

// trail follows a path. It is nil when no step has that path.
func (p *Plan) trail(path string) (t trail) {
	for b := p.block; ; {
		id, rest := path, ""
		if i := strings.IndexAny(path, ".["); i >= 0 {
			id, rest = path[:i], path[i:]
		}
		n := slices.IndexFunc(b.steps, func(s step) bool { return s.id == id })
		if n < 0 {
			return nil
		}
		at := point{block: b, step: n}
		if rest == "" {
			return append(t, at)
		}
		each := b.steps[n].each
		item, rest, closed := strings.Cut(strings.TrimPrefix(rest, "["), "]")
		if each == nil || !closed {
			return nil
		}
		at.item = item
		t, b = append(t, at), each.body
		switch alone := b.steps[0].id == ""; {
		case alone && rest == "":
			return append(t, point{block: b})
		case alone || !strings.HasPrefix(rest, "."):
			return nil
		}
		path = rest[1:]
	}
}

// keeper finds out which results stand.
type keeper struct {
	Repeat
	plan  *Plan
	again []trail         // what is done anew, with all that waits for it
	done  map[string]bool // by path
}

// anew has a step done anew. In a list that may be another one nothing is known
// of its items, so the foreach is done anew as a whole.
func (k *keeper) anew(t trail) {
	if !k.Steady {
		t = trail{{block: t[0].block, step: t[0].step}}
	}
	k.again = append(k.again, t)
}

// keeps says whether a recorded result stands.
func (k *keeper) keeps(t trail, r ordinaut.StepResult) bool {
	if !r.Done() && !goneOver(t, r) {
		return false
	}
	if !k.Steady && len(t) > 1 && !k.done[t[0].of().id] {
		return false // of a list that is not finished
	}
	return !slices.ContainsFunc(k.again, t.waitsFor)
}

// goneOver says whether the run went on from a failure.
func goneOver(t trail, r ordinaut.StepResult) bool {
	return r.Status == ordinaut.StepFailed && r.Failure != nil && r.Failure.Class != ordinaut.ClassCanceled &&
		slices.ContainsFunc(t, func(p point) bool { return p.of().onError.goesOn })
}

// waitsFor says whether the step is the other, lies in it, or waits for it after
// all. A foreach waits for what lies in it.
func (t trail) waitsFor(other trail) bool {
	for i := range t {
		a, b := t[i], other[i]
		if a.step != b.step {
			return a.block.steps[a.step].before.has(b.step)
		}
		if i == len(other)-1 || i == len(t)-1 {
			return true
		}
		if a.item != b.item {
			return false
		}
	}
	return true
}

// varied refuses to keep the items of a list that may be another one.
func (k *keeper) varied(keep []string) error {
	if k.Steady {
		return nil
	}
	for _, s := range k.plan.block.steps {
		if s.each != nil && slices.Contains(keep, s.id) && s.varies() {
			return &ordinaut.Error{
				Code: ordinaut.CodeRunState, At: "/from_step", Sent: k.From,
				Message: fmt.Sprintf("the list of %s may be another one now, so the results of its items cannot be kept", s.id),
				Fix:     "begin at " + s.id + " or before it, or leave params, version and now as they were", Examples: []string{s.id},
			}
		}
	}
	return nil
}

// varies says whether the lists of a foreach depend on more than on the results
// of steps.
func (s *step) varies() bool {
	if s.each == nil {
		return false
	}
	for _, ref := range s.each.list.Refs() {
		if !slices.Contains([]string{"steps", "errors", "item", "index"}, ref.Root) {
			return true
		}
	}
	return slices.ContainsFunc(s.each.body.steps, func(inner step) bool { return inner.varies() })
}

// noStep says that there is no such step, and which one may have been meant.
func (p *Plan) noStep(path string, past []ordinaut.StepResult) error {
	var paths []string
	for _, s := range p.block.steps {
		paths = append(paths, s.id)
	}
	for _, r := range past {
		if p.trail(r.Path) != nil {
			paths = append(paths, r.Path)
		}
	}
	e := &ordinaut.Error{
		Code: ordinaut.CodePipelineReference, At: "/from_step", Sent: path,
		Message: fmt.Sprintf("the pipeline has no step %q", path),
		Fix:     "use the path of a step as the run shows it, or failed for the one that failed",
	}
	if near := ordinaut.Nearest(path, paths); near != "" {
		e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
	}
	return e
}
