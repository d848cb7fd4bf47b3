package sqlite

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ordinaut/ordinaut"
)

// The environment of a child process whose disk fails.
const faultDir = "ORDINAUT_TEST_FAULT_DIR"

// TestFaultChild is that child: no file of it may grow, which SQLite sees as a
// failing disk, and not as a full one.
func TestFaultChild(t *testing.T) {
	dir := os.Getenv(faultDir)
	if dir == "" {
		return
	}
	s := openTest(t, dir)
	task, change := aTask(t, s)
	wal, err := os.Stat(filepath.Join(dir, "ordinaut.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	limit := before
	limit.Cur = uint64(wal.Size())
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	first := s.CreateRun(t.Context(), aRun(task), change)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"the write that failed": first,
		"a write after it":      s.CreateRun(t.Context(), aRun(task), change),
		"whether it is ready":   s.Ready(t.Context()),
	} {
		if !errors.Is(err, code(ordinaut.CodeStorageFailed)) {
			t.Errorf("%s: got %v, want %s", what, err, ordinaut.CodeStorageFailed)
		}
	}
	if n, err := s.CountRuns(t.Context(), ordinaut.RunFilter{}); n != 0 || err != nil {
		t.Errorf("got %d runs and error %v, want none: reads go on", n, err)
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFaultChild$")
	cmd.Env = append(os.Environ(), faultDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := openTest(t, dir)
	if got := query(t, s, "PRAGMA integrity_check"); got != "ok" {
		t.Errorf("got integrity %q, want ok", got)
	}
	if n, err := s.CountTasks(t.Context(), ordinaut.TaskFilter{}); n != 1 || err != nil {
		t.Errorf("got %d tasks and error %v, want what was answered before", n, err)
	}
}
