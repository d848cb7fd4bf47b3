package engine

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// plans keeps tasks with their compiled pipelines, so that a run costs no
// parsing.
type plans struct {
	store ordinaut.Tasks
	tools *tool.Catalog

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
	fault error             // why there is no plan: what it needs is no longer there
	drift []*ordinaut.Error // tools that are not what they were when the task was checked

	revision uint64 // of the catalog that the plan was made with
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
	switch revision := p.tools.Revision(); {
	case ok && b.revision == revision:
		return b, nil
	case !ok:
		var err error
		if b, err = p.read(ctx, key); err != nil {
			return b, fmt.Errorf("version %d of task %s: %w", number, id, err)
		}
	}
	p.compile(&b)
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
	b.zone, err = schedule.LoadZone(b.task.Timezone)
	return b, err
}

// compile makes the plan with the tools that there are now.
func (p *plans) compile(b *bound) {
	b.revision = p.tools.Revision()
	b.plan, b.fault = pipeline.Compile(b.task.Payload, p.tools)
	b.drift = nil
	for _, address := range slices.Sorted(maps.Keys(b.task.ToolFingerprints)) {
		if changed := p.tools.Drift(address, b.task.ToolFingerprints[address]); changed != nil {
			b.drift = append(b.drift, changed)
		}
	}
}

// stack is where the caller is, for the log.
func stack() string { return string(debug.Stack()) }
