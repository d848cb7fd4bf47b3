package ordinauttest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// eventTasks are tasks that events trigger, each in another way.
func eventTasks() map[string]string {
	return map[string]string{
		"each":     `"schedule_expr": "order.*"`,
		"filtered": `"schedule_expr": "order.> where data.n % 2 == 0"`,
		"batched":  `"schedule_expr": "order.created", "event_batch": {"per": "data.n % 3", "window_seconds": 5, "max": 20}`,
		"settled":  `"schedule_expr": "order.created", "event_debounce_seconds": 2`,
		"other":    `"schedule_expr": "shipment.*"`,
	}
}

// TestEachEventTriggersOnce publishes many events while the process is killed
// at random. Each task sees each event that it looks out for once, and no other.
func TestEachEventTriggersOnce(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		ids := map[string]ordinaut.TaskID{}
		for name, schedule := range eventTasks() {
			ids[name] = w.Create(task(fmt.Sprintf(`{"title": %[1]q, "key": %[1]q, "schedule_kind": "event", %s, "payload": {"pipeline": [
				{"id": "echo", "uses": "debug.echo", "with": {"message": "${event.data.n}"}}], "output": {"all": "${event.events[].data.n}", "last": "${steps.echo.message}"}}}`, name, schedule)))
		}
		for n := range triggering {
			publish(t, w, "order.created", fmt.Sprintf(`{"n": %d}`, n))
			switch random.IntN(25) {
			case 0:
				w.Crash()
				w.Restart()
			case 1:
				ordinauttest.Pass(time.Duration(random.IntN(4000)) * time.Millisecond)
			}
		}
		ordinauttest.Pass(time.Minute)
		all := make([]int, triggering)
		for n := range all {
			all[n] = n
		}
		even := slices.DeleteFunc(slices.Clone(all), func(n int) bool { return n%2 != 0 })
		for name, want := range map[string][]int{"each": all, "filtered": even, "batched": all, "settled": all, "other": nil} {
			if got := triggeredBy(t, w, ids[name]); !slices.Equal(got, want) {
				t.Errorf("%s has seen %d events, want %d, each once", name, len(got), len(want))
			}
		}
	})
}

// publish publishes an event of somebody else.
func publish(t *testing.T, w *ordinauttest.World, topic, data string) {
	t.Helper()
	e := ordinaut.Event{Topic: topic, Data: json.RawMessage(data)}
	fresh, err := w.Store.Publish(t.Context(), []ordinaut.Event{e}, ordinaut.Change{Actor: "test", Action: "event.publish"})
	if err != nil || !fresh[0] {
		t.Fatalf("publish: %v, %v", fresh, err)
	}
}

// triggeredBy lists what the events said that the runs of a task were about. Each
// run has ended well, and has read them.
func triggeredBy(t *testing.T, w *ordinauttest.World, id ordinaut.TaskID) (all []int) {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		var output struct {
			All  []int
			Last int
		}
		if err := json.Unmarshal(r.Output, &output); err != nil || r.Status != ordinaut.RunSucceeded || r.Trigger != ordinaut.TriggerEvent {
			t.Fatalf("run %s by %s is %s with %s, %+v: %v", r.ID, r.Trigger, r.Status, r.Output, r.Failure, err)
		}
		if output.Last != output.All[len(output.All)-1] {
			t.Errorf("the event of the run is %d, want the newest of %v", output.Last, output.All)
		}
		all = append(all, output.All...)
	}
	slices.Sort(all)
	return all
}

// TestAStepWaitsForItsEvent has many runs wait for an event of their own while
// the process is killed. Each has that event as its result, and those whose event
// does not come go on without.
func TestAStepWaitsForItsEvent(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"title": "Wait", "key": "wait", "schedule_kind": "manual", "payload": {"pipeline": [
			{"id": "paid", "uses": "flow.wait_for_event", "with": {"topic": "paid", "where": "data.n == ${params.n}", "timeout_seconds": 3600, "on_timeout": "continue", "lookback_seconds": 60}}],
			"output": {"n": "${params.n}", "got": "${steps.paid.data.n?}"}}}`))
		for n := range awaiting {
			publishesAfter := random.IntN(2) == 0
			if !publishesAfter && n%10 != 0 {
				publish(t, w, "paid", fmt.Sprintf(`{"n": %d}`, n))
			}
			w.Do("task.run", fmt.Sprintf(`{"task": "wait", "params": {"n": %d}}`, n))
			if publishesAfter && n%10 != 0 {
				ordinauttest.Pass(time.Duration(random.IntN(3)) * time.Millisecond)
				publish(t, w, "paid", fmt.Sprintf(`{"n": %d}`, n))
			}
			if random.IntN(10) == 0 {
				w.Crash()
				w.Restart()
			}
		}
		ordinauttest.Pass(time.Minute)
		waiting, err := w.Store.CountRuns(t.Context(), ordinaut.RunFilter{TaskID: id, Statuses: []ordinaut.RunStatus{ordinaut.RunWaiting}})
		if err != nil || waiting != awaiting/10 {
			t.Errorf("%d runs wait, %v; want the %d whose event has not come", waiting, err, awaiting/10)
		}
		ordinauttest.Pass(time.Hour)
		runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id})
		if err != nil || len(runs) != awaiting {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		for _, r := range runs {
			var got struct {
				N   int
				Got *int
			}
			if err := json.Unmarshal(r.Output, &got); err != nil {
				t.Fatalf("run %s is %s with %s, %+v", r.ID, r.Status, r.Output, r.Failure)
			}
			if comes := got.N%10 != 0; comes != (got.Got != nil) || comes && *got.Got != got.N {
				t.Errorf("the run for event %d has %s", got.N, r.Output)
			}
		}
	})
}
