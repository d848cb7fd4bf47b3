package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
)

// lease is how long a claim of these tests lasts.
const lease = 10 * time.Second

// A fixture is a fresh store, an agent in it, and words to test it with.
type fixture struct {
	*testing.T
	h     Harness
	ctx   context.Context
	store ordinaut.Store
	agent ordinaut.Agent

	mu   sync.Mutex
	made int // how many things were named
}

func open(t *testing.T, h Harness) *fixture {
	t.Helper()
	f := &fixture{T: t, h: h, ctx: t.Context(), store: h.Open(t)}
	f.agent = f.newAgent("ada")
	return f
}

// newID is a UUIDv7. They sort by the time they were made.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// must ends the test when err is not nil.
func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatalf("got error %v, want none", err)
	}
}

// refused fails the test when err is not target.
func (f *fixture) refused(err, target error) {
	f.Helper()
	if !errors.Is(err, target) {
		f.Errorf("got error %v, want %v", err, target)
	}
}

// same fails the test when got is not want. No list is the same as an empty one.
func same[T any](f *fixture, what string, got, want T) {
	f.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		f.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// get gives v, and ends the test when err is not nil.
func get[T any](v T, err error) func(f *fixture) T {
	return func(f *fixture) T {
		f.Helper()
		f.must(err)
		return v
	}
}

// pass lets the store's clock go by.
func (f *fixture) pass(d time.Duration) { f.h.Pass(f.store, d) }

// now is the store's clock.
func (f *fixture) now() time.Time { return get(f.store.Now(f.ctx))(f) }

// change is a change in the name of the agent.
func (f *fixture) change(action string) ordinaut.Change {
	return ordinaut.Change{Actor: f.agent.ID, Action: action}
}

func (f *fixture) newAgent(name string) ordinaut.Agent {
	f.Helper()
	return get(f.store.EnsureAgent(f.ctx, ordinaut.Agent{
		ID:        ordinaut.AgentID(newID()),
		Name:      name,
		Kind:      ordinaut.AgentAI,
		Scopes:    []ordinaut.Scope{ordinaut.ScopeTasksRead, ordinaut.ScopeTasksWrite},
		CreatedAt: f.now(),
	}))(f)
}

// task is a task that was not yet stored. It is active, and nothing is due.
func (f *fixture) task(edits ...func(*ordinaut.Task)) ordinaut.Task {
	f.mu.Lock()
	f.made++
	n := f.made
	f.mu.Unlock()
	now := f.now()
	d := ordinaut.NewDefinition()
	d.Title = fmt.Sprintf("Task %d", n)
	d.ScheduleKind = ordinaut.ScheduleManual
	d.Payload = json.RawMessage(`{"pipeline":[{"uses":"debug.echo"}]}`)
	t := ordinaut.Task{
		ID:         ordinaut.TaskID(newID()),
		Key:        fmt.Sprintf("task-%d", n),
		CreatedBy:  f.agent.ID,
		Version:    1,
		Status:     ordinaut.TaskActive,
		CreatedAt:  now,
		UpdatedAt:  now,
		Definition: d,
		Plan:       ordinaut.Plan{Anchor: now.Truncate(time.Second), Cursor: now.Truncate(time.Second)},
	}
	for _, edit := range edits {
		edit(&t)
	}
	return t
}

// newTask stores a task.
func (f *fixture) newTask(edits ...func(*ordinaut.Task)) ordinaut.Task {
	f.Helper()
	t := f.task(edits...)
	f.must(f.store.CreateTask(f.ctx, t, 0, f.change("task.create")))
	return t
}

// firing makes a task one that next fires at t.
func firing(t time.Time) func(*ordinaut.Task) {
	return func(task *ordinaut.Task) { task.NextFireAt = &t }
}

// withPriority gives a task a priority.
func withPriority(p int) func(*ordinaut.Task) {
	return func(task *ordinaut.Task) { task.Priority = p }
}

// withKey gives a task a key.
func withKey(key string) func(*ordinaut.Task) {
	return func(task *ordinaut.Task) { task.Key = key }
}

// readTask reads a task by its id.
func (f *fixture) readTask(id ordinaut.TaskID) ordinaut.Task {
	f.Helper()
	return get(f.store.Task(f.ctx, ordinaut.TaskRef{ID: id}))(f)
}

// edit makes an edit to the task as it is now.
func (f *fixture) edit(id ordinaut.TaskID, w ordinaut.Withdrawal, edit func(*ordinaut.Task)) {
	f.Helper()
	was := f.readTask(id)
	task := was
	edit(&task)
	f.must(f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: was, Task: task, Withdraw: w}, f.change("task.update")))
}

