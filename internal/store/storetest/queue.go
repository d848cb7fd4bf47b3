package storetest

import (
	"slices"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
)

func queue() []promise {
	return []promise{
		{"a claimed run is running, with a lease of the worker", claimedRuns},
		{"runs are claimed by priority, then by the time they were due", claimOrder},
		{"a run is not claimed before its time", claimInTime},
		{"a claim says when the earliest run that is not yet due will be", claimSaysNext},
		{"a claim takes as many as were asked for", claimTakesMany},
		{"the first claim binds version and now, later ones keep them", firstClaimBinds},
		{"a run that is held, parked or ended is not claimed", onlyQueuedIsClaimed},
		{"a thousand runs that are not yet due are in nobody's way", notDueInTheWay},
		{"each due run goes to exactly one worker under 8 racing claimers", racingClaimers},
	}
}

func claimedRuns(f *fixture) {
	task := f.newTask()
	id := f.newRun(task.ID)
	claim := get(f.store.Claim(f.ctx, "w", 5, lease))(f)
	same(f, "runs", claimedIDs(claim.Runs), []ordinaut.RunID{id})
	c := claim.Runs[0]
	if c.Lease.Fence <= 0 {
		f.Errorf("got fence %d, want one above 0", c.Lease.Fence)
	}
	same(f, "lease", c.Lease, ordinaut.Lease{RunID: id, Fence: c.Lease.Fence, Worker: "w"})
	want := ordinaut.Run{
		ID: id, TaskID: task.ID, TaskVersion: 1, Trigger: ordinaut.TriggerManual, Status: ordinaut.RunRunning,
		ScheduledFor: c.Run.ScheduledFor, EnqueuedAt: c.Run.EnqueuedAt, Priority: 5, Worker: "w",
		ClaimedAt: &claim.Now, StartedAt: &claim.Now, Now: &claim.Now,
	}
	same(f, "run", c.Run, want)
	same(f, "stored", f.readRun(id), want)
}

func claimOrder(f *fixture) {
	low, high := f.newTask(withPriority(1)), f.newTask(withPriority(9))
	now := f.now()
	late := f.newRun(high.ID, dueAt(now.Add(-time.Second)))
	early := f.newRun(high.ID, dueAt(now.Add(-time.Minute)))
	old := f.newRun(low.ID, dueAt(now.Add(-time.Hour)))
	raised := f.newRun(low.ID, dueAt(now), func(r *ordinaut.Run) { r.Priority = 5 })
	want := []ordinaut.RunID{early, late, raised, old}
	same(f, "first three", claimedIDs(f.claim("w", 3)), want[:3])
	same(f, "the rest", claimedIDs(f.claim("w", 3)), want[3:])
}

func claimInTime(f *fixture) {
	id := f.newRun(f.newTask().ID, dueAt(f.now().Add(time.Minute)))
	same(f, "before", f.claim("w", 1), nil)
	f.pass(time.Minute)
	same(f, "after", claimedIDs(f.claim("w", 1)), []ordinaut.RunID{id})
}

func claimSaysNext(f *fixture) {
	next := func() *time.Time { return get(f.store.Claim(f.ctx, "w", 1, lease))(f).Next }
	same(f, "of nothing", next(), nil)
	soon := f.now().Add(time.Minute)
	f.newRun(f.newTask(withPriority(9)).ID, dueAt(soon.Add(time.Hour)))
	f.newRun(f.newTask(withPriority(1)).ID, dueAt(soon))
	f.newRun(f.newTask().ID)
	f.newRun(f.newTask().ID, parked)
	same(f, "of some", next(), &soon)
}

func claimTakesMany(f *fixture) {
	task := f.newTask()
	for range 5 {
		f.newRun(task.ID)
	}
	same(f, "none", len(f.claim("w", 0)), 0)
	same(f, "three", len(f.claim("w", 3)), 3)
	same(f, "the rest", len(f.claim("w", 3)), 2)
	same(f, "of nothing", len(f.claim("w", 3)), 0)
}

func firstClaimBinds(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	first := f.hold("v")
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Version = 2 })
	f.must(f.store.Settle(f.ctx, first.Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now()}))
	f.pass(time.Minute)
	again := f.hold("w")
	same(f, "version", again.Run.TaskVersion, 1)
	same(f, "now", again.Run.Now, first.Run.Now)
	same(f, "started", again.Run.StartedAt, first.Run.StartedAt)
	same(f, "worker", again.Run.Worker, "w")
	if !again.Run.ClaimedAt.After(*first.Run.ClaimedAt) {
		f.Errorf("got claimed at %v, want later than %v", again.Run.ClaimedAt, first.Run.ClaimedAt)
	}
	if again.Lease.Fence <= first.Lease.Fence {
		f.Errorf("got fence %d, want more than %d", again.Lease.Fence, first.Lease.Fence)
	}
	f.succeed(again)
	f.newRun(task.ID)
	same(f, "version of a new run", f.hold("w").Run.TaskVersion, 2)
}

func onlyQueuedIsClaimed(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	f.succeed(f.hold("w"))
	f.newRun(task.ID)
	f.hold("w")
	f.newRun(task.ID, parked)
	same(f, "claimed", f.claim("w", 9), nil)
}

func notDueInTheWay(f *fixture) {
	task := f.newTask(withPriority(9))
	later := f.now().Add(time.Hour)
	ms := []ordinaut.Materialization{decide(task, task.Cursor.Add(1000*time.Millisecond))}
	for i := range 1000 {
		p := planned(task.Cursor.Add(time.Duration(i+1) * time.Millisecond))
		p.ScheduledFor = later
		ms[0].Runs = append(ms[0].Runs, p)
	}
	same(f, "applied", get(f.store.Materialize(f.ctx, ms))(f), []bool{true})
	id := f.newRun(f.newTask(withPriority(1)).ID)
	same(f, "claimed", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{id})
}

func racingClaimers(f *fixture) {
	const claimers, many = 8, 240
	task := f.newTask()
	var want []ordinaut.RunID
	for range many {
		want = append(want, f.newRun(task.ID))
	}
	var mu sync.Mutex
	var got []ordinaut.RunID
	together(claimers, func(i int) {
		for {
			claim, err := f.store.Claim(f.ctx, string(rune('a'+i)), 7, lease)
			if err != nil {
				f.Errorf("got error %v, want none", err)
			}
			if len(claim.Runs) == 0 {
				return
			}
			mu.Lock()
			got = append(got, claimedIDs(claim.Runs)...)
			mu.Unlock()
		}
	})
	slices.Sort(got)
	slices.Sort(want)
	same(f, "claimed", got, want)
}
