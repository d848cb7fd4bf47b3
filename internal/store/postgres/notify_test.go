package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/services"
)

// patience is how long a test waits for what is sure to come.
const patience = 30 * time.Second

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// anAgent stores an agent.
func anAgent(t testing.TB, s *Store) ordinaut.Agent {
	t.Helper()
	a, err := s.EnsureAgent(t.Context(), ordinaut.Agent{ID: ordinaut.AgentID(newID()), Name: "ada", Kind: ordinaut.AgentPerson})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// aTask is a task that is not yet stored.
func aTask(agent ordinaut.Agent, fire *time.Time) ordinaut.Task {
	d := ordinaut.NewDefinition()
	d.Title, d.ScheduleKind = "A task", ordinaut.ScheduleManual
	d.Payload = []byte(`{"pipeline":[{"id":"a","uses":"debug.echo"}]}`)
	key := newID()
	return ordinaut.Task{
		ID: ordinaut.TaskID(key), Key: key, CreatedBy: agent.ID, Version: 1,
		Status: ordinaut.TaskActive, Definition: d, Plan: ordinaut.Plan{NextFireAt: fire},
	}
}

// newTask stores a task that is due at once.
func newTask(t testing.TB, s *Store) ordinaut.Task {
	t.Helper()
	agent := anAgent(t, s)
	due := time.Now().Add(-time.Hour)
	task := aTask(agent, &due)
	if err := s.CreateTask(t.Context(), task, 0, ordinaut.Change{Actor: agent.ID, Action: "task.create"}); err != nil {
		t.Fatal(err)
	}
	return task
}

// hears waits until the channel receives.
func hears(t testing.TB, c <-chan struct{}, what string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case <-c:
	case <-ctx.Done():
		t.Fatalf("got no signal %s, want one", what)
	}
}

// watch watches a store until t ends.
func watch(t testing.TB, s *Store, signal ordinaut.Signal) <-chan struct{} {
	t.Helper()
	c, end := s.Watch(signal)
	t.Cleanup(end)
	return c
}

// migrated is a new database of the newest schema.
func migrated(t testing.TB, server *services.Server) string {
	t.Helper()
	url := server.Database(t)
	if _, _, err := Migrate(t.Context(), Options{URL: url}); err != nil {
		t.Fatal(err)
	}
	return url
}

func TestSignalsReachOtherProcesses(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, server *services.Server) {
		url := migrated(t, server)
		one, two := openTest(t, Options{URL: url, Look: -1}), openTest(t, Options{URL: url, Look: -1})
		here, there := watch(t, one, ordinaut.SignalPlans), watch(t, two, ordinaut.SignalPlans)
		newTask(t, one)
		hears(t, here, "in the process itself")
		hears(t, there, "in another process")
		// What the first hears of itself would have come before this.
		queue := watch(t, one, ordinaut.SignalQueue)
		two.tell([]ordinaut.Signal{ordinaut.SignalQueue})
		hears(t, queue, "from the other process")
		if len(here) > 0 {
			t.Error("got a second signal of the process's own commit, want none")
		}
	})
}

func TestWhatNoSignalToldOfIsFoundByALook(t *testing.T) {
	t.Parallel()
	url := migrated(t, services.Postgres(t, 16))
	one := openTest(t, Options{URL: url, Deaf: true, Look: -1})
	two := openTest(t, Options{URL: url, Deaf: true, Look: 20 * time.Millisecond})
	plans, log := watch(t, two, ordinaut.SignalPlans), watch(t, two, ordinaut.SignalRuns)
	task := newTask(t, one)
	hears(t, plans, "that a task is due")
	queue := watch(t, two, ordinaut.SignalQueue)
	run := ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: ordinaut.TriggerManual}
	if err := one.CreateRun(t.Context(), run, ordinaut.Change{Action: "task.run_now"}); err != nil {
		t.Fatal(err)
	}
	hears(t, queue, "that a run is due")
	hears(t, log, "that something has become of a run")
}

func TestAListenerThatLostItsConnectionHearsAgain(t *testing.T) {
	t.Parallel()
	url := migrated(t, services.Postgres(t, 16))
	one, two := openTest(t, Options{URL: url, Look: -1}), openTest(t, Options{URL: url, Look: -1})
	queue, waits := watch(t, two, ordinaut.SignalQueue), watch(t, two, ordinaut.SignalWaits)
	execute(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	hears(t, waits, "that anything may have happened meanwhile")
	hears(t, queue, "that anything may have happened meanwhile")
	one.tell([]ordinaut.Signal{ordinaut.SignalQueue})
	hears(t, queue, "on the new connection")
}

func TestATellerThatLostItsConnectionTellsAgain(t *testing.T) {
	t.Parallel()
	url := migrated(t, services.Postgres(t, 16))
	one, two := openTest(t, Options{URL: url, Look: -1}), openTest(t, Options{URL: url, Look: -1})
	queue := watch(t, two, ordinaut.SignalQueue)
	one.tell([]ordinaut.Signal{ordinaut.SignalQueue})
	hears(t, queue, "at first")
	execute(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_notify%' AND pid <> pg_backend_pid()")
	// The one that finds the connection dead is not told.
	until(t, "a signal on a new connection", func() error {
		one.tell([]ordinaut.Signal{ordinaut.SignalQueue})
		select {
		case <-queue:
			return nil
		default:
			return errors.New("nothing was heard")
		}
	})
}
