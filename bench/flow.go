package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// flowSteps is how many steps each durable pipeline has.
const flowSteps = 5

// flowTool is a tool that does nothing, but is not known to: so that a call is
// made is recorded before it is made, and its result before the next one.
const flowTool = "bench.step"

// A stepper is the transport of flowTool.
type stepper struct{}

// Tools lists the one tool.
func (stepper) Tools(context.Context) ([]ordinaut.Tool, error) {
	return []ordinaut.Tool{{Address: flowTool}}, nil
}

// Call does nothing.
func (stepper) Call(context.Context, tool.Call) (tool.Result, error) {
	return tool.Result{Output: json.RawMessage(`"done"`)}, nil
}

// flows is a house with a task of durable steps, and who asks for its runs.
type flows struct {
	*house
	task   ordinaut.TaskID
	change ordinaut.Change
}

// callFlows measures durable pipelines from outside: so many callers each ask for a
// run and wait until it has succeeded, over and over. The engine has its default
// settings.
func callFlows(ctx context.Context, dir string, runs, callers int, p *profile) (sample, error) {
	f, err := openFlows(ctx, dir)
	if err != nil {
		return sample{}, err
	}
	defer f.store.Close()
	store := &awaited{Store: f.store, ends: map[ordinaut.RunID]chan ordinaut.RunStatus{}}
	end := f.work(ctx, engine.Options{Store: store, Tools: f.tools})
	p.resume()
	s, err := measured(runs, func() error {
		return byCallers(callers, runs, func(int) error { return f.ask(ctx, store) })
	})
	p.pause()
	return s, errors.Join(err, end(), f.haveSucceeded(ctx, runs))
}

// drainFlows measures durable pipelines from inside: their runs wait in the queue,
// and the engine has so many of them in flight.
func drainFlows(ctx context.Context, dir string, runs, slots int, p *profile) (sample, error) {
	f, err := openFlows(ctx, dir)
	if err != nil {
		return sample{}, err
	}
	defer f.store.Close()
	err = byCallers(min(backlogCallers, runs), runs, func(int) error { return f.queue(ctx, f.store, ordinaut.RunID(newID())) })
	if err != nil {
		return sample{}, fmt.Errorf("fill the queue: %w", err)
	}
	p.resume()
	s, err := f.drain(ctx, runs, slots)
	p.pause()
	return s, errors.Join(err, f.haveSucceeded(ctx, runs))
}

func openFlows(ctx context.Context, dir string) (*flows, error) {
	h, err := openHouse(ctx, dir)
	if err != nil {
		return nil, err
	}
	f := &flows{house: h}
	if err := f.make(ctx); err != nil {
		return nil, errors.Join(err, h.store.Close())
	}
	return f, nil
}

// make stores the task.
func (f *flows) make(ctx context.Context) error {
	tools, err := tool.New(ctx, stepper{})
	if err != nil {
		return err
	}
	if err := f.use(ctx, tools); err != nil {
		return err
	}
	if ctx, err = f.agent(ctx, "flows"); err != nil {
		return err
	}
	steps := make([]map[string]any, flowSteps)
	for i := range steps {
		steps[i] = map[string]any{"uses": flowTool}
	}
	text, err := json.Marshal(map[string]any{
		"title": "Durable steps", "schedule_kind": "manual", "payload": map[string]any{"pipeline": steps},
	})
	if err != nil {
		return err
	}
	t, err := f.create(ctx, string(text))
	agent, _ := ordinaut.AgentFrom(ctx)
	f.task, f.change = t.ID, ordinaut.Change{Actor: agent.ID, Action: "task.run"}
	return err
}

// work runs an engine until the function that it returns is called.
func (f *flows) work(ctx context.Context, o engine.Options) (end func() error) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- engine.New(o).Run(ctx, ctx) }()
	return func() error {
		stop()
		return <-ended
	}
}

// queue creates a run.
func (f *flows) queue(ctx context.Context, store ordinaut.Runs, id ordinaut.RunID) error {
	run := ordinaut.Run{ID: id, TaskID: f.task, Trigger: ordinaut.TriggerManual}
	return store.CreateRun(ctx, run, f.change.About(string(id)))
}

