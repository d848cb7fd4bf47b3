package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
)

func slots() []promise {
	return []promise{
		{"no more runs of a key are leased than it has slots", slotsAreFew},
		{"a slot is free with the end of its run, and goes to the best that waits", slotGoesToBest},
		{"a run that is tried again later holds no slot meanwhile", slotOfRetry},
		{"a dead worker holds its slots until its runs are taken back", slotOfDead},
		{"the smallest limit among the unfinished runs of a key holds", smallestLimitHolds},
		{"keys are an agent's own unless they are shared", slotsByAgent},
		{"what is withdrawn or canceled while it waits leaves nothing behind", slotsAfterWithdrawal},
		{"a run has the key that its task had when the run was made", slotBinds},
		{"a run that waits for a slot says so", slotIsTold},
		{"runs that wait for a slot are in nobody's way", blockedInTheWay},
		{"runs of one task that buffers wait for each other before they wait for a slot", slotsBehindParked},
		{"slots are never taken twice under racing workers", racingForSlots},
	}
}

// again is the outcome of a run that is to be tried again at t.
func again(t time.Time) ordinaut.Outcome {
	return ordinaut.Outcome{Status: ordinaut.RunQueued, Failed: true, RunAt: t}
}

func slotsAreFew(f *fixture) {
	a, b := f.newTask(withSlots("mail", 2)), f.newTask(withSlots("mail", 2))
	free := f.newTask()
	for range 3 {
		f.newRun(a.ID)
		f.newRun(b.ID)
		f.newRun(free.ID)
	}
	claimed := f.claim("w", 9)
	same(f, "claimed", len(claimed), 2+3)
	same(f, "claimed again", f.claim("w", 9), nil)
	for left := 4; left > 0; left-- {
		for _, c := range claimed {
			f.succeed(c)
		}
		claimed = f.claim("w", 9)
		left -= len(claimed) - 1
		same(f, "claimed next", len(claimed), 2)
	}
}

func slotGoesToBest(f *fixture) {
	low, high := f.newTask(withSlots("mail", 1), withPriority(2)), f.newTask(withSlots("mail", 1), withPriority(8))
	f.newRun(low.ID)
	held := f.hold("w")
	second := f.newRun(low.ID)
	same(f, "while it is taken", f.claim("w", 9), nil)
	third := f.newRun(low.ID)
	best := f.newRun(high.ID)
	f.expectSignal(ordinaut.SignalQueue, "a slot that is free", true, func() { f.succeed(held) })
	for _, want := range []ordinaut.RunID{best, second, third} {
		c := f.hold("w")
		same(f, "claimed", c.Run.ID, want)
		f.succeed(c)
	}
}

func slotOfRetry(f *fixture) {
	task := f.newTask(withSlots("mail", 1))
	f.newRun(task.ID)
	held := f.hold("w")
	second := f.newRun(task.ID)
	f.claim("w", 9)
	f.must(f.store.Settle(f.ctx, held.Lease, again(f.now().Add(time.Minute))))
	c := f.hold("w")
	same(f, "claimed", c.Run.ID, second)
	f.pass(time.Minute)
	same(f, "while it is taken", f.claim("w", 9), nil)
}

func slotOfDead(f *fixture) {
	task := f.newTask(withSlots("mail", 1))
	f.newRun(task.ID)
	dead := f.hold("dead")
	f.newRun(task.ID)
	f.pass(lease)
	same(f, "before it is taken back", f.claim("w", 9), nil)
	same(f, "taken back", get(f.store.Reclaim(f.ctx))(f), 1)
	same(f, "claimed", len(f.claim("w", 9)), 1)
	f.refused(f.store.Settle(f.ctx, dead.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded}), ordinaut.ErrLeaseLost)
	same(f, "claimed beside it", f.claim("w", 9), nil)
}

func smallestLimitHolds(f *fixture) {
	many, one := f.newTask(withSlots("mail", 3)), f.newTask(withSlots("mail", 1), withPriority(1))
	for range 6 {
		f.newRun(many.ID)
	}
	first := f.claim("w", 2)
	strict := f.newRun(one.ID)
	same(f, "beside a strict one", f.claim("w", 9), nil)
	f.succeed(first[0])
	same(f, "beside a strict one still", f.claim("w", 9), nil)
	f.cancel(strict)
	same(f, "when it is gone", len(f.claim("w", 9)), 2)
}

func slotsByAgent(f *fixture) {
	f.newRun(f.newTask(withSlots("mail", 1)).ID)
	f.newRun(f.newTask(withSlots("shared:mail", 1)).ID)
	f.agent = f.newAgent("grace")
	f.newRun(f.newTask(withSlots("mail", 1)).ID)
	shared := f.newRun(f.newTask(withSlots("shared:mail", 1)).ID)
	claimed := f.claim("w", 9)
	same(f, "claimed", len(claimed), 3)
	for _, c := range claimed {
		f.succeed(c)
	}
	same(f, "claimed then", f.hold("w").Run.ID, shared)
}

