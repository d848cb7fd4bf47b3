package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// Two pipelines, and what a run of each gives.
const (
	inLine = `"pipeline": [{"id": "a", "uses": "script.work"}, {"id": "c", "uses": "script.work"}, {"id": "d", "uses": "script.work"}],
		"output": "${[steps.a, steps.c, steps.d]}"`
	inLineGives = `["a","c","d"]`

	braided = `"params": {"list": [1, 2, 3]}, "pipeline": [
		{"id": "a", "needs": [], "uses": "script.work"},
		{"id": "b", "needs": [], "uses": "script.work", "retry": {"base_seconds": 3}},
		{"id": "loop", "needs": ["a"], "foreach": "params.list", "max_parallel": 2, "steps": [
			{"id": "draft", "uses": "script.work"}, {"id": "send", "uses": "script.work"}]},
		{"id": "end", "needs": ["b", "loop"], "uses": "script.work"}],
		"output": "${[steps.b, length(steps.loop), steps.end]}"`
	braidedGives = `["b",3,"end"]`
)

// everyHalfMinute is a task that misses no fire, however late.
func everyHalfMinute(title, payload string) string {
	return fmt.Sprintf(`{"title": %q, "timezone": "UTC", "schedule_kind": "interval", "schedule_expr": "30s",
		"catch_up": "all", "overlap": "allow", "payload": {%s}}`, title, payload)
}

// A winter is a time in which two engines work over one store, and one of them is
// frozen again and again.
type winter struct {
	freezes int
	longest time.Duration // of a freeze
	seed    uint64
	margin  time.Duration                         // see engine.Options
	store   func(s ordinaut.Store) ordinaut.Store // stands in front of the real one; nil is nothing
}

// live lives through a winter, and gives what was seen.
func (o winter) live(t *testing.T) (seen sightings) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var witness *witnessed
		var processes []*process
		join := func(e *engine.Options) {
			name := []string{"first", "second"}[len(processes)]
			p := newProcess(name, witness, limits.Lease-o.margin, o.seed+uint64(len(processes)))
			processes = append(processes, p)
			tools, err := tool.New(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			e.Store, e.Tools, e.Worker, e.Margin, e.Reclaim = p, tools, name, o.margin, 5*time.Second
		}
		world := ordinauttest.Start(t, ordinauttest.Options{
			Script: new(ordinauttest.Script).On("work", nil),
			Tune: func(e *engine.Options) {
				if o.store != nil {
					e.Store = o.store(e.Store)
				}
				witness = newWitnessed(e.Store, o.margin < 0)
				join(e)
			},
		})
		var second engine.Options
		join(&second)
		alongside(t, engine.New(second))
		tasks := map[ordinaut.TaskID]string{}
		for i := range 3 {
			tasks[world.Create(everyHalfMinute(fmt.Sprint("In line ", i), inLine))] = inLineGives
			tasks[world.Create(everyHalfMinute(fmt.Sprint("Braided ", i), braided))] = braidedGives
		}
		const shortest = limits.Lease / 2
		random := rand.New(rand.NewPCG(o.seed, 1))
		for range o.freezes {
			ordinauttest.Pass(5*time.Second + time.Duration(random.Int64N(int64(40*time.Second))))
			p := processes[random.IntN(2)]
			p.freeze()
			ordinauttest.Pass(shortest + time.Duration(random.Int64N(int64(o.longest-shortest))))
			p.thaw()
			if witness.caught() {
				break
			}
		}
		// When all is calm again, and nothing waits that a pause would take back.
		ordinauttest.Pass(2 * time.Minute)
		ordinauttest.Pass(time.Until(time.Now().Truncate(30 * time.Second).Add(45 * time.Second)))
		for id := range tasks {
			world.Do("task.pause", fmt.Sprintf(`{"task": %q}`, id))
		}
		ordinauttest.Pass(10 * time.Minute)
		for id, output := range tasks {
			witness.judge(t, world, id, output)
		}
		seen = witness.seen
	})
	return seen
}

