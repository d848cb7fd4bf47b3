package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
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
	prompt  *prompter // of the case that is played
	bytes   int       // of arguments and answers so far
}

// build makes the stage of a task.
func build(ctx context.Context, r Rehearsal) (*stage, error) {
	s := &stage{real: r.Tools}
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

// prompter gives the answers of one case, and remembers which are used up.
type prompter struct {
	mocks   map[string]answers
	env     expr.Env // without args
	real    *tool.Catalog
	calls   map[string]int // by step or tool
	given   map[*answer]int
	stopped *ordinaut.Error // why the case cannot go on
}

// name is what the mocks call whoever is called: the step, or else the tool.
func (p *prompter) name(c tool.Call) string {
	if _, ok := p.mocks[c.Step]; ok {
		return c.Step
	}
	return c.Address
}

func (p *prompter) knows(c tool.Call) bool {
	_, ok := p.mocks[p.name(c)]
	return ok
}

// answer finds the first answer that fits and is not used up. Where there is
// none the case cannot go on.
func (p *prompter) answer(c tool.Call) (tool.Result, error) {
	name := p.name(c)
	var args any
	if err := unmarshal(c.Args, &args); err != nil {
		return tool.Result{}, err
	}
	p.calls[name]++
	for _, a := range p.mocks[name] {
		if a.Match != nil && len(compare("", a.Match, args, false)) > 0 || a.Times > 0 && p.given[a] >= a.Times {
			continue
		}
		p.given[a]++
		if a.Error != nil {
			return tool.Result{}, a.Error.failure(c.Address)
		}
		return p.render(a, name, args)
	}
	p.stopped = p.unanswered(c, name)
	return tool.Result{}, p.stopped
}

// render writes the output of an answer. One that cannot be rendered is a
// mistake in the script, and not something that the tool has said.
func (p *prompter) render(a *answer, name string, args any) (tool.Result, error) {
	env := p.env
	env.Roots = map[string]any{"args": args, "call": json.Number(fmt.Sprint(p.calls[name]))}
	value, err := a.output.Render(&env)
	if err != nil {
		p.stopped = ordinaut.AsError(err).All()[0].Under("/mocks/" + escape(name) + "/output")
		return tool.Result{}, p.stopped
	}
	output, err := encode(value)
	return tool.Result{Output: output}, err
}

// unanswered says what the script lacks.
func (p *prompter) unanswered(c tool.Call, name string) *ordinaut.Error {
	e := &ordinaut.Error{
		Code: ordinaut.CodeRehearsalMock, At: "/mocks/" + escape(c.Address), Sent: c.Args,
		Message: fmt.Sprintf("no mock answers %s, which the step %s calls", c.Address, c.Step),
		Fix:     "add one under mocks", Examples: []string{fmt.Sprintf("%q: {\"output\": …}", c.Address)},
	}
	if _, there := p.mocks[name]; there {
		e.At = "/mocks/" + escape(name)
		e.Message = fmt.Sprintf("no mock of %s is left for call %d, or none matches its arguments", name, p.calls[name])
		e.Fix, e.Examples = "add an answer for these arguments, or let one be given more often with times", nil
		return e
	}
	if _, err := p.real.Find(c.Address); err != nil && len(ordinaut.AsError(err).Examples) > 0 {
		e.Fix += ", or " + ordinaut.AsError(err).Fix
	}
	return e
}

// failure is what the tool answers with.
func (m *mockedError) failure(address string) *tool.Failure {
	e := &ordinaut.Error{Code: m.Code, Message: m.Message, Fix: "the mock says so"}
	if e.Code == "" {
		e.Code = codeOf(m.Class)
	}
	if e.Message == "" {
		e.Message = address + " failed"
	}
	return &tool.Failure{Class: m.Class, Err: e}
}

// codeOf is the code that failures of a class usually have.
func codeOf(c ordinaut.Class) ordinaut.Code {
	switch c {
	case ordinaut.ClassInvalidInput:
		return ordinaut.CodeToolInput
	case ordinaut.ClassInvalidOutput:
		return ordinaut.CodeToolOutput
	case ordinaut.ClassTimeout:
		return ordinaut.CodeToolTimeout
	case ordinaut.ClassUnavailable:
		return ordinaut.CodeToolUnavailable
	case ordinaut.ClassRateLimited:
		return ordinaut.CodeEgressTooMany
	case ordinaut.ClassDenied:
		return ordinaut.CodeEgressDenied
	case ordinaut.ClassCanceled:
		return ordinaut.CodeToolCanceled
	case ordinaut.ClassInternal:
		return ordinaut.CodeInternal
	}
	return ordinaut.CodeToolFailed
}
