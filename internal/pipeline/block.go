package pipeline

import (
	"fmt"
	"strconv"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// block is a compiled list of steps that wait for each other: the pipeline, or
// the body of a foreach.
type block struct {
	steps []step
	unmet []int // by step: how many others it waits for
}

// tools adds the addresses of the tools that the block calls.
func (b *block) tools(addresses []string) []string {
	for _, s := range b.steps {
		if s.each != nil {
			addresses = s.each.body.tools(addresses)
		} else {
			addresses = append(addresses, s.tool.Address)
		}
		if s.undo != nil {
			addresses = append(addresses, s.undo.tool.Address)
		}
	}
	return addresses
}

// scope is a list of steps whose own fields were looked at, and what may be
// read there.
type scope struct {
	at     string // its place in the payload
	outer  *scope // the list in which the foreach stands whose body this is
	of     string // the id of that foreach
	loop   int    // and its number
	depth  int
	drafts []draft
	names  map[string]int // the step that each name belongs to
	tangle bool           // its steps wait for each other in a circle
}

// scope looks at a list of steps, and at the lists inside. A step may read any
// step that it waits for, and a mistaken one names the others: so all names are
// known before the first reference is looked at.
func (k *checker) scope(list []any, at string, of *draft) *scope {
	s := &scope{at: at, names: map[string]int{}, depth: 1}
	if of != nil {
		s.outer, s.of, s.loop, s.depth = of.in, of.id, of.number, of.in.depth+1
	}
	if !k.fits(list, s) {
		return s
	}
	for i, value := range list {
		at := at + "/" + strconv.Itoa(i)
		fields, ok := value.(map[string]any)
		if !ok {
			k.fault(ordinaut.CodeFieldType, at, value, "a step must be an object", "say which tool it uses").
				Examples = []string{`{"uses": "debug.echo", "with": {"message": "hello"}}`}
		}
		s.drafts = append(s.drafts, k.draft(s, fields, at, i))
	}
	k.order(s)
	return s
}

// fits says whether a list has a number of steps that can be looked at.
func (k *checker) fits(list []any, s *scope) bool {
	first := k.steps <= limits.PipelineSteps
	k.steps += len(list)
	switch {
	case len(list) == 0:
		k.fault(ordinaut.CodePipelineEmpty, s.at, nil, "a pipeline needs at least one step", "add a step").
			Examples = []string{`{"uses": "debug.echo", "with": {"message": "hello"}}`}
	case k.steps > limits.PipelineSteps:
		if first {
			k.fault(ordinaut.CodePipelineSteps, s.at, nil,
				fmt.Sprintf("the pipeline has %d steps, and %d are allowed", k.steps, limits.PipelineSteps),
				"split it into several tasks")
		}
		return false
	case s.depth > limits.PipelineNesting:
		k.fault(ordinaut.CodePipelineNesting, s.at, nil,
			fmt.Sprintf("lists of steps stand inside each other, and %d levels are allowed", limits.PipelineNesting),
			"have the inner list worked on by a task of its own")
		return false
	}
	return true
}

// block compiles the steps of a scope.
func (k *checker) block(s *scope) *block {
	b := &block{steps: make([]step, len(s.drafts)), unmet: make([]int, len(s.drafts))}
	for i := range s.drafts {
		b.steps[i] = k.step(s.drafts[i])
		b.unmet[i] = len(s.drafts[i].needs)
	}
	for i := range s.drafts {
		b.steps[i].heeded = s.drafts[i].heeded // which other steps have said
		for _, n := range s.drafts[i].needs {
			b.steps[n].followers = append(b.steps[n].followers, i)
		}
	}
	return b
}
