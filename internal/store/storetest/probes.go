package storetest

import (
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/ordinaut/ordinaut"
)

func probes() []promise {
	return []promise{
		{"a probe is given to one caller until its lease is over", probeClaimed},
		{"many callers at once are given each probe once", probeRaced},
		{"a probe is made again at its time, and at once when its task was changed", probeDue},
		{"a probe of a task that is not active, or of no condition, is not made", probeIdle},
		{"what was seen comes back as it was written", probeComesBack},
		{"a look whose lease was given to another writes nothing", probeFenced},
		{"a look at a task that was changed meanwhile writes nothing, and makes way", probeOvertaken},
		{"a condition that has come true makes its run with the look, and heeds the policies of its task", probeRuns},
	}
}

// conditions is the group of a store that these tests ask for.
func (f *fixture) conditions() ordinaut.Probes {
	f.Helper()
	p, ok := f.store.(ordinaut.Probes)
	if !ok {
		f.Fatal("the store keeps no probes")
	}
	return p
}

// conditional makes a task one with a condition.
func conditional(t *ordinaut.Task) {
	t.ScheduleKind, t.ScheduleExpr = ordinaut.ScheduleCondition, "stock > 0"
}

// probe claims probes, which must be so many.
func (f *fixture) probe(n, want int) []ordinaut.ClaimedProbe {
	f.Helper()
	c := get(f.conditions().ClaimProbes(f.ctx, n, lease))(f)
	if len(c.Probes) != want {
		f.Fatalf("got %d probes, want %d", len(c.Probes), want)
	}
	return c.Probes
}

// look is what was seen of a probe that is to be made again after a minute.
func (f *fixture) look(c ordinaut.ClaimedProbe, holds bool) ordinaut.Look {
	at := f.now()
	return ordinaut.Look{Fence: c.Fence, Probe: ordinaut.Probe{
		TaskID: c.TaskID, Version: c.Task.Version, Basis: "stock", Holds: holds, Since: &at, LookedAt: &at, NextAt: at.Add(time.Minute),
	}}
}

// settled writes down a look, and says whether it was.
func (f *fixture) settled(l ordinaut.Look) bool {
	f.Helper()
	return get(f.conditions().SettleProbe(f.ctx, l))(f)
}

func probeClaimed(f *fixture) {
	_, err := f.conditions().Probe(f.ctx, f.newTask().ID)
	f.refused(err, ordinaut.ErrNotFound)
	task := f.newTask(conditional)
	got := f.probe(5, 1)[0]
	same(f, "task", got.Task, task)
	same(f, "probe", got.Probe, ordinaut.Probe{TaskID: task.ID, NextAt: got.NextAt})
	c := get(f.conditions().ClaimProbes(f.ctx, 5, lease))(f)
	if len(c.Probes) != 0 || c.Next == nil || !c.Next.Equal(c.Now.Add(lease)) && !c.Next.Before(c.Now.Add(lease)) {
		f.Errorf("got %d probes and the next one at %v, want none before the lease is over", len(c.Probes), c.Next)
	}
	f.pass(lease)
	if again := f.probe(5, 1)[0]; again.Fence <= got.Fence {
		f.Errorf("got the fence %d, want one above %d", again.Fence, got.Fence)
	}
}

func probeRaced(f *fixture) {
	const tasks, callers = 20, 8
	for range tasks {
		f.newTask(conditional)
	}
	var given atomic.Int64
	together(callers, func(int) {
		for range tasks {
			c, err := f.conditions().ClaimProbes(f.ctx, 2, time.Hour)
			if err != nil {
				f.Errorf("got error %v, want none", err)
			}
			given.Add(int64(len(c.Probes)))
		}
	})
	if given.Load() != tasks {
		f.Errorf("%d probes were given, want %d", given.Load(), tasks)
	}
}

