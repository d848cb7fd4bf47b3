package sqlite

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
)

func TestWriter(t *testing.T) {
	t.Parallel()
	sentences(t, map[string]func(*testing.T){
		"the connection that writes is as safe as we say":                                      settings,
		"many writers share commits":                                                           shareCommits,
		"a caller that gives up while it waits leaves nothing, and one that has begun is told": func(t *testing.T) { synctest.Test(t, givingUp) },
		"virtual time goes by in a store that was opened in a bubble":                          func(t *testing.T) { synctest.Test(t, virtualTime) },
		"a run that is parked in a group is seen by those after it":                            parkedInGroup,
		"a closed store says so to readers and writers":                                        closedStore,
		"a failure halfway takes back that change alone, and its signals":                      failHalfway,
		"a change that is alone and fails halfway is taken back":                               failAlone,
	})
}

func settings(t *testing.T) {
	s := openTest(t, t.TempDir())
	for name, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		if err := s.writer.conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %q and error %v, want %q", name, got, err, want)
		}
	}
}

func shareCommits(t *testing.T) {
	const many = 400
	s := openTest(t, t.TempDir())
	task, change := aTask(t, s)
	var wg sync.WaitGroup
	for range many {
		wg.Go(func() {
			if err := s.CreateRun(t.Context(), aRun(task), change); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	audit, err := s.Audit(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	commits := map[time.Time]bool{} // whatever shares a commit has its time
	for _, e := range audit {
		commits[e.At] = true
	}
	if len(audit) != many+1 || len(commits) > many/4 {
		t.Errorf("got %d changes in %d commits, want %d in at most %d", len(audit), len(commits), many+1, many/4)
	}
}

func virtualTime(t *testing.T) {
	s := openTest(t, t.TempDir())
	task, change := aTask(t, s)
	run := aRun(task)
	run.ScheduledFor = time.Now().AddDate(1, 0, 0)
	if err := s.CreateRun(t.Context(), run, change); err != nil {
		t.Fatal(err)
	}
	claim, err := s.Claim(t.Context(), "w", 1, time.Minute)
	if err != nil || claim.Next == nil || !claim.Now.Equal(time.Now()) {
		t.Fatalf("got %+v and error %v, want a next run, and the time of the bubble", claim, err)
	}
	<-time.After(time.Until(*claim.Next))
	claim, err = s.Claim(t.Context(), "w", 1, time.Minute)
	if err != nil || len(claim.Runs) != 1 || !claim.Now.Equal(run.ScheduledFor) {
		t.Errorf("got %+v and error %v, want the run a year later", claim, err)
	}
}

func closedStore(t *testing.T) {
	s := openTest(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, read := s.CountRuns(t.Context(), ordinaut.RunFilter{})
	_, write := s.Reclaim(t.Context())
	for _, err := range []error{read, write, s.Ready(t.Context())} {
		if !errors.Is(err, code(ordinaut.CodeUnavailable)) {
			t.Errorf("got %v, want %s", err, ordinaut.CodeUnavailable)
		}
	}
}

func failAlone(t *testing.T) {
	s := openTest(t, t.TempDir())
	boom := errors.New("boom")
	err := s.write(t.Context(), func(x *tx) error {
		return errors.Join(note(x, "lost", ""), boom)
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v, want %v", err, boom)
	}
	if audit, err := s.Audit(t.Context(), 0, 0); err != nil || len(audit) != 0 {
		t.Errorf("got %v and error %v, want nothing", audit, err)
	}
}

func givingUp(t *testing.T) {
	s := openTest(t, t.TempDir())
	task, change := aTask(t, s)
	release := make(chan struct{})
	begun, cancelBegun := context.WithCancel(t.Context())
	var busy error
	go func() {
		busy = s.write(begun, func(*tx) error { <-release; return nil })
	}()
	synctest.Wait()

	waiting, cancel := context.WithCancel(t.Context())
	run := aRun(task)
	var late error
	go func() { late = s.CreateRun(waiting, run, change) }()
	synctest.Wait()
	cancel()
	cancelBegun()
	synctest.Wait()
	if !errors.Is(late, context.Canceled) {
		t.Errorf("who waited got %v, want %v", late, context.Canceled)
	}
	close(release)
	synctest.Wait()
	if busy != nil {
		t.Errorf("who had begun got %v, want no error", busy)
	}
	if _, err := s.Run(t.Context(), run.ID); !errors.Is(err, ordinaut.ErrNotFound) {
		t.Errorf("got %v, want %v", err, ordinaut.ErrNotFound)
	}

	hold := make(chan struct{})
	go func() { busy = s.write(t.Context(), func(*tx) error { <-hold; return nil }) }()
	synctest.Wait()
	go func() { late = s.CreateRun(t.Context(), run, change) }()
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	synctest.Wait()
	close(hold)
	err := <-closed
	synctest.Wait()
	if err != nil || busy != nil {
		t.Errorf("Close got %v and the write under way %v, want no errors", err, busy)
	}
	if !errors.Is(late, code(ordinaut.CodeUnavailable)) {
		t.Errorf("who waited when it closed got %v, want %s", late, ordinaut.CodeUnavailable)
	}
}

func parkedInGroup(t *testing.T) {
	s := openTest(t, t.TempDir())
	task, change := aTask(t, s)
	other, _ := aTask(t, s)
	for _, run := range []ordinaut.Run{aRun(task), aRun(other)} {
		if err := s.CreateRun(t.Context(), run, change); err != nil {
			t.Fatal(err)
		}
	}
	claim, err := s.Claim(t.Context(), "w", 2, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	waiting := aRun(ordinaut.Task{ID: claim.Runs[1].Run.TaskID})
	waiting.Status = ordinaut.RunParked
	settle := func(i int) func(*tx) error {
		return func(x *tx) error { return x.settle(claim.Runs[i].Lease, oneStep()) }
	}
	errs, err := s.writer.submit(t.Context(), settle(0), func(x *tx) error { return x.insertRun(waiting) }, settle(1))
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	if run, err := s.Run(t.Context(), waiting.ID); err != nil || run.Status != ordinaut.RunQueued {
		t.Errorf("got status %q and error %v, want it released", run.Status, err)
	}
}

func failHalfway(t *testing.T) {
	s := openTest(t, t.TempDir())
	boom := errors.New("boom")
	runs, endRuns := s.Watch(ordinaut.SignalRuns)
	defer endRuns()
	plans, endPlans := s.Watch(ordinaut.SignalPlans)
	defer endPlans()
	tried := 0
	errs, err := s.writer.submit(t.Context(),
		func(x *tx) error { x.signal(ordinaut.SignalPlans); return note(x, "first", "") },
		func(x *tx) error {
			tried++
			x.signal(ordinaut.SignalRuns)
			return errors.Join(note(x, "lost", ""), boom)
		},
		func(x *tx) error { return note(x, "last", "") },
	)
	if err != nil || errs[0] != nil || !errors.Is(errs[1], boom) || errs[2] != nil {
		t.Errorf("got %v and %v, want only the second to fail", errs, err)
	}
	if tried != 2 {
		t.Errorf("got %d tries, want a second one in a savepoint", tried)
	}
	audit, err := s.Audit(t.Context(), 0, 0)
	if err != nil || len(audit) != 2 || audit[0].Action != "first" || audit[1].Action != "last" {
		t.Errorf("got %v and error %v, want the first and the last", audit, err)
	}
	if len(runs) != 0 || len(plans) != 1 {
		t.Errorf("got %d and %d signals, want none of the one that failed", len(runs), len(plans))
	}
}
