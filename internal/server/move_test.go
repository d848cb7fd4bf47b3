package server_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/store/postgres"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/test/services"
)

// TestEverythingIsMovedThereAndBack fills a data folder with a bit of everything,
// moves it to PostgreSQL and from there to another folder, and compares the two
// folders record by record.
func TestEverythingIsMovedThereAndBack(t *testing.T) {
	t.Parallel()
	first, database, last := t.TempDir(), services.Postgres(t, 16).Database(t), filepath.Join(t.TempDir(), "new")
	lived := openSQLite(t, first)
	live(t, lived)
	closeStore(t, lived)

	var said strings.Builder
	move(t, first, database, &said)
	move(t, database, last, &said)
	before, after := recordsOf(t, first), recordsOf(t, last)
	for _, n := range ordinaut.Nouns() {
		if diff := cmp.Diff(before[n.Name], after[n.Name]); diff != "" {
			t.Errorf("records of %s (-before +after):\n%s", n.Name, diff)
		}
	}
	for _, word := range []string{"moving run\n", "everything has arrived", "do not start a server on it again"} {
		if !strings.Contains(said.String(), word) {
			t.Errorf("got progress %q, want it to say %q", said.String(), word)
		}
	}
}

// TestWhatWasMovedGoesOn lets a task that fires each minute fire on SQLite, moves
// it, and looks what is due on PostgreSQL: the occurrences behind the cursor, and
// none that had its run before.
func TestWhatWasMovedGoesOn(t *testing.T) {
	t.Parallel()
	dir, database := t.TempDir(), services.Postgres(t, 16).Database(t)
	from := openSQLite(t, dir)
	due := live(t, from)
	ran := got(from.Ledger(t.Context(), due, time.Unix(0, 0), time.Now().Add(time.Hour), 0))(t)
	closeStore(t, from)
	move(t, dir, database, &strings.Builder{})

	to, err := postgres.Open(t.Context(), postgres.Options{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, to)
	if diff := cmp.Diff(ran, got(to.Ledger(t.Context(), due, time.Unix(0, 0), time.Now().Add(time.Hour), 0))(t)); diff != "" {
		t.Errorf("ledger (-before +after):\n%s", diff)
	}
	task := got(to.Task(t.Context(), ordinaut.TaskRef{ID: due}))(t)
	again := ordinaut.Materialization{
		TaskID: due, Cursor: task.Cursor.Add(-time.Minute), PlanRev: task.PlanRev, Advance: task.Cursor,
		Runs: []ordinaut.PlannedRun{{ID: ordinaut.RunID(newID()), Nominal: task.Cursor, ScheduledFor: task.Cursor}},
	}
	if applied := got(to.Materialize(t.Context(), []ordinaut.Materialization{again}))(t); applied[0] {
		t.Error("an occurrence that had its run was made again")
	}
	must(t, to.AppendLog(t.Context(), ordinaut.LogLine{RunID: ran[0].RunID, Kind: ordinaut.LogSaid, Text: "on and on"}))
	change := ordinaut.Change{Actor: task.CreatedBy, Action: "task.run_now"}
	must(t, to.CreateRun(t.Context(), ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: due, Trigger: ordinaut.TriggerManual}, change))
	if claimed := got(to.Claim(t.Context(), "w", 100, time.Minute))(t); len(claimed.Runs) == 0 {
		t.Error("nothing can be claimed after the move")
	}
}

