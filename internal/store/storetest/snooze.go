package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

func snooze() []promise {
	return []promise{
		{"a snooze comes back as it was given, wherever the task is read", snoozeComesBack},
		{"an edit puts off, puts off anew, and lets go", snoozeByEdit},
		{"a decision ends a snooze when it says so, and else leaves it", snoozeEnds},
		{"a decision made before a snooze comes too late", snoozeOvertakes},
	}
}

func snoozeComesBack(f *fixture) {
	now := f.now()
	task := f.newTask(firing(now), snoozed(now, now.Add(time.Hour)))
	same(f, "by id", f.readTask(task.ID), task)
	same(f, "by key", get(f.store.Task(f.ctx, ordinaut.TaskRef{Creator: f.agent.ID, Key: task.Key}))(f), task)
	same(f, "in a list", get(f.store.ListTasks(f.ctx, ordinaut.TaskFilter{}))(f), []ordinaut.Task{task})
	same(f, "when due", get(f.store.Due(f.ctx, 9))(f).Tasks, []ordinaut.DueTask{{Task: task}})
}

func snoozeByEdit(f *fixture) {
	now := f.now()
	id := f.newTask().ID
	for _, edit := range []func(*ordinaut.Task){
		snoozed(now, now.Add(time.Hour)),
		snoozed(now, now.Add(2*time.Hour)),
		func(t *ordinaut.Task) { t.Snooze = nil },
	} {
		want := f.readTask(id)
		edit(&want)
		f.edit(id, ordinaut.Withdrawal{}, edit)
		same(f, "snooze", f.readTask(id).Snooze, want.Snooze)
	}
}

func snoozeEnds(f *fixture) {
	task := f.newTask(func(t *ordinaut.Task) { snoozed(t.Cursor.Add(2*time.Second), t.Cursor.Add(time.Minute))(t) })
	f.fire(task.ID, planned(task.Cursor.Add(time.Second)))
	same(f, "snooze", f.readTask(task.ID).Snooze, task.Snooze)
	m := decide(f.readTask(task.ID), task.Snooze.Nominal, planned(task.Snooze.Nominal))
	m.Awake = true
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{true})
	same(f, "snooze", f.readTask(task.ID).Snooze, nil)
}

func snoozeOvertakes(f *fixture) {
	task := f.newTask()
	nominal := task.Cursor.Add(time.Second)
	before := decide(task, nominal, planned(nominal))
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) {
		t.PlanRev++
		snoozed(nominal, nominal.Add(time.Hour))(t)
	})
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{before}))(f), []bool{false})
	same(f, "ledger", f.entries(task.ID), nil)
}

// snoozed puts an occurrence of a task off.
func snoozed(nominal, until time.Time) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) {
		t.Snooze = &ordinaut.Snooze{Nominal: nominal, Until: until, Reason: "on the train"}
	}
}