func slotsAfterWithdrawal(f *fixture) {
	task, other := f.newTask(withSlots("mail", 1)), f.newTask(withSlots("mail", 1))
	f.newRun(task.ID)
	held := f.hold("w")
	gone, last := f.newRun(task.ID), f.newRun(other.ID)
	f.claim("w", 9)
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Manual: true}, unchanged)
	f.endedAs(gone, ordinaut.ReasonCanceled)
	f.succeed(held)
	f.edit(task.ID, ordinaut.Withdrawal{}, unchanged)
	same(f, "claimed", f.hold("w").Run.ID, last)

	// The one that was let back into the queue goes away without having worked.
	third := f.newTask(withSlots("disk", 1))
	f.newRun(third.ID)
	held = f.hold("w")
	next, behind := f.newRun(third.ID), f.newRun(third.ID)
	f.claim("w", 9)
	f.succeed(held)
	f.cancel(next)
	same(f, "claimed behind it", f.hold("w").Run.ID, behind)
}

func slotBinds(f *fixture) {
	task := f.newTask(withSlots("mail", 1))
	f.newRun(task.ID)
	f.newRun(task.ID)
	held := f.hold("w")
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { withSlots("", 0)(t); t.Version++ })
	same(f, "an older run", f.claim("w", 9), nil)
	f.newRun(task.ID)
	same(f, "a newer run", len(f.claim("w", 9)), 1)
	f.succeed(held)
	same(f, "the older run", len(f.claim("w", 9)), 1)
}

func slotIsTold(f *fixture) {
	task := f.newTask(withSlots("mail", 1))
	f.newRun(task.ID)
	held := f.hold("w")
	id := f.newRun(task.ID)
	f.claim("w", 9)
	run := f.readRun(id)
	same(f, "status", run.Status, ordinaut.RunQueued)
	same(f, "reason", run.Reason, ordinaut.ReasonConcurrency)
	b := get(f.store.Backlog(f.ctx))(f)
	same(f, "parked and due", []int{b.Parked, b.Due}, []int{1, 0})
	f.succeed(held)
	same(f, "reason of one that need not wait", f.readRun(id).Reason, "")
}

func blockedInTheWay(f *fixture) {
	const many = 3000
	task := f.newTask(withSlots("mail", 1), withPriority(9))
	f.newRun(task.ID)
	held := f.hold("w")
	var runs []ordinaut.PlannedRun
	for i := range many {
		p := planned(task.Cursor.Add(time.Duration(i+1) * time.Millisecond))
		p.ScheduledFor = task.Cursor
		runs = append(runs, p)
	}
	f.fire(task.ID, runs...)
	id := f.newRun(f.newTask(withPriority(1)).ID)
	var got []ordinaut.RunID
	for rounds := 0; len(got) == 0 && rounds < 5; rounds++ { // each passes over some, and none twice
		got = claimedIDs(f.claim("w", 50))
	}
	same(f, "claimed", got, []ordinaut.RunID{id})
	same(f, "waiting", get(f.store.Backlog(f.ctx))(f).Parked, many)
	f.succeed(held)
	same(f, "claimed then", claimedIDs(f.claim("w", 50)), []ordinaut.RunID{runs[0].ID})
}

func slotsBehindParked(f *fixture) {
	task, other := f.newTask(withSlots("mail", 2)), f.newTask(withSlots("mail", 2))
	f.newRun(other.ID)
	f.newRun(other.ID)
	held := f.claim("w", 2)
	first, second := f.newRun(task.ID), f.newRun(task.ID, parked)
	f.claim("w", 9)
	f.succeed(held[0])
	f.succeed(held[1])
	c := f.hold("w")
	same(f, "claimed", c.Run.ID, first)
	f.statusIs(second, ordinaut.RunParked)
	f.succeed(c)
	same(f, "claimed then", f.hold("w").Run.ID, second)
}

// racingForSlots lets workers race for slots of keys with 1, 2 and 5 of them. What
// must not pass the limit is counted from after a claim to before its end.
func racingForSlots(f *fixture) {
	const workers, each = 6, 30
	limits := map[string]int{"one": 1, "two": 2, "five": 5}
	of := map[ordinaut.TaskID]string{}
	for key, limit := range limits {
		for range 3 {
			task := f.newTask(withSlots(key, limit))
			of[task.ID] = key
			for range each / 3 {
				f.newRun(task.ID)
			}
		}
	}
	var mu sync.Mutex
	at, ended := map[string]int{}, 0
	together(workers, func(i int) {
		for round := 0; ; round++ {
			claim, err := f.store.Claim(f.ctx, fmt.Sprint(i), 4, lease)
			if err != nil {
				f.Errorf("got error %v, want none", err)
				return
			}
			mu.Lock()
			for _, c := range claim.Runs {
				key := of[c.Run.TaskID]
				if at[key]++; at[key] > limits[key] {
					f.Errorf("%d runs of key %s are at work, want at most %d", at[key], key, limits[key])
				}
			}
			done := ended == each*len(limits)
			mu.Unlock()
			if done {
				return
			}
			for n, c := range claim.Runs {
				mu.Lock()
				at[of[c.Run.TaskID]]--
				mu.Unlock()
				o := ordinaut.Outcome{Status: ordinaut.RunSucceeded}
				if (round+n)%4 == 0 && c.Run.Failures < 3 {
					o = again(claim.Now)
				}
				f.must(f.store.Settle(f.ctx, c.Lease, o))
				mu.Lock()
				if o.Status.Final() {
					ended++
				}
				mu.Unlock()
			}
		}
	})
	same(f, "left", get(f.store.Backlog(f.ctx))(f).Parked, 0)
}
