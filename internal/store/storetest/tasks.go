package storetest

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
)

func tasks() []promise {
	return []promise{
		{"a stored task comes back as it was given", taskComesBack},
		{"a task is found by its id and by its creator's key", taskIsFound},
		{"a task that is not there is not found", taskIsNotFound},
		{"a key is unique among the tasks of a creator that are not canceled", keyIsUnique},
		{"a canceled task is found by its key until another has it", canceledKeepsKey},
		{"an agent has no more unfinished tasks than its limit", tasksAreLimited},
		{"a task of an unknown creator is refused", creatorIsKnown},
		{"a change without an action is refused", actionIsNeeded},
		{"a refused task leaves nothing behind", refusedLeavesNothing},
		{"tasks are listed newest first, page by page", tasksByPage},
		{"tasks are selected by creator, status, kind and labels", tasksByFilter},
		{"every version of a definition is kept", versionsAreKept},
	}
}

func taskComesBack(f *fixture) {
	start, next := f.now().Add(time.Hour), f.now().Add(2*time.Hour)
	task := f.newTask(func(t *ordinaut.Task) {
		t.StartsAt = &start
		t.NextFireAt = &next
		t.ScheduleKind = ordinaut.ScheduleRRule
		t.ScheduleExpr = "FREQ=DAILY;BYHOUR=8"
		t.Timezone = "Europe/Chisinau"
		t.Title = "Grüße, „мир“ 🌍"
		t.Payload = json.RawMessage(`{"params":{"a":[1,2.50,null]},"pipeline":[]}`)
		t.Labels = map[string]string{"team": "home", "": "empty"}
		t.PlanRev = 7
		t.Cursor = time.Date(1969, 7, 20, 20, 17, 40, 1000, time.UTC)
		t.Anchor = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	})
	same(f, "task", f.readTask(task.ID), task)
}

func taskIsFound(f *fixture) {
	mine := f.newTask(withKey("briefing"))
	other := f.newAgent("grace")
	theirs := f.newTask(withKey("briefing"), func(t *ordinaut.Task) { t.CreatedBy = other.ID })
	for _, want := range []ordinaut.Task{mine, theirs} {
		byKey := get(f.store.Task(f.ctx, ordinaut.TaskRef{Creator: want.CreatedBy, Key: "briefing"}))(f)
		same(f, "by key", byKey, want)
		same(f, "by id", f.readTask(want.ID), want)
	}
}

func taskIsNotFound(f *fixture) {
	f.newTask(withKey("briefing"))
	for _, ref := range []ordinaut.TaskRef{
		{ID: ordinaut.TaskID(newID())},
		{Creator: f.agent.ID, Key: "other"},
		{Creator: ordinaut.AgentID(newID()), Key: "briefing"},
	} {
		_, err := f.store.Task(f.ctx, ref)
		f.refused(err, ordinaut.ErrNotFound)
	}
	_, err := f.store.Definition(f.ctx, ordinaut.TaskID(newID()), 1)
	f.refused(err, ordinaut.ErrNotFound)
}

func keyIsUnique(f *fixture) {
	first := f.newTask(withKey("briefing"))
	second := f.task(withKey("briefing"))
	f.refused(f.store.CreateTask(f.ctx, second, 0, f.change("task.create")), ordinaut.ErrKeyTaken)

	third := f.newTask(withKey("other"))
	renamed := third
	renamed.Key = "briefing"
	err := f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: third, Task: renamed}, f.change("task.update"))
	f.refused(err, ordinaut.ErrKeyTaken)

	f.edit(first.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskCompleted })
	f.refused(f.store.CreateTask(f.ctx, second, 0, f.change("task.create")), ordinaut.ErrKeyTaken)
	f.edit(first.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskCanceled })
	f.must(f.store.CreateTask(f.ctx, second, 0, f.change("task.create")))
}

func canceledKeepsKey(f *fixture) {
	cancel := func(t *ordinaut.Task) { t.Status = ordinaut.TaskCanceled }
	find := func() ordinaut.TaskID {
		return get(f.store.Task(f.ctx, ordinaut.TaskRef{Creator: f.agent.ID, Key: "briefing"}))(f).ID
	}
	first := f.newTask(withKey("briefing"))
	f.edit(first.ID, ordinaut.Withdrawal{}, cancel)
	same(f, "after it was canceled", find(), first.ID)
	second := f.newTask(withKey("briefing"))
	same(f, "when another has the key", find(), second.ID)
	f.edit(second.ID, ordinaut.Withdrawal{}, cancel)
	same(f, "of two that are canceled", find(), second.ID)
	f.edit(first.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskActive })
	same(f, "when an older one has the key again", find(), first.ID)
}

func tasksAreLimited(f *fixture) {
	create := func() error { return f.store.CreateTask(f.ctx, f.task(), 2, f.change("task.create")) }
	f.newTask(func(t *ordinaut.Task) { t.Status = ordinaut.TaskCompleted })
	done := f.newTask()
	f.must(create())
	f.refused(create(), ordinaut.ErrTaskLimit)
	f.edit(done.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskPaused })
	f.refused(create(), ordinaut.ErrTaskLimit)
	f.edit(done.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskCompleted })
	f.must(create())
	f.refused(create(), ordinaut.ErrTaskLimit)
	last := get(f.store.ListTasks(f.ctx, ordinaut.TaskFilter{Limit: 1}))(f)[0]
	m := decide(last, last.Cursor)
	m.Complete = true
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{true})
	f.must(create())
	f.agent = f.newAgent("grace")
	f.must(create())
}

