package storetest

import (
	"context"
	"time"

	"github.com/ordinaut/ordinaut"
)

func upkeep() []promise {
	return []promise{
		{"the store's clock goes by, to the microsecond", clockGoesBy},
		{"a fresh store is ready, a closed one is not", readiness},
		{"a closed store refuses work", closedRefuses},
		{"a caller that gave up before its write began leaves nothing behind", gaveUp},
		{"a secret is made once, whoever asks first", secrets},
		{"steps are pruned before their run", pruneSteps},
		{"runs are pruned with their steps, and runs that have not ended stay", pruneRuns},
		{"occurrences and gaps are pruned, and occurrences of kept runs stay", pruneLedger},
		{"a run that has waited is pruned like any other, and one that waits stays", pruneWaits},
		{"pruning is bounded and says whether there may be more", pruneIsBounded},
		{"pruning what is kept deletes nothing", pruneNothing},
	}
}

func clockGoesBy(f *fixture) {
	before := f.now()
	same(f, "zone", before.Location().String(), "UTC")
	same(f, "fraction of a microsecond", before.Nanosecond()%1000, 0)
	f.pass(3 * time.Hour)
	if d := f.now().Sub(before); d < 3*time.Hour || d > 4*time.Hour {
		f.Errorf("got %v later, want 3 h", d)
	}
}

func readiness(f *fixture) {
	f.must(f.store.Ready(f.ctx))
	f.must(f.store.Close())
	if f.store.Ready(f.ctx) == nil {
		f.Error("got ready, want an error")
	}
	f.must(f.store.Close())
}

func closedRefuses(f *fixture) {
	task := f.newTask()
	f.must(f.store.Close())
	_, claimErr := f.store.Claim(f.ctx, "w", 1, lease)
	_, taskErr := f.store.Task(f.ctx, ordinaut.TaskRef{ID: task.ID})
	_, planErr := f.store.Materialize(f.ctx, []ordinaut.Materialization{decide(task, task.Cursor)})
	for name, err := range map[string]error{"Claim": claimErr, "Task": taskErr, "Materialize": planErr} {
		if err == nil {
			f.Errorf("%s: got no error, want one", name)
		}
	}
}

func gaveUp(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	c := f.hold("w")
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	f.refused(f.store.CreateTask(ctx, f.task(), 0, f.change("task.create")), context.Canceled)
	f.refused(f.store.UpdateTask(ctx, ordinaut.TaskEdit{Was: task, Task: task}, f.change("task.update")), context.Canceled)
	f.refused(f.store.Settle(ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunFailed}), context.Canceled)
	f.refused(f.store.SaveStep(ctx, c.Lease, step("a", ordinaut.StepSucceeded)), context.Canceled)
	_, err := f.store.Renew(ctx, []ordinaut.Lease{c.Lease}, lease)
	f.refused(err, context.Canceled)
	_, err = f.store.Reclaim(ctx)
	f.refused(err, context.Canceled)
	_, err = f.store.Prune(ctx, ordinaut.Keep{}, 9)
	f.refused(err, context.Canceled)
	_, err = f.store.EnsureAgent(ctx, ordinaut.Agent{Name: "late"})
	f.refused(err, context.Canceled)
	_, err = f.store.Due(ctx, 9)
	f.refused(err, context.Canceled)
	same(f, "tasks", get(f.store.CountTasks(f.ctx, ordinaut.TaskFilter{}))(f), 1)
	same(f, "audit", len(get(f.store.Audit(f.ctx, 0, 0))(f)), 2)
	f.succeed(c)
}

func secrets(f *fixture) {
	made := make([][]byte, 8)
	together(len(made), func(i int) {
		var err error
		if made[i], err = f.store.Secret(f.ctx, "links"); err != nil {
			f.Errorf("got error %v, want none", err)
		}
	})
	same(f, "bytes", len(made[0]), 32)
	for _, secret := range made {
		same(f, "secret", string(secret), string(made[0]))
	}
	if other := get(f.store.Secret(f.ctx, "other"))(f); string(other) == string(made[0]) {
		f.Error("got the same secret under another name, want another")
	}
}

// prune prunes until there is no more.
func (f *fixture) prune(k ordinaut.Keep) {
	f.Helper()
	for more := true; more; {
		more = get(f.store.Prune(f.ctx, k, 100))(f)
	}
}

