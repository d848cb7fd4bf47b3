package pipeline

import (
	"encoding/json"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// back is that somebody asked for changes: steps are to be done again, with what
// was said.
type back struct {
	paths  []string
	record ordinaut.StepResult // of the approval
}

// Earlier are the steps to which the approval at the path may be pushed back, in
// the order of the list: those of the pipeline itself that it waits for. An
// approval inside of a foreach has none.
func (p *Plan) Earlier(path string) (ids []string) {
	n := p.numbered(path)
	if n < 0 || p.block.steps[n].tool.Address != approvalTool {
		return nil
	}
	for i := range p.block.steps {
		if p.block.steps[n].before.has(i) {
			ids = append(ids, p.block.steps[i].id)
		}
	}
	return ids
}

// Approvals are the steps of the pipeline itself at which somebody decides.
func (p *Plan) Approvals() (ids []string) {
	for i := range p.block.steps {
		if p.block.steps[i].tool.Address == approvalTool {
			ids = append(ids, p.block.steps[i].id)
		}
	}
	return ids
}

// numbered is the number of a step of the pipeline itself, or -1.
func (p *Plan) numbered(id string) int {
	return slices.IndexFunc(p.block.steps, func(s step) bool { return s.id == id })
}

// pushBack has the run done again from an earlier step on: that one, and what has
// waited for it until now. It says whether the approval can be pushed back there.
func (g *Progress) pushBack(p place, r ordinaut.StepResult, d decision, a approval) bool {
	if p.frame != g.root || !slices.Contains(g.plan.Earlier(r.Path), d.To) {
		return false
	}
	output, err := jsonguard.Encode(d.result(r, a))
	if err != nil {
		return false
	}
	r.Status, r.Output = ordinaut.StepSucceeded, output
	g.back = &back{record: r}
	to, steps := g.plan.numbered(d.To), g.plan.block.steps
	for i := range steps {
		if s := &steps[i]; (i == to || s.before.has(to)) && !s.before.has(p.step) {
			g.back.paths = append(g.back.paths, s.id)
		}
	}
	return true
}

// A result that was put aside has a ~ and the number of its round behind the id of
// its step, as in draft~1 or loop~2[0].send. No id holds a ~.

// aside splits the path of a result that was put aside: into the path of the step,
// and the round. The round of a result that stands is 0.
func aside(path string) (of string, round int) {
	id, rest, found := strings.Cut(path, "~")
	if !found {
		return path, 0
	}
	end := strings.IndexAny(rest, "[.")
	if end < 0 {
		end = len(rest)
	}
	round, _ = strconv.Atoi(rest[:end])
	return id + rest[end:], round
}

// top is the step of the pipeline itself in which a path lies.
func top(path string) string {
	if end := strings.IndexAny(path, "[."); end >= 0 {
		return path[:end]
	}
	return path
}

// roundsOf says how often each step of the pipeline itself was put aside.
func roundsOf(past []ordinaut.StepResult) map[string]int {
	var rounds map[string]int
	for _, r := range past {
		if of, round := aside(r.Path); round > 0 {
			if rounds == nil {
				rounds = map[string]int{}
			}
			rounds[top(of)] = max(rounds[top(of)], round)
		}
	}
	return rounds
}

// feedback is what was said when the run was pushed back the last time, or nil.
func feedback(past []ordinaut.StepResult) any {
	var last time.Time
	var said any
	for _, r := range past {
		of, round := aside(r.Path)
		if round == 0 || r.Tool != approvalTool || finished(r).Before(last) {
			continue
		}
		var o struct {
			Status    string  `json:"status"`
			Comment   *string `json:"comment"`
			By        *string `json:"by"`
			DecidedAt *string `json:"decided_at"`
		}
		if json.Unmarshal(r.Output, &o) == nil && o.Status == "changes" {
			last = finished(r)
			said = map[string]any{"step": of, "comment": textOrNull(o.Comment), "by": textOrNull(o.By), "at": textOrNull(o.DecidedAt)}
		}
	}
	return said
}

// textOrNull is a text, as expressions read it.
func textOrNull(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}