// newRun queues a run that somebody asked for.
func (f *fixture) newRun(id ordinaut.TaskID, edits ...func(*ordinaut.Run)) ordinaut.RunID {
	f.Helper()
	r := ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: id, Trigger: ordinaut.TriggerManual}
	for _, edit := range edits {
		edit(&r)
	}
	f.must(f.store.CreateRun(f.ctx, r, f.change("task.run_now")))
	return r.ID
}

// dueAt lets a run be due at t.
func dueAt(t time.Time) func(*ordinaut.Run) {
	return func(r *ordinaut.Run) { r.ScheduledFor = t }
}

// parked lets a run wait outside the queue.
func parked(r *ordinaut.Run) { r.Status = ordinaut.RunParked }

// readRun reads a run.
func (f *fixture) readRun(id ordinaut.RunID) ordinaut.Run {
	f.Helper()
	return get(f.store.Run(f.ctx, id))(f)
}

// statusIs fails the test when the run does not stand at the status.
func (f *fixture) statusIs(id ordinaut.RunID, want ordinaut.RunStatus) {
	f.Helper()
	if got := f.readRun(id).Status; got != want {
		f.Errorf("run %s: got status %s, want %s", id, got, want)
	}
}

// planned is a run that is to be made for the nominal time.
func planned(nominal time.Time) ordinaut.PlannedRun {
	return ordinaut.PlannedRun{ID: ordinaut.RunID(newID()), Nominal: nominal, ScheduledFor: nominal}
}

// decide is a decision that moves the task's cursor to advance.
func decide(t ordinaut.Task, advance time.Time, runs ...ordinaut.PlannedRun) ordinaut.Materialization {
	return ordinaut.Materialization{TaskID: t.ID, Cursor: t.Cursor, PlanRev: t.PlanRev, Advance: advance, Runs: runs}
}

// fire makes runs for nominal times of the task as it is now.
func (f *fixture) fire(id ordinaut.TaskID, runs ...ordinaut.PlannedRun) {
	f.Helper()
	last := runs[len(runs)-1].Nominal
	m := decide(f.readTask(id), last, runs...)
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{true})
}

// claim leases up to n runs to the worker.
func (f *fixture) claim(worker string, n int) []ordinaut.Claimed {
	f.Helper()
	return get(f.store.Claim(f.ctx, worker, n, lease))(f).Runs
}

// hold leases the only run that is due.
func (f *fixture) hold(worker string) ordinaut.Claimed {
	f.Helper()
	claimed := f.claim(worker, 2)
	if len(claimed) != 1 {
		f.Fatalf("got %d runs, want 1", len(claimed))
	}
	return claimed[0]
}

// succeed ends a lease well.
func (f *fixture) succeed(c ordinaut.Claimed) {
	f.Helper()
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded}))
}

// claimedIDs are the ids of claimed runs, in their order.
func claimedIDs(claimed []ordinaut.Claimed) []ordinaut.RunID {
	ids := []ordinaut.RunID{}
	for _, c := range claimed {
		ids = append(ids, c.Run.ID)
	}
	return ids
}

// together runs n functions at once, after all of them are ready.
func together(n int, do func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			do(i)
		})
	}
	done.Wait()
}
