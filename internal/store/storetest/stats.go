package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

func stats() []promise {
	return []promise{
		{"of no runs there is nothing to tell", statsOfNothing},
		{"runs are counted by what became of them", statsByOutcome},
		{"runs are counted of one task or of all, from a time on", statsByTask},
		{"no more runs are looked at than are asked for, the newest", statsOfNewest},
		{"runs are selected by the time they were made", runsByTime},
		{"the backlog tells what is due, later, parked and running", backlogTells},
	}
}

func statsOfNothing(f *fixture) {
	task := f.newTask()
	for _, id := range []ordinaut.TaskID{"", task.ID} {
		same(f, "stats", get(f.store.RunStats(f.ctx, id, f.now(), 9))(f), ordinaut.RunStats{})
	}
}

func statsByOutcome(f *fixture) {
	task := f.newTask()
	for _, took := range []time.Duration{time.Second, 3 * time.Second} {
		f.newRun(task.ID)
		c := f.hold("w")
		f.pass(took)
		f.succeed(c)
	}
	failed := f.newRun(task.ID)
	f.must(f.store.Settle(f.ctx, f.hold("w").Lease, ordinaut.Outcome{Status: ordinaut.RunFailed, Failed: true}))
	f.pass(time.Second)
	f.newRun(task.ID)
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Manual: true}, func(t *ordinaut.Task) { t.Version++ })
	running := f.newRun(task.ID)
	f.hold("w")

	got := get(f.store.RunStats(f.ctx, "", time.Unix(0, 0), 9))(f)
	if off := got.Average - 4*time.Second/3; off < -time.Second/2 || off > time.Second/2 {
		f.Errorf("got average %v, want about %v", got.Average, 4*time.Second/3)
	}
	last, lastFailure := f.readRun(running).EnqueuedAt, f.readRun(failed).EnqueuedAt
	if got.LastSuccess == nil || !got.LastSuccess.Before(lastFailure) {
		f.Errorf("got last success %v, want it before the failure at %v", got.LastSuccess, lastFailure)
	}
	same(f, "stats", got, ordinaut.RunStats{
		Runs: 5, Tasks: 1, Succeeded: 2, Failed: 1, Canceled: 1,
		Average: got.Average, LastRun: &last, LastSuccess: got.LastSuccess, LastFailure: &lastFailure,
	})
}

func statsByTask(f *fixture) {
	one, two := f.newTask(), f.newTask()
	f.newRun(one.ID)
	f.pass(time.Second)
	f.newRun(two.ID)
	f.newRun(two.ID)
	from := f.readRun(f.newRun(one.ID)).EnqueuedAt
	for name, test := range map[string]struct {
		id          ordinaut.TaskID
		from        time.Time
		runs, tasks int
	}{
		"all":          {"", time.Time{}, 4, 2},
		"one":          {one.ID, time.Time{}, 2, 1},
		"one, lately":  {one.ID, from, 1, 1},
		"all, to come": {"", from.Add(time.Microsecond), 0, 0},
		"unknown":      {"nothing", time.Time{}, 0, 0},
	} {
		got := get(f.store.RunStats(f.ctx, test.id, test.from, 9))(f)
		same(f, "runs of "+name, got.Runs, test.runs)
		same(f, "tasks of "+name, got.Tasks, test.tasks)
	}
}

func statsOfNewest(f *fixture) {
	task := f.newTask()
	first := f.readRun(f.newRun(task.ID)).EnqueuedAt
	f.succeed(f.hold("w"))
	f.pass(time.Second)
	second := f.readRun(f.newRun(task.ID)).EnqueuedAt
	for name, test := range map[string]struct {
		from      time.Time
		most      int
		runs      int
		succeeded int
		more      bool
	}{
		"both":                      {first, 3, 2, 1, false},
		"one of two":                {first, 1, 1, 0, true},
		"the only one that counts":  {second, 2, 1, 0, false},
		"the first that may follow": {second, 1, 1, 0, true},
	} {
		got := get(f.store.RunStats(f.ctx, task.ID, test.from, test.most))(f)
		same(f, name, got.Runs, test.runs)
		same(f, "succeeded of "+name, got.Succeeded, test.succeeded)
		same(f, "more than "+name, got.More, test.more)
	}
}

func runsByTime(f *fixture) {
	task := f.newTask()
	a := f.newRun(task.ID)
	f.pass(3 * time.Hour)
	b := f.newRun(task.ID)
	f.pass(time.Second)
	c := f.newRun(task.ID)
	at := f.readRun(b).EnqueuedAt
	for name, test := range map[string]struct {
		filter ordinaut.RunFilter
		want   []ordinaut.RunID
	}{
		"from":               {ordinaut.RunFilter{From: at}, []ordinaut.RunID{c, b}},
		"from just after":    {ordinaut.RunFilter{From: at.Add(time.Microsecond)}, []ordinaut.RunID{c}},
		"to":                 {ordinaut.RunFilter{To: at}, []ordinaut.RunID{a}},
		"to just after":      {ordinaut.RunFilter{To: at.Add(time.Microsecond)}, []ordinaut.RunID{b, a}},
		"from and to":        {ordinaut.RunFilter{From: at, To: at.Add(time.Microsecond), TaskID: task.ID}, []ordinaut.RunID{b}},
		"to, behind a page":  {ordinaut.RunFilter{To: at.Add(time.Hour), Before: b}, []ordinaut.RunID{a}},
		"long ago":           {ordinaut.RunFilter{From: time.Unix(0, 0), To: time.Unix(1, 0)}, nil},
		"before time begins": {ordinaut.RunFilter{From: time.Unix(-9, 0), To: f.now().Add(time.Hour)}, []ordinaut.RunID{c, b, a}},
	} {
		same(f, name, f.listRuns(test.filter), test.want)
		if test.filter.Before == "" {
			same(f, "count "+name, get(f.store.CountRuns(f.ctx, test.filter))(f), len(test.want))
		}
	}
}

func backlogTells(f *fixture) {
	got := get(f.store.Backlog(f.ctx))(f)
	same(f, "of nothing", got, ordinaut.Backlog{Now: got.Now})
	task := f.newTask()
	f.newRun(task.ID)
	f.hold("w")
	oldest := f.now().Add(-time.Minute)
	f.newRun(task.ID, dueAt(oldest.Add(time.Second)))
	f.newRun(task.ID, dueAt(oldest))
	f.newRun(task.ID, dueAt(f.now().Add(time.Hour)))
	f.newRun(task.ID, parked)
	got = get(f.store.Backlog(f.ctx))(f)
	same(f, "backlog", got, ordinaut.Backlog{Now: got.Now, Due: 2, Later: 1, Parked: 1, Running: 1, Oldest: &oldest})
	if got.Now.Before(oldest.Add(time.Minute)) {
		f.Errorf("got now %v, want the store's", got.Now)
	}
}
