package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Wait is what a step of a run waits for.
type Wait struct {
	Kind     ordinaut.WaitKind `json:"kind" enum:"approval,doubt,sleep,run,event" doc:"Somebody's decision, somebody's word on what became of a call, a moment, the end of another run, or an event."`
	Since    time.Time         `json:"since" doc:"Since when it waits."`
	Until    *time.Time        `json:"until" doc:"When it is over whatever happens; null is never."`
	RunID    ordinaut.RunID    `json:"run_id,omitempty" doc:"The run whose end it waits for."`
	Event    string            `json:"event,omitempty" doc:"The event it waits for: a topic, and what must hold of it."`
	Approval string            `json:"approval,omitempty" doc:"The decision it waits for, by its short form."`
	Message  string            `json:"message,omitempty" doc:"What is asked."`
	Link     string            `json:"link,omitempty" doc:"Where whoever has this link decides without a token; shown to those who may decide."`
	Fix      string            `json:"fix,omitempty" doc:"What lets it go on."`
}

// showWait is what a step of a run waits for; nil when it does not wait.
func (s *Service) showWait(ctx context.Context, run ordinaut.Run, step ordinaut.StepResult) *Wait {
	w := step.Wait
	if w == nil || step.Status != ordinaut.StepWaiting || w.Answer != nil {
		return nil
	}
	shown := &Wait{Kind: w.Kind, Since: step.StartedAt, Until: w.Until}
	q := question{run: run, step: step}
	switch {
	case w.Kind == ordinaut.WaitRun:
		shown.RunID = ordinaut.RunID(w.Key)
	case w.Kind == ordinaut.WaitEvent:
		shown.Event = w.Key
	case q.kind() != "":
		shown.Approval, shown.Message, shown.Link = q.short(), q.asked().Message, s.linkFor(ctx, q)
		shown.Fix = howToGoOn(q, shown.Link)
	}
	return shown
}

// howToGoOn says how people let a run go on that waits for them.
func howToGoOn(q question, link string) string {
	name := q.short()
	if strings.ContainsAny(name, "[]") {
		name = "'" + name + "'" // a shell would look for files
	}
	how := fmt.Sprintf("ordinaut approve %s, or ordinaut reject %[1]s", name)
	if q.kind() == ordinaut.WaitDoubt {
		how = fmt.Sprintf("ordinaut approvals decide %s --decision retry, done or fail", name)
	}
	if link != "" {
		how += ", or at " + link
	}
	return how
}
