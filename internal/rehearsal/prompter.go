package rehearsal

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// prompter gives the answers of one case, and remembers which are used up.
type prompter struct {
	mocks   map[string]answers
	env     expr.Env // without args
	real    *tool.Catalog
	calls   map[string]int // by step or tool
	given   map[*answer]int
	replies map[string]reply // by path: what steps that wait are told
	runs    int              // that were asked for
	stopped *ordinaut.Error  // why the case cannot go on
}

// reply is what a step that waits is told, and how long it has waited by then.
type reply struct {
	*answer
	output json.RawMessage
	run    ordinaut.RunID // that was asked for
	topic  string         // of the event that comes
}

var itemNumber = regexp.MustCompile(`\[\d+\]`)

// name is what the mocks call whoever is called: the step, for all of its items,
// or else the tool.
func (p *prompter) name(step, address string) string {
	step = itemNumber.ReplaceAllString(step, "")
	if _, ok := p.mocks[step]; ok {
		return step
	}
	return address
}

func (p *prompter) knows(c tool.Call) bool {
	_, ok := p.mocks[p.name(c.Step, c.Address)]
	return ok
}

// pick finds the first answer that fits and is not used up; nil when there is
// none.
func (p *prompter) pick(name string, args any) *answer {
	p.calls[name]++
	for _, a := range p.mocks[name] {
		if a.Match != nil && len(compare("", a.Match, args, false)) > 0 || a.Times > 0 && p.given[a] >= a.Times {
			continue
		}
		p.given[a]++
		return a
	}
	return nil
}

// answer answers a call. Where nothing fits the case cannot go on.
func (p *prompter) answer(c tool.Call) (tool.Result, error) {
	name := p.name(c.Step, c.Address)
	var args any
	if err := jsonguard.Decode(c.Args, &args); err != nil {
		return tool.Result{}, err
	}
	a := p.pick(name, args)
	if a == nil {
		p.stopped = p.unanswered(c, name)
		return tool.Result{}, p.stopped
	}
	output, err := p.render(a, name, args)
	switch {
	case err != nil:
		return tool.Result{}, err
	case c.Address == toolRunTask:
		return p.asked(c, reply{answer: a, output: output})
	case a.Doubt:
		p.replies[c.Step] = reply{answer: a, output: output}
		return tool.Result{}, doubtful(c.Address)
	case a.Error != nil:
		return tool.Result{}, a.Error.failure(c.Address)
	}
	return tool.Result{Output: output}, nil
}

// render writes the output of an answer. One that cannot be rendered is a
// mistake in the script, and not something that the tool has said.
func (p *prompter) render(a *answer, name string, args any) (json.RawMessage, error) {
	if a.Output == nil {
		return nil, nil
	}
	env := p.env
	env.Roots = map[string]any{"args": args, "call": json.Number(fmt.Sprint(p.calls[name]))}
	value, err := a.output.Render(&env)
	if err != nil {
		p.stopped = ordinaut.AsError(err).All()[0].Under("/mocks/" + ordinaut.PointerToken(name) + "/output")
		return nil, p.stopped
	}
	return jsonguard.Encode(value)
}

// asked starts a run that nobody carries out: what the mock says is what becomes
// of it.
func (p *prompter) asked(c tool.Call, r reply) (tool.Result, error) {
	var args struct {
		Task string `json:"task"`
	}
	if err := json.Unmarshal(c.Args, &args); err != nil {
		return tool.Result{}, err
	}
	p.runs++
	r.run = ordinaut.RunID(fmt.Sprintf("%s%012d", runID[:len(runID)-12], p.runs))
	p.replies[c.Step] = r
	output, err := jsonguard.Encode(map[string]any{"run_id": r.run, "task_id": args.Task, "status": ordinaut.RunQueued})
	return tool.Result{Output: output}, err
}

// decide finds what somebody says of a step that waits for it.
func (p *prompter) decide(step, address string, args json.RawMessage) {
	var value any
	_ = jsonguard.Decode(args, &value) // the pipeline has written it
	if a := p.pick(p.name(step, address), value); a != nil {
		p.replies[step] = reply{answer: a}
	}
}

// content is the reply as a step that waits reads it.
func (r reply) content(kind ordinaut.WaitKind, at time.Time) json.RawMessage {
	switch kind {
	case ordinaut.WaitRun:
		return raw(r.ended())
	case ordinaut.WaitEvent:
		return r.event(at)
	}
	answer := map[string]any{"decision": r.Decision, "by": r.by(), "comment": r.Comment, "at": at.Format(time.RFC3339)}
	if r.To != "" {
		answer["to"] = r.To
	}
	if r.Items != nil {
		answer["items"] = r.Items
	}
	if r.output != nil {
		answer["output"] = r.output
	}
	return raw(answer)
}

// by names whoever decides.
func (r reply) by() string {
	if r.By == "" {
		return "somebody"
	}
	return r.By
}

// ended is what became of the run that was asked for.
func (r reply) ended() map[string]any {
	end := map[string]any{"run_id": r.run, "status": ordinaut.RunSucceeded, "output": r.output, "failure": nil}
	if r.Error != nil {
		end["status"], end["failure"] = ordinaut.RunFailed, r.Error.failure(toolRunTask).Record("")
	}
	return end
}

// unanswered says what the script lacks.
func (p *prompter) unanswered(c tool.Call, name string) *ordinaut.Error {
	e := &ordinaut.Error{
		Code: ordinaut.CodeRehearsalMock, At: "/mocks/" + ordinaut.PointerToken(c.Address), Sent: c.Args,
		Message: fmt.Sprintf("no mock answers %s, which the step %s calls", c.Address, c.Step),
		Fix:     "add one under mocks", Examples: []string{fmt.Sprintf("%q: {\"output\": …}", c.Address)},
	}
	if _, there := p.mocks[name]; there {
		e.At = "/mocks/" + ordinaut.PointerToken(name)
		e.Message = fmt.Sprintf("no mock of %s is left for call %d, or none matches its arguments", name, p.calls[name])
		e.Fix, e.Examples = "add an answer for these arguments, or let one be given more often with times", nil
		return e
	}
	if _, err := p.real.Find(c.Address); err != nil && len(ordinaut.AsError(err).Examples) > 0 {
		e.Fix += ", or " + ordinaut.AsError(err).Fix
	}
	return e
}
