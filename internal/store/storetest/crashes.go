package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

func crashes() []promise {
	return []promise{
		{"a run that is cut off in the middle of a call has crashed once more", crashIsCounted},
		{"a run that is cut off between its calls has not crashed", cutBetweenCalls},
		{"a result that is recorded clears the crashes", resultClearsCrashes},
		{"a run that crashes three times in a row fails, and nothing of it is undone", crashesQuarantine},
		{"a worker that loses a suspect in the middle of a call loses the others for no fault of theirs", suspectIsBlamed},
		{"a suspect is claimed in its turn, beside others", suspectInItsTurn},
		{"a worker holds one suspect at a time, and the others are in nobody's way", oneSuspectAtATime},
		{"the next suspect is there as soon as one has gone or is none any more", nextSuspectIsTold},
		{"a suspect that waits or is not yet due is in nobody's way", suspectInTheWay},
		{"a suspect that waits for its place takes no slot", suspectTakesNoSlot},
		{"a suspect needs a slot like any other", suspectNeedsSlot},
	}
}

// crash lets the worker of a run die in the middle of a call.
func (f *fixture) crash(c ordinaut.Claimed) {
	f.Helper()
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("begun", ordinaut.StepRunning)))
	f.pass(lease)
	get(f.store.Reclaim(f.ctx))(f)
}

// suspect is a run of the task whose next crash would be its last.
func (f *fixture) suspect(id ordinaut.TaskID) ordinaut.RunID {
	f.Helper()
	f.newRun(id)
	first := f.hold("w")
	f.crash(first)
	f.crash(f.hold("w"))
	return first.Run.ID
}

// crashesAre fails the test when the run has not crashed so often.
func (f *fixture) crashesAre(id ordinaut.RunID, want int) {
	f.Helper()
	same(f, "crashes", f.readRun(id).Crashes, want)
}

func crashIsCounted(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("done", ordinaut.StepSucceeded)))
	f.crash(c)
	f.crashesAre(c.Run.ID, 1)
	again := f.hold("w")
	same(f, "crashes of the claimed run", again.Run.Crashes, 1)
	same(f, "failures", again.Run.Failures, 0)
	f.stepsEnded(c.Run.ID, "done succeeded, begun running")
	f.crash(again)
	f.crashesAre(c.Run.ID, 2)
	f.statusIs(c.Run.ID, ordinaut.RunQueued)
}

func cutBetweenCalls(f *fixture) {
	f.newRun(f.newTask().ID)
	for range 5 {
		c := f.hold("w")
		f.must(f.store.SaveStep(f.ctx, c.Lease, step("done", ordinaut.StepSucceeded), approval("a")))
		f.pass(lease)
		same(f, "returned", get(f.store.Reclaim(f.ctx))(f), 1)
		f.crashesAre(c.Run.ID, 0)
	}
}

func resultClearsCrashes(f *fixture) {
	for name, record := range map[string]func(c ordinaut.Claimed, s ordinaut.StepResult) error{
		"saved": func(c ordinaut.Claimed, s ordinaut.StepResult) error { return f.store.SaveStep(f.ctx, c.Lease, s) },
		"settled": func(c ordinaut.Claimed, s ordinaut.StepResult) error {
			o := ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now(), Steps: []ordinaut.StepResult{s}}
			return f.store.Settle(f.ctx, c.Lease, o)
		},
	} {
		for status, want := range map[ordinaut.StepStatus]int{
			ordinaut.StepSucceeded: 0, ordinaut.StepFailed: 0, ordinaut.StepSkipped: 0,
			ordinaut.StepRunning: 1, ordinaut.StepWaiting: 1,
		} {
			id := f.newRun(f.newTask().ID)
			f.crash(f.hold("w"))
			s := approval("next")
			s.Status = status
			f.must(record(f.hold("w"), s))
			if got := f.readRun(id).Crashes; got != want {
				f.Errorf("%s as %s: got %d crashes, want %d", name, status, got, want)
			}
			f.cancel(id)
		}
	}
}

func crashesQuarantine(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	c := f.hold("w")
	behind := f.newRun(task.ID, parked)
	done := step("done", ordinaut.StepSucceeded)
	done.Undoable = true
	f.must(f.store.SaveStep(f.ctx, c.Lease, done))
	f.crash(c)
	f.crash(f.hold("w"))
	last := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, last.Lease, step("begun", ordinaut.StepRunning)))
	f.pass(lease)
	f.expectSignal(ordinaut.SignalRuns, "the third crash", true, func() {
		same(f, "returned to the queue", get(f.store.Reclaim(f.ctx))(f), 0)
	})
	run := f.readRun(c.Run.ID)
	same(f, "status", run.Status, ordinaut.RunFailed)
	same(f, "reason", run.Reason, ordinaut.ReasonQuarantined)
	same(f, "code", run.Failure.Code, ordinaut.CodeRunQuarantined)
	same(f, "crashes", run.Crashes, 3)
	f.stepsEnded(run.ID, "done succeeded, begun failed")
	f.statusIs(behind, ordinaut.RunQueued)
	f.refused(f.store.Settle(f.ctx, last.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded}), ordinaut.ErrLeaseLost)
}

// gives fails the test when a claim does not give the runs.
func (f *fixture) gives(what, worker string, want ...ordinaut.RunID) {
	f.Helper()
	same(f, what, claimedIDs(f.claim(worker, 9)), want)
}

// begin begins a step of a run that is held.
func (f *fixture) begin(c ordinaut.Claimed) {
	f.Helper()
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("begun", ordinaut.StepRunning)))
}

