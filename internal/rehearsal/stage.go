package rehearsal

import (
	"context"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// stage is the tools of one pipeline, behind a catalog of their own. Those that
// are known have their schemas; of all others nothing is known.
type stage struct {
	real    *tool.Catalog
	tools   []ordinaut.Tool
	catalog *tool.Catalog
	plan    *pipeline.Plan
	roles   []role    // the steps that a script may name
	prompt  *prompter // of the case that is played
	bytes   int       // of arguments and answers so far
}

// build makes the stage of a task.
func build(ctx context.Context, r Rehearsal) (*stage, error) {
	s := &stage{real: r.Tools, roles: rolesOf(r.Task.Payload)}
	for _, address := range pipeline.Uses(r.Task.Payload) {
		twice := slices.ContainsFunc(s.tools, func(t ordinaut.Tool) bool { return t.Address == address })
		if known, err := r.Tools.Find(address); err == nil && !twice {
			s.tools = append(s.tools, known)
		} else if !twice && wellFormed(ctx, address) {
			s.tools = append(s.tools, ordinaut.Tool{Address: address})
		}
	}
	var err error
	if s.catalog, err = tool.New(ctx, s); err != nil {
		return nil, err
	}
	var faults ordinaut.Errors
	if s.plan, err = pipeline.Compile(r.Task.Payload, s.catalog); err != nil {
		for _, f := range ordinaut.AsError(err).All() {
			faults.Add(f.Under("/payload"))
		}
	}
	return s, faults.Err()
}

// wellFormed says whether a catalog takes the address.
func wellFormed(ctx context.Context, address string) bool {
	_, err := tool.New(ctx, &stage{tools: []ordinaut.Tool{{Address: address}}})
	return err == nil
}

// Tools lists the tools of the pipeline.
func (s *stage) Tools(context.Context) ([]ordinaut.Tool, error) { return s.tools, nil }

// Call answers as the script says, or lets a tool work that only computes.
func (s *stage) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	if !s.prompt.knows(c) && s.computes(c.Address) {
		return s.real.Call(ctx, c)
	}
	return s.prompt.answer(c)
}

// computes says whether a tool does nothing but compute, so that it can work in
// a rehearsal. A server may have taken the place of a built-in tool, and who
// knows what it does: only tools of servers have fingerprints.
func (s *stage) computes(address string) bool {
	switch address {
	case "data.transform", "text.render", "debug.echo", "debug.log", "flow.fail":
		_, err := s.real.Find(address)
		return err == nil && s.real.Fingerprint(address) == ""
	}
	return false
}
