package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

func overlaps() []promise {
	return []promise{
		{"a parked run whose predecessor ended before the decision came waits for nobody", parkedTooLate},
		{"of several runs parked too late one goes, and the others follow it", parkedTooLateInOrder},
		{"runs that are superseded end at once when they wait, and are asked when they work", supersedes},
		{"the run that supersedes goes when the last of the others has let go", supersedesInTurn},
		{"a decision that comes too late supersedes nothing", supersedesTooLate},
		{"a thousand parked runs are in nobody's way", parkedInTheWay},
	}
}

// waiting is a run for a nominal time that waits for those before it.
func waiting(task ordinaut.Task, seconds int) ordinaut.PlannedRun {
	p := planned(task.Cursor.Add(time.Duration(seconds) * time.Second))
	p.Parked, p.ScheduledFor = true, task.Cursor
	return p
}

func parkedTooLate(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	f.succeed(f.hold("w")) // after the decision was made, and before it came
	p := waiting(task, 1)
	f.expectSignal(ordinaut.SignalQueue, "a run that waits for nobody", true, func() { f.fire(task.ID, p) })
	same(f, "claimed", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{p.ID})
}

func parkedTooLateInOrder(f *fixture) {
	task := f.newTask()
	p, q := waiting(task, 1), waiting(task, 2)
	f.fire(task.ID, p, q)
	for _, want := range []ordinaut.RunID{p.ID, q.ID} {
		c := f.hold("w")
		same(f, "claimed", c.Run.ID, want)
		f.succeed(c)
	}
}

// superseding is a decision whose run takes the place of the task's others.
func (f *fixture) superseding(id ordinaut.TaskID) (ordinaut.Materialization, ordinaut.RunID) {
	f.Helper()
	task := f.readTask(id)
	p := waiting(task, 1)
	m := decide(task, p.Nominal, p)
	m.Supersede = true
	return m, p.ID
}

// supersede fires a run that takes the place of the others.
func (f *fixture) supersede(id ordinaut.TaskID) ordinaut.RunID {
	f.Helper()
	m, run := f.superseding(id)
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{true})
	return run
}

func supersedes(f *fixture) {
	task, other := f.newTask(), f.newTask()
	f.newRun(task.ID)
	held := f.hold("w")
	queued, buffered, elsewhere := f.newRun(task.ID), f.newRun(task.ID, parked), f.newRun(other.ID)
	var newest ordinaut.RunID
	f.expectSignal(ordinaut.SignalCancels, "a run at work that is superseded", true, func() { newest = f.supersede(task.ID) })
	f.endedAs(queued, ordinaut.ReasonSuperseded)
	f.endedAs(buffered, ordinaut.ReasonSuperseded)
	f.statusIs(elsewhere, ordinaut.RunQueued)
	f.statusIs(newest, ordinaut.RunParked)
	same(f, "asked", f.canceling("w"), []ordinaut.RunID{held.Run.ID})
	f.must(f.store.Settle(f.ctx, held.Lease, ordinaut.Outcome{Status: ordinaut.RunCanceled}))
	f.endedAs(held.Run.ID, ordinaut.ReasonSuperseded)
	f.statusIs(newest, ordinaut.RunQueued)
}

func supersedesInTurn(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	f.newRun(task.ID)
	held := f.claim("w", 2)
	first := f.supersede(task.ID)
	second := f.supersede(task.ID)
	f.endedAs(first, ordinaut.ReasonSuperseded)
	f.succeed(held[0])
	f.statusIs(second, ordinaut.RunParked)
	f.pass(lease) // the other worker is dead
	get(f.store.Reclaim(f.ctx))(f)
	f.endedAs(held[1].Run.ID, ordinaut.ReasonSuperseded)
	same(f, "claimed", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{second})
}

func supersedesTooLate(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	held := f.hold("w")
	m, _ := f.superseding(task.ID)
	m.PlanRev++
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{false})
	same(f, "asked", f.canceling("w"), nil)
	f.statusIs(held.Run.ID, ordinaut.RunRunning)
}

func parkedInTheWay(f *fixture) {
	task := f.newTask(withPriority(9))
	f.newRun(task.ID)
	f.hold("w")
	var runs []ordinaut.PlannedRun
	for i := range 1000 {
		p := waiting(task, i+1)
		p.Nominal = task.Cursor.Add(time.Duration(i+1) * time.Millisecond)
		runs = append(runs, p)
	}
	f.fire(task.ID, runs...)
	id := f.newRun(f.newTask(withPriority(1)).ID)
	same(f, "claimed", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{id})
	same(f, "parked", get(f.store.Backlog(f.ctx))(f).Parked, 1000)
}
