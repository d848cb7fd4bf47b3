package service

import (
	"context"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Worker is a process as it is shown.
type Worker struct {
	Name      string          `json:"name" doc:"Under which it holds runs."`
	State     string          `json:"state" enum:"alive,draining,gone" doc:"A draining one takes nothing new. One that is gone was not heard of for as long as a lease lasts; its runs are taken over."`
	Roles     []ordinaut.Role `json:"roles" enum:"api,scheduler,worker" doc:"What it does." nullable:"false"`
	Host      string          `json:"host" doc:"The computer that it runs on."`
	PID       int             `json:"pid" doc:"Its process there."`
	Version   string          `json:"version" doc:"Of its binary."`
	Slots     int             `json:"slots" doc:"How many runs it carries out at once."`
	Busy      int             `json:"busy" doc:"How many of its slots were taken when it last told."`
	StartedAt time.Time       `json:"started_at" doc:"When it began."`
	SeenAt    time.Time       `json:"seen_at" doc:"When it last told of itself."`
}

// WorkerList is every process at the store.
type WorkerList struct {
	Items []Worker `json:"items" doc:"The processes, by name." nullable:"false"`
}

// ListWorkers lists the processes at the store and how they do.
func (s *Service) ListWorkers(ctx context.Context, _ op.Nothing) (WorkerList, error) {
	now, err := s.now(ctx)
	if err != nil {
		return WorkerList{}, err
	}
	known, err := s.store.ListWorkers(ctx)
	if err != nil {
		return WorkerList{}, err
	}
	list := WorkerList{Items: []Worker{}}
	for _, w := range known {
		list.Items = append(list.Items, showWorker(w, now))
	}
	return list, nil
}

func showWorker(w ordinaut.Worker, now time.Time) Worker {
	state := "alive"
	switch {
	case w.Gone(now, limits.Lease):
		state = "gone"
	case w.Draining:
		state = "draining"
	}
	return Worker{
		Name: w.Name, State: state, Roles: w.Roles, Host: w.Host, PID: w.PID, Version: w.Version,
		Slots: w.Slots, Busy: w.Busy, StartedAt: w.StartedAt, SeenAt: w.SeenAt,
	}
}

// Queue is what waits and is under way, seen from one side.
type Queue struct {
	By      string     `json:"by" enum:"priority,concurrency_key,worker" doc:"What its runs have in common."`
	Name    string     `json:"name" doc:"The priority, the concurrency key with its owner before it, or the worker."`
	Due     int        `json:"due" doc:"Runs that could be claimed now."`
	Later   int        `json:"later" doc:"Runs that are queued for a time to come."`
	Blocked int        `json:"blocked" doc:"Runs that wait for a slot of their concurrency key."`
	Parked  int        `json:"parked" doc:"Runs that wait for the runs of their task before them."`
	Waiting int        `json:"waiting" doc:"Runs that wait for an answer, an event or a moment."`
	Running int        `json:"running" doc:"Runs that a worker holds."`
	Slots   int        `json:"slots,omitempty" doc:"How many runs with the concurrency key may be at work at once."`
	Oldest  *time.Time `json:"oldest_due_at,omitempty" doc:"Since when the run that waits longest has been due."`
}

// QueueList is what the queue holds, seen from several sides.
type QueueList struct {
	Now   time.Time `json:"now" doc:"When it was looked at."`
	Items []Queue   `json:"items" doc:"By priority, then by concurrency key, the fullest first, then by worker." nullable:"false"`
}

// ListQueues says what waits and is under way.
func (s *Service) ListQueues(ctx context.Context, _ op.Nothing) (QueueList, error) {
	q, err := s.store.Queues(ctx, limits.QueueKeys)
	if err != nil {
		return QueueList{}, err
	}
	list := QueueList{Now: q.Now, Items: []Queue{}}
	for _, p := range q.Priorities {
		list.Items = append(list.Items, showLoad("priority", strconv.Itoa(p.Priority), p.Load))
	}
	for _, k := range q.Keys {
		shown := showLoad("concurrency_key", k.Key, k.Load)
		shown.Slots = k.Slots
		list.Items = append(list.Items, shown)
	}
	for _, w := range q.Workers {
		list.Items = append(list.Items, showLoad("worker", w.Worker, ordinaut.Load{Running: w.Running}))
	}
	return list, nil
}

func showLoad(by, name string, l ordinaut.Load) Queue {
	return Queue{
		By: by, Name: name, Due: l.Due, Later: l.Later, Blocked: l.Blocked,
		Parked: l.Parked, Waiting: l.Waiting, Running: l.Running, Oldest: l.Oldest,
	}
}

// workerOps are the operations about processes and what they have to do.
func (s *Service) workerOps() []op.Op {
	return []op.Op{
		op.New(op.Op{
			Name: "worker.list", Summary: "List the processes that work here", Method: "GET", Path: "/v1/workers",
			Details: "One that died is shown as gone for a day; one that was stopped is forgotten at once.",
			Command: "workers list", Columns: []string{"name", "state", "roles", "busy", "slots", "version", "seen_at"},
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.ListWorkers),
		op.New(op.Op{
			Name: "queue.list", Summary: "Say what waits and is under way", Method: "GET", Path: "/v1/queues",
			Details: "The same runs are counted by priority, by concurrency key and by the worker that holds them.",
			Command: "queues list", Columns: []string{"by", "name", "due", "later", "blocked", "parked", "waiting", "running", "slots", "oldest_due_at"},
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.ListQueues),
	}
}
