package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ordinaut/ordinaut"
)

func TestDisk(t *testing.T) {
	t.Parallel()
	sentences(t, map[string]func(*testing.T){
		"a full disk is told, spares what was stored, and ends without a restart": fullDisk,
		"a change that fills the disk does not take others with it unnoticed":     fullMember,
		"a file that another program holds is told, and no reason to stop":        busyFile,
	})
}

func fullDisk(t *testing.T) {
	s := openTest(t, t.TempDir())
	task, change := aTask(t, s)
	limitPages(t, s, 60) // not many more than there are
	var stored, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 20 {
				run := aRun(task)
				run.Params = fmt.Appendf(nil, "%q", make([]byte, i*200))
				switch err := s.CreateRun(t.Context(), run, change); {
				case err == nil:
					stored.Add(1)
				case errors.Is(err, code(ordinaut.CodeStorageFull)):
					refused.Add(1)
				default:
					t.Errorf("got %v, want %s", err, ordinaut.CodeStorageFull)
				}
			}
		})
	}
	wg.Wait()
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("got %v, want ready: reads and small writes go on", err)
	}
	n, err := s.CountRuns(t.Context(), ordinaut.RunFilter{})
	if err != nil || n != int(stored.Load()) || n == 0 || refused.Load() == 0 {
		t.Errorf("got %d runs and error %v, want the %d that were stored, and %d above 0 refused", n, err, stored.Load(), refused.Load())
	}
	limitPages(t, s, 1<<30)
	if err := s.CreateRun(t.Context(), aRun(task), change); err != nil {
		t.Errorf("with space again: got %v, want no error", err)
	}
	if got := query(t, s, "PRAGMA integrity_check"); got != "ok" {
		t.Errorf("got integrity %q, want ok", got)
	}
}

// After a full disk SQLite may roll back all of a transaction: what is then
// stored is what was answered without an error.
func fullMember(t *testing.T) {
	s := openTest(t, t.TempDir())
	limitPages(t, s, 1)
	errs, err := s.writer.submit(t.Context(),
		func(x *tx) error { return note(x, "first", "") },
		func(x *tx) error { return note(x, "large", string(make([]byte, 1<<20))) },
		func(x *tx) error { return note(x, "last", "") },
	)
	if err != nil || !errors.Is(errs[1], code(ordinaut.CodeStorageFull)) {
		t.Fatalf("got %v and %v, want the second refused with %s", errs, err, ordinaut.CodeStorageFull)
	}
	var want, got []string
	for i, action := range []string{"first", "large", "last"} {
		if errs[i] == nil {
			want = append(want, action)
		}
	}
	audit, err := s.Audit(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range audit {
		got = append(got, e.Action)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q stored, want what was answered without an error: %q", got, want)
	}
}

func busyFile(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	task, change := aTask(t, s)
	pragma(t, s, "PRAGMA busy_timeout = 1")
	other, err := connect(filepath.Join(dir, "ordinaut.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateRun(t.Context(), aRun(task), change); !errors.Is(err, code(ordinaut.CodeUnavailable)) {
		t.Errorf("got %v, want %s", err, ordinaut.CodeUnavailable)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateRun(t.Context(), aRun(task), change); err != nil {
		t.Errorf("when it is free again: got %v, want no error", err)
	}
}

// limitPages makes the disk as large as n pages, or as what is stored.
func limitPages(t *testing.T, s *Store, n int) {
	t.Helper()
	pragma(t, s, fmt.Sprintf("PRAGMA max_page_count = %d", n))
}

// pragma sets something on the connection that writes.
func pragma(t *testing.T, s *Store, text string) {
	t.Helper()
	err := s.write(t.Context(), func(*tx) error {
		var got int
		return s.writer.conn.QueryRowContext(t.Context(), text).Scan(&got)
	})
	if err != nil {
		t.Fatal(err)
	}
}
