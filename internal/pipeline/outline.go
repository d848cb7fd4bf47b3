package pipeline

import (
	"slices"
	"time"

	"github.com/ordinaut/ordinaut/internal/expr"
)

// Outline is one step of a plan, as far as it is known before any run.
type Outline struct {
	Path        string   // its id
	Names       []string // what its result is read by
	Tool        string
	Reads       []string // ids of the steps whose results it reads, in order
	Conditional bool     // it has a condition, so it may be skipped
	Timeout     time.Duration
}

// Outline lists the steps of the plan in the order in which they run.
func (p *Plan) Outline() []Outline {
	steps := make([]Outline, len(p.steps))
	for i, s := range p.steps {
		steps[i] = Outline{
			Path: s.path, Names: s.names, Tool: s.tool.Address, Conditional: s.condition != nil, Timeout: s.timeout,
		}
		for _, n := range p.readBy(i) {
			steps[i].Reads = append(steps[i].Reads, p.steps[n].path)
		}
	}
	return steps
}

// readBy lists the steps whose results a step reads, in order. One that reads
// all of them reads those before it.
func (p *Plan) readBy(number int) (read []int) {
	s := p.steps[number]
	refs := s.with.Refs()
	if s.condition != nil {
		refs = slices.Concat(refs, s.condition.Refs())
	}
	for i, before := range p.steps[:number] {
		if slices.ContainsFunc(refs, func(r expr.Ref) bool {
			return r.Root == "steps" && (r.Name == "" || slices.Contains(before.names, r.Name))
		}) {
			read = append(read, i)
		}
	}
	return read
}
