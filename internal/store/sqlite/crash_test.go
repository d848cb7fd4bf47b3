package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

// The environment of a child process that writes until it is killed.
const crashDir = "ORDINAUT_TEST_CRASH_DIR"

// TestCrashChild is that child. It tells of every write after it was answered.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		return
	}
	s := openTest(t, dir)
	task, change := aTask(t, s)
	var mu sync.Mutex
	tell := func(what string, id ordinaut.RunID, err error) {
		if err != nil {
			panic(err)
		}
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(what, id)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { writeForever(s, task, change, fmt.Sprint("worker ", i), tell) })
	}
	wg.Wait()
}

func writeForever(s *Store, task ordinaut.Task, change ordinaut.Change, worker string, tell func(string, ordinaut.RunID, error)) {
	ctx := context.Background()
	for {
		run := aRun(task)
		tell("created", run.ID, s.CreateRun(ctx, run, change))
		claim, err := s.Claim(ctx, worker, 2, time.Minute)
		if err != nil {
			panic(err)
		}
		for _, c := range claim.Runs {
			step := ordinaut.StepResult{Path: "a", Status: ordinaut.StepSucceeded}
			tell("stepped", c.Run.ID, s.SaveStep(ctx, c.Lease, step))
			tell("settled", c.Run.ID, s.Settle(ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded}))
		}
	}
}

// Twenty kills are the short form, so that the test takes a few seconds.
func TestCrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var told []string
	for range 20 {
		lines := writeAndKill(t, dir, 1+rand.IntN(60))
		checkTold(t, dir, lines)
		told = append(told, lines...)
	}
	checkTold(t, dir, told)
	t.Logf("%d answered writes survived 20 kills", len(told))
}

// writeAndKill lets a child write, kills it after so many answers, and gives all
// that it told.
func writeAndKill(t *testing.T, dir string, answers int) (told []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if told = append(told, lines.Text()); len(told) == answers {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(told) < answers {
		t.Fatalf("the child ended by itself after %d answers: %q", len(told), told)
	}
	return told
}

// checkTold opens the store and fails the test when anything is lost that the
// children told of.
func checkTold(t *testing.T, dir string, told []string) {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, line := range told {
		what, id, _ := strings.Cut(line, " ")
		run, err := s.Run(t.Context(), ordinaut.RunID(id))
		if err != nil || what == "settled" && run.Status != ordinaut.RunSucceeded {
			t.Errorf("%s: got status %q and error %v", line, run.Status, err)
		}
		if what == "created" {
			continue
		}
		if steps, err := s.Steps(t.Context(), run.ID); err != nil || len(steps) != 1 || !steps[0].Done() {
			t.Errorf("%s: got steps %v and error %v", line, steps, err)
		}
	}
	if got := query(t, s, "PRAGMA integrity_check"); got != "ok" {
		t.Errorf("got integrity %q, want ok", got)
	}
	if got := query(t, s, "SELECT count(*) FROM run WHERE status = 'running'"); got != "0" {
		t.Errorf("got %s runs that still run after the opening, want 0", got)
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	task, change := aTask(t, s)
	run := aRun(task)
	if err := s.CreateRun(t.Context(), run, change); err != nil {
		t.Fatal(err)
	}
	secret, err := s.Secret(t.Context(), "links")
	if err != nil {
		t.Fatal(err)
	}
	held, err := s.Claim(t.Context(), "dead", 1, time.Hour)
	if err != nil || len(held.Runs) != 1 {
		t.Fatalf("got %v and error %v, want a run", held, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = openTest(t, dir)
	if _, err := s.Task(t.Context(), ordinaut.TaskRef{ID: task.ID}); err != nil {
		t.Errorf("got %v, want the task", err)
	}
	if got, err := s.Secret(t.Context(), "links"); err != nil || string(got) != string(secret) {
		t.Errorf("got secret %x and error %v, want %x", got, err, secret)
	}
	again, err := s.Claim(t.Context(), "alive", 1, time.Hour)
	if err != nil || len(again.Runs) != 1 || again.Runs[0].Lease.Fence != held.Runs[0].Lease.Fence+2 {
		t.Errorf("got %+v and error %v, want the run of the dead process at once, its fence bumped twice", again, err)
	}
	if err := s.Settle(t.Context(), held.Runs[0].Lease, ordinaut.Outcome{Status: ordinaut.RunFailed}); err == nil {
		t.Error("the dead process settled, want the lease lost")
	}
}
