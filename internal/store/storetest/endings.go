package storetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

func endings() []promise {
	return []promise{
		{"however a run ends, it leaves no wait and no open step behind", endsClean},
		{"however a run ends, those who wait for its end have their answer", endsWithAnswer},
		{"however a run ends, the runs for whose end it waits are canceled", endsChildren},
		{"the end of a run that came before somebody waited for it is the answer at once", endBeforeWait},
		{"a run that has ended is the answer to each that waits for it, however they race", endRaces},
		{"a run is not canceled by the end of one that waits for it no longer", endSpares},
		{"a whole family ends with its eldest", endOfFamily},
	}
}

// A way ends a run of the task, in which a step waits, and gives the run.
type way func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.RunID

// ways are the ways in which a run ends while a step of it waits and another is at
// work, or has been.
func ways() map[string]way {
	open := func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.Claimed {
		f.newRun(task.ID, edits...)
		c := f.hold("w")
		f.must(f.store.SaveStep(f.ctx, c.Lease, waits, step("begun", ordinaut.StepRunning)))
		return c
	}
	rest := func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.RunID {
		c := open(f, task, waits, edits...)
		f.settleWaiting(c, time.Time{})
		return c.Run.ID
	}
	settled := func(o ordinaut.Outcome) way {
		return func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.RunID {
			c := open(f, task, waits, edits...)
			if !o.Status.Final() {
				f.cancel(c.Run.ID)
			}
			f.must(f.store.Settle(f.ctx, c.Lease, o))
			return c.Run.ID
		}
	}
	return map[string]way{
		"it succeeds":              settled(ordinaut.Outcome{Status: ordinaut.RunSucceeded}),
		"it fails":                 settled(ordinaut.Outcome{Status: ordinaut.RunFailed}),
		"it is canceled at work":   settled(ordinaut.Outcome{Status: ordinaut.RunCanceled}),
		"it was to be tried again": settled(ordinaut.Outcome{Status: ordinaut.RunQueued}),
		"it was to wait":           settled(ordinaut.Outcome{Status: ordinaut.RunWaiting}),
		"it was to be done again":  settled(ordinaut.Outcome{Status: ordinaut.RunQueued, Redo: []string{"begun"}}),
		"it is canceled as it rests": func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.RunID {
			id := rest(f, task, waits, edits...)
			f.cancel(id)
			return id
		},
		"it is superseded": func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.RunID {
			id := rest(f, task, waits, edits...)
			f.cancel(f.supersede(task.ID))
			return id
		},
		"its task is canceled": func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.RunID {
			id := rest(f, task, waits, edits...)
			f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Started: true, Manual: true}, unchanged)
			return id
		},
		"its worker dies when it was to end": func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.RunID {
			c := open(f, task, waits, edits...)
			f.cancel(c.Run.ID)
			f.pass(lease)
			get(f.store.Reclaim(f.ctx))(f)
			return c.Run.ID
		},
		"its workers die again and again": func(f *fixture, task ordinaut.Task, waits ordinaut.StepResult, edits ...func(*ordinaut.Run)) ordinaut.RunID {
			c := open(f, task, waits, edits...)
			f.crash(c)
			f.crash(f.hold("w"))
			f.crash(f.hold("w"))
			return c.Run.ID
		},
	}
}

func endsClean(f *fixture) {
	for name, end := range ways() {
		id := end(f, f.newTask(), approval("a"))
		run := f.readRun(id)
		if !run.Status.Final() || run.FinishedAt == nil || run.Ending != nil || run.Cancel != "" && run.Status != ordinaut.RunCanceled {
			f.Errorf("%s: got run %+v, want it ended", name, run)
		}
		same(f, "waits when "+name, f.waiting(id), nil)
		f.refused(f.answer(id, "a", `{}`), ordinaut.ErrNotFound)
		for _, s := range get(f.store.Steps(f.ctx, id))(f) {
			if s.Status != ordinaut.StepFailed || s.Failure == nil || s.FinishedAt == nil || s.Wait != nil {
				f.Errorf("%s: got step %+v, want it failed", name, s)
			}
		}
		same(f, "left in the queue when "+name, f.claim("w", 9), nil)
	}
}

// parent is a run that waits for the end of another in its step "child".
func (f *fixture) parent(child ordinaut.RunID) ordinaut.RunID {
	f.Helper()
	return f.newWaiting(f.newTask().ID, untilEnd("child", child))
}

// childOf lets a step of a run ask for a run.
func childOf(parent ordinaut.RunID, path string) func(*ordinaut.Run) {
	return func(r *ordinaut.Run) {
		r.Trigger, r.Parent, r.ParentStep, r.Depth = ordinaut.TriggerRun, parent, path, 1
	}
}

