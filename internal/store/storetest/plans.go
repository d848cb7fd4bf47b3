package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
)

func plans() []promise {
	return []promise{
		{"due tasks come longest waiting first, with what is unfinished", dueTasks},
		{"only active tasks are due", onlyActiveIsDue},
		{"who asks what is due learns when to ask again", dueLater},
		{"runs, gaps and cursor of a decision appear together", decisionAppears},
		{"a run of the schedule takes priority and plan from its task", firedRun},
		{"a decision comes too late when cursor, plan or status has moved", decisionTooLate},
		{"decisions are carried out each for itself", decisionsApart},
		{"a decision that breaks the ledger fails alone and changes nothing", decisionUnlawful},
		{"a nominal time finer than a microsecond is refused", nominalTooFine},
		{"a task without further occurrence is completed", taskCompletes},
		{"an occurrence that has a run keeps it", occurrenceKeepsRun},
		{"an occurrence becomes at most one run under 8 racing schedulers", racingSchedulers},
	}
}

func dueTasks(f *fixture) {
	now := f.now()
	later := f.newTask(firing(now.Add(2 * time.Second)))
	first := f.newTask(firing(now.Add(time.Second)))
	f.newTask(firing(now.Add(time.Hour)))
	f.newTask()
	f.newRun(first.ID)
	f.newRun(first.ID)
	f.newRun(first.ID, parked)
	f.succeed(f.claim("w", 1)[0])
	f.claim("w", 1)

	same(f, "before its time", get(f.store.Due(f.ctx, 9))(f).Tasks, nil)
	f.pass(2 * time.Second)
	due := get(f.store.Due(f.ctx, 9))(f)
	same(f, "due", due.Tasks, []ordinaut.DueTask{{Task: first, Unfinished: 2, Parked: 1}, {Task: later}})
	if due.Now.Before(now.Add(2 * time.Second)) {
		f.Errorf("got now %v, want 2 s after %v", due.Now, now)
	}
	same(f, "limited", get(f.store.Due(f.ctx, 1))(f).Tasks, due.Tasks[:1])
}

func onlyActiveIsDue(f *fixture) {
	for _, status := range []ordinaut.TaskStatus{ordinaut.TaskPaused, ordinaut.TaskCanceled, ordinaut.TaskCompleted} {
		f.newTask(firing(f.now()), func(t *ordinaut.Task) { t.Status = status })
	}
	due := get(f.store.Due(f.ctx, 9))(f)
	same(f, "due", due.Tasks, nil)
	same(f, "next", due.Next, nil)
}

func dueLater(f *fixture) {
	same(f, "next of nothing", get(f.store.Due(f.ctx, 9))(f).Next, nil)
	next := f.now().Add(time.Hour)
	f.newTask(firing(next.Add(time.Hour)))
	f.newTask(firing(next))
	f.newTask(firing(f.now()))
	same(f, "next", get(f.store.Due(f.ctx, 9))(f).Next, &next)
}

func decisionAppears(f *fixture) {
	task := f.newTask(firing(f.now()))
	at := func(s int) time.Time { return task.Cursor.Add(time.Duration(s) * time.Second) }
	queued, waiting := planned(at(3)), planned(at(4))
	waiting.Parked = true
	next := at(60)
	m := decide(task, at(5), queued, waiting)
	m.NextFire = &next
	m.Gaps = []ordinaut.Gap{{TaskID: task.ID, First: at(1), Last: at(2), Count: 2, Reason: ordinaut.ReasonMissed}}
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{true})

	want := task
	want.Cursor, want.NextFireAt = at(5), &next
	same(f, "task", f.readTask(task.ID), want)
	same(f, "ledger", f.entries(task.ID), []ordinaut.Entry{
		{At: at(1), Gap: &m.Gaps[0]}, {At: at(3), RunID: queued.ID}, {At: at(4), RunID: waiting.ID},
	})
	f.statusIs(queued.ID, ordinaut.RunQueued)
	f.statusIs(waiting.ID, ordinaut.RunParked)
	f.pass(10 * time.Second)
	same(f, "claimable", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{queued.ID})
}