// forever keeps everything.
func forever() ordinaut.Keep {
	const century = 100 * 365 * 24 * time.Hour
	return ordinaut.Keep{Runs: century, Steps: century, Ledger: century, Events: century}
}

// finished is a run of a fresh task that has succeeded with two steps.
func (f *fixture) finished() ordinaut.RunID {
	f.Helper()
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	steps := []ordinaut.StepResult{step("a", ordinaut.StepSucceeded), step("b", ordinaut.StepSucceeded)}
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded, Steps: steps}))
	return c.Run.ID
}

// stepCount is how many steps are recorded of the run.
func (f *fixture) stepCount(id ordinaut.RunID) int {
	f.Helper()
	return len(get(f.store.Steps(f.ctx, id))(f))
}

func pruneSteps(f *fixture) {
	old := f.finished()
	f.pass(time.Hour)
	young := f.finished()
	keep := forever()
	keep.Steps = time.Minute
	f.prune(keep)
	f.statusIs(old, ordinaut.RunSucceeded)
	same(f, "old steps", f.stepCount(old), 0)
	same(f, "young steps", f.stepCount(young), 2)
}

func pruneRuns(f *fixture) {
	old := f.finished()
	waiting := f.newRun(f.newTask().ID, parked)
	f.newRun(f.newTask().ID)
	held := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, held.Lease, step("a", ordinaut.StepSucceeded)))
	f.pass(time.Hour)
	young := f.finished()
	keep := forever()
	keep.Runs = time.Minute
	f.prune(keep)
	_, err := f.store.Run(f.ctx, old)
	f.refused(err, ordinaut.ErrNotFound)
	same(f, "old steps", f.stepCount(old), 0)
	f.statusIs(waiting, ordinaut.RunParked)
	f.statusIs(held.Run.ID, ordinaut.RunRunning)
	same(f, "steps of a run that has not ended", f.stepCount(held.Run.ID), 1)
	f.statusIs(young, ordinaut.RunSucceeded)
	same(f, "young steps", f.stepCount(young), 2)
}

func pruneWaits(f *fixture) {
	ended, waits := f.newWaiting(f.newTask().ID, approval("a")), f.newWaiting(f.newTask().ID, approval("a"))
	f.cancel(ended)
	f.pass(time.Hour)
	f.prune(ordinaut.Keep{Runs: time.Minute, Steps: time.Minute, Ledger: time.Minute})
	_, err := f.store.Run(f.ctx, ended)
	f.refused(err, ordinaut.ErrNotFound)
	f.statusIs(waits, ordinaut.RunWaiting)
	same(f, "waits", f.waiting(waits), []string{"a"})
}

func pruneLedger(f *fixture) {
	at, task, want := f.history()
	f.pass(10 * time.Second)
	for _, c := range f.claim("w", 2) {
		f.succeed(c)
	}
	f.pass(time.Hour)
	keep := forever()
	keep.Ledger = time.Minute
	f.prune(keep)
	same(f, "ledger while the runs are kept", f.entries(task.ID), []ordinaut.Entry{want[0], want[2], want[4]})
	keep.Runs = time.Minute
	f.prune(keep)
	same(f, "ledger", f.entries(task.ID), want[4:])
	same(f, "cursor", f.readTask(task.ID).Cursor, at(9))
}

func pruneIsBounded(f *fixture) {
	for range 5 {
		f.finished()
	}
	f.pass(time.Hour)
	rounds := 0
	for more := true; more; rounds++ {
		before := get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{}))(f)
		more = get(f.store.Prune(f.ctx, ordinaut.Keep{}, 3))(f)
		after := get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{}))(f)
		if deleted := before - after; deleted > 3 {
			f.Errorf("got %d runs deleted at once, want at most 3", deleted)
		}
	}
	same(f, "runs", get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{}))(f), 0)
	if rounds < 5 {
		f.Errorf("got %d rounds for 15 rows, 3 at a time, want at least 5", rounds)
	}
}

func pruneNothing(f *fixture) {
	id := f.finished()
	_, task, want := f.history()
	f.pass(time.Hour)
	same(f, "more", get(f.store.Prune(f.ctx, forever(), 100))(f), false)
	same(f, "steps", f.stepCount(id), 2)
	same(f, "ledger", f.entries(task.ID), want)
}
