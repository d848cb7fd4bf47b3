package ordinaut

import (
	"context"
	"time"
)

// Store is what must never be forgotten. It is the table at which the rooms
// meet: scheduler, workers, janitor and service never call each other, they read
// and write here. Every promise below is a named test in the store's conformance
// suite, which each implementation passes whole.
//
// A method that changes something on somebody's behalf takes a Change and
// commits it with its effect; a Change without an Action is refused. No
// transaction crosses the interface. What was answered without an error survives
// a crash of the process and of the machine.
//
// Times are kept to the microsecond and come back in UTC. A nominal time that is
// finer is refused, so that none is ever changed by being stored. A caller whose
// context ends before its write has begun leaves nothing behind; after that the
// write is carried out, and the caller is answered what became of it.
type Store interface {
	Tasks
	Plans
	Queue
	Waits
	Cancels
	Runs
	Reruns
	Logs
	Events
	Matching
	Readers
	Groups
	Webhooks
	WebhookDeliveries
	Hooks
	Artifacts
	Agents
	Workers
	Upkeep
}

// Tasks keeps the standing orders.
type Tasks interface {
	// CreateTask stores a new task. A key that another task of the creator has,
	// unless that one is canceled, is a conflict (ErrKeyTaken), as is one active or
	// paused task more than limit (ErrTaskLimit); a limit of 0 is none. ErrNotFound
	// when the creator is not a stored agent.
	CreateTask(ctx context.Context, t Task, limit int, c Change) error
	// UpdateTask makes the edit, if the task is still as Was; ErrTaskMoved if not.
	// A definition is kept under its number whenever Version has grown.
	UpdateTask(ctx context.Context, e TaskEdit, c Change) error
	// Task finds a task by its id, or by the key that its creator gave it: the one
	// that has the key now, or else the newest canceled one that had it.
	// ErrNotFound when there is none.
	Task(ctx context.Context, ref TaskRef) (Task, error)
	// ListTasks finds tasks, newest first.
	ListTasks(ctx context.Context, f TaskFilter) ([]Task, error)
	// CountTasks says how many tasks a filter finds on all its pages, whatever its
	// Before, Offset and Limit.
	CountTasks(ctx context.Context, f TaskFilter) (int, error)
	// Definition is the definition of a task as it was in a version.
	Definition(ctx context.Context, id TaskID, version int) (Definition, error)
}

// TaskRef names a task: by its id, or by creator and key.
type TaskRef struct {
	ID      TaskID
	Creator AgentID
	Key     string
}

// TaskEdit is a task as it was read and as it is to be, with what the edit
// means for the ledger.
type TaskEdit struct {
	Was      Task // compared by Version, PlanRev, Cursor and Status
	Task     Task
	Gaps     []Gap
	Withdraw Withdrawal
}

// Withdrawal takes back runs that an edit overtook: they end as canceled, for
// the reason. Runs that a worker holds go on.
type Withdrawal struct {
	Reason  Reason // "" withdraws nothing
	Started bool   // also runs that were started before and wait for their next attempt
	Manual  bool   // also runs that somebody asked for
}

// TaskFilter selects tasks. Zero fields do not select.
type TaskFilter struct {
	CreatedBy AgentID
	Status    TaskStatus
	Kind      ScheduleKind
	Label     map[string]string
	Before    TaskID // only tasks older than this one: the cursor
	Offset    int
	Limit     int // 0 is no limit
}

