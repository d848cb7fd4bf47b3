package ordinauttest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// A workshop counts who is at work with each key.
type workshop struct {
	mu    sync.Mutex
	at    map[string]int
	most  map[string]int
	calls map[string]int
}

func newWorkshop() *workshop {
	return &workshop{at: map[string]int{}, most: map[string]int{}, calls: map[string]int{}}
}

// script is a tool that works for as many seconds as its key says, and is
// interrupted when its context is.
func (s *workshop) script(takes func(key string) time.Duration) *ordinauttest.Script {
	return new(ordinauttest.Script).On("work", func(ctx context.Context, _ int, args json.RawMessage) (any, error) {
		var in struct{ Key string }
		if err := json.Unmarshal(args, &in); err != nil {
			return nil, err
		}
		s.enter(in.Key, 1)
		defer s.enter(in.Key, -1)
		select {
		case <-time.After(takes(in.Key)):
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
}

func (s *workshop) enter(key string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[key] += n
	s.most[key] = max(s.most[key], s.at[key])
	if n > 0 {
		s.calls[key]++
	}
}

// keyed is a task that works every minute with a key.
func keyed(title, key string, limit int) string {
	slots := ""
	if limit > 0 {
		slots = fmt.Sprintf(`"concurrency_key": %q, "concurrency_limit": %d, `, key, limit)
	}
	return task(fmt.Sprintf(`{"title": %q, %s"overlap": "buffer_all", "schedule_kind": "interval", "schedule_expr": "1m", "catch_up": "all",
		"payload": {"pipeline": [{"id": "work", "uses": "script.work", "with": {"key": %q}, "timeout_seconds": 600}]}}`, title, slots, key))
}

// TestKeysAreNeverOverdrawn lets 200 tasks share 10 keys with limits of 1, 2 and 5
// while the process is killed again and again. The keys have more to do than their
// slots can: those who use none must not feel it.
func TestKeysAreNeverOverdrawn(t *testing.T) {
	shop := newWorkshop()
	script := shop.script(func(key string) time.Duration {
		if key == "free" {
			return time.Second
		}
		return 7 * time.Second
	})
	story(t, ordinauttest.Options{Script: script}, func(t *testing.T, w *ordinauttest.World) {
		limits := map[string]int{}
		for i := range 200 {
			key := fmt.Sprint("key ", i%10)
			limits[key] = []int{1, 2, 5}[i%10%3]
			w.Create(keyed(fmt.Sprint("Task ", i), key, limits[key]))
		}
		var free []ordinaut.TaskID
		for i := range 20 {
			free = append(free, w.Create(keyed(fmt.Sprint("Free ", i), "free", 0)))
		}
		for range 5 {
			ordinauttest.Pass(100 * time.Second)
			w.Crash()
			w.Restart()
		}
		ordinauttest.Pass(100 * time.Second)
		for key, limit := range limits {
			if shop.most[key] != limit {
				t.Errorf("%s: at most %d were at work at once, want exactly its limit %d", key, shop.most[key], limit)
			}
			// Each slot works without a pause, 600 s in pieces of 7 s, less what crashes
			// cut off; 20 tasks have 200 runs in that time.
			if least := min(limit*(600/7-2*6), 200); shop.calls[key] < least {
				t.Errorf("%s: got %d calls in ten minutes, want at least %d", key, shop.calls[key], least)
			}
		}
		for _, id := range free {
			for _, e := range w.Entries(id) {
				run, err := w.Store.Run(t.Context(), e.RunID)
				if err != nil || run.StartedAt == nil || run.StartedAt.Sub(*run.Nominal) > time.Second {
					t.Fatalf("a run without a key: got %+v and error %v, want it started on time", run, err)
				}
			}
		}
	})
}

func TestSlotsHaveTheirLedger(t *testing.T) {
	shop := newWorkshop()
	script := shop.script(func(string) time.Duration { return 40 * time.Second })
	story(t, ordinauttest.Options{Script: script}, func(t *testing.T, w *ordinauttest.World) {
		titles := []string{"first", "second", "third"}
		ids := map[string]ordinaut.TaskID{}
		for _, title := range titles {
			ids[title] = w.Create(keyed(title, "mail", 2))
		}
		ordinauttest.Pass(3*time.Minute + 50*time.Second)
		var told strings.Builder
		for _, title := range titles {
			told.WriteString(title + "\n" + w.Ledger(ids[title]))
		}
		ledger(t, "concurrency", told.String())
	})
}