// suspects are runs of the tasks whose next crash would be the last of each.
func (f *fixture) suspects(tasks ...ordinaut.TaskID) (ids []ordinaut.RunID) {
	f.Helper()
	for _, id := range tasks {
		ids = append(ids, f.newRun(id))
	}
	for range suspected {
		for _, c := range f.claim("dead", len(tasks)) {
			f.begin(c)
		}
		f.pass(lease)
		get(f.store.Reclaim(f.ctx))(f)
	}
	return ids
}

func suspectIsBlamed(f *fixture) {
	f.suspect(f.newTask().ID)
	bystander, other := f.newRun(f.newTask().ID), f.newRun(f.newTask().ID)
	bad := f.claim("w", 2)
	elsewhere := f.hold("v")
	for _, c := range append(bad, elsewhere) {
		f.begin(c)
	}
	f.pass(lease)
	same(f, "returned", get(f.store.Reclaim(f.ctx))(f), 2)
	same(f, "reason", f.readRun(bad[0].Run.ID).Reason, ordinaut.ReasonQuarantined)
	f.crashesAre(bystander, 0)
	f.crashesAre(other, 1)

	// One that was not at work is not to blame, whatever it did before.
	f.cancel(bystander)
	f.cancel(other)
	idle := f.suspect(f.newTask().ID)
	third := f.newRun(f.newTask().ID)
	held := f.claim("w", 2)
	f.must(f.store.SaveStep(f.ctx, held[0].Lease, approval("begun")))
	f.begin(held[1])
	f.pass(lease)
	get(f.store.Reclaim(f.ctx))(f)
	f.crashesAre(idle, suspected)
	f.crashesAre(third, 1)
}

func suspectInItsTurn(f *fixture) {
	suspect := f.suspect(f.newTask().ID)
	last := f.newRun(f.newTask(withPriority(1)).ID)
	first := f.newRun(f.newTask(withPriority(9)).ID)
	f.gives("all", "w", first, suspect, last)
}

func oneSuspectAtATime(f *fixture) {
	task := f.newTask(withPriority(9))
	ids := f.suspects(task.ID, task.ID, task.ID)
	one, two := f.newRun(f.newTask().ID), f.newRun(f.newTask().ID)
	same(f, "the first two", claimedIDs(f.claim("w", 2)), []ordinaut.RunID{ids[0], one})
	f.gives("beside a suspect", "w", two)
	f.gives("to another worker", "v", ids[1])
	f.gives("beside its suspect", "v")
	same(f, "waiting", get(f.store.Backlog(f.ctx))(f).Due, 1)
}

func nextSuspectIsTold(f *fixture) {
	task := f.newTask().ID
	ids := f.suspects(task, task, task, task, task, task, task)
	held := f.claim("w", 9)[0]
	next := func(what string, let func()) {
		f.Helper()
		f.expectSignal(ordinaut.SignalQueue, what, true, let)
		claimed := f.claim("w", 9)
		same(f, "after "+what, claimedIDs(claimed), ids[1:2])
		held, ids = claimed[0], ids[1:]
	}
	first := held
	next("a result", func() {
		f.must(f.store.SaveStep(f.ctx, first.Lease, step("begun", ordinaut.StepSucceeded)))
	})
	f.succeed(first)
	next("an end", func() { f.succeed(held) })
	next("an end with a result", func() {
		o := ordinaut.Outcome{Status: ordinaut.RunFailed, Steps: []ordinaut.StepResult{step("begun", ordinaut.StepFailed)}}
		f.must(f.store.Settle(f.ctx, held.Lease, o))
	})
	next("a wait", func() { f.settleWaiting(held, f.now(), approval("a")) })
	next("a retry", func() { f.must(f.store.Settle(f.ctx, held.Lease, again(f.now().Add(time.Hour)))) })
	f.cancel(held.Run.ID)
	f.pass(lease)
	next("the end of a worker that was to cancel", func() { same(f, "returned", get(f.store.Reclaim(f.ctx))(f), 0) })
}

func suspectTakesNoSlot(f *fixture) {
	plain := f.newTask(withPriority(9))
	mail, low := f.newTask(withSlots("mail", 1), withPriority(8)), f.newTask(withSlots("mail", 1), withPriority(1))
	ids := f.suspects(plain.ID, mail.ID)
	second := f.newRun(low.ID)
	held := f.claim("w", 9)
	same(f, "beside a suspect", claimedIDs(held), []ordinaut.RunID{ids[0], second})
	third := f.newRun(low.ID)
	f.gives("while the slot is taken", "v")
	f.succeed(held[1])
	f.gives("behind a suspect that needs the slot", "w", third)
}

func suspectInTheWay(f *fixture) {
	task := f.newTask(withPriority(9))
	f.suspect(task.ID)
	f.settleWaiting(f.hold("w"), f.now(), approval("a"))
	one := f.newRun(f.newTask().ID)
	f.gives("beside one that waits", "w", one)

	f.wake(1)
	c := f.hold("v")
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now().Add(lease / 2)}))
	two := f.newRun(f.newTask().ID)
	f.gives("beside one that is not yet due", "w", two)
	f.pass(lease / 2)
	f.gives("when it is due", "w", c.Run.ID)
}

func suspectNeedsSlot(f *fixture) {
	task := f.newTask(withSlots("mail", 1))
	suspect := f.suspect(task.ID)
	c := f.hold("w")
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now().Add(lease / 2)}))
	f.newRun(task.ID)
	holder := f.hold("v")
	f.pass(lease / 2)
	next := f.newRun(f.newTask(withPriority(1)).ID)
	f.gives("while the slot is taken", "w", next)
	f.succeed(holder)
	f.gives("when it is free", "u", suspect)
}
