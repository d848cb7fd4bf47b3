package storetest

import (
	"errors"
	"time"

	"github.com/ordinaut/ordinaut"
)

func dedupes() []promise {
	return []promise{
		{"a second run with a dedupe key is not made inside the window", dedupeInside},
		{"a fire that would be a duplicate is a gap in the ledger", dedupeFires},
		{"tasks of an agent share a dedupe key, each with its own window", dedupeShared},
		{"a run that was withdrawn before it started is no reason against another", dedupeWithdrawn},
		{"a duplicate takes nobody's place", dedupeSupersedes},
		{"an occurrence that has a run is not a duplicate of itself", dedupeKeepsOutcome},
		{"a key that a task gains or loses counts from then on", dedupeEdited},
		{"of many that race for one dedupe key one is made", dedupeRaces},
	}
}

// deduped gives a task a dedupe key and a window in seconds.
func deduped(key string, seconds int) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { t.DedupeKey, t.DedupeWindowSeconds = key, seconds }
}

// ask asks for a run of a task.
func (f *fixture) ask(id ordinaut.TaskID) error {
	r := ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: id, Trigger: ordinaut.TriggerManual}
	return f.store.CreateRun(f.ctx, r, f.change("task.run"))
}

func dedupeInside(f *fixture) {
	task := f.newTask(deduped("report", 60))
	before := get(f.store.Audit(f.ctx, 0, 0))(f)
	f.must(f.ask(task.ID))
	f.refused(f.ask(task.ID), ordinaut.ErrDuplicate)
	f.succeed(f.hold("w"))
	f.refused(f.ask(task.ID), ordinaut.ErrDuplicate)
	same(f, "audited", len(get(f.store.Audit(f.ctx, 0, 0))(f)), len(before)+1)
	f.pass(59 * time.Second)
	f.refused(f.ask(task.ID), ordinaut.ErrDuplicate)
	f.pass(time.Second)
	f.must(f.ask(task.ID))
	same(f, "runs", get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{}))(f), 2)
}

func dedupeFires(f *fixture) {
	task := f.newTask(deduped("report", 60))
	at := func(s int) time.Time { return task.Cursor.Add(time.Duration(s) * time.Second) }
	first, second := planned(at(1)), planned(at(2))
	f.fire(task.ID, first, second)
	f.pass(time.Minute)
	third := planned(at(60))
	f.fire(task.ID, third)
	gap := ordinaut.Gap{TaskID: task.ID, First: at(2), Last: at(2), Count: 1, Reason: ordinaut.ReasonDuplicate}
	same(f, "ledger", f.entries(task.ID), []ordinaut.Entry{
		{At: at(1), RunID: first.ID}, {At: at(2), Gap: &gap}, {At: at(60), RunID: third.ID},
	})
	_, err := f.store.Run(f.ctx, second.ID)
	f.refused(err, ordinaut.ErrNotFound)
}

func dedupeShared(f *fixture) {
	long, short := f.newTask(deduped("report", 60)), f.newTask(deduped("report", 10))
	none, other := f.newTask(), f.newTask(deduped("other", 60))
	f.must(f.ask(long.ID))
	f.refused(f.ask(short.ID), ordinaut.ErrDuplicate)
	f.must(errors.Join(f.ask(none.ID), f.ask(none.ID), f.ask(other.ID)))
	f.pass(10 * time.Second)
	f.refused(f.ask(long.ID), ordinaut.ErrDuplicate)
	f.must(f.ask(short.ID))
	f.agent = f.newAgent("grace")
	f.must(f.ask(f.newTask(deduped("report", 60)).ID))
}

func dedupeWithdrawn(f *fixture) {
	task := f.newTask(deduped("report", 60))
	id := f.newRun(task.ID)
	f.cancel(id)
	f.must(f.ask(task.ID))
	held := f.hold("w")
	f.cancel(held.Run.ID)
	f.must(f.store.Settle(f.ctx, held.Lease, ordinaut.Outcome{Status: ordinaut.RunCanceled}))
	f.refused(f.ask(task.ID), ordinaut.ErrDuplicate)
}

func dedupeSupersedes(f *fixture) {
	task := f.newTask(deduped("report", 60))
	f.newRun(task.ID)
	held := f.hold("w")
	id := f.supersede(task.ID)
	_, err := f.store.Run(f.ctx, id)
	f.refused(err, ordinaut.ErrNotFound)
	same(f, "asked", f.canceling("w"), nil)
	f.succeed(held)
}

func dedupeKeepsOutcome(f *fixture) {
	task := f.newTask(deduped("report", 60))
	p := planned(task.Cursor.Add(time.Second))
	f.fire(task.ID, p)
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Cursor = task.Cursor })
	f.fire(task.ID, planned(p.Nominal))
	same(f, "ledger", f.entries(task.ID), []ordinaut.Entry{{At: p.Nominal, RunID: p.ID}})
}

func dedupeEdited(f *fixture) {
	task := f.newTask()
	f.must(f.ask(task.ID))
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { deduped("report", 60)(t); t.Version++ })
	f.must(f.ask(task.ID))
	f.refused(f.ask(task.ID), ordinaut.ErrDuplicate)
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { deduped("", 0)(t); t.Version++ })
	f.must(f.ask(task.ID))
}

func dedupeRaces(f *fixture) {
	a, b := f.newTask(deduped("report", 60)), f.newTask(deduped("report", 60))
	errs := make([]error, 8)
	together(len(errs), func(i int) { errs[i] = f.ask([]ordinaut.TaskID{a.ID, b.ID}[i%2]) })
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
			continue
		}
		f.refused(err, ordinaut.ErrDuplicate)
	}
	same(f, "runs that were made", made, 1)
}
