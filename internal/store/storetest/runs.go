package storetest

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
)

func runs() []promise {
	return []promise{
		{"a run that somebody asked for comes back as it was given", runComesBack},
		{"a run is due at once and has its task's priority, unless told", runDefaults},
		{"a run of an unknown task is refused", runNeedsTask},
		{"a run begins as queued or parked", runBegins},
		{"a run that is not there is not found", runIsNotFound},
		{"runs are listed newest first, page by page", runsByPage},
		{"runs are selected by task, creator and status", runsByFilter},
	}
}

func runComesBack(f *fixture) {
	task := f.newTask(func(t *ordinaut.Task) { t.PlanRev = 3 })
	r := ordinaut.Run{
		ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: ordinaut.TriggerManual, Status: ordinaut.RunQueued,
		ScheduledFor: f.now().Add(time.Minute), Priority: 2, PlanRev: 3, Params: json.RawMessage(`{"city": "Chișinău"}`),
	}
	f.must(f.store.CreateRun(f.ctx, r, f.change("task.run_now")))
	got := f.readRun(r.ID)
	if got.EnqueuedAt.IsZero() || got.EnqueuedAt.After(f.now()) {
		f.Errorf("got enqueued at %v, want the store's now", got.EnqueuedAt)
	}
	r.EnqueuedAt = got.EnqueuedAt
	same(f, "run", got, r)
}

func runDefaults(f *fixture) {
	before := f.now()
	got := f.readRun(f.newRun(f.newTask(withPriority(8)).ID))
	same(f, "priority", got.Priority, 8)
	same(f, "status", got.Status, ordinaut.RunQueued)
	if got.ScheduledFor.Before(before) || got.ScheduledFor.After(f.now()) {
		f.Errorf("got scheduled for %v, want the store's now", got.ScheduledFor)
	}
}

func runNeedsTask(f *fixture) {
	r := ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: "nothing", Trigger: ordinaut.TriggerManual}
	f.refused(f.store.CreateRun(f.ctx, r, f.change("task.run_now")), ordinaut.ErrNotFound)
}

func runBegins(f *fixture) {
	task := f.newTask()
	for _, status := range []ordinaut.RunStatus{ordinaut.RunRunning, ordinaut.RunSucceeded, "new"} {
		r := ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: ordinaut.TriggerManual, Status: status}
		if err := f.store.CreateRun(f.ctx, r, f.change("task.run_now")); err == nil {
			f.Errorf("%q: got no error, want one", status)
		}
	}
	f.statusIs(f.newRun(task.ID, parked), ordinaut.RunParked)
}

func runIsNotFound(f *fixture) {
	f.newRun(f.newTask().ID)
	_, err := f.store.Run(f.ctx, ordinaut.RunID(newID()))
	f.refused(err, ordinaut.ErrNotFound)
}

// listRuns are the ids of the runs a filter finds.
func (f *fixture) listRuns(filter ordinaut.RunFilter) (ids []ordinaut.RunID) {
	f.Helper()
	for _, r := range get(f.store.ListRuns(f.ctx, filter))(f) {
		ids = append(ids, r.ID)
	}
	return ids
}

func runsByPage(f *fixture) {
	task, other := f.newTask(), f.newTask()
	var want []ordinaut.RunID
	for range 7 {
		want = append([]ordinaut.RunID{f.newRun(task.ID)}, want...)
	}
	for name, filter := range map[string]ordinaut.RunFilter{"of a task": {TaskID: task.ID}, "of all": {}} {
		page := func(before ordinaut.RunID, offset, limit int) []ordinaut.RunID {
			filter.Before, filter.Offset, filter.Limit = before, offset, limit
			same(f, "count "+name, get(f.store.CountRuns(f.ctx, filter))(f), 7)
			return f.listRuns(filter)
		}
		same(f, "all "+name, page("", 0, 0), want)
		same(f, "first page "+name, page("", 0, 3), want[:3])
		same(f, "after the cursor "+name, page(want[2], 0, 3), want[3:6])
		same(f, "last page "+name, page(want[5], 0, 3), want[6:])
		same(f, "by offset "+name, page("", 5, 3), want[5:])
	}
	same(f, "of another task", f.listRuns(ordinaut.RunFilter{TaskID: other.ID}), nil)
}

func runsByFilter(f *fixture) {
	grace := f.newAgent("grace")
	mine, theirs := f.newTask(), f.newTask(func(t *ordinaut.Task) { t.CreatedBy = grace.ID })
	a, b := f.newRun(mine.ID), f.newRun(mine.ID)
	f.succeed(f.claim("w", 1)[0])
	c := f.newRun(theirs.ID)
	for name, test := range map[string]struct {
		filter ordinaut.RunFilter
		want   []ordinaut.RunID
	}{
		"nothing":         {ordinaut.RunFilter{}, []ordinaut.RunID{c, b, a}},
		"task":            {ordinaut.RunFilter{TaskID: mine.ID}, []ordinaut.RunID{b, a}},
		"creator":         {ordinaut.RunFilter{CreatedBy: grace.ID}, []ordinaut.RunID{c}},
		"status":          {ordinaut.RunFilter{Statuses: []ordinaut.RunStatus{ordinaut.RunQueued}}, []ordinaut.RunID{c, b}},
		"task and status": {ordinaut.RunFilter{TaskID: mine.ID, Statuses: []ordinaut.RunStatus{ordinaut.RunSucceeded}}, []ordinaut.RunID{a}},
		"another's task":  {ordinaut.RunFilter{TaskID: mine.ID, CreatedBy: grace.ID}, nil},
		"all of them":     {ordinaut.RunFilter{TaskID: mine.ID, CreatedBy: f.agent.ID, Statuses: []ordinaut.RunStatus{ordinaut.RunQueued}}, []ordinaut.RunID{b}},
	} {
		same(f, "by "+name, f.listRuns(test.filter), test.want)
		same(f, "count by "+name, get(f.store.CountRuns(f.ctx, test.filter))(f), len(test.want))
	}
}
