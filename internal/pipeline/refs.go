package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// roots are what an expression of a step may read from.
func roots() []string { return []string{"now", "params", "run", "steps", "task"} }

// laterRoots are roots that are known and not available yet.
func laterRoots() []string {
	return []string{"agent", "errors", "event", "index", "item", "secrets", "state"}
}

// refs checks what a field of a step reads: roots that exist, and steps before
// it.
func (k *checker) refs(d draft, refs []expr.Ref, field string) {
	for _, ref := range refs {
		at := d.at + field + ref.At
		switch {
		case ref.Root == "steps" && ref.Name == "":
			k.plan.whole = true
		case ref.Root == "steps":
			k.plan.read[ref.Name] = true
			k.stepRef(d, ref.Name, at)
		case slices.Contains(roots(), ref.Root):
		case slices.Contains(laterRoots(), ref.Root):
			k.fault(ordinaut.CodeFieldNotAvailable, at, ref.Root,
				ref.Root+" is not available in this version", "read from "+strings.Join(roots(), ", "))
		default:
			k.rootRef(ref.Root, at)
		}
	}
}

// rootRef tells of a root that does not exist.
func (k *checker) rootRef(root, at string) {
	e := k.fault(ordinaut.CodeExprRoot, at, root,
		fmt.Sprintf("there is nothing called %q to read from", root), "read from "+strings.Join(roots(), ", "))
	if _, isStep := k.names[root]; isStep {
		e.Examples = []string{"steps." + root}
	} else if near := ordinaut.Nearest(root, roots()); near != "" {
		e.Examples = []string{near}
	} else {
		e.Examples = []string{"params." + root}
		return
	}
	e.Fix = fmt.Sprintf("did you mean %s?", e.Examples[0])
}

// stepRef checks that the step which is read exists and comes before.
func (k *checker) stepRef(d draft, name, at string) {
	number, ok := k.names[name]
	switch {
	case !ok:
		e := k.fault(ordinaut.CodePipelineReference, at, "steps."+name,
			fmt.Sprintf("there is no step %q", name), "use the id or save_as of a step before this one")
		if near := ordinaut.Nearest(name, slices.Sorted(maps.Keys(k.names))); near != "" {
			e.Fix, e.Examples = fmt.Sprintf("did you mean steps.%s?", near), []string{"steps." + near}
		}
	case number == d.number:
		k.fault(ordinaut.CodePipelineOrder, at, "steps."+name, "a step cannot read its own result", "read a step before this one")
	case number > d.number:
		k.fault(ordinaut.CodePipelineOrder, at, "steps."+name,
			fmt.Sprintf("the step %q comes only after this one", name), fmt.Sprintf("move it before %q", d.path))
	}
}
