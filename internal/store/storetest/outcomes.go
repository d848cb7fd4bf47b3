package storetest

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
)

func outcomes() []promise {
	return []promise{
		{"recorded steps come back as they were given, in the order they were started", stepsComeBack},
		{"a done step is never overwritten", doneStepStands},
		{"a step that is not done is recorded anew", stepIsRecordedAnew},
		{"a run that ended keeps its outcome", outcomeIsKept},
		{"a run that is tried again is due when it was told", runIsTriedAgain},
		{"failures and working time add up", failuresAddUp},
		{"a worker cannot settle a run as anything else", settleRefuses},
		{"the steps of an outcome appear with it", stepsWithOutcome},
		{"a member that fails does not fail its neighbours", neighboursGoOn},
		{"a parked run is released when the runs before it have ended", parkedIsReleased},
		{"parked runs are released one by one, oldest first", parkedInOrder},
	}
}

// step is what a step might have done.
func step(path string, status ordinaut.StepStatus) ordinaut.StepResult {
	return ordinaut.StepResult{
		Path: path, Status: status, Attempt: 1, Tool: "debug.echo",
		StartedAt: time.Date(2026, 3, 29, 0, 30, 0, 123_456_000, time.UTC),
	}
}

func stepsComeBack(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	z, a, m := step("z", ordinaut.StepSucceeded), step("a", ordinaut.StepFailed), step("m", ordinaut.StepSkipped)
	end := z.StartedAt.Add(time.Second)
	z.Input, z.Output = json.RawMessage(`{"n": 1.50}`), json.RawMessage(`null`)
	z.IdempotencyKey, z.FinishedAt = "run/z", &end
	a.Attempt, a.Failure = 3, &ordinaut.Failure{Class: ordinaut.ClassTimeout, Code: ordinaut.CodeToolTimeout, Step: "a", Message: "too late"}
	f.must(f.store.SaveStep(f.ctx, c.Lease, z))
	f.must(f.store.SaveStep(f.ctx, c.Lease, a, m))
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), []ordinaut.StepResult{z, a, m})
	same(f, "of another run", get(f.store.Steps(f.ctx, "other"))(f), nil)
	f.must(f.store.SaveStep(f.ctx, c.Lease))
}

func doneStepStands(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	for _, done := range []ordinaut.StepStatus{ordinaut.StepSucceeded, ordinaut.StepSkipped} {
		first := step(string(done), done)
		first.Output = json.RawMessage(`"first"`)
		f.must(f.store.SaveStep(f.ctx, c.Lease, first))
	}
	want := get(f.store.Steps(f.ctx, c.Run.ID))(f)
	for _, path := range []ordinaut.StepStatus{ordinaut.StepSucceeded, ordinaut.StepSkipped} {
		for _, status := range []ordinaut.StepStatus{ordinaut.StepRunning, ordinaut.StepFailed, ordinaut.StepSucceeded} {
			second := step(string(path), status)
			second.Output, second.Attempt = json.RawMessage(`"second"`), 2
			f.must(f.store.SaveStep(f.ctx, c.Lease, second))
		}
	}
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), want)
}

func stepIsRecordedAnew(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepRunning), step("b", ordinaut.StepRunning)))
	failed := step("a", ordinaut.StepFailed)
	failed.Failure = &ordinaut.Failure{Class: ordinaut.ClassToolError, Code: ordinaut.CodeToolFailed, Message: "no"}
	f.must(f.store.SaveStep(f.ctx, c.Lease, failed))
	again := step("a", ordinaut.StepSucceeded)
	again.Attempt, again.Output = 2, json.RawMessage(`{}`)
	f.must(f.store.SaveStep(f.ctx, c.Lease, again))
	want := []ordinaut.StepResult{again, step("b", ordinaut.StepRunning)}
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), want)
}

func outcomeIsKept(f *fixture) {
	for _, status := range []ordinaut.RunStatus{ordinaut.RunSucceeded, ordinaut.RunFailed, ordinaut.RunCanceled} {
		f.newRun(f.newTask().ID)
		c := f.hold("w")
		f.pass(2 * time.Second)
		o := ordinaut.Outcome{
			Status: status, Reason: "because", Output: json.RawMessage(`{"a":[1]}`), Worked: 1_234_567_891,
			Failure: &ordinaut.Failure{Class: ordinaut.ClassInternal, Code: ordinaut.CodeInternal, Message: "oh"},
		}
		f.must(f.store.Settle(f.ctx, c.Lease, o))
		got := f.readRun(c.Run.ID)
		want := c.Run
		want.Status, want.Reason, want.Output, want.Worked, want.Failure = o.Status, o.Reason, o.Output, o.Worked, o.Failure
		want.FinishedAt = got.FinishedAt
		same(f, "run", got, want)
		if got.FinishedAt.Before(c.Run.StartedAt.Add(2 * time.Second)) {
			f.Errorf("got finished at %v, want 2 s after %v", got.FinishedAt, c.Run.StartedAt)
		}
	}
}

