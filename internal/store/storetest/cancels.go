package storetest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
)

func cancels() []promise {
	return []promise{
		{"a run that waits ends at once when it is canceled", cancelWaiting},
		{"a run at work stays until its worker lets go, and the worker learns of it", cancelAtWork},
		{"a run that has ended is not canceled", cancelEnded},
		{"a run that is to end is not tried again, and none of its steps stays open", cancelBeatsRetry},
		{"what was done before the request was seen is kept", cancelKeepsOutcome},
		{"a run that is to end ends with the lease of a worker that does not answer", cancelByLease},
		{"a run that was asked twice to end keeps the first reason", cancelTwice},
		{"what is parked behind a canceled run is released with its end", cancelReleases},
		{"a canceled run never works again, whoever races", cancelRaces},
	}
}

// cancel asks for a run to end.
func (f *fixture) cancel(id ordinaut.RunID) {
	f.Helper()
	f.must(f.store.CancelRun(f.ctx, id, ordinaut.ReasonCanceled, f.change("run.cancel")))
}

// canceling are the runs that a worker is asked to end.
func (f *fixture) canceling(worker string) []ordinaut.RunID {
	f.Helper()
	return get(f.store.Canceling(f.ctx, worker))(f)
}

// endedAs fails the test when the run has not been canceled for the reason.
func (f *fixture) endedAs(id ordinaut.RunID, why ordinaut.Reason) {
	f.Helper()
	run := f.readRun(id)
	same(f, "status", run.Status, ordinaut.RunCanceled)
	same(f, "reason", run.Reason, why)
	if run.FinishedAt == nil {
		f.Error("got no time of its end, want one")
	}
}

// stepsEnded compares the steps of a run, none of which may still be running.
func (f *fixture) stepsEnded(id ordinaut.RunID, want string) {
	f.Helper()
	var told []string
	for _, s := range get(f.store.Steps(f.ctx, id))(f) {
		told = append(told, fmt.Sprintf("%s %s", s.Path, s.Status))
	}
	same(f, "steps", strings.Join(told, ", "), want)
}

func cancelWaiting(f *fixture) {
	task := f.newTask()
	later := dueAt(f.now().Add(time.Hour))
	for _, id := range []ordinaut.RunID{f.newRun(task.ID), f.newRun(task.ID, later), f.newRun(task.ID, parked)} {
		f.expectSignal(ordinaut.SignalRuns, "the end of a run", true, func() { f.cancel(id) })
		f.endedAs(id, ordinaut.ReasonCanceled)
	}
	again := f.newRun(task.ID)
	held := f.hold("w")
	o := ordinaut.Outcome{Status: ordinaut.RunQueued, Failed: true, RunAt: f.now().Add(time.Minute)}
	f.must(f.store.Settle(f.ctx, held.Lease, o))
	f.cancel(again)
	f.endedAs(again, ordinaut.ReasonCanceled)
	f.pass(time.Hour)
	same(f, "claimed", f.claim("w", 9), nil)
	audit := get(f.store.Audit(f.ctx, 0, 0))(f)
	same(f, "action", audit[len(audit)-1].Action, "run.cancel")
}

func cancelAtWork(f *fixture) {
	f.newRun(f.newTask().ID)
	held := f.hold("w")
	same(f, "before", f.canceling("w"), nil)
	f.expectSignal(ordinaut.SignalCancels, "a request", true, func() { f.cancel(held.Run.ID) })
	same(f, "asked", f.canceling("w"), []ordinaut.RunID{held.Run.ID})
	same(f, "asked of another", f.canceling("v"), nil)
	run := f.readRun(held.Run.ID)
	same(f, "status", run.Status, ordinaut.RunRunning)
	same(f, "request", run.Cancel, ordinaut.ReasonCanceled)
	same(f, "lost", get(f.store.Renew(f.ctx, []ordinaut.Lease{held.Lease}, lease))(f), nil)
	o := ordinaut.Outcome{Status: ordinaut.RunCanceled, Steps: []ordinaut.StepResult{step("a", ordinaut.StepFailed)}}
	f.must(f.store.Settle(f.ctx, held.Lease, o))
	f.endedAs(held.Run.ID, ordinaut.ReasonCanceled)
	same(f, "steps", get(f.store.Steps(f.ctx, held.Run.ID))(f), o.Steps)
	same(f, "after", f.canceling("w"), nil)
}

func cancelEnded(f *fixture) {
	f.newRun(f.newTask().ID)
	held := f.hold("w")
	f.succeed(held)
	before := get(f.store.Audit(f.ctx, 0, 0))(f)
	refused := func(id ordinaut.RunID) error {
		return f.store.CancelRun(f.ctx, id, ordinaut.ReasonCanceled, f.change("run.cancel"))
	}
	f.refused(refused(held.Run.ID), ordinaut.ErrRunEnded)
	f.refused(refused("nothing"), ordinaut.ErrNotFound)
	f.statusIs(held.Run.ID, ordinaut.RunSucceeded)
	same(f, "audit", get(f.store.Audit(f.ctx, 0, 0))(f), before)
}