func probeDue(f *fixture) {
	task := f.newTask(conditional)
	if !f.settled(f.look(f.probe(1, 1)[0], true)) {
		f.Error("a look was not written down")
	}
	c := get(f.conditions().ClaimProbes(f.ctx, 1, lease))(f)
	if len(c.Probes) != 0 || c.Next == nil || !c.Next.After(c.Now) {
		f.Errorf("got %+v, want that it is made later", c)
	}
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Version, t.Title = 2, "Another" })
	got := f.probe(1, 1)[0]
	if got.Task.Version != 2 || got.Version != 1 || !got.Holds || got.Basis != "stock" {
		f.Errorf("got %+v, want what was seen of the first version", got)
	}
	f.settled(f.look(got, true))
	f.pass(time.Minute)
	f.probe(1, 1)
}

func probeIdle(f *fixture) {
	f.newTask()
	paused := f.newTask(conditional)
	f.edit(paused.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskPaused })
	c := get(f.conditions().ClaimProbes(f.ctx, 5, lease))(f)
	if len(c.Probes) != 0 || c.Next != nil {
		f.Errorf("got %+v, want nothing ever", c)
	}
	f.edit(paused.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskActive })
	f.probe(5, 1)
}

func probeComesBack(f *fixture) {
	task := f.newTask(conditional)
	l := f.look(f.probe(1, 1)[0], true)
	since := f.now().Add(-time.Hour)
	l.Since, l.Failures = &since, 3
	l.Failure = &ordinaut.Failure{Code: ordinaut.CodeToolTimeout, Class: ordinaut.ClassTimeout, Message: "it took too long", Fix: "wait"}
	f.settled(l)
	same(f, "probe", get(f.conditions().Probe(f.ctx, task.ID))(f), l.Probe)
}

func probeFenced(f *fixture) {
	task := f.newTask(conditional)
	late := f.look(f.probe(1, 1)[0], true)
	f.pass(lease)
	next := f.probe(1, 1)[0]
	late.Run = f.edge(task)
	if f.settled(late) {
		f.Error("a look without its lease was written down")
	}
	if !f.settled(f.look(next, false)) {
		f.Error("the look of the newest lease was not written down")
	}
	if f.settled(late) || len(f.runsOf(task.ID)) != 0 {
		f.Error("a look without its lease has made a run")
	}
	same(f, "holds", get(f.conditions().Probe(f.ctx, task.ID))(f).Holds, false)
}

func probeOvertaken(f *fixture) {
	task := f.newTask(conditional)
	l := f.look(f.probe(1, 1)[0], true)
	l.Run = f.edge(task)
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Version, t.ScheduleExpr = 2, "stock > 9" })
	if f.settled(l) || len(f.runsOf(task.ID)) != 0 {
		f.Error("a look at what the task was before has made a run")
	}
	l = f.look(f.probe(1, 1)[0], true)
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskPaused })
	l.Run = f.edge(task)
	if f.settled(l) || len(f.runsOf(task.ID)) != 0 {
		f.Error("a look at a paused task has made a run")
	}
}

// edge is a run of a task whose condition has come true.
func (f *fixture) edge(t ordinaut.Task) *ordinaut.Triggered {
	return &ordinaut.Triggered{
		TaskID: t.ID, RunID: ordinaut.RunID(newID()), At: f.now(), Event: json.RawMessage(`{"data":{"stock":1}}`),
		Trigger: ordinaut.TriggerCondition, Overlap: t.OverlapPolicy(),
	}
}

func probeRuns(f *fixture) {
	task := f.newTask(conditional, func(t *ordinaut.Task) { t.Overlap = ordinaut.OverlapSkip })
	l := f.look(f.probe(1, 1)[0], true)
	l.Run = f.edge(task)
	if !f.settled(l) || f.settled(l) {
		f.Error("a look is to be written down once")
	}
	runs := f.runsOf(task.ID)
	if len(runs) != 1 || runs[0].Trigger != ordinaut.TriggerCondition || runs[0].Status != ordinaut.RunQueued || string(runs[0].Event) != string(l.Run.Event) {
		f.Fatalf("got %+v, want one run that is about what was seen", runs)
	}
	f.pass(time.Minute)
	again := f.look(f.probe(1, 1)[0], true)
	again.Run = f.edge(task)
	f.settled(again)
	if n := len(f.runsOf(task.ID)); n != 1 {
		f.Errorf("got %d runs, want that the second yields to the first", n)
	}
	f.succeed(f.hold("w"))
}
