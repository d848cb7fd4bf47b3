package postgres

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/services"
)

// benchStore is a store whose clock goes, and a task in it.
func benchStore(b *testing.B) (*Store, ordinaut.Task, ordinaut.Change) {
	b.Helper()
	s := openTest(b, Options{URL: services.Postgres(b, 16).Database(b)})
	task := newTask(b, s)
	return s, task, ordinaut.Change{Actor: task.CreatedBy, Action: "test"}
}

func aRun(task ordinaut.Task) ordinaut.Run {
	return ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: ordinaut.TriggerManual}
}

// parallel does n things, some at a time.
func parallel(callers, n int, do func()) {
	var wg sync.WaitGroup
	var begun atomic.Int64
	for range callers {
		wg.Go(func() {
			for begun.Add(1) <= int64(n) {
				do()
			}
		})
	}
	wg.Wait()
}

// BenchmarkCreateRun is how fast callers ask for runs, each waiting until its run
// is on the disk.
func BenchmarkCreateRun(b *testing.B) {
	for _, callers := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			s, task, change := benchStore(b)
			report := measure(b, s)
			parallel(callers, b.N, func() {
				if err := s.CreateRun(b.Context(), aRun(task), change); err != nil {
					b.Error(err)
				}
			})
			report("runs/s")
		})
	}
}

// BenchmarkDrain is how fast a queue is drained by one claimer and many workers,
// each run with one step and settled durably.
func BenchmarkDrain(b *testing.B) {
	for _, workers := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d workers", workers), func(b *testing.B) {
			s, task, change := benchStore(b)
			parallel(100, b.N, func() {
				if err := s.CreateRun(b.Context(), aRun(task), change); err != nil {
					b.Error(err)
				}
			})
			report := measure(b, s)
			drain(b, s, workers)
			report("runs/s")
		})
	}
}

func drain(b *testing.B, s *Store, workers int) {
	claimed := make(chan ordinaut.Claimed, 200)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for c := range claimed {
				if err := s.Settle(b.Context(), c.Lease, oneStep()); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for {
		claim, err := s.Claim(b.Context(), "worker", 100, time.Minute)
		if err != nil {
			b.Error(err)
		}
		if len(claim.Runs) == 0 {
			break
		}
		for _, c := range claim.Runs {
			claimed <- c
		}
	}
	close(claimed)
	wg.Wait()
}

func oneStep() ordinaut.Outcome {
	now, data := time.Now(), []byte(`{"message":"hello"}`)
	return ordinaut.Outcome{
		Status: ordinaut.RunSucceeded,
		Output: data,
		Worked: time.Millisecond,
		Steps: []ordinaut.StepResult{{
			Path: "a", Status: ordinaut.StepSucceeded, Attempt: 1, Tool: "debug.echo", Input: data, Output: data,
			StartedAt: now, FinishedAt: &now,
		}},
	}
}

// measure starts the clock, and gives a function that reports how many things were
// done in a second and what one of them cost of all processors: those of the server's
// processes, which must be on this machine, and of this one.
func measure(b *testing.B, s *Store) func(unit string) {
	b.Helper()
	server := serverTicks(b, s)
	own := ownTime(b)
	b.ResetTimer()
	return func(unit string) {
		b.StopTimer()
		n := float64(b.N)
		const tick = 10_000 // microseconds
		b.ReportMetric(n/b.Elapsed().Seconds(), unit)
		b.ReportMetric(float64(serverTicks(b, s)-server)*tick/n, "server-µs/op")
		b.ReportMetric(float64((ownTime(b)-own).Microseconds())/n, "client-µs/op")
	}
}

// ownTime is the processor time of this process.
func ownTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// serverTicks is the processor time of the server's processes that live.
func serverTicks(b *testing.B, s *Store) (ticks int64) {
	b.Helper()
	rows, err := s.pool.Query(b.Context(), "SELECT pid FROM pg_stat_activity")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			b.Fatal(err)
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // it has gone, or runs elsewhere
		}
		_, after, _ := bytes.Cut(stat, []byte(") "))
		fields := strings.Fields(string(after))
		for _, f := range fields[11:13] { // utime, stime
			n, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			ticks += n
		}
	}
	return ticks
}