func firedRun(f *fixture) {
	task := f.newTask(withPriority(8), func(t *ordinaut.Task) { t.PlanRev = 4 })
	p := planned(task.Cursor.Add(time.Minute))
	p.ScheduledFor = p.Nominal.Add(7 * time.Second)
	f.fire(task.ID, p)
	run := f.readRun(p.ID)
	same(f, "run", run, ordinaut.Run{
		ID: p.ID, TaskID: task.ID, Trigger: ordinaut.TriggerSchedule, Nominal: &p.Nominal, ScheduledFor: p.ScheduledFor,
		EnqueuedAt: run.EnqueuedAt, Status: ordinaut.RunQueued, Priority: 8, PlanRev: 4,
	})
}

func decisionTooLate(f *fixture) {
	task := f.newTask()
	nominal := task.Cursor.Add(time.Second)
	for name, moved := range map[string]func(*ordinaut.Task){
		"cursor": func(t *ordinaut.Task) { t.Cursor = t.Cursor.Add(-time.Second) },
		"plan":   func(t *ordinaut.Task) { t.PlanRev++ },
		"id":     func(t *ordinaut.Task) { t.ID = ordinaut.TaskID(newID()) },
	} {
		seen := task
		moved(&seen)
		m := decide(seen, nominal, planned(nominal))
		same(f, name, get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{false})
	}
	for _, status := range []ordinaut.TaskStatus{ordinaut.TaskPaused, ordinaut.TaskCanceled, ordinaut.TaskCompleted} {
		f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = status })
		m := decide(task, nominal, planned(nominal))
		same(f, string(status), get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{false})
	}
	same(f, "cursor", f.readTask(task.ID).Cursor, task.Cursor)
	same(f, "ledger", f.entries(task.ID), nil)
	same(f, "runs", get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{}))(f), 0)
}

func decisionsApart(f *fixture) {
	a, b := f.newTask(), f.newTask()
	late := decide(b, b.Cursor.Add(time.Second))
	late.PlanRev++
	ms := []ordinaut.Materialization{
		decide(a, a.Cursor.Add(time.Second)), late, decide(a, a.Cursor.Add(2*time.Second)), decide(b, b.Cursor.Add(time.Second)),
	}
	same(f, "applied", get(f.store.Materialize(f.ctx, ms))(f), []bool{true, false, false, true})
	same(f, "nothing to do", get(f.store.Materialize(f.ctx, nil))(f), []bool{})
}

func decisionUnlawful(f *fixture) {
	good, bad := f.newTask(), f.newTask()
	at := func(d time.Duration) time.Time { return bad.Cursor.Add(d) }
	gap := func(first, last time.Duration) ordinaut.Gap {
		return ordinaut.Gap{First: at(first), Last: at(last), Count: 1, Reason: ordinaut.ReasonMissed}
	}
	for i, unlawful := range []ordinaut.Materialization{
		decide(bad, at(time.Minute), planned(at(0))),
		decide(bad, at(time.Minute), planned(at(time.Hour))),
		{TaskID: bad.ID, Cursor: bad.Cursor, Advance: at(time.Minute), Gaps: []ordinaut.Gap{gap(0, time.Second)}},
		{TaskID: bad.ID, Cursor: bad.Cursor, Advance: at(time.Minute), Gaps: []ordinaut.Gap{gap(time.Second, time.Hour)}},
		{TaskID: bad.ID, Cursor: bad.Cursor, Advance: at(time.Minute), Gaps: []ordinaut.Gap{gap(2*time.Second, time.Second)}},
		decide(bad, at(time.Minute), planned(at(time.Second)), ordinaut.PlannedRun{ID: f.newRun(good.ID), Nominal: at(2 * time.Second)}),
	} {
		cursor := f.readTask(good.ID)
		ms := []ordinaut.Materialization{decide(cursor, cursor.Cursor.Add(time.Second)), unlawful}
		applied, err := f.store.Materialize(f.ctx, ms)
		same(f, fmt.Sprintf("applied in round %d", i), applied, []bool{true, false})
		if err == nil {
			f.Errorf("round %d: got no error, want one", i)
		}
	}
	same(f, "task", f.readTask(bad.ID), bad)
	same(f, "ledger", f.entries(bad.ID), nil)
	same(f, "runs", get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{TaskID: bad.ID}))(f), 0)
}