// told is the answer that a run has in its step "child".
func (f *fixture) told(id ordinaut.RunID) string {
	f.Helper()
	for _, s := range get(f.store.Steps(f.ctx, id))(f) {
		if s.Path == "child" && s.Wait != nil {
			return string(s.Wait.Answer)
		}
	}
	return ""
}

func endsWithAnswer(f *fixture) {
	for name, end := range ways() {
		child := ordinaut.RunID(newID())
		parent := f.parent(child)
		end(f, f.newTask(), approval("a"), childOf(parent, "child"), func(r *ordinaut.Run) { r.ID = child })
		f.statusIs(parent, ordinaut.RunQueued)
		run := f.readRun(child)
		failure := get(json.Marshal(run.Failure))(f)
		want := fmt.Sprintf(`{"run_id":%q,"status":%q,"output":null,"failure":%s}`, child, run.Status, failure)
		same(f, "answer when "+name, f.told(parent), want)
		f.succeed(f.hold("w"))
	}
}

func endsChildren(f *fixture) {
	for name, end := range ways() {
		free := f.newTask()
		child := f.newRun(free.ID, dueAt(f.now().Add(time.Hour)))
		end(f, f.newTask(), untilEnd("child", child))
		f.endedAs(child, ordinaut.ReasonCanceled)
		if f.Failed() {
			f.Fatal("when " + name)
		}
	}
}

func endBeforeWait(f *fixture) {
	id := f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded, Output: []byte(`{"n":[1]}`)}))
	want := fmt.Sprintf(`{"run_id":%q,"status":"succeeded","output":{"n":[1]},"failure":null}`, id)

	f.newRun(f.newTask().ID)
	c = f.hold("w")
	f.expectSignal(ordinaut.SignalAnswers, "a run that has ended", true, func() {
		f.must(f.store.SaveStep(f.ctx, c.Lease, untilEnd("child", id)))
	})
	same(f, "answered", f.answered("w"), []ordinaut.RunID{c.Run.ID})
	same(f, "answer", f.told(c.Run.ID), want)
	f.succeed(c)

	parent := f.parent(id)
	f.statusIs(parent, ordinaut.RunQueued)
	same(f, "answer to one that was settled", f.told(parent), want)
}

// endRaces lets runs end while others begin to wait for them.
func endRaces(f *fixture) {
	const many = 40
	task := f.newTask()
	for range many {
		f.newRun(task.ID)
	}
	claimed := f.claim("w", many)
	for _, parent := range claimed {
		f.newRun(task.ID, childOf(parent.Run.ID, "child"))
		claimed = append(claimed, f.hold("w"))
	}
	together(2*many, func(i int) {
		o := ordinaut.Outcome{Status: ordinaut.RunSucceeded}
		if i < many {
			o = ordinaut.Outcome{Status: ordinaut.RunWaiting, Steps: []ordinaut.StepResult{untilEnd("child", claimed[i+many].Run.ID)}}
		}
		if err := f.store.Settle(f.ctx, claimed[i].Lease, o); err != nil {
			f.Errorf("got error %v, want none", err)
		}
	})
	for _, c := range claimed[:many] {
		f.statusIs(c.Run.ID, ordinaut.RunQueued)
	}
}

func endSpares(f *fixture) {
	child, other := f.newRun(f.newTask().ID, dueAt(f.now().Add(time.Hour))), f.newRun(f.newTask().ID, dueAt(f.now().Add(time.Hour)))
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, untilEnd("child", child)))
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("child", ordinaut.StepFailed))) // it was late
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunFailed}))
	f.statusIs(child, ordinaut.RunQueued)
	f.statusIs(other, ordinaut.RunQueued)
}

func endOfFamily(f *fixture) {
	youngest := f.newRun(f.newTask().ID)
	held := f.hold("v")
	middle := f.parent(youngest)
	eldest := f.parent(middle)
	f.expectSignal(ordinaut.SignalCancels, "the end of the eldest", true, func() { f.cancel(eldest) })
	f.endedAs(eldest, ordinaut.ReasonCanceled)
	f.endedAs(middle, ordinaut.ReasonCanceled)
	same(f, "asked", f.canceling("v"), []ordinaut.RunID{youngest})
	f.must(f.store.Settle(f.ctx, held.Lease, ordinaut.Outcome{Status: ordinaut.RunCanceled}))
	f.endedAs(youngest, ordinaut.ReasonCanceled)
	same(f, "left in the queue", f.claim("w", 9), nil)
}
