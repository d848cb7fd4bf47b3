package storetest

import (
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

func leases() []promise {
	return []promise{
		{"a lease ends when its time is over", leaseEnds},
		{"a renewed lease lasts on", leaseIsRenewed},
		{"Renew names the leases that are lost", renewNamesLost},
		{"a lost lease can neither save a step, settle nor renew", lostLeaseIsPowerless},
		{"a reclaimed run returns to the queue once", reclaimReturns},
		{"a reclaimed run keeps its turn in the queue", reclaimKeepsTurn},
		{"a lease that lasts is not reclaimed", reclaimSparesLiving},
		{"of two workers that settle the same run one is heard", oneSettles},
	}
}

func leaseEnds(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.pass(lease - time.Second)
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepRunning)))
	f.pass(time.Second)
	f.refused(f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepSucceeded)), ordinaut.ErrLeaseLost)
}

func leaseIsRenewed(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	for range 3 {
		f.pass(lease - time.Second)
		same(f, "lost", get(f.store.Renew(f.ctx, []ordinaut.Lease{c.Lease}, lease))(f), nil)
	}
	f.pass(lease - time.Second)
	f.succeed(c)
}

func renewNamesLost(f *fixture) {
	task := f.newTask()
	for range 3 {
		f.newRun(task.ID)
	}
	claimed := f.claim("w", 3)
	f.succeed(claimed[1])
	stolen := claimed[2].Lease
	stolen.Worker = "thief"
	asked := []ordinaut.Lease{claimed[0].Lease, claimed[1].Lease, stolen, {RunID: "nothing", Fence: 1, Worker: "w"}}
	want := []ordinaut.RunID{claimed[1].Run.ID, claimed[2].Run.ID, "nothing"}
	same(f, "lost", get(f.store.Renew(f.ctx, asked, lease))(f), want)
	same(f, "of nothing", get(f.store.Renew(f.ctx, nil, lease))(f), nil)
}

// losses are the ways in which a lease is lost: each gives the lost lease of a
// run, and the run as it then is.
func losses() map[string]func(f *fixture) ordinaut.Lease {
	held := func(f *fixture) ordinaut.Claimed {
		f.newRun(f.newTask().ID)
		return f.hold("w")
	}
	return map[string]func(f *fixture) ordinaut.Lease{
		"its time is over": func(f *fixture) ordinaut.Lease {
			c := held(f)
			f.pass(lease)
			return c.Lease
		},
		"the run was reclaimed": func(f *fixture) ordinaut.Lease {
			c := held(f)
			f.pass(lease)
			get(f.store.Reclaim(f.ctx))(f)
			return c.Lease
		},
		"the same worker has claimed the run again": func(f *fixture) ordinaut.Lease {
			c := held(f)
			f.pass(lease)
			get(f.store.Reclaim(f.ctx))(f)
			f.hold("w")
			return c.Lease
		},
		"the run went back to the queue": func(f *fixture) ordinaut.Lease {
			c := held(f)
			f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now()}))
			return c.Lease
		},
		"the run has ended": func(f *fixture) ordinaut.Lease {
			c := held(f)
			f.succeed(c)
			return c.Lease
		},
		"it is another worker's": func(f *fixture) ordinaut.Lease {
			l := held(f).Lease
			l.Worker = "thief"
			return l
		},
		"its fence is not the run's": func(f *fixture) ordinaut.Lease {
			l := held(f).Lease
			l.Fence++
			return l
		},
	}
}

func lostLeaseIsPowerless(f *fixture) {
	for name, lose := range losses() {
		l := lose(f)
		run := f.readRun(l.RunID)
		f.refused(f.store.SaveStep(f.ctx, l, step("late", ordinaut.StepSucceeded)), ordinaut.ErrLeaseLost)
		for _, status := range []ordinaut.RunStatus{ordinaut.RunSucceeded, ordinaut.RunFailed, ordinaut.RunCanceled, ordinaut.RunQueued} {
			o := ordinaut.Outcome{Status: status, Failed: true, Steps: []ordinaut.StepResult{step("late", ordinaut.StepSucceeded)}}
			f.refused(f.store.Settle(f.ctx, l, o), ordinaut.ErrLeaseLost)
		}
		same(f, "lost, because "+name, get(f.store.Renew(f.ctx, []ordinaut.Lease{l}, lease))(f), []ordinaut.RunID{l.RunID})
		same(f, "run, because "+name, f.readRun(l.RunID), run)
		same(f, "steps, because "+name, get(f.store.Steps(f.ctx, l.RunID))(f), nil)
		f.pass(lease)
		get(f.store.Reclaim(f.ctx))(f)
		for _, c := range f.claim("w", 9) {
			f.succeed(c)
		}
	}
}

func reclaimReturns(f *fixture) {
	f.newRun(f.newTask().ID)
	dead := f.hold("dead")
	f.must(f.store.SaveStep(f.ctx, dead.Lease, step("a", ordinaut.StepSucceeded)))
	f.pass(lease)
	same(f, "claimable before", f.claim("w", 1), nil)
	same(f, "reclaimed", get(f.store.Reclaim(f.ctx))(f), 1)
	same(f, "reclaimed again", get(f.store.Reclaim(f.ctx))(f), 0)
	f.statusIs(dead.Run.ID, ordinaut.RunQueued)
	c := f.hold("w")
	same(f, "run", c.Run.ID, dead.Run.ID)
	same(f, "failures", c.Run.Failures, 0)
	same(f, "steps", len(get(f.store.Steps(f.ctx, c.Run.ID))(f)), 1)
	if c.Lease.Fence < dead.Lease.Fence+2 {
		f.Errorf("got fence %d, want it bumped twice from %d", c.Lease.Fence, dead.Lease.Fence)
	}
}

func reclaimKeepsTurn(f *fixture) {
	task := f.newTask()
	first := f.newRun(task.ID)
	f.hold("dead")
	f.pass(lease)
	second := f.newRun(task.ID)
	get(f.store.Reclaim(f.ctx))(f)
	same(f, "claimed", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{first, second})
}

func reclaimSparesLiving(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.pass(lease - time.Second)
	same(f, "reclaimed", get(f.store.Reclaim(f.ctx))(f), 0)
	f.succeed(c)
}

func oneSettles(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	errs := make([]error, 8)
	together(len(errs), func(i int) {
		reason := ordinaut.Reason(fmt.Sprint("settled by ", i))
		errs[i] = f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunCanceled, Reason: reason})
	})
	var heard []ordinaut.Reason
	for i, err := range errs {
		if err == nil {
			heard = append(heard, ordinaut.Reason(fmt.Sprint("settled by ", i)))
		} else {
			f.refused(err, ordinaut.ErrLeaseLost)
		}
	}
	same(f, "heard", heard, []ordinaut.Reason{f.readRun(c.Run.ID).Reason})
}
