package ordinauttest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// A census counts, after every claim, how many runs with each key are leased.
type census struct {
	ordinaut.Store

	mu     sync.Mutex
	limits map[ordinaut.TaskID]int    // of the key
	keys   map[ordinaut.TaskID]string // of tasks that have one
	claims int
	most   map[string]int
	faults []string
}

// Claim counts what the store says is leased once the claim was made.
func (c *census) Claim(ctx context.Context, worker string, n int, lease time.Duration) (ordinaut.Claim, error) {
	claim, err := c.Store.Claim(ctx, worker, n, lease)
	if err != nil {
		return claim, err
	}
	running, err := c.Store.ListRuns(context.WithoutCancel(ctx), ordinaut.RunFilter{Statuses: []ordinaut.RunStatus{ordinaut.RunRunning}})
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.faults = append(c.faults, err.Error())
	}
	c.claims++
	at := map[string]int{}
	for _, r := range running {
		key := c.keys[r.TaskID]
		at[key]++
		c.most[key] = max(c.most[key], at[key])
		if limit := c.limits[r.TaskID]; key != "" && at[key] > limit {
			c.faults = append(c.faults, fmt.Sprintf("%d runs with %s are leased, want at most %d", at[key], key, limit))
		}
	}
	return claim, nil
}

// A crowd is tasks that share hot keys, and tasks that share quiet ones.
type crowd struct {
	hot  int
	seed uint64
}

// bustle is what became of a crowd.
type bustle struct {
	census *census
	hot    int             // runs with hot keys that succeeded
	quiet  int             // and with quiet ones
	waits  []time.Duration // of the quiet ones from when they were due, shortest first
}

// How a crowd lives: the hot keys have far more to do than their slots can, the
// quiet ones about two thirds of it.
const (
	keysOfCrowd  = 10
	quietOfCrowd = 40
	hotWork      = 5 * time.Second // and up to twice as much
	quietWork    = 20 * time.Second
	crashes      = 3
	phase        = 100 * time.Second // between crashes
)

func slotsOfKey(i int) int { return []int{1, 2, 5}[i%keysOfCrowd%3] }

// live lets a crowd live for some minutes. The process is killed again and again,
// and workers die that nobody misses until their leases are over.
func (o crowd) live(t *testing.T) (b bustle) {
	t.Helper()
	c := &census{limits: map[ordinaut.TaskID]int{}, keys: map[ordinaut.TaskID]string{}, most: map[string]int{}}
	script := newWorkshop().script(func(key string) time.Duration {
		if key[0] == 'h' {
			return hotWork + rand.N(hotWork)
		}
		return quietWork
	})
	tune := func(e *engine.Options) {
		c.Store, e.Store = e.Store, c
		e.Reclaim = 5 * time.Second
	}
	synctest.Test(t, func(t *testing.T) {
		w := ordinauttest.Start(t, ordinauttest.Options{Script: script, Tune: tune})
		for i := range keysOfCrowd {
			c.join(t, w, fmt.Sprint("quiet ", i), 2, 1, quietOfCrowd/keysOfCrowd)
		}
		for i := range min(keysOfCrowd, o.hot) {
			c.join(t, w, fmt.Sprint("hot ", i), slotsOfKey(i), 9, o.hot/keysOfCrowd)
		}
		random := rand.New(rand.NewPCG(o.seed, 3))
		for range crashes {
			for range 4 {
				ordinauttest.Pass(phase / 5)
				ordinauttest.Pass(time.Duration(random.IntN(5000)) * time.Millisecond)
				if _, err := c.Claim(t.Context(), "dead", 3, limits.Lease); err != nil {
					t.Fatal(err)
				}
			}
			w.Crash()
			w.Restart()
		}
		ordinauttest.Pass(phase)
		b = c.count(t, w)
	})
	return b
}

// join stores a task of the crowd, and its twins: there are more of them than one
// agent may create.
func (c *census) join(t *testing.T, w *ordinauttest.World, key string, slots, priority, twins int) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(keyed(key, key, slots)), &fields); err != nil {
		t.Fatal(err)
	}
	fields["priority"] = json.RawMessage(fmt.Sprint(priority))
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	ids := []ordinaut.TaskID{w.Create(string(text))}
	one, err := w.Store.Task(t.Context(), ordinaut.TaskRef{ID: ids[0]})
	if err != nil {
		t.Fatal(err)
	}
	for i := range twins - 1 {
		one.ID, one.Key = ordinaut.TaskID(uuid.Must(uuid.NewV7()).String()), fmt.Sprintf("%s-twin-%d", ids[0], i)
		if err := w.Store.CreateTask(t.Context(), one, 0, ordinaut.Change{Actor: one.CreatedBy, Action: "task.create"}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one.ID)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		c.keys[id], c.limits[id] = key, slots
	}
}

func (c *census) count(t *testing.T, w *ordinauttest.World) bustle {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{Statuses: []ordinaut.RunStatus{ordinaut.RunSucceeded}})
	if err != nil {
		t.Fatal(err)
	}
	b := bustle{census: c}
	for _, r := range runs {
		if c.keys[r.TaskID][0] == 'h' {
			b.hot++
			continue
		}
		b.quiet++
		b.waits = append(b.waits, r.FinishedAt.Sub(r.ScheduledFor))
	}
	slices.Sort(b.waits)
	return b
}

// TestHotKeysHoldNobodyUp lets tasks, in the long form (ORDINAUT_CHAOS=long) a
// thousand, share 10 keys with limits of 1, 2 and 5, through kills. Never are more
// runs of a key leased than its limit; and tasks with other keys, which all have a
// lower priority, do as much and take as long as they would alone.
func TestHotKeysHoldNobodyUp(t *testing.T) {
	t.Parallel()
	hot := hotTasks
	if os.Getenv("ORDINAUT_CHAOS") == "long" {
		hot = 1000
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	with, alone := crowd{hot, seed}.live(t), crowd{0, seed}.live(t)
	if faults := with.census.faults; len(faults) > 0 {
		t.Errorf("%d claims led to more leases than there are slots, such as: %s", len(faults), faults[0])
	}
	for i := range keysOfCrowd {
		key := fmt.Sprint("hot ", i)
		if got, want := with.census.most[key], slotsOfKey(i); got != want {
			t.Errorf("at most %d runs with %s were leased, want all its %d slots", got, key, want)
		}
	}
	share := float64(with.quiet) / float64(alone.quiet)
	middle := func(b bustle) time.Duration { return b.waits[len(b.waits)/2] }
	if share < 0.98 || middle(with) > middle(alone)+time.Second {
		t.Errorf("beside hot keys %d others succeeded, of %d alone, in %s, of %s alone; want as many in as long",
			with.quiet, alone.quiet, middle(with), middle(alone))
	}
	t.Logf("%d hot tasks: %d claims counted, %d runs with hot keys; of others %.3f of those that succeed alone (%d of %d), median time %s (alone %s)",
		hot, with.census.claims, with.hot, share, with.quiet, alone.quiet, middle(with), middle(alone))
}
