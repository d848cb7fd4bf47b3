package chaos

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// seed is that of the environment, or a new one; it is printed either way.
func seed(t *testing.T) *rand.Rand {
	n, err := strconv.ParseUint(os.Getenv("ORDINAUT_SEED"), 10, 64)
	if err != nil {
		n = rand.Uint64()
	}
	t.Logf("ORDINAUT_SEED=%d", n)
	return rand.New(rand.NewPCG(n, n))
}

// TestKilledServerLosesNothing kills the server at random moments while 20 tasks
// fire each second. Every second of every task must have run exactly once, and
// no step whose result was recorded may have been carried out again.
func TestKilledServerLosesNothing(t *testing.T) {
	kills, tasks := 50, 20
	if os.Getenv("ORDINAUT_CHAOS") == "long" {
		kills = 200
	}
	random := seed(t)
	bin, dir := build(t), t.TempDir()

	p := start(t, bin, dir)
	created := map[string]time.Time{}
	for i := range tasks {
		created[p.everySecond(fmt.Sprintf("Tick %d", i), twoSteps())] = time.Now()
	}
	end := killed(t, p, bin, dir, kills, random)
	report(t, dir, created, end)
}

// killed kills a server again and again, and starts it anew. It returns the
// moment of the last start, after which everything had time to settle.
func killed(t *testing.T, p *process, bin, dir string, kills int, random *rand.Rand) time.Time {
	t.Helper()
	recorded := map[string]bool{}
	var logged int64
	for range kills {
		work(time.Duration(random.Int64N(int64(1200 * time.Millisecond))))
		p.kill()
		logged = checkLog(t, dir, logged, recorded)
		readRecorded(t, dir, recorded)
		p = start(t, bin, dir)
	}
	end := time.Now()
	work(settle)
	if code := p.stop(); code != 0 {
		t.Errorf("a stopped server ends with %d, want 0", code)
	}
	checkLog(t, dir, logged, recorded)
	t.Logf("kills %d, recorded steps %d", kills, len(recorded))
	return end
}

// logging is a step that says which it is in the log.
func logging(id string) map[string]any {
	return map[string]any{"id": id, "uses": "debug.log", "with": map[string]any{"message": "count ${run.id} " + id}}
}

// twoSteps is a pipeline of two steps, one after the other.
func twoSteps() map[string]any {
	return map[string]any{"pipeline": []any{logging("first"), logging("second")}}
}

// everySecond creates a task that fires each second and may miss nothing.
func (p *process) everySecond(title string, payload map[string]any) string {
	p.t.Helper()
	var task struct{ ID string }
	if err := p.post("/v1/tasks", map[string]any{
		"title": title, "schedule_kind": "cron", "schedule_expr": "* * * * * *",
		"catch_up": "all", "overlap": "allow", "payload": payload,
	}, &task); err != nil {
		p.t.Fatal(err)
	}
	return task.ID
}

// settle is how long the last server may take to catch up.
const settle = 5 * time.Second

// work lets the real process work for a while.
func work(d time.Duration) { <-time.After(d) }

var counted = regexp.MustCompile(`count ([0-9a-f-]{36}) ([][\w.]+)`)

// checkLog reads what the server has logged since the offset: no step that was
// recorded before may be among it.
func checkLog(t *testing.T, dir string, offset int64, recorded map[string]bool) int64 {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range counted.FindAllSubmatch(log[offset:], -1) {
		if key := string(m[1]) + " " + string(m[2]); recorded[key] {
			t.Errorf("step %s was carried out again after its result was recorded", key)
		}
	}
	return int64(len(log))
}

func open(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "ordinaut.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// readRecorded adds the steps whose result is in the database.
func readRecorded(t *testing.T, dir string, recorded map[string]bool) {
	t.Helper()
	db := open(t, dir)
	defer db.Close()
	rows, err := db.Query(`select run_id, path from step_result where status = 'succeeded'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var run, path string
		if err := rows.Scan(&run, &path); err != nil {
			t.Fatal(err)
		}
		recorded[run+" "+path] = true
	}
}

// report compares the ledger with the clock.
func report(t *testing.T, dir string, created map[string]time.Time, end time.Time) {
	t.Helper()
	db := open(t, dir)
	var integrity string
	if err := db.QueryRow(`pragma integrity_check`).Scan(&integrity); err != nil || integrity != "ok" {
		t.Errorf("integrity_check says %q, %v", integrity, err)
	}
	var twice, fires, gaps int
	query(t, db, `select count(*) from (select 1 from run where nominal is not null group by task_id, nominal having count(*) > 1)`, &twice)
	query(t, db, `select count(*) from gap`, &gaps)
	if twice > 0 || gaps > 0 {
		t.Errorf("%d fires ran twice and %d were left out, want 0 and 0", twice, gaps)
	}
	lost := 0
	for id, since := range created {
		for at := since.Truncate(time.Second).Add(2 * time.Second); at.Before(end); at = at.Add(time.Second) {
			var status string
			err := db.QueryRow(`select run.status from occurrence o join run on run.id = o.run_id where o.task_id = ? and o.nominal = ?`, id, at.UnixMicro()).Scan(&status)
			if err != nil || status != "succeeded" {
				lost++
				t.Logf("%s of task %s: status %q, %v", at.UTC().Format(time.TimeOnly), id, status, err)
			}
			fires++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d fires were lost", lost, fires)
	}
	t.Logf("fires %d, lost %d, twice %d", fires, lost, twice)
}

func query(t *testing.T, db *sql.DB, text string, into *int) {
	t.Helper()
	if err := db.QueryRow(text).Scan(into); err != nil {
		t.Fatal(err)
	}
}