func nominalTooFine(f *fixture) {
	task := f.newTask()
	fine := task.Cursor.Add(time.Second + time.Nanosecond)
	applied, err := f.store.Materialize(f.ctx, []ordinaut.Materialization{decide(task, fine, planned(fine))})
	same(f, "applied", applied, []bool{false})
	if err == nil {
		f.Error("Materialize: got no error, want one")
	}
	gap := ordinaut.Gap{First: fine, Last: fine, Count: 1, Reason: ordinaut.ReasonPaused}
	e := ordinaut.TaskEdit{Was: task, Task: task, Gaps: []ordinaut.Gap{gap}}
	if err := f.store.UpdateTask(f.ctx, e, f.change("task.resume")); err == nil {
		f.Error("UpdateTask: got no error, want one")
	}
	same(f, "ledger", f.entries(task.ID), nil)
}

func taskCompletes(f *fixture) {
	task := f.newTask(firing(f.now()))
	m := decide(task, task.Cursor.Add(time.Second), planned(task.Cursor.Add(time.Second)))
	m.Complete = true
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{true})
	got := f.readTask(task.ID)
	same(f, "status", got.Status, ordinaut.TaskCompleted)
	same(f, "next fire", got.NextFireAt, nil)
}

func occurrenceKeepsRun(f *fixture) {
	task := f.newTask()
	nominal := task.Cursor.Add(time.Second)
	first, second := planned(nominal), planned(nominal)
	f.fire(task.ID, first)
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Cursor = task.Cursor })
	f.fire(task.ID, second)
	same(f, "ledger", f.entries(task.ID), []ordinaut.Entry{{At: nominal, RunID: first.ID}})
	_, err := f.store.Run(f.ctx, second.ID)
	f.refused(err, ordinaut.ErrNotFound)
}

func racingSchedulers(f *fixture) {
	const schedulers, rounds, many = 8, 10, 25
	for range many {
		f.newTask(firing(f.now()))
	}
	var mu sync.Mutex
	applied := map[string]int{}
	for range rounds {
		f.pass(time.Second)
		var read sync.WaitGroup
		read.Add(schedulers)
		together(schedulers, func(int) {
			due, err := f.store.Due(f.ctx, 2*many)
			read.Done()
			read.Wait() // so that all of them decide the same
			ms := []ordinaut.Materialization{}
			for _, d := range due.Tasks {
				nominal := d.Task.Cursor.Add(time.Second)
				m := decide(d.Task, nominal, planned(nominal))
				m.NextFire = &nominal
				ms = append(ms, m)
			}
			flags, late := f.store.Materialize(f.ctx, ms)
			if err != nil || late != nil {
				f.Errorf("got errors %v and %v, want none", err, late)
			}
			mu.Lock()
			defer mu.Unlock()
			for i, yes := range flags {
				if yes {
					applied[fmt.Sprint(ms[i].TaskID, ms[i].Advance)]++
				}
			}
		})
	}
	same(f, "decisions that were applied", len(applied), rounds*many)
	for decision, times := range applied {
		if times != 1 {
			f.Errorf("%s was applied %d times, want once", decision, times)
		}
	}
	same(f, "runs", get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{}))(f), rounds*many)
}
