package ordinaut

import (
	"context"
	"encoding/json"
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