func creatorIsKnown(f *fixture) {
	stranger := f.task(func(t *ordinaut.Task) { t.CreatedBy = ordinaut.AgentID(newID()) })
	f.refused(f.store.CreateTask(f.ctx, stranger, 0, f.change("task.create")), ordinaut.ErrNotFound)
}

func actionIsNeeded(f *fixture) {
	task := f.newTask()
	none := ordinaut.Change{Actor: f.agent.ID}
	for name, err := range map[string]error{
		"CreateTask": f.store.CreateTask(f.ctx, f.task(), 0, none),
		"UpdateTask": f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: task, Task: task}, none),
		"CreateRun":  f.store.CreateRun(f.ctx, ordinaut.Run{ID: "r", TaskID: task.ID, Trigger: ordinaut.TriggerManual}, none),
	} {
		if err == nil {
			f.Errorf("%s: got no error, want one", name)
		}
	}
	same(f, "tasks", get(f.store.CountTasks(f.ctx, ordinaut.TaskFilter{}))(f), 1)
	same(f, "runs", get(f.store.CountRuns(f.ctx, ordinaut.RunFilter{}))(f), 0)
}

func refusedLeavesNothing(f *fixture) {
	taken := f.newTask(withKey("briefing"))
	before := get(f.store.Audit(f.ctx, 0, 0))(f)
	refused := f.task(withKey("briefing"), firing(f.now()))
	f.refused(f.store.CreateTask(f.ctx, refused, 0, f.change("task.create")), ordinaut.ErrKeyTaken)
	same(f, "audit", get(f.store.Audit(f.ctx, 0, 0))(f), before)
	_, err := f.store.Definition(f.ctx, refused.ID, 1)
	f.refused(err, ordinaut.ErrNotFound)
	same(f, "tasks", get(f.store.ListTasks(f.ctx, ordinaut.TaskFilter{}))(f), []ordinaut.Task{taken})
}

func tasksByPage(f *fixture) {
	var want []ordinaut.TaskID
	for range 7 {
		want = append([]ordinaut.TaskID{f.newTask().ID}, want...)
	}
	list := func(filter ordinaut.TaskFilter) (ids []ordinaut.TaskID) {
		for _, t := range get(f.store.ListTasks(f.ctx, filter))(f) {
			ids = append(ids, t.ID)
		}
		return ids
	}
	same(f, "all", list(ordinaut.TaskFilter{}), want)
	same(f, "first page", list(ordinaut.TaskFilter{Limit: 3}), want[:3])
	same(f, "after the cursor", list(ordinaut.TaskFilter{Before: want[2], Limit: 3}), want[3:6])
	same(f, "last page", list(ordinaut.TaskFilter{Before: want[5], Limit: 3}), want[6:])
	same(f, "by offset", list(ordinaut.TaskFilter{Offset: 5, Limit: 3}), want[5:])
	same(f, "count", get(f.store.CountTasks(f.ctx, ordinaut.TaskFilter{Before: want[2], Offset: 1, Limit: 1}))(f), 7)
}

func tasksByFilter(f *fixture) {
	grace := f.newAgent("grace")
	a := f.newTask(func(t *ordinaut.Task) { t.Labels = map[string]string{"team": "home", "tier": "1"} })
	b := f.newTask(func(t *ordinaut.Task) { t.Status, t.Labels = ordinaut.TaskPaused, map[string]string{"team": "home"} })
	c := f.newTask(func(t *ordinaut.Task) { t.CreatedBy, t.ScheduleKind = grace.ID, ordinaut.ScheduleCron })
	for name, test := range map[string]struct {
		filter ordinaut.TaskFilter
		want   []ordinaut.Task
	}{
		"nothing":     {ordinaut.TaskFilter{}, []ordinaut.Task{c, b, a}},
		"creator":     {ordinaut.TaskFilter{CreatedBy: grace.ID}, []ordinaut.Task{c}},
		"status":      {ordinaut.TaskFilter{Status: ordinaut.TaskPaused}, []ordinaut.Task{b}},
		"kind":        {ordinaut.TaskFilter{Kind: ordinaut.ScheduleCron}, []ordinaut.Task{c}},
		"one label":   {ordinaut.TaskFilter{Label: map[string]string{"team": "home"}}, []ordinaut.Task{b, a}},
		"two labels":  {ordinaut.TaskFilter{Label: map[string]string{"team": "home", "tier": "1"}}, []ordinaut.Task{a}},
		"other label": {ordinaut.TaskFilter{Label: map[string]string{"team": "work"}}, nil},
		"all of them": {ordinaut.TaskFilter{CreatedBy: f.agent.ID, Status: ordinaut.TaskActive, Kind: ordinaut.ScheduleManual, Label: map[string]string{"tier": "1"}}, []ordinaut.Task{a}},
	} {
		same(f, name, get(f.store.ListTasks(f.ctx, test.filter))(f), test.want)
		same(f, "count by "+name, get(f.store.CountTasks(f.ctx, test.filter))(f), len(test.want))
	}
}

func versionsAreKept(f *fixture) {
	task := f.newTask(func(t *ordinaut.Task) { t.Title = "first" })
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Title, t.Version = "second", 2 })
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskPaused })
	for version, want := range map[int]string{1: "first", 2: "second"} {
		d := get(f.store.Definition(f.ctx, task.ID, version))(f)
		same(f, "title", d.Title, want)
	}
	_, err := f.store.Definition(f.ctx, task.ID, 3)
	f.refused(err, ordinaut.ErrNotFound)
	same(f, "now", f.readTask(task.ID).Title, "second")
}
