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

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/realtest"
)

func TestMain(m *testing.M) { os.Exit(realtest.Main(m)) }

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
	dir := t.TempDir()
	options := realtest.Options{Dir: dir, Args: []string{"--log-level", "info"}}

	s := realtest.Start(t, options)
	created := map[ordinaut.TaskID]time.Time{}
	for i := range tasks {
		created[s.Create(t, everySecond(fmt.Sprintf("Tick %d", i), twoSteps()))] = time.Now()
	}
	report(t, dir, created, killed(t, s, options, kills, random))
}

// killed kills a server again and again, and starts it anew. It returns the
// moment of the last start, after which everything had time to settle.
func killed(t *testing.T, s *realtest.Server, options realtest.Options, kills int, random *rand.Rand) time.Time {
	t.Helper()
	recorded := map[string]bool{}
	logged := 0
	for range kills {
		work(time.Duration(random.Int64N(int64(1200 * time.Millisecond))))
		s.Kill()
		logged = checkLog(t, s.Log(), logged, recorded)
		readRecorded(t, options.Dir, recorded)
		s = realtest.Start(t, options)
	}
	end := time.Now()
	work(settle)
	s.Stop()
	checkLog(t, s.Log(), logged, recorded)
	if !counted.MatchString(s.Log()) {
		t.Error("the log names no step, so nothing was learned from it")
	}
	t.Logf("kills %d, recorded steps %d", kills, len(recorded))
	return end
}

// logging is a step that says which it is in the log.
func logging(id string) realtest.Step {
	return realtest.Step{"id": id, "uses": "debug.log", "with": map[string]any{"message": "count ${run.id} " + id}}
}

// twoSteps is a pipeline of two steps, one after the other.
func twoSteps() map[string]any {
	return map[string]any{"pipeline": []realtest.Step{logging("first"), logging("second")}}
}

// everySecond is a task that fires each second and may miss nothing.
func everySecond(title string, payload map[string]any) map[string]any {
	return map[string]any{
		"title": title, "schedule_kind": "cron", "schedule_expr": "* * * * * *",
		"catch_up": "all", "overlap": "allow", "payload": payload,
	}
}

// settle is how long the last server may take to catch up.
const settle = 5 * time.Second

// work lets the real process work for a while.
func work(d time.Duration) { <-time.After(d) }

var counted = regexp.MustCompile(`count ([0-9a-f-]{36}) ([][\w.]+)`)

// checkLog reads what has been logged since the offset, and gives the next one:
// no step that was recorded before may be among it.
func checkLog(t *testing.T, log string, offset int, recorded map[string]bool) int {
	t.Helper()
	for _, m := range counted.FindAllStringSubmatch(log[offset:], -1) {
		if key := m[1] + " " + m[2]; recorded[key] {
			t.Errorf("step %s was carried out again after its result was recorded", key)
		}
	}
	return len(log)
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
func report(t *testing.T, dir string, created map[ordinaut.TaskID]time.Time, end time.Time) {
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
