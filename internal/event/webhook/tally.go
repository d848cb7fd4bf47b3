package webhook

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// A tally counts what has come to hooks. It writes down the counts of a hook once
// a second at most: whoever sends rubbish must not keep the store busy.
type tally struct {
	store interface {
		TallyHook(ctx context.Context, name string, more ordinaut.HookTally) error
	}
	log   *slog.Logger
	mu    sync.Mutex
	hooks map[string]*counted
}

// counted is what was not yet written down of a hook.
type counted struct {
	more  ordinaut.HookTally
	wrote time.Time
}

// between is the least time between two writes of a hook's counts.
const between = time.Second

func newTally(store ordinaut.Hooks, log *slog.Logger) *tally {
	return &tally{store: store, log: log, hooks: map[string]*counted{}}
}

func (t *tally) accepted(ctx context.Context, hook string, repeat bool, at time.Time) {
	more := ordinaut.HookTally{Accepted: 1, AcceptedAt: &at}
	if repeat {
		more = ordinaut.HookTally{Repeated: 1, AcceptedAt: &at}
	}
	t.add(ctx, hook, more, at)
}

func (t *tally) refused(ctx context.Context, hook, why string, at time.Time) {
	t.add(ctx, hook, ordinaut.HookTally{Refused: 1, RefusedAt: &at, Refusal: why}, at)
}

// add counts, and writes down what has gathered when it is time.
func (t *tally) add(ctx context.Context, hook string, more ordinaut.HookTally, now time.Time) {
	t.mu.Lock()
	c := t.hooks[hook]
	if c == nil {
		c = &counted{}
		t.hooks[hook] = c
	}
	c.more = c.more.Add(more)
	gathered, due := c.more, now.Sub(c.wrote) >= between
	if due {
		c.more, c.wrote = ordinaut.HookTally{}, now
	}
	t.mu.Unlock()
	if due {
		t.write(ctx, hook, gathered)
	}
}

func (t *tally) write(ctx context.Context, hook string, more ordinaut.HookTally) {
	if more.Refused > 0 {
		t.log.Warn("a hook refuses what was sent to it", keyHook, hook, telemetry.KeyCount, more.Refused, telemetry.KeyReason, more.Refusal)
	}
	if err := t.store.TallyHook(context.WithoutCancel(ctx), hook, more); err != nil {
		t.log.Error("what came to a hook is not counted", keyHook, hook, telemetry.Err(err))
	}
}

// flushAll writes down everything that has gathered.
func (t *tally) flushAll(ctx context.Context) {
	t.mu.Lock()
	left := map[string]ordinaut.HookTally{}
	for hook, c := range t.hooks {
		if c.more != (ordinaut.HookTally{}) {
			left[hook] = c.more
			c.more = ordinaut.HookTally{}
		}
	}
	t.mu.Unlock()
	for hook, more := range left {
		t.write(ctx, hook, more)
	}
}