// Plans turns nominal times into runs.
type Plans interface {
	// Due gives up to limit tasks whose next fire has come, the longest waiting
	// first.
	Due(ctx context.Context, limit int) (Due, error)
	// Materialize carries out decisions, each for itself: runs, gaps, occurrences
	// and cursor appear together. The answer has false for each that came too
	// late, because cursor, plan or status had moved, and for each that failed,
	// of which the error tells. An occurrence has at most one run and exactly one
	// outcome, whoever asks, however often: nominal times lie after the cursor and
	// up to Advance, and one that has its outcome already keeps it. A run whose
	// task has a dedupe key becomes a gap instead (ReasonDuplicate), when a run with
	// the key was made within the task's window; those that were withdrawn before
	// they started do not count.
	Materialize(ctx context.Context, ms []Materialization) ([]bool, error)
	// Ledger lists the outcomes of a task's nominal times in [from, to), oldest
	// first. A gap that reaches into the range is listed whole. A limit of 0 is
	// none.
	Ledger(ctx context.Context, id TaskID, from, to time.Time, limit int) ([]Entry, error)
}

// Queue hands runs to workers under leases.
type Queue interface {
	// Claim leases up to n due runs to the worker, each to exactly one worker:
	// by priority, 9 first, then by the time they were due. The fence grows. A
	// first claim also binds the task's version and fixes the run's Now. A run
	// whose task named a concurrency key when the run was made needs one of the
	// key's slots as long as it is leased. Of those there are as many as the
	// smallest limit among the unfinished runs with the key says. A run that finds
	// none is in nobody's way, and is claimed when one is free.
	//
	// A suspect is a run whose next crash would be its last. A worker holds at most
	// one of them, beside its other runs, so that each is judged by itself. One that
	// finds its place taken keeps its turn, is in nobody's way, and the queue is
	// signaled when a place is free.
	Claim(ctx context.Context, worker string, n int, lease time.Duration) (Claim, error)
	// Renew prolongs the worker's leases and names those that are lost.
	Renew(ctx context.Context, leases []Lease, lease time.Duration) (lost []RunID, err error)
	// SaveStep records steps; ErrLeaseLost after the lease is lost. A done step
	// is recorded once: saving it again keeps what was recorded first. What a step
	// waits for is kept as long as it stands at waiting. A run whose end it waits
	// for, and that has ended already, is its answer at once.
	SaveStep(ctx context.Context, l Lease, steps ...StepResult) error
	// Settle ends the lease with its outcome; ErrLeaseLost after the lease is lost.
	// When the task has no other run to wait for, its oldest parked run is
	// released.
	//
	// A run that ends leaves no wait behind, and no step that is still at work or
	// waits is left of one that was canceled: such steps have failed. The runs for
	// whose end it had waited are canceled, and those that wait for its end have
	// their answer: run_id, status, output and failure. So it is however a run ends.
	//
	// A run that is settled as waiting leaves the queue until RunAt, or until a wait
	// is answered; one that was answered already, but not to the worker, is queued at
	// once. With an Ending the run is queued to be undone, whoever asked it to end;
	// it is not canceled again. The results of the steps in Redo, and of those within
	// them, are kept as their next round: draft~1, then draft~2.
	Settle(ctx context.Context, l Lease, o Outcome) error
	// Reclaim returns the runs of expired leases to their turn in the queue, once,
	// and bumps their fence. A run of which a step was at work has crashed once more,
	// unless its worker lost a suspect of which that is true as well: then the suspect
	// alone has. The crashes count until a step of the run is recorded that is done or
	// has failed; with limits.Crashes of them it fails instead (ReasonQuarantined), and
	// nothing of it is undone.
	Reclaim(ctx context.Context) (int, error)
	// Backlog says how much waits and is under way.
	Backlog(ctx context.Context) (Backlog, error)
}

