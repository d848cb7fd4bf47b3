package storetest

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/ordinaut/ordinaut"
)

func families() []promise {
	return []promise{
		{"a run remembers which run asked for it, and which it repeats", familyComesBack},
		{"a step makes one run, however often it asks", stepMakesOne},
		{"a step that asks again is not told of a duplicate", stepMakesOneDespiteKey},
		{"the runs that a run asked for are found", familyIsFound},
	}
}

// newRunID names a run, made or not.
func newRunID() ordinaut.RunID { return ordinaut.RunID(newID()) }

// create asks for a run.
func (f *fixture) create(id ordinaut.TaskID, edits ...func(*ordinaut.Run)) error {
	r := ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: id, Trigger: ordinaut.TriggerManual}
	for _, edit := range edits {
		edit(&r)
	}
	return f.store.CreateRun(f.ctx, r, f.change("task.run_now"))
}

func familyComesBack(f *fixture) {
	task := f.newTask(func(t *ordinaut.Task) { t.PlanRev = 3 })
	now, nominal := f.now().Add(-time.Hour), f.now().Add(-2*time.Hour)
	r := ordinaut.Run{
		ID: ordinaut.RunID(newID()), TaskID: task.ID, TaskVersion: 1, Trigger: ordinaut.TriggerRerun, Status: ordinaut.RunQueued,
		Nominal: &nominal, ScheduledFor: f.now(), Priority: 5, PlanRev: 3, Now: &now,
		RerunOf: newRunID(), Parent: newRunID(), ParentStep: "loop[3].child", Depth: 2,
	}
	f.must(f.store.CreateRun(f.ctx, r, f.change("run.rerun")))
	got := f.readRun(r.ID)
	r.EnqueuedAt = got.EnqueuedAt
	same(f, "run", got, r)
	c := f.hold("w")
	same(f, "now of the claimed run", c.Run.Now, &now)
	same(f, "version of the claimed run", c.Run.TaskVersion, 1)
	same(f, "step of the claimed run", c.Run.ParentStep, r.ParentStep)
}

func stepMakesOne(f *fixture) {
	task, parent := f.newTask(), newRunID()
	var made atomic.Int32
	together(8, func(int) {
		switch err := f.create(task.ID, childOf(parent, "a")); {
		case err == nil:
			made.Add(1)
		case !errors.Is(err, ordinaut.ErrRunMade):
			f.Errorf("got error %v, want %v", err, ordinaut.ErrRunMade)
		}
	})
	same(f, "made", made.Load(), 1)
	f.must(f.create(task.ID, childOf(parent, "b")))
	f.must(f.create(task.ID, childOf(newRunID(), "a")))
	f.succeed(f.claim("w", 1)[0])
	f.refused(f.create(task.ID, childOf(parent, "a")), ordinaut.ErrRunMade)
	f.must(f.create(task.ID))
	f.must(f.create(task.ID))
}

func stepMakesOneDespiteKey(f *fixture) {
	task, parent := f.newTask(func(t *ordinaut.Task) { t.DedupeKey, t.DedupeWindowSeconds = "once", 60 }), newRunID()
	f.must(f.create(task.ID, childOf(parent, "a")))
	f.refused(f.create(task.ID, childOf(parent, "a")), ordinaut.ErrRunMade)
	f.refused(f.create(task.ID, childOf(parent, "b")), ordinaut.ErrDuplicate)
}

func familyIsFound(f *fixture) {
	task, other := f.newTask(), f.newTask()
	parent := f.newRun(task.ID)
	one, two := f.newRun(task.ID, childOf(parent, "a")), f.newRun(other.ID, childOf(parent, "b"))
	f.newRun(task.ID, childOf(one, "a"))
	for name, test := range map[string]struct {
		filter ordinaut.RunFilter
		want   []ordinaut.RunID
	}{
		"parent":            {ordinaut.RunFilter{Parent: parent}, []ordinaut.RunID{two, one}},
		"parent and task":   {ordinaut.RunFilter{Parent: parent, TaskID: task.ID}, []ordinaut.RunID{one}},
		"parent and page":   {ordinaut.RunFilter{Parent: parent, Before: two}, []ordinaut.RunID{one}},
		"parent and status": {ordinaut.RunFilter{Parent: parent, Statuses: []ordinaut.RunStatus{ordinaut.RunFailed}}, nil},
		"a childless one":   {ordinaut.RunFilter{Parent: two}, nil},
	} {
		same(f, "by "+name, f.listRuns(test.filter), test.want)
		if test.filter.Before == "" {
			same(f, "count by "+name, get(f.store.CountRuns(f.ctx, test.filter))(f), len(test.want))
		}
	}
}
