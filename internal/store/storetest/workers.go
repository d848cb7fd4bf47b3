package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

func workers() []promise {
	return []promise{
		{"a process tells of itself, and is listed as it last told", workerTells},
		{"a process that leaves is forgotten", workerLeaves},
		{"a process that was not heard of for a day is forgotten", workerForgotten},
		{"the queues tell what there is at each priority", queuesByPriority},
		{"the queues tell what there is under each concurrency key, and who holds it", queuesByKey},
	}
}

// listWorkers lists the processes.
func (f *fixture) listWorkers() []ordinaut.Worker {
	f.Helper()
	return get(f.store.ListWorkers(f.ctx))(f)
}

func workerTells(f *fixture) {
	same(f, "workers of nobody", f.listWorkers(), nil)
	two := ordinaut.Worker{Name: "two", Host: "b.example", PID: 22, Version: "1.2", Roles: []ordinaut.Role{ordinaut.RoleAPI}}
	one := ordinaut.Worker{Name: "one", Host: "a.example", PID: 11, Version: "1.2", Roles: ordinaut.Roles(), Slots: 20, Busy: 3}
	f.must(f.store.Beat(f.ctx, two))
	f.must(f.store.Beat(f.ctx, one))
	first := f.now()
	f.pass(10 * time.Second)
	one.Busy, one.Draining = 1, true
	f.must(f.store.Beat(f.ctx, one))

	got := f.listWorkers()
	if len(got) != 2 {
		f.Fatalf("got %d workers, want 2", len(got))
	}
	if after := got[0].SeenAt.Sub(got[0].StartedAt); after < 10*time.Second || after > 20*time.Second {
		f.Errorf("got seen %v after the start, want 10 s", after)
	}
	if got[0].Gone(f.now(), 5*time.Second) || !got[1].Gone(f.now(), 5*time.Second) {
		f.Errorf("got seen at %v and %v, want only the second gone at %v", got[0].SeenAt, got[1].SeenAt, f.now())
	}
	if got[1].SeenAt.After(first) || !got[1].SeenAt.Equal(got[1].StartedAt) {
		f.Errorf("got %v and %v, want both the time of the only beat", got[1].SeenAt, got[1].StartedAt)
	}
	one.StartedAt, one.SeenAt = got[0].StartedAt, got[0].SeenAt
	two.StartedAt, two.SeenAt = got[1].StartedAt, got[1].SeenAt
	same(f, "workers", got, []ordinaut.Worker{one, two})
}

func workerLeaves(f *fixture) {
	f.must(f.store.Beat(f.ctx, ordinaut.Worker{Name: "one", Roles: ordinaut.Roles()}))
	f.must(f.store.Leave(f.ctx, "one"))
	same(f, "workers", f.listWorkers(), nil)
	f.must(f.store.Leave(f.ctx, "one"))
}

func workerForgotten(f *fixture) {
	f.must(f.store.Beat(f.ctx, ordinaut.Worker{Name: "old", Roles: ordinaut.Roles()}))
	f.pass(limits.WorkerGone - time.Minute)
	f.must(f.store.Beat(f.ctx, ordinaut.Worker{Name: "new", Roles: ordinaut.Roles()}))
	same(f, "workers within a day", len(f.listWorkers()), 2)
	f.pass(2 * time.Minute)
	got := f.listWorkers()
	if len(got) != 1 || got[0].Name != "new" {
		f.Errorf("got %v, want only the new one", got)
	}
}

func queuesByPriority(f *fixture) {
	got := get(f.store.Queues(f.ctx, 9))(f)
	same(f, "of nothing", got, ordinaut.Queues{Now: got.Now})
	low, high := f.newTask(withPriority(2)), f.newTask(withPriority(9))
	f.newRun(high.ID)
	f.succeed(f.hold("w"))
	f.newRun(low.ID)
	f.hold("w")
	oldest := f.now().Add(-time.Minute)
	f.newRun(low.ID, dueAt(oldest))
	f.newRun(low.ID, dueAt(f.now().Add(time.Hour)))
	f.newRun(low.ID, parked)
	f.newRun(high.ID, dueAt(oldest.Add(time.Second)))
	late := oldest.Add(time.Second)

	got = get(f.store.Queues(f.ctx, 9))(f)
	same(f, "queues", got, ordinaut.Queues{
		Now: got.Now,
		Priorities: []ordinaut.PriorityQueue{
			{Priority: 9, Load: ordinaut.Load{Due: 1, Oldest: &late}},
			{Priority: 2, Load: ordinaut.Load{Due: 1, Later: 1, Parked: 1, Running: 1, Oldest: &oldest}},
		},
		Workers: []ordinaut.WorkerQueue{{Worker: "w", Running: 1}},
	})
}

func queuesByKey(f *fixture) {
	keyed := func(key string, limit int) func(*ordinaut.Task) {
		return func(t *ordinaut.Task) { t.ConcurrencyKey, t.ConcurrencyLimit = key, limit }
	}
	printer, mail := f.newTask(keyed("shared:printer", 1)), f.newTask(keyed("mail", 3))
	at := f.now().Add(-time.Minute)
	for range 3 {
		f.newRun(printer.ID, dueAt(at))
	}
	f.newRun(mail.ID)
	f.claim("a", 1)
	f.claim("b", 9)

	got := get(f.store.Queues(f.ctx, 1))(f)
	same(f, "keys, the fullest", got.Keys, []ordinaut.KeyQueue{
		{Key: "shared:printer", Slots: 1, Load: ordinaut.Load{Blocked: 2, Running: 1, Oldest: &at}},
	})
	name, _ := mail.Slot()
	got = get(f.store.Queues(f.ctx, 9))(f)
	same(f, "second key", got.Keys[1:], []ordinaut.KeyQueue{{Key: name, Slots: 3, Load: ordinaut.Load{Running: 1}}})
	same(f, "holders", got.Workers, []ordinaut.WorkerQueue{{Worker: "a", Running: 1}, {Worker: "b", Running: 1}})
}
