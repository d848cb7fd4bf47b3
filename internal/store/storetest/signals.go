package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

func signals() []promise {
	return []promise{
		{"a task that is to fire signals plans", signalPlans},
		{"a run that enters the queue signals the queue", signalQueue},
		{"a run that ends signals runs", signalRuns},
		{"a refused change signals nothing", signalNothing},
		{"many commits may share a signal, and every watcher hears it", signalShared},
		{"a watch that was ended hears nothing", signalEnded},
	}
}

// signaled says whether do caused the signal.
func (f *fixture) signaled(s ordinaut.Signal, do func()) bool {
	f.Helper()
	heard, end := f.store.Watch(s)
	defer end()
	do()
	return received(heard)
}

// received says whether a signal arrives; it lets a store that signals through
// its database have the time it needs.
func received(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-time.After(time.Second):
		return false
	}
}

func (f *fixture) expectSignal(s ordinaut.Signal, what string, want bool, do func()) {
	f.Helper()
	if got := f.signaled(s, do); got != want {
		f.Errorf("%s: got signal %s %v, want %v", what, s, got, want)
	}
}

func signalPlans(f *fixture) {
	var task ordinaut.Task
	f.expectSignal(ordinaut.SignalPlans, "a task without a fire", false, func() { task = f.newTask() })
	f.expectSignal(ordinaut.SignalPlans, "a task that fires", true, func() { f.newTask(firing(f.now().Add(time.Hour))) })
	f.expectSignal(ordinaut.SignalPlans, "an edit", true, func() {
		f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { next := f.now(); t.NextFireAt = &next })
	})
}

func signalQueue(f *fixture) {
	task := f.newTask()
	p := planned(task.Cursor.Add(time.Millisecond))
	f.expectSignal(ordinaut.SignalQueue, "a fire", true, func() { f.fire(task.ID, p) })
	f.pass(time.Second)
	c := f.hold("w")
	again := ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now()}
	f.expectSignal(ordinaut.SignalQueue, "a retry", true, func() { f.must(f.store.Settle(f.ctx, c.Lease, again)) })
	f.expectSignal(ordinaut.SignalQueue, "a claim", false, func() { c = f.hold("w") })
	f.expectSignal(ordinaut.SignalQueue, "a parked run", false, func() { f.newRun(task.ID, parked) })
	f.expectSignal(ordinaut.SignalQueue, "a release", true, func() { f.succeed(c) })
	f.hold("w")
	f.pass(lease)
	f.expectSignal(ordinaut.SignalQueue, "a reclaim", true, func() { get(f.store.Reclaim(f.ctx))(f) })
	f.expectSignal(ordinaut.SignalQueue, "a reclaim of nothing", false, func() { get(f.store.Reclaim(f.ctx))(f) })
	f.expectSignal(ordinaut.SignalQueue, "run now", true, func() { f.newRun(task.ID) })
}

func signalRuns(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	c := f.hold("w")
	f.expectSignal(ordinaut.SignalRuns, "an end", true, func() { f.succeed(c) })
	f.newRun(task.ID)
	f.expectSignal(ordinaut.SignalRuns, "a withdrawal", true, func() {
		f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Manual: true}, unchanged)
	})
	f.expectSignal(ordinaut.SignalRuns, "a withdrawal of nothing", false, func() {
		f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Manual: true}, unchanged)
	})
}

func signalNothing(f *fixture) {
	f.newTask(withKey("taken"))
	f.expectSignal(ordinaut.SignalPlans, "a refused task", false, func() {
		refused := f.task(withKey("taken"), firing(f.now()))
		f.refused(f.store.CreateTask(f.ctx, refused, 0, f.change("task.create")), ordinaut.ErrKeyTaken)
	})
}

func signalShared(f *fixture) {
	task := f.newTask()
	one, endOne := f.store.Watch(ordinaut.SignalQueue)
	two, endTwo := f.store.Watch(ordinaut.SignalQueue)
	defer endOne()
	defer endTwo()
	for range 5 {
		f.newRun(task.ID)
	}
	for _, c := range []<-chan struct{}{one, two} {
		if !received(c) {
			f.Error("got no signal, want one")
		}
	}
}

func signalEnded(f *fixture) {
	c, end := f.store.Watch(ordinaut.SignalQueue)
	end()
	end()
	f.newRun(f.newTask().ID)
	if received(c) {
		f.Error("got a signal after the end, want none")
	}
}