// Runs keeps what was done.
type Runs interface {
	// CreateRun queues a run that somebody asked for, or parks it if its Status
	// says so. Without a Priority it has its task's, without ScheduledFor it is due
	// now. ErrNotFound when there is no such task, ErrDuplicate when a run with its
	// dedupe key was made within the window. A step of a run, its Parent, makes one
	// run, however often it asks: ErrRunMade when it has.
	CreateRun(ctx context.Context, r Run, c Change) error
	// Run finds a run; ErrNotFound when there is none.
	Run(ctx context.Context, id RunID) (Run, error)
	// ListRuns finds runs, newest first.
	ListRuns(ctx context.Context, f RunFilter) ([]Run, error)
	// CountRuns says how many runs a filter finds on all its pages, whatever its
	// Before, Offset and Limit.
	CountRuns(ctx context.Context, f RunFilter) (int, error)
	// RunStats says what became of the runs of a task, or of all, that were made
	// at a time or later. It looks at no more than so many runs, the newest.
	RunStats(ctx context.Context, id TaskID, from time.Time, most int) (RunStats, error)
	// Steps are the recorded steps of a run, in the order they were started.
	Steps(ctx context.Context, id RunID) ([]StepResult, error)
}

// RunFilter selects runs. Zero fields do not select.
type RunFilter struct {
	TaskID    TaskID
	CreatedBy AgentID           // of the task
	Parent    RunID             // only runs that its steps asked for
	Label     map[string]string // of the task
	Statuses  []RunStatus       // any of them
	Reason    Reason
	Code      Code      // of the failure
	Class     Class     // of the failure
	Unrerun   bool      // only runs of which no rerun goes or went its way
	From      time.Time // only runs made at this time or later
	To        time.Time // only runs made before this time
	Before    RunID     // only runs older than this one: the cursor
	Offset    int
	Limit     int // 0 is no limit
}

// Agents keeps who may ask.
type Agents interface {
	// EnsureAgent finds the agent by its name, or stores it.
	EnsureAgent(ctx context.Context, a Agent) (Agent, error)
	// Agent finds an agent; ErrNotFound when there is none.
	Agent(ctx context.Context, id AgentID) (Agent, error)
	// Audit lists changes in the order they were committed, after a position. A
	// limit of 0 is none.
	Audit(ctx context.Context, after int64, limit int) ([]AuditEntry, error)
}

// AuditEntry is a change that was committed.
type AuditEntry struct {
	Position int64
	At       time.Time
	Change
}

// Upkeep keeps the store itself in order.
type Upkeep interface {
	// Now is the store's clock.
	Now(ctx context.Context) (time.Time, error)
	// Ready says why the store cannot work, or nil.
	Ready(ctx context.Context) error
	// Prune deletes up to limit rows that are older than is kept, and says
	// whether there may be more. Runs that have not ended stay, as do the
	// occurrences of all runs that are kept.
	Prune(ctx context.Context, k Keep, limit int) (more bool, err error)
	// Secret gives 32 bytes that nobody else knows: made when they are first asked
	// for, and the same ever after.
	Secret(ctx context.Context, name string) ([]byte, error)
	// Watch returns a channel that receives after commits of the kind, and a
	// function that ends it. A signal is a hint to look again: several commits
	// may share one, and losing one costs time, never truth.
	Watch(s Signal) (<-chan struct{}, func())
	// Close ends the store after the writes under way.
	Close() error
}

// Keep says how long history is kept.
type Keep struct {
	Runs   time.Duration
	Steps  time.Duration
	Ledger time.Duration // occurrences and gaps
	Events time.Duration // but for those of runs, which are kept as their steps are
}

// Signal is a kind of commit that somebody may be waiting for.
type Signal string

// The signals.
const (
	SignalPlans      Signal = "plans"      // a task is due earlier than it was
	SignalQueue      Signal = "queue"      // a run has entered the queue
	SignalRuns       Signal = "runs"       // a run has ended
	SignalCancels    Signal = "cancels"    // a worker is asked to end a run
	SignalWaits      Signal = "waits"      // a wait is over earlier than those before it
	SignalAnswers    Signal = "answers"    // a wait of a run under way was answered
	SignalLog        Signal = "log"        // the log of a run may have grown
	SignalProbes     Signal = "probes"     // there may be a probe to make
	SignalDeliveries Signal = "deliveries" // something is to be sent to a webhook
)
