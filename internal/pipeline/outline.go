package pipeline

import (
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// Outline is one step of a plan, as far as it is known before any run. What a
// foreach does for its items is told with the foreach.
type Outline struct {
	Path        string   // its id
	Names       []string // what its result is read by
	Tool        string   // of a foreach, those of its body
	Needs       []string // ids of the steps that it waits for at once, in order
	Reads       []string // ids of the steps whose results it reads, in order
	Conditional bool     // it has a condition, so it may be skipped
	Foreach     bool     // it is done for each item of a list
	Timeout     time.Duration
	Waits       ordinaut.WaitKind // what it waits for without a call; "" is nothing
	Undo        string            // the tool that takes back what it has done; "" is none
}

// Outline lists the steps of the plan in the order in which they are written.
func (p *Plan) Outline() []Outline {
	steps := make([]Outline, len(p.block.steps))
	for i := range p.block.steps {
		s := &p.block.steps[i]
		steps[i] = Outline{
			Path: s.id, Names: s.names, Tool: s.tool.Address, Conditional: s.condition != nil, Foreach: s.each != nil, Timeout: s.timeout,
		}
		if s.each != nil {
			tools := s.each.body.tools(nil)
			slices.Sort(tools)
			steps[i].Tool = strings.Join(slices.Compact(tools), ", ")
		}
		steps[i].Waits, steps[i].Undo = waitsFor(s.tool.Address), s.undone()
		for _, other := range p.block.steps {
			if slices.Contains(other.followers, i) {
				steps[i].Needs = append(steps[i].Needs, other.id)
			}
		}
		for _, n := range p.readBy(i) {
			steps[i].Reads = append(steps[i].Reads, p.block.steps[n].id)
		}
	}
	return steps
}

// undone is the tool that takes back what the step, or its first one for an item,
// has done.
func (s *step) undone() string {
	switch {
	case s.undo != nil:
		return s.undo.tool.Address
	case s.each != nil && s.each.body.steps[0].id == "":
		return s.each.body.steps[0].undone()
	}
	return ""
}

// readBy lists the steps whose results a step reads, in order. One that reads
// all of them reads those that it waits for.
func (p *Plan) readBy(number int) (read []int) {
	s := &p.block.steps[number]
	refs := s.refs(nil)
	for n := range p.block.steps {
		if s.before.has(n) && slices.ContainsFunc(refs, func(r expr.Ref) bool {
			return r.Name == "" || slices.Contains(p.block.steps[n].names, r.Name)
		}) {
			read = append(read, n)
		}
	}
	return read
}

// refs adds the results that a step reads, in its body too. A name of the body
// hides that of a step around it.
func (s *step) refs(all []expr.Ref) []expr.Ref {
	add := func(refs []expr.Ref) {
		for _, r := range refs {
			if r.Root == "steps" {
				all = append(all, r)
			}
		}
	}
	if s.condition != nil {
		add(s.condition.Refs())
	}
	if s.with != nil {
		add(s.with.Refs())
	}
	if s.onError.value != nil {
		add(s.onError.value.Refs())
	}
	if s.each == nil {
		return all
	}
	add(s.each.list.Refs())
	var own []string
	var inside []expr.Ref
	for i := range s.each.body.steps {
		own = append(own, s.each.body.steps[i].names...)
		inside = s.each.body.steps[i].refs(inside)
	}
	return append(all, slices.DeleteFunc(inside, func(r expr.Ref) bool { return slices.Contains(own, r.Name) })...)
}