// ask creates a run and waits for its success.
func (f *flows) ask(ctx context.Context, store *awaited) error {
	id := ordinaut.RunID(newID())
	end := store.await(id)
	if err := f.queue(ctx, store, id); err != nil {
		return err
	}
	select {
	case status := <-end:
		if status != ordinaut.RunSucceeded {
			return fmt.Errorf("run %s is %s", id, status)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// haveSucceeded is an error unless every run has.
func (f *flows) haveSucceeded(ctx context.Context, runs int) error {
	done, err := f.store.CountRuns(ctx, ordinaut.RunFilter{Statuses: []ordinaut.RunStatus{ordinaut.RunSucceeded}})
	if err == nil && done != runs {
		err = fmt.Errorf("%d of %d runs have succeeded", done, runs)
	}
	return err
}

// awaited is a store that tells of each run when it has ended.
type awaited struct {
	ordinaut.Store
	mu   sync.Mutex
	ends map[ordinaut.RunID]chan ordinaut.RunStatus
}

// await is told how the run has ended.
func (a *awaited) await(id ordinaut.RunID) <-chan ordinaut.RunStatus {
	end := make(chan ordinaut.RunStatus, 1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ends[id] = end
	return end
}

// Settle tells whoever waits for the run, once it is stored that it has ended.
func (a *awaited) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	err := a.Store.Settle(ctx, l, o)
	if err != nil || !o.Status.Final() {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if end, ok := a.ends[l.RunID]; ok {
		delete(a.ends, l.RunID)
		end <- o.Status
	}
	return nil
}

// reportFlows compares durable pipelines with workflows of DBOS and with the least
// that has to be written.
func reportFlows(ctx context.Context, o options, r report) error {
	r.title(fmt.Sprintf("Durable pipelines of %d steps, each recorded before the next begins\n"+
		"  asked for: callers who each create a run and wait for its end, over and over; queued: created before, and so many at work\n"+
		"  DBOS: its workflow API and %d connections, with synchronous=FULL as all others, and as it opens a database by itself (NORMAL)\n"+
		"  raw: a row for the start, for each step and the end; one writer, and whoever waits shares the next commit", flowSteps, dbosConnections))
	p, few := newProfile(o.profile), max(1, o.rows/flowShare/dbosShare)
	for _, flight := range []int{32, 128} {
		in, runs := fmt.Sprintf(", %d in flight", flight), max(1, o.rows/flowShare)
		all, err := alternate(ctx, o.dir, o.pairs,
			side{"Ordinaut, asked for" + in, func(ctx context.Context, dir string) (sample, error) { return callFlows(ctx, dir, runs, flight, p) }},
			side{"Ordinaut, queued" + in, func(ctx context.Context, dir string) (sample, error) { return drainFlows(ctx, dir, runs, flight, p) }},
			side{"DBOS, FULL" + in, func(ctx context.Context, dir string) (sample, error) {
				return callDBOS(ctx, dir, few, flight, fullSync)
			}},
			side{"DBOS, NORMAL" + in, func(ctx context.Context, dir string) (sample, error) {
				return callDBOS(ctx, dir, few, flight, dbosSync)
			}},
			side{"raw, coalesced" + in, func(ctx context.Context, dir string) (sample, error) { return callCoalesced(ctx, dir, runs, flight) }},
		)
		if err != nil {
			return err
		}
		r.sides(all...)
		r.flowGoals(all[0], all[2], all[3], all[4])
		r.flowGoals(all[1], all[2], all[3], all[4])
	}
	return nil
}

// DBOS gets fewer workflows, being that much slower.
const (
	flowShare = 4
	dbosShare = 10
)

// flowGoals shows what one way of ours reaches of the others.
func (r report) flowGoals(ours, dbos, normal, raw series) {
	fmt.Fprintf(r.out, "  %s\n", ours.name)
	r.goals(
		goal{what: "runs per second, of DBOS with FULL", got: ours.over(dbos, sample.rate), unit: "×", gate: 4, target: 8},
		goal{what: "processor time, of DBOS with FULL", got: ours.over(dbos, sample.cost), unit: "×", gate: 0.25, atMost: true},
		goal{what: "runs per second, of DBOS with NORMAL", got: ours.over(normal, sample.rate), unit: "×", gate: 4, target: 8},
		goal{what: "processor time, of DBOS with NORMAL", got: ours.over(normal, sample.cost), unit: "×", gate: 0.25, atMost: true},
		goal{what: "runs per second, of raw coalesced", got: 100 * ours.over(raw, sample.rate), unit: "%", gate: 40, target: 60},
	)
}
