package postgres

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/ordinaut/ordinaut/test/services"
)

func named(t *testing.T) statements {
	t.Helper()
	all, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheCodeNamesEveryStatementAndNoneThatIsNotThere(t *testing.T) {
	t.Parallel()
	text := regexp.MustCompile(`"([A-Z]\w+)"`)
	call := regexp.MustCompile(`\b(?:exec|changed|first|all|seen|seenAll|changedRows?)\((?:[\w.]+, )*"([A-Z]\w+)"`)
	written, asked := map[string]bool{}, map[string]bool{}
	for _, path := range goFiles(t) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range text.FindAllSubmatch(content, -1) {
			written[string(m[1])] = true
		}
		for _, m := range call.FindAllSubmatch(content, -1) {
			asked[string(m[1])] = true
		}
	}
	statements := named(t)
	for name := range statements {
		if !written[name] {
			t.Errorf("got a statement %s that the code does not name", name)
		}
	}
	for name := range asked {
		if _, there := statements[name]; !there {
			t.Errorf("got no statement %s, which the code names", name)
		}
	}
}

func goFiles(t *testing.T) (paths []string) {
	t.Helper()
	found, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if !strings.HasSuffix(path, "_test.go") {
			paths = append(paths, path)
		}
	}
	return paths
}

// scansAll are the statements that may read all of a table, and why.
func scansAll() map[string]string {
	const (
		counts  = "it counts what a filter selects, whatever that is"
		planned = "it is planned for what its filter asks"
		outbox  = "the outbox is emptied by whoever reads the log"
		queues  = "it counts all that has not ended"
	)
	return map[string]string{
		"CountTasks": counts, "CountRuns": counts, "CountRunsOfTask": counts, "CountRunsOfRun": counts,
		"ListTasks": planned, "ListRuns": planned, "ListRunsOfTask": planned, "ListRunsOfRun": planned, "ListWaits": planned,
		"Stamp": outbox, "SomethingTold": outbox, "DeleteLogFull": outbox,
		"PriorityQueues": queues, "KeyQueues": queues,
	}
}

// grown fills the tables that grow, as a year would, and keeps them from being
// analysed: a statement has to find its index without knowing how its table looks.
const grown = `
SET session_replication_role = replica;
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'ordinaut' LOOP
    EXECUTE format('ALTER TABLE ordinaut.%I SET (autovacuum_enabled = FALSE)', name);
  END LOOP;
END $$;
INSERT INTO agent (id, name, kind, scopes, created_at)
SELECT gen_random_uuid(), 'agent ' || n, 'agent', '[]', clock_timestamp() FROM generate_series(1, 2000) AS n;
INSERT INTO task (id, key, created_by, version, status, created_at, updated_at, kind, priority, anchor, cursor, plan_rev, next_fire_at, definition)
SELECT gen_random_uuid(), 'task ' || n, (SELECT id FROM agent LIMIT 1), 1, 'active', now(), now(), 'rrule', 5, now(), now(), 0,
       now() + n * interval '1 second', '{"title": "A task"}' FROM generate_series(1, 5000) AS n;
INSERT INTO task_version SELECT id, 1, definition FROM task;
INSERT INTO live_run (id, task_id, scheduled_for, enqueued_at, run_at, plan_rev, priority, status, trigger)
SELECT gen_random_uuid(), id, now(), now(), now(), 0, 5, 'queued', 'manual' FROM task;
INSERT INTO past_run (id, task_id, scheduled_for, enqueued_at, run_at, plan_rev, priority, status, trigger, finished_at)
SELECT gen_random_uuid(), task.id, now(), now(), now(), 0, 5, 'succeeded', 'manual', now() FROM task, generate_series(1, 4);
INSERT INTO step_result (run_id, started_at, attempt, path, status, tool, idempotency_key)
SELECT id, now(), 1, 'step', 'succeeded', 'debug.echo', '' FROM past_run;
INSERT INTO occurrence SELECT task_id, now() + n * interval '1 hour', gen_random_uuid() FROM (SELECT id AS task_id FROM task LIMIT 200) AS t, generate_series(1, 100) AS n;
INSERT INTO gap SELECT task_id, nominal, nominal, 1, FALSE, 'paused' FROM occurrence;
INSERT INTO audit (at, actor, action, subject) SELECT now(), '', 'task.create', '' FROM generate_series(1, 5000);
INSERT INTO artifact SELECT gen_random_uuid(), id, '', 1, '', '', now(), TRUE FROM past_run LIMIT 5000;
INSERT INTO artifact_part SELECT id, 0, '' FROM artifact;
INSERT INTO run_log_size SELECT id, 0, 0 FROM past_run;
INSERT INTO wait (run_id, path, kind, key) SELECT id, 'a', 'approval', '' FROM live_run;
INSERT INTO outbox (at, kind) SELECT now(), 'event' FROM generate_series(1, 5000);`

// big are the tables that no statement may read through: those that the filling
// made big.
const big = `SELECT relname FROM pg_class WHERE relnamespace = 'ordinaut'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 65536`

func TestNoStatementReadsThroughATable(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, server *services.Server) {
		url := server.Database(t)
		if _, _, err := Migrate(t.Context(), Options{URL: url}); err != nil {
			t.Fatal(err)
		}
		conn := dial(t, url)
		run(t, conn, grown)
		run(t, conn, "SET plan_cache_mode = force_generic_plan; SET session_replication_role = origin")
		tables := column(t, conn, big)
		for name, text := range named(t) {
			through, err := readThrough(t, conn, text)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			through = slices.DeleteFunc(through, func(table string) bool { return !slices.Contains(tables, table) })
			if _, may := scansAll()[name]; len(through) > 0 && !may {
				t.Errorf("%s reads through %v", name, through)
			}
		}
	})
}

// dial connects as a store does.
func dial(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	config, err := configure(url)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hangUp(conn) })
	return conn
}

// run runs statements.
func run(t *testing.T, conn *pgx.Conn, statements string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statements, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}

// column reads a column of texts.
func column(t *testing.T, conn *pgx.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// readThrough names the tables that a statement reads from end to end.
func readThrough(t *testing.T, conn *pgx.Conn, text string) ([]string, error) {
	t.Helper()
	ctx := t.Context()
	sd, err := conn.Prepare(ctx, "", text)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(text, "LISTEN") {
		return nil, nil
	}
	run(t, conn, "PREPARE asked AS "+text)
	defer run(t, conn, "DEALLOCATE asked")
	ask := "EXPLAIN (COSTS OFF, FORMAT JSON) EXECUTE asked"
	if n := len(sd.ParamOIDs); n > 0 {
		ask += "(" + strings.TrimSuffix(strings.Repeat("NULL, ", n), ", ") + ")"
	}
	var plans []struct{ Plan plan }
	explained := column(t, conn, ask)
	if err := json.Unmarshal([]byte(explained[0]), &plans); err != nil {
		return nil, fmt.Errorf("%s: %w", explained[0], err)
	}
	return plans[0].Plan.readThrough(), nil
}

// plan is a node of what EXPLAIN tells.
type plan struct {
	NodeType string `json:"Node Type"`
	Table    string `json:"Relation Name"`
	Plans    []plan
}

func (p plan) readThrough() (tables []string) {
	if p.NodeType == "Seq Scan" {
		tables = append(tables, p.Table)
	}
	for _, below := range p.Plans {
		tables = append(tables, below.readThrough()...)
	}
	return tables
}
