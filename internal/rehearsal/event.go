package rehearsal

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// rehearsed is what an event is called that nobody has named.
const rehearsed = "rehearsal"

// scriptedEvent is the event that a run is about.
type scriptedEvent struct {
	Type    string          `json:"type"`
	ID      string          `json:"id"`
	Source  string          `json:"source"`
	Subject string          `json:"subject"`
	Data    json.RawMessage `json:"data"`
}

// document is the event as a run keeps it; nil when there is none.
func (e *scriptedEvent) document(at time.Time) json.RawMessage {
	if e == nil {
		return nil
	}
	document, _ := lookout.Document(ordinaut.Event{ // its data was JSON before
		ID: cmp.Or(e.ID, rehearsed), Source: cmp.Or(e.Source, rehearsed), Topic: cmp.Or(e.Type, rehearsed),
		Subject: e.Subject, At: at, Data: e.Data,
	})
	return document
}

// happen finds the event that comes while a step waits for one. What does not fit
// the condition of the step does not end its wait.
func (p *performance) happen(r ordinaut.StepResult) {
	name := p.prompter.name(r.Path, r.Tool)
	var args any
	_ = jsonguard.Decode(r.Input, &args) // the pipeline has written it
	a := p.prompter.pick(name, args)
	if a == nil {
		return
	}
	output, err := p.prompter.render(a, name, args)
	if err != nil {
		return // the case cannot go on
	}
	l, err := lookout.Parse(r.Wait.Key)
	if err != nil {
		return // the pipeline has looked at it
	}
	comes := reply{answer: a, output: output, topic: l.Topic()}
	event, err := lookout.View(comes.event(p.clock))
	if err != nil {
		return
	}
	if sees, err := l.Sees(event); err != nil || !sees {
		p.tell("%s: an event came that is not waited for, as it is to be %s", r.Path, l)
		return
	}
	p.prompter.replies[r.Path] = comes
}

// event is the event that comes at a time.
func (r reply) event(at time.Time) json.RawMessage {
	return (&scriptedEvent{Type: r.topic, Data: r.output}).document(at)
}