// alongside runs an engine until the test ends.
func alongside(t *testing.T, e *engine.Engine) {
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx, ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the engine ended with %v", err)
		}
	})
}

// The margins of winters. With a deaf one the worker's own timers come last after
// a thaw, so that only the fence stands between it and the record.
const (
	margin = limits.SafetyMargin
	deaf   = -10 * limits.Lease
)

// seedOf is the seed of the environment, or a new one; it is printed either way.
func seedOf(t *testing.T) uint64 {
	seed, err := strconv.ParseUint(os.Getenv("ORDINAUT_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("ORDINAUT_SEED=%d", seed)
	return seed
}

// TestAFrozenEngineIsFenced freezes one of two engines over one store for half a
// lease to five leases, some times with each margin, and 500 times in the long form
// (ORDINAUT_CHAOS=long). No run may end twice, no step be recorded by who has lost
// the run, and no call be made after the margin; and the fence must have been
// needed.
func TestAFrozenEngineIsFenced(t *testing.T) {
	t.Parallel()
	winters, each := 1, frostsOfWinter
	if os.Getenv("ORDINAUT_CHAOS") == "long" {
		winters, each = 50, 10
	}
	for _, m := range []time.Duration{margin, deaf} {
		t.Run(fmt.Sprint("with a margin of ", m), func(t *testing.T) {
			t.Parallel()
			seed := seedOf(t)
			var mu sync.Mutex
			var all sightings
			t.Run("winters", func(t *testing.T) {
				for i := range winters {
					t.Run(fmt.Sprint(i), func(t *testing.T) {
						t.Parallel()
						seen := winter{freezes: each, longest: 5 * limits.Lease, seed: seed + 10*uint64(i), margin: m}.live(t)
						mu.Lock()
						defer mu.Unlock()
						all.add(seen)
					})
				}
			})
			freezes := winters * each
			if len(all.faults) > 0 {
				t.Errorf("%d faults:\n%s", len(all.faults), strings.Join(all.faults[:min(10, len(all.faults))], "\n"))
			}
			if least := freezes / 10; all.overtaken < least {
				t.Errorf("the fence has refused %d writes in %d freezes, want at least %d, or nothing was tested", all.overtaken, freezes, least)
			}
			t.Logf("%d freezes: %d runs, %d claims, %d calls; writes refused: %d of who was overtaken, %d of leases that were over; late calls: %d",
				freezes, all.finished, all.claims, all.calls, all.overtaken, all.expired, all.late)
		})
	}
}

// hunt is how many winters a store without the fence may go unnoticed; mostly it is
// caught in the first.
const hunt = 25

// TestAStoreWithoutTheFenceIsCaught shows that the test above would tell.
func TestAStoreWithoutTheFenceIsCaught(t *testing.T) {
	t.Parallel()
	for name, flawed := range map[string]struct{ steps, ends bool }{
		"steps are recorded by anybody": {steps: true},
		"runs are ended by anybody":     {ends: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, m := range flawsShowWith() {
				w := winter{freezes: 20, longest: 2 * limits.Lease, seed: seedOf(t), margin: m}
				w.store = func(s ordinaut.Store) ordinaut.Store {
					return &unfenced{Store: s, steps: flawed.steps, ends: flawed.ends, last: map[ordinaut.RunID]ordinaut.Lease{}}
				}
				var seen sightings
				winters := 0
				for ; winters < hunt && len(seen.faults) == 0; winters++ {
					w.seed += 10
					seen = w.live(t)
				}
				if len(seen.faults) == 0 {
					t.Fatalf("with a margin of %s nothing was found at fault in %d winters", m, winters)
				}
				t.Logf("%d faults in the last of %d winters, such as: %s", len(seen.faults), winters, seen.faults[0])
			}
		})
	}
}
