package ordinaut

import (
	"context"
	"slices"
	"time"
)

// Role is a part of the work that a process takes on. Any number of processes
// may take on each.
type Role string

// The roles.
const (
	RoleAPI       Role = "api"       // answers requests
	RoleScheduler Role = "scheduler" // turns times and events into runs, and looks after what others left
	RoleWorker    Role = "worker"    // carries runs out
)

// Roles are all there are, in the order in which they are told.
func Roles() []Role { return []Role{RoleAPI, RoleScheduler, RoleWorker} }

// Has says whether a process that was given roles takes one on. One that was
// given none takes on all.
func (r Role) Has(given []Role) bool { return len(given) == 0 || slices.Contains(given, r) }

// Worker is a process at the store, whatever its roles, as it last told of
// itself.
type Worker struct {
	Name      string // under which it holds leases; no two have the same
	Host      string
	PID       int
	Version   string
	Roles     []Role
	Slots     int // runs that it carries out at once; 0 when it carries out none
	Busy      int // of them taken
	StartedAt time.Time
	SeenAt    time.Time // when it last told of itself
	Draining  bool      // it takes nothing new
}

// Gone says whether the process has not been heard of for so long that its
// leases are over.
func (w Worker) Gone(now time.Time, lease time.Duration) bool { return now.Sub(w.SeenAt) >= lease }

// Workers keeps which processes there are, and what each queue holds.
type Workers interface {
	// Beat tells of a process. SeenAt is the store's to give, and StartedAt with the
	// first beat of the name.
	Beat(ctx context.Context, w Worker) error
	// Leave forgets a process that has ended well.
	Leave(ctx context.Context, name string) error
	// ListWorkers lists processes by their names. One that was not heard of for a day
	// (limits.WorkerGone) is forgotten.
	ListWorkers(ctx context.Context) ([]Worker, error)
	// Queues says what waits and is under way, by priority, and of so many
	// concurrency keys, those with the most waiting first.
	Queues(ctx context.Context, most int) (Queues, error)
}

// Queues is what the queue holds, seen from several sides.
type Queues struct {
	Now        time.Time       // the store's clock
	Priorities []PriorityQueue // in which there is something, 9 first
	Keys       []KeyQueue
	Workers    []WorkerQueue // that hold runs, by name
}

// Load is what waits in a queue and is under way.
type Load struct {
	Due     int // queued, and due
	Later   int // queued for a time to come
	Blocked int // due or not, and out of the way until a slot is free
	Parked  int
	Waiting int // for an answer or a moment
	Running int
	Oldest  *time.Time // since when the one that waits longest has been due
}

// PriorityQueue is what there is at one priority.
type PriorityQueue struct {
	Priority int
	Load
}

// KeyQueue is what there is under one concurrency key.
type KeyQueue struct {
	Key   string // with its owner before it, or shared:
	Slots int
	Load
}

// WorkerQueue is how many runs a worker holds.
type WorkerQueue struct {
	Worker  string
	Running int
}
