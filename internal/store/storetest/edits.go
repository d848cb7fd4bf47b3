package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

func edits() []promise {
	return []promise{
		{"an edit replaces the task and keeps who made it and when", editReplaces},
		{"an edit of a task that has moved is refused and changes nothing", editComparesTask},
		{"of many edits at once of the same task one is made", oneEditWins},
		{"the gaps of an edit appear with it", editWritesGaps},
		{"an edit that withdraws nothing leaves the runs alone", withdrawNothing},
		{"withdrawn runs end as canceled for the reason", withdrawEndsRuns},
		{"withdrawal spares runs that somebody asked for, unless told", withdrawManual},
		{"withdrawal spares runs that were started, unless told", withdrawStarted},
		{"withdrawal spares runs that a worker holds", withdrawSparesHeld},
		{"withdrawal takes parked runs too, and releases those that stay", withdrawParked},
	}
}

func editReplaces(f *fixture) {
	task := f.newTask()
	f.pass(time.Second)
	want := task
	next := f.now().Add(time.Hour)
	want.Key, want.Version, want.Status, want.UpdatedAt = "renamed", 2, ordinaut.TaskPaused, f.now()
	want.Title, want.Priority, want.ScheduleKind = "Other", 9, ordinaut.ScheduleInterval
	want.Plan = ordinaut.Plan{Anchor: f.now(), Cursor: f.now(), PlanRev: 3, NextFireAt: &next}
	f.must(f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: task, Task: want}, f.change("task.update")))
	same(f, "task", f.readTask(task.ID), want)
}

func editComparesTask(f *fixture) {
	task := f.newTask()
	for name, moved := range map[string]func(*ordinaut.Task){
		"version": func(t *ordinaut.Task) { t.Version++ },
		"plan":    func(t *ordinaut.Task) { t.PlanRev++ },
		"cursor":  func(t *ordinaut.Task) { t.Cursor = t.Cursor.Add(time.Microsecond) },
		"status":  func(t *ordinaut.Task) { t.Status = ordinaut.TaskPaused },
		"id":      func(t *ordinaut.Task) { t.ID = ordinaut.TaskID(newID()) },
	} {
		was, edited := task, task
		moved(&was)
		edited.Title = name
		e := ordinaut.TaskEdit{
			Was: was, Task: edited,
			Gaps: []ordinaut.Gap{{First: f.now(), Last: f.now(), Count: 1, Reason: ordinaut.ReasonPaused}},
		}
		f.refused(f.store.UpdateTask(f.ctx, e, f.change("task.update")), ordinaut.ErrTaskMoved)
	}
	same(f, "task", f.readTask(task.ID), task)
	same(f, "ledger", f.entries(task.ID), nil)
}

func oneEditWins(f *fixture) {
	task := f.newTask()
	errs := make([]error, 8)
	together(len(errs), func(i int) {
		edited := task
		edited.Version, edited.PlanRev = 2, 1
		errs[i] = f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: task, Task: edited}, f.change("task.update"))
	})
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else {
			f.refused(err, ordinaut.ErrTaskMoved)
		}
	}
	same(f, "edits that were made", made, 1)
}

func editWritesGaps(f *fixture) {
	task := f.newTask()
	first := task.Cursor.Add(time.Minute)
	gap := ordinaut.Gap{TaskID: task.ID, First: first, Last: first.Add(time.Hour), Count: 61, More: true, Reason: ordinaut.ReasonPaused}
	e := ordinaut.TaskEdit{Was: task, Task: task, Gaps: []ordinaut.Gap{gap}}
	f.must(f.store.UpdateTask(f.ctx, e, f.change("task.resume")))
	same(f, "ledger", f.entries(task.ID), []ordinaut.Entry{{At: first, Gap: &gap}})
}

// twoRuns is a task with a run of its schedule and one that somebody asked for.
func (f *fixture) twoRuns() (task ordinaut.Task, scheduled, manual ordinaut.RunID) {
	f.Helper()
	task = f.newTask()
	p := planned(task.Cursor.Add(time.Second))
	f.fire(task.ID, p)
	return task, p.ID, f.newRun(task.ID)
}

func unchanged(*ordinaut.Task) {}

func withdrawNothing(f *fixture) {
	task, scheduled, manual := f.twoRuns()
	f.edit(task.ID, ordinaut.Withdrawal{Started: true, Manual: true}, unchanged)
	f.statusIs(scheduled, ordinaut.RunQueued)
	f.statusIs(manual, ordinaut.RunQueued)
}

func withdrawEndsRuns(f *fixture) {
	task, scheduled, manual := f.twoRuns()
	_, other, _ := f.twoRuns()
	f.pass(5 * time.Second)
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonScheduleChanged}, unchanged)
	run := f.readRun(scheduled)
	same(f, "status", run.Status, ordinaut.RunCanceled)
	same(f, "reason", run.Reason, ordinaut.ReasonScheduleChanged)
	if run.FinishedAt == nil || run.FinishedAt.Before(run.EnqueuedAt.Add(5*time.Second)) {
		f.Errorf("got finished at %v, want 5 s after %v", run.FinishedAt, run.EnqueuedAt)
	}
	f.statusIs(manual, ordinaut.RunQueued)
	f.statusIs(other, ordinaut.RunQueued)
	for _, c := range f.claim("w", 9) {
		if c.Run.ID == scheduled {
			f.Error("a withdrawn run was claimed")
		}
	}
}

func withdrawManual(f *fixture) {
	task, scheduled, manual := f.twoRuns()
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Manual: true}, unchanged)
	f.statusIs(scheduled, ordinaut.RunCanceled)
	f.statusIs(manual, ordinaut.RunCanceled)
	same(f, "claimed", f.claim("w", 9), nil)
}

func withdrawStarted(f *fixture) {
	task := f.newTask()
	p := planned(task.Cursor)
	p.Nominal = task.Cursor.Add(time.Second)
	f.fire(task.ID, p)
	held := f.hold("w")
	again := ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now().Add(time.Minute), Failed: true}
	f.must(f.store.Settle(f.ctx, held.Lease, again))
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonPaused}, unchanged)
	f.statusIs(p.ID, ordinaut.RunQueued)
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonPaused, Started: true}, unchanged)
	f.statusIs(p.ID, ordinaut.RunCanceled)
}

func withdrawSparesHeld(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	held := f.hold("w")
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Started: true, Manual: true}, unchanged)
	f.statusIs(held.Run.ID, ordinaut.RunRunning)
	f.succeed(held)
	f.statusIs(held.Run.ID, ordinaut.RunSucceeded)
}

func withdrawParked(f *fixture) {
	task, scheduled, manual := f.twoRuns()
	waiting := planned(task.Cursor.Add(2 * time.Second))
	waiting.Parked = true
	f.fire(task.ID, waiting)
	asked := f.newRun(task.ID, parked)
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled}, unchanged)
	f.statusIs(scheduled, ordinaut.RunCanceled)
	f.statusIs(waiting.ID, ordinaut.RunCanceled)
	f.statusIs(manual, ordinaut.RunQueued)
	f.statusIs(asked, ordinaut.RunParked)

	f.succeed(f.hold("w"))
	f.statusIs(asked, ordinaut.RunQueued)

	other := f.newTask()
	p, q := planned(other.Cursor.Add(time.Second)), f.newRun
	f.fire(other.ID, p)
	left := q(other.ID, parked)
	f.edit(other.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled}, unchanged)
	f.statusIs(left, ordinaut.RunQueued)
}