func cancelBeatsRetry(f *fixture) {
	f.newRun(f.newTask().ID)
	held := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, held.Lease, step("begun", ordinaut.StepRunning)))
	f.cancel(held.Run.ID)
	o := ordinaut.Outcome{
		Status: ordinaut.RunQueued, Failed: true, RunAt: f.now(),
		Steps: []ordinaut.StepResult{step("told", ordinaut.StepFailed)},
	}
	f.expectSignal(ordinaut.SignalRuns, "a retry that is not to be", true, func() { f.must(f.store.Settle(f.ctx, held.Lease, o)) })
	f.endedAs(held.Run.ID, ordinaut.ReasonCanceled)
	same(f, "failures", f.readRun(held.Run.ID).Failures, 1)
	f.stepsEnded(held.Run.ID, "begun failed, told failed")
	same(f, "claimed", f.claim("w", 9), nil)
}

func cancelKeepsOutcome(f *fixture) {
	for _, status := range []ordinaut.RunStatus{ordinaut.RunSucceeded, ordinaut.RunFailed} {
		f.newRun(f.newTask().ID)
		held := f.hold("w")
		f.cancel(held.Run.ID)
		f.must(f.store.Settle(f.ctx, held.Lease, ordinaut.Outcome{Status: status}))
		run := f.readRun(held.Run.ID)
		same(f, "status", run.Status, status)
		same(f, "reason", run.Reason, "")
	}
}

func cancelByLease(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	held := f.hold("dead")
	waiting := f.newRun(task.ID, parked)
	f.must(f.store.SaveStep(f.ctx, held.Lease, step("done", ordinaut.StepSucceeded), step("begun", ordinaut.StepRunning)))
	f.cancel(held.Run.ID)
	f.pass(lease)
	same(f, "returned to the queue", get(f.store.Reclaim(f.ctx))(f), 0)
	f.endedAs(held.Run.ID, ordinaut.ReasonCanceled)
	f.statusIs(waiting, ordinaut.RunQueued)
	f.stepsEnded(held.Run.ID, "done succeeded, begun failed")
	f.refused(f.store.Settle(f.ctx, held.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded}), ordinaut.ErrLeaseLost)
	f.refused(f.store.SaveStep(f.ctx, held.Lease, step("a", ordinaut.StepSucceeded)), ordinaut.ErrLeaseLost)
	f.endedAs(held.Run.ID, ordinaut.ReasonCanceled)
}

func cancelTwice(f *fixture) {
	f.newRun(f.newTask().ID)
	held := f.hold("w")
	f.must(f.store.CancelRun(f.ctx, held.Run.ID, ordinaut.ReasonSuperseded, f.change("run.cancel")))
	f.cancel(held.Run.ID)
	f.must(f.store.Settle(f.ctx, held.Lease, ordinaut.Outcome{Status: ordinaut.RunCanceled}))
	f.endedAs(held.Run.ID, ordinaut.ReasonSuperseded)
}

func cancelReleases(f *fixture) {
	task := f.newTask()
	first := f.newRun(task.ID)
	second, third := f.newRun(task.ID, parked), f.newRun(task.ID, parked)
	f.cancel(first)
	f.statusIs(second, ordinaut.RunQueued)
	f.statusIs(third, ordinaut.RunParked)
	held := f.hold("w")
	f.cancel(held.Run.ID)
	f.statusIs(third, ordinaut.RunParked)
	f.must(f.store.Settle(f.ctx, held.Lease, ordinaut.Outcome{Status: ordinaut.RunCanceled}))
	f.statusIs(third, ordinaut.RunQueued)
}

// cancelRaces lets workers claim, retry and finish runs while others cancel
// them, and workers die on the way.
func cancelRaces(f *fixture) {
	const many, workers = 60, 4
	task := f.newTask()
	ids := make([]ordinaut.RunID, many)
	for i := range ids {
		ids[i] = f.newRun(task.ID)
	}
	var mu sync.Mutex
	canceled := map[ordinaut.RunID]bool{} // that had ended when CancelRun returned
	claimedAfter := 0
	together(workers+2, func(i int) {
		if i >= workers {
			for n := i - workers; n < many; n += 2 {
				if err := f.store.CancelRun(f.ctx, ids[n], ordinaut.ReasonCanceled, f.change("run.cancel")); err != nil {
					f.refused(err, ordinaut.ErrRunEnded)
				}
				run, err := f.store.Run(f.ctx, ids[n])
				mu.Lock()
				canceled[ids[n]] = err == nil && run.Status.Final()
				mu.Unlock()
			}
			return
		}
		for round := range 20 {
			mu.Lock()
			before := map[ordinaut.RunID]bool{}
			for id, ended := range canceled {
				before[id] = ended
			}
			mu.Unlock()
			claim, err := f.store.Claim(f.ctx, string(rune('a'+i)), 3, lease)
			if err != nil {
				f.Errorf("got error %v, want none", err)
			}
			for n, c := range claim.Runs {
				if before[c.Run.ID] {
					mu.Lock()
					claimedAfter++
					mu.Unlock()
				}
				o := ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: claim.Now}
				if (round+n)%5 == 0 {
					continue // this worker dies with it
				}
				if err := f.store.Settle(f.ctx, c.Lease, o); err != nil {
					f.refused(err, ordinaut.ErrLeaseLost)
				}
			}
		}
	})
	same(f, "claimed after they had ended", claimedAfter, 0)
	f.pass(lease)
	get(f.store.Reclaim(f.ctx))(f)
	for _, id := range ids {
		f.endedAs(id, ordinaut.ReasonCanceled)
	}
	same(f, "left in the queue", f.claim("w", 99), nil)
}
