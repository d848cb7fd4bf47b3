package engine

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// plans keeps tasks with their compiled pipelines, so that a run costs no
// parsing.
type plans struct {
	store ordinaut.Tasks
	tools pipeline.Catalog

	mu   sync.Mutex
	kept map[version]bound
}

type version struct {
	task   ordinaut.TaskID
	number int
}

// bound is a task as it was in the version that a run is bound to.
type bound struct {
	task  ordinaut.Task
	plan  *pipeline.Plan
	zone  *time.Location
	fault error // why there is no plan: what it needs is no longer there
}

const plansKept = 10_000 // beyond this all are forgotten and compiled again

func newPlans(o Options) *plans {
	return &plans{store: o.Store, tools: o.Tools, kept: map[version]bound{}}
}

// get is a version of a task and its compiled pipeline.
func (p *plans) get(ctx context.Context, id ordinaut.TaskID, number int) (bound, error) {
	key := version{id, number}
	p.mu.Lock()
	b, ok := p.kept[key]
	p.mu.Unlock()
	if ok {
		return b, nil
	}
	b, err := p.read(ctx, key)
	if err != nil {
		return b, fmt.Errorf("version %d of task %s: %w", number, id, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.kept) >= plansKept {
		clear(p.kept)
	}
	p.kept[key] = b
	return b, nil
}

func (p *plans) read(ctx context.Context, v version) (b bound, err error) {
	if b.task, err = p.store.Task(ctx, ordinaut.TaskRef{ID: v.task}); err != nil {
		return b, err
	}
	if b.task.Definition, err = p.store.Definition(ctx, v.task, v.number); err != nil {
		return b, err
	}
	if b.zone, err = schedule.LoadZone(b.task.Timezone); err != nil {
		return b, err
	}
	b.plan, b.fault = pipeline.Compile(b.task.Payload, p.tools)
	return b, nil
}

// stack is where the caller is, for the log.
func stack() string { return string(debug.Stack()) }
