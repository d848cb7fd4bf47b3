package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

func benchStore(b *testing.B) (*Store, ordinaut.Task, ordinaut.Change) {
	ctx := context.Background()
	s, err := Open(ctx, Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	a, _ := s.EnsureAgent(ctx, ordinaut.Agent{ID: ordinaut.AgentID(newID()), Name: "a", Kind: "person", Scopes: []ordinaut.Scope{"admin"}, CreatedAt: time.Now()})
	d := ordinaut.NewDefinition()
	d.Title, d.ScheduleKind, d.Payload = "x", "manual", json.RawMessage(`{"pipeline":[{"id":"a","uses":"debug.echo"}]}`)
	task := ordinaut.Task{ID: ordinaut.TaskID(newID()), Key: "x", CreatedBy: a.ID, Version: 1, Status: "active", Definition: d}
	ch := ordinaut.Change{Actor: a.ID, Action: "x"}
	if err := s.CreateTask(ctx, task, 10, ch); err != nil {
		b.Fatal(err)
	}
	return s, task, ch
}

func parallel(callers, n int, do func(i int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range callers {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
}

func BenchmarkCreateTask(b *testing.B) {
	for _, callers := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s, task, ch := benchStore(b)
			b.ResetTimer()
			parallel(callers, b.N, func(i int) {
				task := task
				task.ID, task.Key = ordinaut.TaskID(newID()), fmt.Sprint("k", i)
				if err := s.CreateTask(context.Background(), task, 0, ch); err != nil {
					b.Error(err)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
		})
	}
}

func BenchmarkDrain(b *testing.B) {
	for _, workers := range []int{1, 32, 128} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			ctx := context.Background()
			s, task, ch := benchStore(b)
			parallel(256, b.N, func(int) {
				if err := s.CreateRun(ctx, ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: "manual"}, ch); err != nil {
					b.Error(err)
				}
			})
			b.ResetTimer()
			work := make(chan ordinaut.Claimed, 200)
			go func() {
				for {
					c, err := s.Claim(ctx, "w", 100, time.Minute)
					if err != nil {
						b.Error(err)
					}
					if len(c.Runs) == 0 {
						close(work)
						return
					}
					for _, r := range c.Runs {
						work <- r
					}
				}
			}()
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for r := range work {
						now := time.Now()
						err := s.Settle(ctx, r.Lease, ordinaut.Outcome{Status: "succeeded", Output: json.RawMessage(`{"a":1}`), Steps: []ordinaut.StepResult{{
							Path: "a", Status: "succeeded", Tool: "debug.echo", Attempt: 1, Input: json.RawMessage(`{"a":1}`), Output: json.RawMessage(`{"a":1}`), IdempotencyKey: string(r.Run.ID) + "/a", StartedAt: now, FinishedAt: &now}}})
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
		})
	}
}

// One goroutine, groups of 100.
func BenchmarkGroups(b *testing.B) {
	ctx := context.Background()
	s, task, ch := benchStore(b)
	parallel(256, b.N, func(int) {
		if err := s.CreateRun(ctx, ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: "manual"}, ch); err != nil {
			b.Error(err)
		}
	})
	b.ResetTimer()
	cpu0 := cpu()
	var claiming, settling time.Duration
	for {
		t0 := time.Now()
		c, err := s.Claim(ctx, "w", 100, time.Minute)
		if err != nil {
			b.Fatal(err)
		}
		claiming += time.Since(t0)
		if len(c.Runs) == 0 {
			break
		}
		t0 = time.Now()
		var ms []func(*tx) error
		for _, r := range c.Runs {
			now := time.Now()
			ms = append(ms, func(t *tx) error {
				return t.settle(r.Lease, ordinaut.Outcome{Status: "succeeded", Output: json.RawMessage(`{"a":1}`), Steps: []ordinaut.StepResult{{
					Path: "a", Status: "succeeded", Tool: "debug.echo", Attempt: 1, Input: json.RawMessage(`{"a":1}`), Output: json.RawMessage(`{"a":1}`), IdempotencyKey: string(r.Run.ID) + "/a", StartedAt: now, FinishedAt: &now}}})
			})
		}
		if _, err := s.writer.submit(ctx, ms...); err != nil {
			b.Fatal(err)
		}
		settling += time.Since(t0)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric((cpu()-cpu0)/float64(b.N), "cpu-us")
	b.ReportMetric(float64(claiming.Microseconds())/float64(b.N), "claim-us")
	b.ReportMetric(float64(settling.Microseconds())/float64(b.N), "settle-us")
}

func cpu() float64 {
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e3
}
