package ordinaut

import (
	"context"
	"encoding/json"
	"strings"
)

// Change is the envelope of every write that somebody asked for: who asked, and
// by which operation. A store commits it in the transaction of the effect, as
// one entry of the audit, so that there is never the one without the other.
type Change struct {
	Actor   AgentID
	Action  string          // the operation, such as "task.create"
	Subject string          // the id of what it changed
	Detail  json.RawMessage // what it changed, when the subject alone does not say
	DryRun  bool            // everything but the write itself is to be done
}

// About returns the change with the subject it concerns.
func (c Change) About(subject string) Change {
	c.Subject = subject
	return c
}

// Topic is the topic of the event that the change is; "" when it is none, or when
// what becomes of a run tells of it already.
func (c Change) Topic() string {
	switch c.Action {
	case "task.create":
		return "task.created"
	case "task.update", "task.rollback", "legacy.update":
		return "task.updated"
	case "task.pause", "legacy.pause":
		return "task.paused"
	case "task.resume", "legacy.resume":
		return "task.resumed"
	case "task.snooze", "legacy.snooze":
		return "task.snoozed"
	case "task.unsnooze":
		return "task.unsnoozed"
	case "task.cancel", "legacy.cancel":
		return "task.canceled"
	case "approval.decide", "legacy.approve":
		return "approval.decided"
	}
	return ""
}

// Event is the event that the change is, if it has a topic.
func (c Change) Event() Event {
	e := Event{Topic: c.Topic(), Subject: c.Subject, Data: c.Detail, Actor: c.Actor}
	if strings.HasPrefix(e.Topic, "task.") {
		e.TaskID = TaskID(c.Subject)
	} else {
		e.RunID = RunID(c.Subject)
	}
	return e
}

// CompletedEvent is the event that a task has no further occurrence.
func CompletedEvent(id TaskID) Event {
	return Event{Topic: "task.completed", Subject: string(id), TaskID: id}
}

type changeKey struct{}

// WithChange returns a context whose writes are made under the change.
func WithChange(ctx context.Context, c Change) context.Context {
	return context.WithValue(ctx, changeKey{}, c)
}

// ChangeFrom is the change that the context's writes are made under. The
// operation layer fills it; without one it is empty, and stores refuse it.
func ChangeFrom(ctx context.Context) Change {
	c, _ := ctx.Value(changeKey{}).(Change)
	return c
}