func runIsTriedAgain(f *fixture) {
	f.newRun(f.newTask(withPriority(7)).ID)
	c := f.hold("w")
	failure := ordinaut.Failure{Class: ordinaut.ClassTimeout, Code: ordinaut.CodeToolTimeout, Message: "slow"}
	at := f.now().Add(time.Minute)
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: at, Failed: true, Failure: &failure}))
	run := f.readRun(c.Run.ID)
	same(f, "status", run.Status, ordinaut.RunQueued)
	same(f, "failure", run.Failure, &failure)
	same(f, "attempt", run.Attempt(), 2)
	claim := get(f.store.Claim(f.ctx, "w", 1, lease))(f)
	same(f, "claimed before", claim.Runs, nil)
	same(f, "next", claim.Next, &at)
	f.pass(time.Minute)
	again := f.hold("w")
	same(f, "priority", again.Run.Priority, 7)
	f.succeed(again)
	same(f, "failure of a run that succeeded", f.readRun(c.Run.ID).Failure, nil)
}

func failuresAddUp(f *fixture) {
	f.newRun(f.newTask().ID)
	failure := &ordinaut.Failure{Class: ordinaut.ClassInternal, Code: ordinaut.CodeInternal, Message: "oh"}
	for _, o := range []ordinaut.Outcome{
		{Status: ordinaut.RunQueued, Failed: true, Failure: failure, Worked: time.Second},
		{Status: ordinaut.RunQueued, Worked: time.Second},
		{Status: ordinaut.RunFailed, Failed: true, Failure: failure, Worked: time.Second},
	} {
		c := f.hold("w")
		o.RunAt = f.now()
		f.must(f.store.Settle(f.ctx, c.Lease, o))
		run := f.readRun(c.Run.ID)
		same(f, "failure", run.Failure, failure)
		if o.Status.Final() {
			same(f, "failures", run.Failures, 2)
			same(f, "worked", run.Worked, 3*time.Second)
		}
	}
}

func settleRefuses(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	for _, status := range []ordinaut.RunStatus{"", ordinaut.RunRunning, ordinaut.RunParked, "done"} {
		if err := f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: status}); err == nil {
			f.Errorf("%q: got no error, want one", status)
		}
	}
	f.succeed(c)
}

func stepsWithOutcome(f *fixture) {
	task := f.newTask()
	for _, status := range []ordinaut.RunStatus{ordinaut.RunSucceeded, ordinaut.RunFailed, ordinaut.RunQueued} {
		f.newRun(task.ID)
		c := f.hold("w")
		steps := []ordinaut.StepResult{step("b", ordinaut.StepSucceeded), step("a", ordinaut.StepFailed)}
		f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: status, RunAt: f.now().Add(time.Hour), Steps: steps}))
		same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), steps)
	}
}

func neighboursGoOn(f *fixture) {
	const many = 40
	task := f.newTask()
	for range many {
		f.newRun(task.ID)
	}
	claimed := f.claim("w", many)
	errs := make([]error, many)
	together(many, func(i int) {
		o := ordinaut.Outcome{Status: ordinaut.RunSucceeded, Steps: []ordinaut.StepResult{step("a", ordinaut.StepSucceeded)}}
		if i%4 == 0 {
			o.Steps = append(o.Steps, step("b", "no such status"))
		}
		errs[i] = f.store.Settle(f.ctx, claimed[i].Lease, o)
	})
	for i, c := range claimed {
		want, steps := ordinaut.RunSucceeded, 1
		if i%4 == 0 {
			want, steps = ordinaut.RunRunning, 0
		}
		if failed := errs[i] != nil; failed != (i%4 == 0) {
			f.Errorf("settle %d: got error %v, want one of each fourth", i, errs[i])
		}
		f.statusIs(c.Run.ID, want)
		same(f, "steps", len(get(f.store.Steps(f.ctx, c.Run.ID))(f)), steps)
	}
}

func parkedIsReleased(f *fixture) {
	task, other := f.newTask(), f.newTask()
	f.newRun(task.ID)
	f.newRun(task.ID)
	waiting := f.newRun(task.ID, parked)
	elsewhere := f.newRun(other.ID, parked)
	claimed := f.claim("w", 2)
	f.succeed(claimed[0])
	f.statusIs(waiting, ordinaut.RunParked)
	f.must(f.store.Settle(f.ctx, claimed[1].Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now()}))
	f.statusIs(waiting, ordinaut.RunParked)
	last := f.hold("w")
	f.must(f.store.Settle(f.ctx, last.Lease, ordinaut.Outcome{Status: ordinaut.RunFailed}))
	f.statusIs(waiting, ordinaut.RunQueued)
	f.statusIs(elsewhere, ordinaut.RunParked)
	same(f, "claimed", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{waiting})
}

func parkedInOrder(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	var want []ordinaut.RunID
	for range 3 {
		want = append(want, f.newRun(task.ID, parked))
	}
	f.succeed(f.hold("w"))
	for _, id := range want {
		c := f.hold("w")
		same(f, "released", c.Run.ID, id)
		f.succeed(c)
	}
	same(f, "left", f.claim("w", 9), nil)
}
