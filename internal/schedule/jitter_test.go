package schedule

import (
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

func TestJitterIsAlwaysTheSameForTheSameOccurrence(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "0 9 * * *"})
	// Fires that were promised are kept by later versions of the program, so the
	// amounts themselves are part of the promise.
	for _, c := range []struct {
		task ordinaut.TaskID
		want string
	}{
		{"01920000-0000-7000-8000-000000000001", "2026-03-04T09:28:29.733Z"},
		{"01920000-0000-7000-8000-000000000002", "2026-03-04T09:19:17.862Z"},
	} {
		got, done, err := First(rule, hourlyJitter(c.task, "2026-03-04T00:00:00Z"))
		if err != nil || done || got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%s: got %s, %t, %v, want %s", c.task, got.Format(time.RFC3339Nano), done, err, c.want)
		}
	}
}

func TestJitterSpreadsEvenly(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "* * * * *"})
	s := spread{rule, "task-1", 10 * time.Second}
	var tenths [10]int
	at := instant("2026-03-04T00:00:00Z")
	for range 10_000 {
		o, _, _ := rule.Next(at)
		due, err := s.due(o)
		if err != nil || due.Before(o.At) || !due.Before(o.At.Add(10*time.Second)) {
			t.Fatalf("%s is due at %s, %v, want within 10 s", o.At, due, err)
		}
		tenths[due.Sub(o.At)/time.Second]++
		at = o.At
	}
	for i, n := range tenths {
		if n < 850 || n > 1150 {
			t.Errorf("second %d of ten: got %d of 10,000 fires, want about 1,000", i, n)
		}
	}
}

func TestJitterNeverReachesTheNextOccurrence(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "*/2 * * * * *"})
	s := spread{rule, "task-1", 24 * time.Hour}
	at := instant("2026-03-04T00:00:00Z")
	for range 1_000 {
		o, _, _ := rule.Next(at)
		if due, err := s.due(o); err != nil || !due.Before(o.At.Add(2*time.Second)) {
			t.Fatalf("%s is due at %s, %v, want before the next one", o.At, due, err)
		}
		at = o.At
	}
}

// hourlyJitter is a task whose fires may lie an hour behind their nominal times.
func hourlyJitter(id ordinaut.TaskID, cursor string) ordinaut.Task {
	t := ordinaut.Task{ID: id, Plan: ordinaut.Plan{Cursor: instant(cursor)}}
	t.JitterSeconds = 3600
	return t
}
