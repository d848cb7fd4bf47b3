package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// reader is a field that reads, and from where.
type reader struct {
	at   string // its place in the payload
	in   *scope
	step int  // its step in that list, or atEnd
	item bool // there is an item
	own  bool // the step has failed: its own error can be read

	result bool // the step has succeeded: so can its result
}

// atEnd is where every step of a list has ended.
const atEnd = -1

// reader is a field of the step.
func (d draft) reader(field string) reader {
	return reader{at: d.at + field, in: d.in, step: d.number, item: d.in.outer != nil || d.item}
}

// roots are what an expression may read from.
func (r reader) roots() []string {
	roots := []string{"errors", "event", "now", "params", "run", "steps", "task"}
	if r.item {
		roots = append(roots, "index", "item")
		slices.Sort(roots)
	}
	return roots
}

// laterRoots are roots that are known and not available yet.
func laterRoots() []string { return []string{"agent", "secrets", "state"} }

// refs checks what a field reads: roots that exist, and steps that have ended by
// then. It says whether all results are read at once.
func (k *checker) refs(r reader, refs []expr.Ref) (whole bool) {
	roots := r.roots()
	for _, ref := range refs {
		at := r.at + ref.At
		switch {
		case (ref.Root == "steps" || ref.Root == "errors") && ref.Name == "":
			whole = true
			k.plan.whole = k.plan.whole || ref.Root == "steps"
		case ref.Root == "steps":
			k.plan.read[ref.Name] = true
			k.stepRef(r, ref, at)
		case ref.Root == "errors":
			k.stepRef(r, ref, at)
		case ref.Root == "event" && !ref.Optional:
			k.plan.events = append(k.plan.events, at)
		case slices.Contains(roots, ref.Root):
		case slices.Contains(laterRoots(), ref.Root):
			k.fault(ordinaut.CodeFieldNotAvailable, at, ref.Root,
				ref.Root+" is not available in this version", "read from "+strings.Join(roots, ", "))
		case ref.Root == "item" || ref.Root == "index":
			k.fault(ordinaut.CodeExprRoot, at, ref.Root, "there is an "+ref.Root+" only inside of a foreach",
				"add a foreach, or read from "+strings.Join(roots, ", "))
		default:
			k.rootRef(r, ref.Root, at)
		}
	}
	return whole
}

// rootRef tells of a root that does not exist.
func (k *checker) rootRef(r reader, root, at string) {
	roots := r.roots()
	e := k.fault(ordinaut.CodeExprRoot, at, root,
		fmt.Sprintf("there is nothing called %q to read from", root), "read from "+strings.Join(roots, ", "))
	if _, isStep := r.in.names[root]; isStep {
		e.Examples = []string{"steps." + root}
	} else if near := ordinaut.Nearest(root, roots); near != "" {
		e.Examples = []string{near}
	} else {
		e.Examples = []string{"params." + root}
		return
	}
	e.Fix = fmt.Sprintf("did you mean %s?", e.Examples[0])
}

// stepRef checks that the step which is read exists and has ended by then. The
// steps of a body may read those that the foreach itself may read.
func (k *checker) stepRef(r reader, ref expr.Ref, at string) {
	for in, reads := r.in, r.step; in != nil; in, reads = in.outer, in.loop {
		number, ok := in.names[ref.Name]
		if !ok {
			continue
		}
		own := number == r.step && in == r.in && (r.own && ref.Root == "errors" || r.result && ref.Root == "steps")
		in.drafts[number].read = in.drafts[number].read || ref.Root == "steps"
		in.drafts[number].heeded = in.drafts[number].heeded || ref.Root == "steps" && r.step != atEnd && !own
		if reads != atEnd && !in.tangle && !own {
			k.ended(in, number, reads, ref, at)
		}
		if ref.Root == "errors" {
			k.seen(in.drafts[number], ref, at)
		}
		return
	}
	e := k.fault(ordinaut.CodePipelineReference, at, ref.Root+"."+ref.Name,
		fmt.Sprintf("there is no step %q", ref.Name), "use the id or save_as of a step before this one")
	if loop, inside := k.inner[ref.Name]; inside {
		e.Message = fmt.Sprintf("the step %q is inside of the foreach %q", ref.Name, loop)
		e.Fix, e.Examples = fmt.Sprintf("read steps.%s, the list of its results", loop), []string{"steps." + loop}
	} else if near := ordinaut.Nearest(ref.Name, r.names()); near != "" {
		e.Examples = []string{ref.Root + "." + near}
		e.Fix = fmt.Sprintf("did you mean %s?", e.Examples[0])
	}
}

// seen warns of a step whose error nobody ever sees, because it ends the run.
func (k *checker) seen(d draft, ref expr.Ref, at string) {
	if sent := d.fields["on_error"]; sent != nil && sent != "fail" {
		return
	}
	k.noEffect(at, "errors."+ref.Name, fmt.Sprintf("a failure of %q ends the run, so nobody reads its error", d.id),
		fmt.Sprintf("give %q an on_error, such as continue", d.id)).Examples = []string{"continue"}
}

// noEffect warns of something that changes nothing.
func (k *checker) noEffect(at string, sent any, message, fix string) *ordinaut.Error {
	e := &ordinaut.Error{Code: ordinaut.CodePipelineNoEffect, At: at, Sent: sent, Message: message, Fix: fix}
	k.plan.warnings.Add(e)
	return e
}

// unread warns of approvals that decide nothing: nobody reads what was decided,
// and no step follows that a rejection would keep from being done.
func (k *checker) unread(s *scope) {
	for i, d := range s.drafts {
		if d.body != nil {
			k.unread(d.body)
		}
		followed := slices.ContainsFunc(s.drafts, func(other draft) bool { return other.before.has(i) })
		if d.tool.Address == approvalTool && !d.read && !followed && s.outer == nil {
			k.noEffect(d.at, d.id, "nobody reads what is decided, and no step follows", "let the steps that it is about come after it")
		}
	}
}

// names are the names of steps in every list around the reader.
func (r reader) names() []string {
	all := map[string]int{}
	for in := r.in; in != nil; in = in.outer {
		maps.Copy(all, in.names)
	}
	return slices.Sorted(maps.Keys(all))
}

// ended checks that a step has ended when another one of its list reads it.
func (k *checker) ended(in *scope, number, reads int, ref expr.Ref, at string) {
	name, d := ref.Root+"."+ref.Name, in.drafts[reads]
	switch {
	case number == reads:
		k.fault(ordinaut.CodePipelineOrder, at, name, "a step cannot read its own result", "read a step before this one")
	case d.before.has(number):
	case in.drafts[number].before.has(reads):
		k.fault(ordinaut.CodePipelineOrder, at, name,
			fmt.Sprintf("the step %q comes only after this one", ref.Name), fmt.Sprintf("move it before %q", d.id))
	default:
		k.fault(ordinaut.CodePipelineOrder, at, name,
			fmt.Sprintf("%q does not wait for the step %q", d.id, ref.Name), fmt.Sprintf("add %q to its needs", in.drafts[number].id))
	}
}
