package sqlite

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

// withMigration are the migrations of this version and one more.
func withMigration(t *testing.T, text string) fs.FS {
	t.Helper()
	files := fstest.MapFS{"9999_next.sql": {Data: []byte("-- +goose Up\n" + text)}}
	names, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// migrateTo runs migrations on the store in the folder, and gives what was
// logged.
func migrateTo(t *testing.T, dir string, files fs.FS) (string, error) {
	t.Helper()
	f, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	db, err := connectWriter(f.database())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	texts, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	m := migrator{db: db, stmts: newStatements(db, texts), folder: f, log: slog.New(slog.NewTextHandler(&log, nil))}
	err = m.migrate(t.Context(), files)
	return log.String(), errors.Join(err, m.stmts.close())
}

// filled makes a store with an agent in it.
func filled(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.EnsureAgent(t.Context(), ordinaut.Agent{ID: "1", Name: "ada", Kind: ordinaut.AgentPerson}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func copies(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "backup-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	sentences(t, map[string]func(*testing.T){
		"an older database is copied before it is migrated":       copiesOlder,
		"a database of this version, or a new one, is not copied": copiesNothing,
		"a migration that fails leaves the data as it was":        failsWhole,
		"a migration without its copy is not made":                needsCopy,
		"a folder of the first version keeps its tasks and runs":  keepsTasks,
		"tables that are made anew keep every row of them":        keepsRows,
		"the logs of runs become the log of events":               keepsLogs,
		"data of a newer version is refused with words":           refusesNewer,
		"a file that is no database is refused":                   refusesForeign,
		"migrations that cannot be read are an error":             needsMigrations,
		"a caller that gives up ends the opening":                 givesUpOpening,
	})
}

func copiesOlder(t *testing.T) {
	dir := filled(t)
	log, err := migrateTo(t, dir, withMigration(t, "DROP TABLE audit;"))
	if err != nil {
		t.Fatal(err)
	}
	found := copies(t, dir)
	if len(found) != 1 || !strings.Contains(log, filepath.Base(found[0])) {
		t.Fatalf("got copies %q and log %q, want one copy, and the log to name it", found, log)
	}
	restored := t.TempDir()
	content, err := os.ReadFile(found[0])
	if err == nil {
		err = os.WriteFile(filepath.Join(restored, "ordinaut.db"), content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := openTest(t, restored).EnsureAgent(t.Context(), ordinaut.Agent{Name: "ada"})
	if err != nil || got.ID != "1" {
		t.Errorf("got agent %v and error %v, want the one that was copied", got, err)
	}
}

func copiesNothing(t *testing.T) {
	dir := filled(t)
	openTest(t, dir)
	if found := copies(t, dir); len(found) != 0 {
		t.Errorf("got copies %q, want none", found)
	}
}

// writeOld makes the database of a version, and writes into it by hand.
func writeOld(t *testing.T, dir string, version int, statements string) {
	t.Helper()
	names, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, name := range names[:version] {
		data, err := fs.ReadFile(migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	if _, err := migrateTo(t, dir, files); err != nil {
		t.Fatal(err)
	}
	db, err := connectWriter(filepath.Join(dir, "ordinaut.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), statements)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// keepsTasks writes a task into the schema of the first version, by hand, and
// opens the folder with this one.
func keepsTasks(t *testing.T) {
	dir := t.TempDir()
	writeOld(t, dir, 1, `
		INSERT INTO agent (id, name, kind, scopes, created_at) VALUES ('1', 'ada', 'person', '[]', 0);
		INSERT INTO task VALUES ('t', 'tea', '1', 1, 'active', 0, 0, 'manual', 5, '{"title": "Tea"}', 0, 0, 1, NULL);
		INSERT INTO run (id, task_id, trigger, scheduled_for, enqueued_at, status, priority, run_at, plan_rev)
		VALUES ('a', 't', 'manual', 0, 0, 'queued', 5, 0, 1), ('b', 't', 'manual', 0, 0, 'parked', 5, 0, 1);`)
	store := openTest(t, dir)
	claim, err := store.Claim(t.Context(), "w", 9, time.Minute)
	if err != nil || len(claim.Runs) != 1 || claim.Runs[0].Run.ID != "a" {
		t.Errorf("got claim %+v and error %v, want the run that was queued", claim, err)
	}
	task, err := store.Task(t.Context(), ordinaut.TaskRef{ID: "t"})
	if err != nil || task.Title != "Tea" || task.Snooze != nil {
		t.Errorf("got task %+v and error %v, want the one that was there", task, err)
	}
	if found := copies(t, dir); len(found) != 1 {
		t.Errorf("got copies %q, want one", found)
	}
}

// keepsRows writes runs of every kind into the schema of the third version, and
// opens the folder with this one.
func keepsRows(t *testing.T) {
	dir := t.TempDir()
	writeOld(t, dir, 3, `
		INSERT INTO agent (id, name, kind, scopes, created_at) VALUES ('1', 'ada', 'person', '[]', 0);
		INSERT INTO task (id, key, created_by, version, status, created_at, updated_at, kind, priority, definition, anchor, cursor, plan_rev)
		VALUES ('t', 'tea', '1', 1, 'active', 0, 0, 'manual', 5, '{"title": "Tea"}', 0, 0, 1);
		INSERT INTO run (id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at, claimed_at, started_at, finished_at,
		                 status, reason, failures, priority, run_at, worker, fence, locked_until, now, worked_ns, plan_rev,
		                 params, output, failure, has_steps, cancel, slot, slots, blocked, dedupe)
		VALUES ('a', 't', 1, 'schedule', 5, 6, 7, 8, 9, 10, 'succeeded', '', 1, 2, 11, 'w', 3, NULL, 12, 13, 14, '{"p":1}', '{"o":1}', NULL, 1, NULL, 's', 2, 0, 'd'),
		       ('b', 't', 1, 'manual', NULL, 6, 7, 8, 9, NULL, 'running', '', 0, 5, 11, 'w', 3, 99, 12, 13, 14, NULL, NULL, NULL, 1, 'canceled', NULL, 1, 0, NULL),
		       ('c', 't', NULL, 'manual', NULL, 6, 7, NULL, NULL, NULL, 'queued', '', 0, 5, 11, '', 0, NULL, NULL, 0, 14, NULL, NULL, NULL, 1, NULL, 's', 2, 1, NULL),
		       ('d', 't', NULL, 'manual', NULL, 6, 7, NULL, NULL, 10, 'canceled', 'paused', 0, 5, 11, '', 0, NULL, NULL, 0, 14, NULL, NULL, NULL, 0, NULL, NULL, 1, 0, NULL);
		INSERT INTO step_result (position, run_id, path, status, attempt, tool, input, output, failure, idempotency_key, started_at, finished_at)
		VALUES (3, 'a', 'x', 'succeeded', 2, 'debug.echo', '{"i":1}', '{"o":2}', NULL, 'a/x', 8, 9),
		       (9, 'b', 'y', 'failed', 1, 'debug.log', NULL, NULL, '{"class":"timeout","code":"tool.timeout","message":"late"}', 'b/y', 8, NULL);`)
	store := openTest(t, dir)

	at := func(us int64) *time.Time { return new(time.UnixMicro(us).UTC()) }
	runs, err := store.ListRuns(t.Context(), ordinaut.RunFilter{})
	if err != nil || len(runs) != 4 {
		t.Fatalf("got runs %+v and error %v, want all of them", runs, err)
	}
	want := ordinaut.Run{
		ID: "a", TaskID: "t", TaskVersion: 1, Trigger: ordinaut.TriggerSchedule, Nominal: at(5), ScheduledFor: *at(6), EnqueuedAt: *at(7),
		ClaimedAt: at(8), StartedAt: at(9), FinishedAt: at(10), Status: ordinaut.RunSucceeded, Failures: 1, Priority: 2, Worker: "w",
		Now: at(12), Worked: 13, Params: []byte(`{"p":1}`), Output: []byte(`{"o":1}`), PlanRev: 14,
	}
	if diff := cmp.Diff(want, runs[3]); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
	for i, want := range []ordinaut.RunStatus{ordinaut.RunCanceled, ordinaut.RunQueued, ordinaut.RunCanceled} { // b was held by a dead process
		if runs[i].Status != want {
			t.Errorf("run %s: got status %s, want %s", runs[i].ID, runs[i].Status, want)
		}
	}
	if runs[1].Reason != ordinaut.ReasonConcurrency {
		t.Errorf("got reason %q, want %q", runs[1].Reason, ordinaut.ReasonConcurrency)
	}
	for ask, want := range map[string]string{
		"SELECT group_concat(position || path || status || idempotency_key || coalesce(output, failure)) FROM step_result ORDER BY position": `3xsucceededa/x{"o":2},9yfailedb/y{"class":"timeout","code":"tool.timeout","message":"late"}`,
		"SELECT group_concat(id || dedupe || slot || slots || has_steps) FROM run WHERE dedupe IS NOT NULL":                                  "ads21",
		"PRAGMA foreign_key_check": "",
		"PRAGMA integrity_check":   "ok",
	} {
		if got := query(t, store, ask); got != want {
			t.Errorf("%s: got %q, want %q", ask, got, want)
		}
	}
}

// keepsLogs writes logs into the schema of the sixth version, and opens the folder
// with this one.
func keepsLogs(t *testing.T) {
	dir := t.TempDir()
	writeOld(t, dir, 6, `
		INSERT INTO agent (id, name, kind, scopes, created_at) VALUES ('1', 'ada', 'person', '[]', 0);
		INSERT INTO task (id, key, created_by, version, status, created_at, updated_at, kind, priority, definition, anchor, cursor, plan_rev)
		VALUES ('t', 'tea', '1', 1, 'active', 0, 0, 'manual', 5, '{"title": "Tea"}', 0, 0, 1);
		INSERT INTO run (id, task_id, trigger, scheduled_for, enqueued_at, finished_at, status, priority, run_at, plan_rev)
		VALUES ('a', 't', 'manual', 0, 0, 10, 'succeeded', 5, 0, 1);
		INSERT INTO run_log (seq, run_id, at, kind, step, attempt, tool, status, text, failure, until)
		VALUES (3, 'a', 7, 'run', '', 1, '', 'queued', '', NULL, 9), (5, 'a', 8, 'said', 'x', 1, 'debug.log', '', 'hello', NULL, NULL),
		       (9, 'gone', 8, 'run', '', 1, '', 'failed', '', NULL, NULL);
		DELETE FROM run_log WHERE seq = 9;`)
	store := openTest(t, dir)
	lines, err := store.ListLog(t.Context(), ordinaut.LogFilter{RunID: "a"})
	if err != nil {
		t.Fatal(err)
	}
	at := func(us int64) time.Time { return time.UnixMicro(us).UTC() }
	want := []ordinaut.LogLine{
		{Seq: 3, RunID: "a", At: at(7), Kind: ordinaut.LogRun, Attempt: 1, Status: "queued", Until: new(at(9))},
		{Seq: 5, RunID: "a", At: at(8), Kind: ordinaut.LogSaid, Step: "x", Attempt: 1, Tool: "debug.log", Text: "hello"},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	events, err := store.ListEvents(t.Context(), ordinaut.EventFilter{})
	if err != nil || len(events) != 1 || events[0].Topic != "task.run.queued" || events[0].TaskID != "t" {
		t.Errorf("got events %+v and error %v, want the one of the run", events, err)
	}
	first, last, err := store.EventEnds(t.Context())
	if first != 10 || last != 9 || err != nil {
		t.Errorf("got ends %d and %d and error %v, want that all up to 9 may be gone", first, last, err)
	}
}

func failsWhole(t *testing.T) {
	dir := filled(t)
	if _, err := migrateTo(t, dir, withMigration(t, "DROP TABLE audit; DROP TABLE nothing;")); err == nil {
		t.Error("got no error, want one")
	}
	if _, err := openTest(t, dir).Audit(t.Context(), 0, 1); err != nil {
		t.Errorf("got %v, want the audit", err)
	}
}

func needsCopy(t *testing.T) {
	dir := filled(t)
	db, err := connectWriter(filepath.Join(dir, "ordinaut.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m := migrator{
		db: db, stmts: newStatements(db, map[string]string{"Backup": "VACUUM INTO '/no/such/folder/' || ?1"}),
		folder: &folder{dir: dir}, log: slog.New(slog.DiscardHandler),
	}
	if err := m.migrate(t.Context(), withMigration(t, "DROP TABLE audit;")); err == nil {
		t.Error("got no error, want one")
	}
	if _, err := db.ExecContext(t.Context(), "SELECT count(*) FROM audit"); err != nil {
		t.Errorf("got %v, want the audit", err)
	}
}

func refusesNewer(t *testing.T) {
	dir := filled(t)
	if _, err := migrateTo(t, dir, withMigration(t, "CREATE TABLE later (x);")); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Options{Dir: dir})
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeStorageNewer}) {
		t.Errorf("got %v, want code %s", err, ordinaut.CodeStorageNewer)
	}
}

func refusesForeign(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ordinaut.db"), bytes.Repeat([]byte("no"), 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Options{Dir: dir})
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeStorageFailed}) {
		t.Errorf("got %v, want code %s", err, ordinaut.CodeStorageFailed)
	}
}

func needsMigrations(t *testing.T) {
	if _, err := migrateTo(t, t.TempDir(), fstest.MapFS{}); err == nil {
		t.Error("got no error, want one")
	}
}

func givesUpOpening(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if _, err := Open(ctx, Options{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	openTest(t, dir)
}