func TestAMoveIsRefused(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	store := openSQLite(t, full)
	live(t, store)
	closeStore(t, store)
	busy := openSQLite(t, t.TempDir())
	defer closeStore(t, busy)
	database := services.Postgres(t, 16).Database(t)
	worked, err := postgres.Open(t.Context(), postgres.Options{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	must(t, worked.Beat(t.Context(), ordinaut.Worker{Name: "w", Roles: ordinaut.Roles()}))
	closeStore(t, worked)
	for name, test := range map[string]struct {
		from, to string
		code     ordinaut.Code
		at       string
	}{
		"from a folder without data":         {t.TempDir(), filepath.Join(t.TempDir(), "x"), ordinaut.CodeFieldValue, "/from"},
		"to a folder with data":              {full, full + "/.", ordinaut.CodeStorageLocked, ""},
		"to what is no store":                {full, "mysql://localhost/x", ordinaut.CodeFieldValue, "/to"},
		"to a database that servers work on": {full, database, ordinaut.CodeStorageInUse, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := server.Move(t.Context(), cli.MoveSettings{From: test.from, To: test.to, Progress: &strings.Builder{}})
			if e := ordinaut.AsError(err); e.Code != test.code || e.At != test.at {
				t.Errorf("got %s at %q (%v), want %s at %q", e.Code, e.At, err, test.code, test.at)
			}
		})
	}
	t.Run("to a store with data", func(t *testing.T) {
		t.Parallel()
		other := t.TempDir()
		store := openSQLite(t, other)
		if _, err := store.EnsureAgent(t.Context(), ordinaut.Agent{ID: ordinaut.AgentID(newID()), Name: "admin", Kind: ordinaut.AgentPerson}); err != nil {
			t.Fatal(err)
		}
		closeStore(t, store)
		err := server.Move(t.Context(), cli.MoveSettings{From: full, To: other, Progress: &strings.Builder{}})
		if e := ordinaut.AsError(err); e.Code != ordinaut.CodeStorageNotEmpty || e.Fix == "" {
			t.Errorf("got %v, want %s", err, ordinaut.CodeStorageNotEmpty)
		}
	})
}

func move(t *testing.T, from, to string, said *strings.Builder) {
	t.Helper()
	if err := server.Move(t.Context(), cli.MoveSettings{From: from, To: to, Progress: said}); err != nil {
		t.Fatalf("move from %s to %s: %v", from, to, err)
	}
}

// recordsOf are the records of a folder, by their nouns.
func recordsOf(t *testing.T, dir string) map[string][]string {
	t.Helper()
	a, err := sqlite.OpenArchive(t.Context(), sqlite.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	must(t, a.Export(t.Context(), func(r ordinaut.Record) error {
		found[r.Noun] = append(found[r.Noun], string(r.Data))
		return nil
	}))
	must(t, a.Close())
	for _, noun := range []string{"agent", "task", "run", "step_result", "wait", "event", "occurrence", "gap", "audit", "secret", "artifact_part", "counter"} {
		if len(found[noun]) == 0 {
			t.Errorf("there is no record of %s among those of %v", noun, slices.Sorted(maps.Keys(found)))
		}
	}
	return found
}

func openSQLite(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t *testing.T, s interface{ Close() error }) {
	t.Helper()
	must(t, s.Close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got is a value that was read without an error.
func got[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// live lets a bit of everything happen in a store, and gives the task that has
// fired by its schedule.
func live(t *testing.T, s *sqlite.Store) ordinaut.TaskID {
	t.Helper()
	ctx := t.Context()
	ada := got(s.EnsureAgent(ctx, ordinaut.Agent{
		ID: ordinaut.AgentID(newID()), Name: "ada", Kind: ordinaut.AgentPerson,
		Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}, CreatedAt: time.Now(),
	}))(t)
	change := ordinaut.Change{Actor: ada.ID, Action: "test.live", Detail: json.RawMessage(`{"a": "ț\u0001"}`)}
	got(s.Secret(ctx, "links"))(t)
	begin := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
	task := func(key string, edit func(*ordinaut.Task)) ordinaut.Task {
		d := ordinaut.NewDefinition()
		d.Title, d.ScheduleKind, d.Payload = "Task "+key, ordinaut.ScheduleManual, json.RawMessage(`{"pipeline": [{"uses": "debug.echo"}]}`)
		one := ordinaut.Task{
			ID: ordinaut.TaskID(newID()), Key: key, CreatedBy: ada.ID, Version: 1, Status: ordinaut.TaskActive,
			CreatedAt: begin, UpdatedAt: begin, Definition: d, Plan: ordinaut.Plan{Anchor: begin, Cursor: begin},
		}
		edit(&one)
		must(t, s.CreateTask(ctx, one, 0, change))
		return one
	}
	fires := begin.Add(time.Minute)
	due := task("due", func(t *ordinaut.Task) { t.NextFireAt = &fires })
	keyed := task("keyed", func(t *ordinaut.Task) {
		t.ConcurrencyKey, t.ConcurrencyLimit, t.DedupeKey = "shared:printer", 1, "once"
	})
	gone := task("gone", func(t *ordinaut.Task) {})
	ended := gone
	ended.Status, ended.Version = ordinaut.TaskCanceled, 2
	must(t, s.UpdateTask(ctx, ordinaut.TaskEdit{Was: gone, Task: ended}, change))

	got(s.Materialize(ctx, []ordinaut.Materialization{{
		TaskID: due.ID, Cursor: due.Cursor, PlanRev: due.PlanRev, Advance: begin.Add(5 * time.Minute),
		Runs: []ordinaut.PlannedRun{
			{ID: ordinaut.RunID(newID()), Nominal: begin.Add(time.Minute), ScheduledFor: begin.Add(time.Minute)},
			{ID: ordinaut.RunID(newID()), Nominal: begin.Add(5 * time.Minute), ScheduledFor: begin.Add(5 * time.Minute)},
		},
		Gaps: []ordinaut.Gap{{First: begin.Add(2 * time.Minute), Last: begin.Add(4 * time.Minute), Count: 3, Reason: ordinaut.ReasonMissed}},
	}}))(t)
	work(t, s)
	for range 2 {
		must(t, s.CreateRun(ctx, ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: due.ID, Trigger: ordinaut.TriggerManual, Params: json.RawMessage(`{"n": 1.50}`)}, change))
	}
	must(t, s.CreateRun(ctx, ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: due.ID, Trigger: ordinaut.TriggerManual, Status: ordinaut.RunParked}, change))
	must(t, s.CreateRun(ctx, ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: keyed.ID, Trigger: ordinaut.TriggerManual}, change))
	got(s.Claim(ctx, "dies", 1, time.Minute))(t)
	got(s.Publish(ctx, []ordinaut.Event{
		{ID: "1", Source: "shop", Topic: "order.made", Data: json.RawMessage(`{"total": 12}`), Actor: ada.ID},
		{Topic: "note", Subject: "x", TaskID: due.ID},
	}, change))(t)
	must(t, s.CreateGroup(ctx, ordinaut.Group{Name: "shop", Topics: []string{"order.>"}, CreatedBy: ada.ID}, change))
	got(s.ClaimEvents(ctx, "shop", "one", 10, time.Minute))(t)
	got(s.ReadEvents(ctx, ordinaut.Reader{Name: "relay", Owner: "me", FromStart: true}, 5, time.Minute))(t)
	return due.ID
}

// work carries out the two runs that are due: one succeeds, with a large result,
// and the other waits for an approval.
func work(t *testing.T, s *sqlite.Store) {
	t.Helper()
	ctx := t.Context()
	claim := got(s.Claim(ctx, "w", 10, time.Minute))(t)
	if len(claim.Runs) != 2 {
		t.Fatalf("got %d runs, want 2", len(claim.Runs))
	}
	now := claim.Now
	well, waits := claim.Runs[0].Lease, claim.Runs[1].Lease
	a := ordinaut.Artifact{ID: ordinaut.ArtifactID(newID()), RunID: well.RunID, Step: "a", Bytes: 3 << 20, SHA256: "x", ContentType: "text/plain"}
	must(t, s.SaveArtifact(ctx, well, a, []byte(strings.Repeat("artifact ", 3<<20/9))))
	must(t, s.SaveStep(ctx, well, ordinaut.StepResult{
		Path: "a", Status: ordinaut.StepSucceeded, Attempt: 1, Tool: "debug.echo", Artifact: a.ID,
		Input: json.RawMessage(`{"b": 1, "a": "\u0000"}`), Output: json.RawMessage(`[1.0, 2e3]`), IdempotencyKey: "k", StartedAt: now, FinishedAt: &now,
	}))
	must(t, s.AppendLog(ctx, ordinaut.LogLine{RunID: well.RunID, Kind: ordinaut.LogSaid, Step: "a", Text: "hello\tworld"}))
	must(t, s.Settle(ctx, well, ordinaut.Outcome{Status: ordinaut.RunSucceeded, Output: json.RawMessage(`"done"`), Worked: time.Second}))
	until := now.Add(time.Hour)
	must(t, s.SaveStep(ctx, waits, ordinaut.StepResult{
		Path: "ask", Status: ordinaut.StepWaiting, Attempt: 1, Tool: "flow.approval", IdempotencyKey: "k2", StartedAt: now,
		Wait: &ordinaut.Wait{Kind: ordinaut.WaitApproval, Until: &until, Then: json.RawMessage(`[{"uses": "x"}]`)},
	}))
	must(t, s.Settle(ctx, waits, ordinaut.Outcome{Status: ordinaut.RunWaiting, RunAt: until}))
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
