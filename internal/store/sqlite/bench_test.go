package sqlite

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

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

// BenchmarkCreateTask is how fast callers create tasks, each waiting until its
// task is on the disk.
func BenchmarkCreateTask(b *testing.B) {
	for _, callers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			s := openTest(b, b.TempDir())
			task, change := aTask(b, s)
			b.ResetTimer()
			parallel(callers, b.N, func() {
				other := task
				id := newID()
				other.ID, other.Key = ordinaut.TaskID(id), id
				if err := s.CreateTask(b.Context(), other, b.N+2, change); err != nil {
					b.Error(err)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}

// BenchmarkDrain is how fast a queue is drained by one claimer and many workers,
// each run with one step and settled durably.
func BenchmarkDrain(b *testing.B) {
	for _, workers := range []int{1, 32, 128} {
		b.Run(fmt.Sprintf("%d workers", workers), func(b *testing.B) {
			s := openTest(b, b.TempDir())
			task, change := aTask(b, s)
			parallel(256, b.N, func() {
				if err := s.CreateRun(b.Context(), aRun(task), change); err != nil {
					b.Error(err)
				}
			})
			b.ResetTimer()
			drain(b, s, workers)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
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

// BenchmarkDrainBesideFullKey is BenchmarkDrain while 20,000 better runs wait for
// a slot that nobody gives back.
func BenchmarkDrainBesideFullKey(b *testing.B) {
	s := openTest(b, b.TempDir())
	task, change := aTask(b, s)
	keyed := task
	keyed.ID, keyed.Key, keyed.Priority, keyed.ConcurrencyKey = ordinaut.TaskID(newID()), "keyed", 9, "full"
	if err := s.CreateTask(b.Context(), keyed, 0, change); err != nil {
		b.Fatal(err)
	}
	create := func(t ordinaut.Task) func() {
		return func() {
			if err := s.CreateRun(b.Context(), aRun(t), change); err != nil {
				b.Error(err)
			}
		}
	}
	parallel(256, 20_001, create(keyed))
	for n := 1; n > 0; { // the slot is taken, and the others are passed over
		claim, err := s.Claim(b.Context(), "holder", 100, time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		backlog, err := s.Backlog(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		n = len(claim.Runs) + backlog.Due
	}
	parallel(256, b.N, create(task))
	b.ResetTimer()
	drain(b, s, 32)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
}
