package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

func undos() []promise {
	return []promise{
		{"a run that is to be undone is claimed again, with what it ends as", undoIsClaimed},
		{"a run that is being undone is not canceled, superseded or withdrawn", undoIsSpared},
		{"what was to end stays so until the end, through retries and crashes", undoLasts},
		{"a canceled run that has done something that can be undone is undone first", cancelUndoes},
		{"a canceled run that has nothing to undo ends at once", cancelWithoutUndo},
		{"a run that is to be undone leaves no wait and no open step behind", undoCloses},
		{"what is parked behind a run waits until it is undone", undoHoldsParked},
	}
}

// done is a step that has succeeded, with something to undo.
func done(path string) ordinaut.StepResult {
	s := step(path, ordinaut.StepSucceeded)
	s.Undoable = true
	return s
}

// toUndo is the outcome of a run that has failed and is to be undone.
func (f *fixture) toUndo() (ordinaut.Outcome, *ordinaut.Ending) {
	failure := &ordinaut.Failure{Class: ordinaut.ClassToolError, Code: ordinaut.CodeToolFailed, Message: "no"}
	e := &ordinaut.Ending{Status: ordinaut.RunFailed, Reason: "because", Failure: failure}
	return ordinaut.Outcome{
		Status: ordinaut.RunQueued, RunAt: f.now(), Ending: e, Failed: true,
		Steps: []ordinaut.StepResult{done("a"), step("b", ordinaut.StepFailed)},
	}, e
}

// undoes lets a run of the task be undone, and gives the claim of it.
func (f *fixture) undoes(id ordinaut.TaskID) ordinaut.Claimed {
	f.Helper()
	f.newRun(id)
	o, _ := f.toUndo()
	f.must(f.store.Settle(f.ctx, f.hold("w").Lease, o))
	return f.hold("w")
}

// isUndone fails the test when the run is not queued to be undone, after it was
// canceled for the reason.
func (f *fixture) isUndone(name string, id ordinaut.RunID, why ordinaut.Reason) {
	f.Helper()
	run := f.readRun(id)
	same(f, "status when "+name, run.Status, ordinaut.RunQueued)
	same(f, "ending when "+name, run.Ending, &ordinaut.Ending{Status: ordinaut.RunCanceled, Reason: why})
	same(f, "the rest when "+name, []any{run.Cancel, run.Reason, run.FinishedAt == nil}, []any{ordinaut.Reason(""), ordinaut.Reason(""), true})
}

func undoIsClaimed(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.cancel(c.Run.ID)
	o, ending := f.toUndo()
	f.expectSignal(ordinaut.SignalQueue, "a run to be undone", true, func() { f.must(f.store.Settle(f.ctx, c.Lease, o)) })
	same(f, "asked", f.canceling("w"), nil)
	again := f.hold("w")
	same(f, "run", again.Run.ID, c.Run.ID)
	same(f, "ending", again.Run.Ending, ending)
	same(f, "cancel", again.Run.Cancel, "")
	same(f, "failures", again.Run.Failures, 1)
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), o.Steps)
	f.must(f.store.Settle(f.ctx, again.Lease, ordinaut.Outcome{Status: ending.Status, Reason: ending.Reason, Failure: ending.Failure}))
	run := f.readRun(c.Run.ID)
	same(f, "in the end", []any{run.Status, run.Reason, run.Ending == nil}, []any{ordinaut.RunFailed, ending.Reason, true})
}

func undoIsSpared(f *fixture) {
	task := f.newTask()
	c := f.undoes(task.ID)
	spared := func(what string) {
		f.Helper()
		f.refused(f.store.CancelRun(f.ctx, c.Run.ID, ordinaut.ReasonCanceled, f.change("run.cancel")), ordinaut.ErrRunEnded)
		f.cancel(f.supersede(task.ID))
		f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Started: true, Manual: true}, unchanged)
		run := f.readRun(c.Run.ID)
		same(f, what, []any{run.Cancel, run.Ending != nil, run.Status.Final()}, []any{ordinaut.Reason(""), true, false})
	}
	spared("at work")
	f.must(f.store.Settle(f.ctx, c.Lease, again(f.now())))
	spared("in the queue")
	c = f.hold("w")
	f.settleWaiting(c, f.now().Add(time.Hour))
	spared("as it waits")
}

