package storetest

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
)

func agents() []promise {
	return []promise{
		{"an agent is stored once and then found by its name, and by its id", agentIsFound},
		{"an agent that many ensure at once is one", agentIsOne},
		{"every change has one entry in the audit, in the order of the commits", auditIsWhole},
		{"the audit is read on from a position", auditByPage},
	}
}

func agentIsFound(f *fixture) {
	given := ordinaut.Agent{
		ID: ordinaut.AgentID(newID()), Name: "scout", Kind: ordinaut.AgentService,
		Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin, ordinaut.ScopeRunsRead}, CreatedAt: f.now(),
	}
	same(f, "stored", get(f.store.EnsureAgent(f.ctx, given))(f), given)
	f.pass(time.Hour)
	other := ordinaut.Agent{ID: ordinaut.AgentID(newID()), Name: "scout", Kind: ordinaut.AgentPerson, CreatedAt: f.now()}
	same(f, "found", get(f.store.EnsureAgent(f.ctx, other))(f), given)
	same(f, "by id", get(f.store.Agent(f.ctx, given.ID))(f), given)
	_, err := f.store.Agent(f.ctx, other.ID)
	f.refused(err, ordinaut.ErrNotFound)
	if _, err := f.store.EnsureAgent(f.ctx, ordinaut.Agent{ID: "x", Name: "robot", Kind: "robot"}); err == nil {
		f.Error("an unknown kind: got no error, want one")
	}
}

func agentIsOne(f *fixture) {
	ids := make([]ordinaut.AgentID, 8)
	together(len(ids), func(i int) { ids[i] = f.newAgent("scout").ID })
	for _, id := range ids {
		same(f, "id", id, ids[0])
	}
}

func auditIsWhole(f *fixture) {
	task := f.newTask()
	f.pass(time.Second)
	edited := task
	edited.Status = ordinaut.TaskPaused
	pause := ordinaut.Change{Actor: f.agent.ID, Action: "task.pause", Subject: string(task.ID), Detail: json.RawMessage(`{"why": "rest"}`)}
	f.must(f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: task, Task: edited}, pause))
	f.refused(f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: task, Task: edited}, pause), ordinaut.ErrTaskMoved)
	f.newRun(task.ID)
	audit := get(f.store.Audit(f.ctx, 0, 0))(f)
	var changes []ordinaut.Change
	for i, e := range audit {
		changes = append(changes, e.Change)
		if i > 0 && (e.Position <= audit[i-1].Position || e.At.Before(audit[i-1].At)) {
			f.Errorf("entry %d: got %v after %v, want order", i, e, audit[i-1])
		}
	}
	same(f, "changes", changes, []ordinaut.Change{f.change("task.create"), pause, f.change("task.run_now")})
	if at := audit[1].At; at.Before(task.CreatedAt.Add(time.Second)) || at.After(f.now()) {
		f.Errorf("got at %v, want the time of the commit", at)
	}
}

func auditByPage(f *fixture) {
	for range 5 {
		f.newTask()
	}
	audit := get(f.store.Audit(f.ctx, 0, 0))(f)
	same(f, "entries", len(audit), 5)
	same(f, "first page", get(f.store.Audit(f.ctx, 0, 2))(f), audit[:2])
	same(f, "next page", get(f.store.Audit(f.ctx, audit[1].Position, 2))(f), audit[2:4])
	same(f, "the end", get(f.store.Audit(f.ctx, audit[4].Position, 2))(f), nil)
}
