package storetest

import (
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

func ledger() []promise {
	return []promise{
		{"runs and gaps are one list, ordered by nominal time", ledgerIsOne},
		{"the ledger is read from a time up to a time, page by page", ledgerByRange},
		{"a gap that reaches into the range is listed whole", gapReachesIn},
		{"the ledger says where each run stands", ledgerSaysStatus},
		{"the ledger outlives the runs it tells of", ledgerOutlivesRuns},
	}
}

// entries is the whole ledger of a task.
func (f *fixture) entries(id ordinaut.TaskID) []ordinaut.Entry {
	f.Helper()
	from, to := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	return f.ledger(id, from, to, 0)
}

// ledger is a part of the ledger of a task, without where its runs stand.
func (f *fixture) ledger(id ordinaut.TaskID, from, to time.Time, limit int) []ordinaut.Entry {
	f.Helper()
	entries := get(f.store.Ledger(f.ctx, id, from, to, limit))(f)
	for i := range entries {
		entries[i].Status, entries[i].Reason = "", ""
	}
	return entries
}

// history is a task with runs at seconds 1, 4 and 8, and with gaps between.
func (f *fixture) history() (at func(s int) time.Time, task ordinaut.Task, want []ordinaut.Entry) {
	f.Helper()
	task = f.newTask()
	at = func(s int) time.Time { return task.Cursor.Add(time.Duration(s) * time.Second) }
	a, b, c := planned(at(1)), planned(at(4)), planned(at(8))
	missed := ordinaut.Gap{TaskID: task.ID, First: at(2), Last: at(3), Count: 2, Reason: ordinaut.ReasonMissed}
	paused := ordinaut.Gap{TaskID: task.ID, First: at(5), Last: at(7), Count: 3, More: true, Reason: ordinaut.ReasonPaused}
	m := decide(task, at(9), a, b, c)
	m.Gaps = []ordinaut.Gap{paused, missed}
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{true})
	return at, task, []ordinaut.Entry{
		{At: at(1), RunID: a.ID}, {At: at(2), Gap: &missed}, {At: at(4), RunID: b.ID},
		{At: at(5), Gap: &paused}, {At: at(8), RunID: c.ID},
	}
}

func ledgerIsOne(f *fixture) {
	_, task, want := f.history()
	f.history()
	same(f, "ledger", f.entries(task.ID), want)
	same(f, "of nobody", f.entries(ordinaut.TaskID(newID())), nil)
}

func ledgerByRange(f *fixture) {
	at, task, want := f.history()
	read := func(from, to, limit int) []ordinaut.Entry {
		return f.ledger(task.ID, at(from), at(to), limit)
	}
	same(f, "from is in the range, to is not", read(1, 8, 0), want[:4])
	same(f, "a page", read(1, 9, 2), want[:2])
	same(f, "the next page", read(4, 9, 2), want[2:4])
	same(f, "nothing there", read(9, 20, 0), nil)
}

func gapReachesIn(f *fixture) {
	at, task, want := f.history()
	for _, from := range []int{5, 6, 7} {
		same(f, "ledger", f.ledger(task.ID, at(from), at(from+1), 0), want[3:4])
	}
}

func ledgerSaysStatus(f *fixture) {
	at, task, _ := f.history()
	standing := func() (told []string) {
		for _, e := range get(f.store.Ledger(f.ctx, task.ID, at(0), at(20), 0))(f) {
			if e.Gap == nil {
				told = append(told, strings.TrimSpace(string(e.Status)+" "+string(e.Reason)))
			}
		}
		return told
	}
	same(f, "before", standing(), []string{"queued", "queued", "queued"})
	f.pass(10 * time.Second)
	f.succeed(f.claim("w", 1)[0])
	f.edit(task.ID, ordinaut.Withdrawal{Reason: ordinaut.ReasonPaused}, func(t *ordinaut.Task) { t.PlanRev++ })
	same(f, "after", standing(), []string{"succeeded", "canceled paused", "canceled paused"})
}

func ledgerOutlivesRuns(f *fixture) {
	_, task, want := f.history()
	f.pass(10 * time.Second)
	for _, c := range f.claim("w", 9) {
		f.succeed(c)
	}
	f.pass(time.Hour)
	f.prune(ordinaut.Keep{Runs: time.Minute, Steps: time.Minute, Ledger: 24 * time.Hour})
	same(f, "runs", get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{}))(f), 0)
	same(f, "ledger", f.entries(task.ID), want)
}