func undoLasts(f *fixture) {
	c := f.undoes(f.newTask().ID)
	want := c.Run.Ending
	f.must(f.store.Settle(f.ctx, c.Lease, again(f.now())))
	c = f.hold("w")
	same(f, "after a retry", c.Run.Ending, want)
	f.crash(c)
	c = f.hold("w")
	same(f, "after a crash", c.Run.Ending, want)
	f.settleWaiting(c, f.now())
	f.wake(9)
	same(f, "after a wait", f.hold("w").Run.Ending, want)
}

func cancelUndoes(f *fixture) {
	type held = ordinaut.Claimed
	toRetry := func(c held) { f.must(f.store.Settle(f.ctx, c.Lease, again(f.now().Add(time.Hour)))) }
	for name, cancel := range map[string]func(c held){
		"it was to be tried again": func(c held) { toRetry(c); f.cancel(c.Run.ID) },
		"it waited":                func(c held) { f.settleWaiting(c, time.Time{}, approval("w")); f.cancel(c.Run.ID) },
		"its worker died": func(c held) {
			f.cancel(c.Run.ID)
			f.crash(c)
		},
		"its worker gave it back": func(c held) { f.cancel(c.Run.ID); toRetry(c) },
		"its task was canceled": func(c held) {
			toRetry(c)
			f.edit(c.Run.TaskID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Started: true, Manual: true}, unchanged)
		},
	} {
		f.newRun(f.newTask().ID)
		c := f.hold("w")
		f.must(f.store.SaveStep(f.ctx, c.Lease, done("a")))
		f.expectSignal(ordinaut.SignalQueue, name, true, func() { cancel(c) })
		f.isUndone(name, c.Run.ID, ordinaut.ReasonCanceled)
		again := f.hold("w")
		same(f, "claimed when "+name, again.Run.ID, c.Run.ID)
		f.must(f.store.Settle(f.ctx, again.Lease, ordinaut.Outcome{Status: ordinaut.RunCanceled, Reason: again.Run.Ending.Reason}))
		f.endedAs(c.Run.ID, ordinaut.ReasonCanceled)
	}
	task := f.newTask()
	f.newRun(task.ID)
	c := f.hold("w")
	f.settleWaiting(c, time.Time{}, done("a"), approval("b"))
	f.supersede(task.ID)
	f.isUndone("it was superseded", c.Run.ID, ordinaut.ReasonSuperseded)
}

func cancelWithoutUndo(f *fixture) {
	tried := done("b")
	tried.Status = ordinaut.StepFailed
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.settleWaiting(c, time.Time{}, step("a", ordinaut.StepSucceeded), tried, approval("c"))
	f.cancel(c.Run.ID)
	f.endedAs(c.Run.ID, ordinaut.ReasonCanceled)
}

func undoCloses(f *fixture) {
	for _, byWorker := range []bool{true, false} {
		child := f.newRun(f.newTask().ID, dueAt(f.now().Add(time.Hour)))
		f.newRun(f.newTask().ID)
		c := f.hold("w")
		f.must(f.store.SaveStep(f.ctx, c.Lease, done("a"), untilEnd("child", child), approval("b"), step("c", ordinaut.StepRunning)))
		if byWorker {
			o, _ := f.toUndo()
			o.Steps = nil
			f.must(f.store.Settle(f.ctx, c.Lease, o))
		} else {
			f.settleWaiting(c, time.Time{})
			f.cancel(c.Run.ID)
		}
		f.stepsEnded(c.Run.ID, "a succeeded, child failed, b failed, c failed")
		same(f, "waits", f.waiting(c.Run.ID), nil)
		f.endedAs(child, ordinaut.ReasonCanceled)
		f.statusIs(c.Run.ID, ordinaut.RunQueued)
		f.succeed(f.hold("w"))
	}
}

func undoHoldsParked(f *fixture) {
	task := f.newTask(withSlots("mail", 1))
	f.newRun(task.ID)
	c := f.hold("w")
	behind, beside := f.newRun(task.ID, parked), f.newRun(f.newTask(withSlots("mail", 1)).ID)
	f.claim("w", 9)
	f.must(f.store.SaveStep(f.ctx, c.Lease, done("a")))
	f.cancel(c.Run.ID)
	f.crash(c)
	f.statusIs(behind, ordinaut.RunParked)
	claimed := f.hold("w")
	same(f, "the slot goes to the one that waited for it", claimed.Run.ID, beside)
	f.succeed(claimed)
	f.must(f.store.Settle(f.ctx, f.hold("w").Lease, ordinaut.Outcome{Status: ordinaut.RunCanceled}))
	f.statusIs(behind, ordinaut.RunQueued)
}
