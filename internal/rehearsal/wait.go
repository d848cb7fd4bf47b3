package rehearsal

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// The tools that the pipeline knows of: those that have a run wait, and another way
// to write a foreach.
const (
	toolForeach  = "pipeline.foreach"
	toolSleep    = "system.sleep"
	toolQuiet    = "policy.quiet_hours_gate"
	toolApproval = "orchestrator.request_approval"
	toolRunTask  = "flow.run_task"
	toolEvent    = "flow.wait_for_event"
)

// wait is a step that waits for an answer or a moment.
type wait struct {
	path  string
	kind  ordinaut.WaitKind
	since time.Time
	reply *reply // what it is told; nil is that nobody tells it anything
	told  bool
}

// due is when the reply comes.
func (w *wait) due() time.Time { return w.since.Add(w.reply.after()) }

// open has a step wait, and looks up what it will be told. One that waits already
// goes on waiting.
func (p *performance) open(r ordinaut.StepResult) {
	if slices.ContainsFunc(p.waits, func(w *wait) bool { return w.path == r.Path }) {
		return
	}
	switch r.Wait.Kind {
	case ordinaut.WaitApproval:
		p.prompter.decide(r.Path, r.Tool, r.Input)
	case ordinaut.WaitEvent:
		p.happen(r)
	}
	w := &wait{path: r.Path, kind: r.Wait.Kind, since: p.clock}
	if reply, ok := p.prompter.replies[r.Path]; ok && (reply.Decision != "" || w.kind == ordinaut.WaitRun || w.kind == ordinaut.WaitEvent) {
		w.reply = &reply
	}
	if until := r.Wait.Until; until != nil && w.reply != nil && w.due().After(*until) {
		w.reply = nil // it comes too late
	}
	delete(p.prompter.replies, r.Path)
	p.waits = append(p.waits, w)
	p.step(r.Path, r.Tool).Input = r.Input
}

// pass lets time go by until the next reply comes, or until the moment for which
// the pipeline waits. It says whether there is such a time.
func (p *performance) pass(g *pipeline.Progress, until *time.Time) bool {
	next := p.nextReply()
	switch {
	case next != nil && (until == nil || !until.Before(next.due())):
		p.advance(next.due())
		g.Answer(next.path, p.answer(next))
	case until != nil:
		p.advance(*until)
	default:
		return false
	}
	return true
}

// nextReply is the wait whose reply comes first, or nil.
func (p *performance) nextReply() (next *wait) {
	for _, w := range p.waits {
		if w.reply != nil && !w.told && (next == nil || w.due().Before(next.due())) {
			next = w
		}
	}
	return next
}

// answer gives a step its reply. It is kept with the step's record, so that an
// attempt that fails in that moment does not lose it.
func (p *performance) answer(w *wait) json.RawMessage {
	w.told = true
	r := &p.past[p.pastOf(w.path)]
	recorded := *r.Wait
	recorded.Answer = w.reply.content(w.kind, w.due())
	r.Wait = &recorded
	return recorded.Answer
}

// answerAll gives the replies that have come while the run waited to be tried
// again.
func (p *performance) answerAll() {
	for w := p.nextReply(); w != nil && !w.due().After(p.clock); w = p.nextReply() {
		p.answer(w)
	}
}

// pastOf is where the record of a step is.
func (p *performance) pastOf(path string) int {
	return slices.IndexFunc(p.past, func(r ordinaut.StepResult) bool { return r.Path == path })
}

// advance puts the clock forward. It never goes back.
func (p *performance) advance(t time.Time) {
	if t.After(p.clock) {
		p.clock = t.In(p.clock.Location())
	}
}

// close ends the wait of a step that has one.
func (p *performance) close(r ordinaut.StepResult) {
	i := slices.IndexFunc(p.waits, func(w *wait) bool { return w.path == r.Path })
	if i < 0 {
		return
	}
	w := p.waits[i]
	p.waits = slices.Delete(p.waits, i, i+1)
	p.step(r.Path, r.Tool).WaitedSeconds += p.clock.Sub(w.since).Seconds()
	p.tell("%s: %s", r.Path, w.came(r, p.clock))
}

// leave ends the waits of a run that has failed.
func (p *performance) leave() {
	for _, w := range p.waits {
		p.step(w.path, "").Status = string(ordinaut.StepFailed)
		p.past = slices.Delete(p.past, p.pastOf(w.path), p.pastOf(w.path)+1)
	}
	p.waits = nil
}
