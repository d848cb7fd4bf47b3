package storetest

import (
	"github.com/ordinaut/ordinaut"
)

func crashes() []promise {
	return []promise{
		{"a run that is cut off in the middle of a call has crashed once more", crashIsCounted},
		{"a run that is cut off between its calls has not crashed", cutBetweenCalls},
		{"a result that is recorded clears the crashes", resultClearsCrashes},
		{"a run that crashes three times in a row fails, and nothing of it is undone", crashesQuarantine},
		{"a suspect is claimed alone, in its turn", suspectGoesAlone},
		{"a worker that holds a suspect is given nothing beside it", suspectStaysAlone},
		{"a suspect that waits or is not yet due is in nobody's way", suspectInTheWay},
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

// asked is what a claim gives: the runs, and whether the worker is to hold nothing.
func (f *fixture) asked(worker string, n int) ([]ordinaut.RunID, bool) {
	f.Helper()
	claim := get(f.store.Claim(f.ctx, worker, n, lease))(f)
	return claimedIDs(claim.Runs), claim.Alone
}

// gives fails the test when a claim does not give the runs.
func (f *fixture) gives(what, worker string, alone bool, want ...ordinaut.RunID) {
	f.Helper()
	got, is := f.asked(worker, 9)
	same(f, what, got, want)
	same(f, "alone "+what, is, alone)
}

func suspectGoesAlone(f *fixture) {
	suspect := f.suspect(f.newTask().ID)
	best, worst := f.newTask(withPriority(9)), f.newTask(withPriority(1))
	last := f.newRun(worst.ID)
	first := f.newRun(best.ID)
	f.gives("before its turn", "w", true, first)
	f.gives("while the worker holds another", "w", true)
	f.gives("to a worker that holds nothing", "v", true, suspect)
	f.gives("to the others", "u", false, last)
}

func suspectStaysAlone(f *fixture) {
	f.suspect(f.newTask().ID)
	c := f.hold("w")
	f.newRun(f.newTask(withPriority(9)).ID)
	f.gives("beside it", "w", true)
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("begun", ordinaut.StepSucceeded)))
	got, alone := f.asked("w", 9)
	same(f, "beside one that is none any more", len(got), 1)
	same(f, "alone", alone, false)
}

func suspectInTheWay(f *fixture) {
	task := f.newTask(withPriority(9))
	f.suspect(task.ID)
	f.settleWaiting(f.hold("w"), f.now(), approval("a"))
	one, two := f.newRun(f.newTask().ID), f.newRun(f.newTask().ID)
	f.gives("beside one that waits", "w", false, one, two)

	f.wake(1)
	c := f.hold("v")
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now().Add(lease / 2)}))
	three := f.newRun(f.newTask().ID)
	f.gives("beside one that is not yet due", "w", false, three)
	f.pass(lease / 2)
	f.gives("when it is due", "w", true)
}

func suspectNeedsSlot(f *fixture) {
	task := f.newTask(withSlots("mail", 1))
	suspect := f.suspect(task.ID)
	c := f.hold("w")
	same(f, "run", c.Run.ID, suspect)
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now().Add(lease / 2)}))
	f.newRun(task.ID)
	holder := f.hold("v")
	f.pass(lease / 2)
	next := f.newRun(f.newTask(withPriority(1)).ID)
	f.gives("while the slot is taken", "w", false, next)
	f.succeed(holder)
	f.gives("when it is free", "u", true, suspect)
}
