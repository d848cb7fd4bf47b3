package service_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// onOrders is a task that looks out for events, with more fields.
func onOrders(more string) string {
	return fmt.Sprintf(`{"title": "Orders", "key": "orders", "schedule_kind": "event", "schedule_expr": "order.* where data.n > 10", %s
		"payload": {"pipeline": [{"uses": "debug.echo", "with": {"n": "${event.data.n}", "type": "${event.type}"}}]}}`, more)
}

func TestAnEventTaskIsDescribedAndTriggered(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		v := read[service.Validation](t, w.Do("task.validate", onOrders("")))
		if v.Sentence != "on events whose topic fits order.*, if data.n > 10" || len(v.Fires) != 0 {
			t.Errorf("got %q with the fires %v", v.Sentence, v.Fires)
		}
		p := read[service.Preview](t, w.Do("schedule.preview", `{"schedule_kind": "event", "schedule_expr": "order.>"}`))
		if p.Sentence != "on events of all topics under order" || p.Canonical != "order.>" || len(p.Fires) != 0 {
			t.Errorf("got the preview %+v", p)
		}
		task := read[service.Task](t, w.Do("task.create", onOrders("")))
		if task.NextFireAt != nil || task.Status != ordinaut.TaskActive {
			t.Errorf("got a task that is %s and fires next at %v", task.Status, task.NextFireAt)
		}
		for _, n := range []int{5, 11, 12} {
			tell(w, "order.paid", n)
		}
		ordinauttest.Pass(time.Minute)
		w.Do("task.pause", `{"task": "orders"}`)
		tell(w, "order.paid", 13)
		ordinauttest.Pass(time.Minute)
		w.Do("task.resume", `{"task": "orders"}`)
		tell(w, "order.paid", 14)
		ordinauttest.Pass(time.Minute)
		var outputs []string
		for _, r := range read[service.RunPage](t, w.Do("run.list", `{"task_id": "orders"}`)).Items {
			outputs = append(outputs, fmt.Sprintf("%s %s", r.Trigger, r.Output))
		}
		want := []string{`event {"n":14,"type":"order.paid"}`, `event {"n":12,"type":"order.paid"}`, `event {"n":11,"type":"order.paid"}`}
		if diff := cmp.Diff(want, outputs); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
		fires := read[service.FireList](t, w.Do("task.fires", `{"task": "orders"}`)).Items
		if len(fires) != 1 || fires[0].Reason != ordinaut.ReasonPaused {
			t.Errorf("got the ledger %+v, want the event while it was paused", fires)
		}
	})
}

func TestWhatDoesNotFitAnEventTaskIsRefused(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for task, want := range map[string]string{
			onOrders(`"event_batch": {"window_seconds": 0},`):                          "field.invalid_value /event_batch/window_seconds",
			onOrders(`"event_batch": {"window_seconds": 90000},`):                      "field.invalid_value /event_batch/window_seconds",
			onOrders(`"event_batch": {"window_seconds": 9, "max": 1001},`):             "field.invalid_value /event_batch/max",
			onOrders(`"event_batch": {"window_seconds": 9, "per": "customer"},`):       "expression.unknown_root /event_batch/per",
			onOrders(`"event_debounce_seconds": 86401,`):                               "field.invalid_value /event_debounce_seconds",
			strings.Replace(onOrders(""), "order.*", "order..paid", 1):                 "event.invalid_topic /schedule_expr",
			strings.Replace(onOrders(""), "data.n > 10", "n > 10", 1):                  "expression.unknown_root /schedule_expr",
			hello(`"event_batch": {"window_seconds": 9}, "event_debounce_seconds": 5`): "schedule.invalid_event /event_batch schedule.invalid_event /event_debounce_seconds",
		} {
			_, err := w.Call("task.create", task)
			var got []string
			for _, f := range ordinaut.AsError(err).All() {
				got = append(got, string(f.Code)+" "+f.At)
				if f.Fix == "" {
					t.Errorf("%s has no fix", f.Code)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: got %q, want %q", task, got, want)
			}
		}
	})
}

func TestOnlyATaskThatIsAboutEventsReadsThem(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		reads := strings.NewReplacer(`"event"`, `"manual"`, `order.* where data.n > 10`, ``).Replace(onOrders(""))
		_, err := w.Call("task.create", reads)
		var got []string
		for _, f := range ordinaut.AsError(err).All() {
			got = append(got, string(f.Code)+" "+f.At)
		}
		if diff := cmp.Diff([]string{"event.none /payload/pipeline/0/with/n", "event.none /payload/pipeline/0/with/type"}, got); diff != "" {
			t.Errorf("faults (-want +got):\n%s", diff)
		}
		w.Do("task.create", strings.NewReplacer("data.n}", "data.n?}", "event.type}", "event.type?}").Replace(reads))
		w.Do("task.run", `{"task": "orders"}`)
	})
}

func TestAnEventTaskIsTriedOut(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", onOrders(""))
		refused(t, w, "task.run", `{"task": "orders"}`, ordinaut.CodeEventNone)
		refused(t, w, "task.run", `{"task": "orders", "event": {"type": "a.*"}}`, ordinaut.CodeEventTopic)
		refused(t, w, "task.run", fmt.Sprintf(`{"task": "orders", "event": {"data": %q}}`, strings.Repeat("x", 256<<10)), ordinaut.CodeFieldValue)
		run := read[service.Run](t, w.Do("task.run", `{"task": "orders", "wait_seconds": 5, "event": {"type": "order.paid", "data": {"n": 1}}}`))
		if string(run.Output) != `{"n":1,"type":"order.paid"}` || run.Trigger != ordinaut.TriggerManual {
			t.Errorf("got a run by %s with %s, %+v", run.Trigger, run.Output, run.Error)
		}
		var event struct{ ID, Source, Type string }
		if err := json.Unmarshal(run.Event, &event); err != nil || event.ID != string(run.ID) || event.Source != "trial" {
			t.Errorf("got the event %s, %v", run.Event, err)
		}
		again := read[service.Run](t, w.Do("run.rerun", fmt.Sprintf(`{"run": %q, "wait_seconds": 5}`, run.ID)))
		if string(again.Output) != string(run.Output) {
			t.Errorf("a rerun gives %s, %+v, want the same as its run", again.Output, again.Error)
		}
		shown := read[service.RenderedPipeline](t, w.Do("pipeline.render", `{"payload": {"pipeline": [{"uses": "debug.echo", "with": {"n": "${event.data.n}"}}]}, "event": {"data": {"n": 3}}}`))
		if !shown.Valid || string(shown.Steps[0].Input) != `{"n":3}` {
			t.Errorf("got %+v", shown)
		}
	})
}

func TestARunShowsTheEventItWaitsFor(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", `{"title": "Wait", "key": "wait", "schedule_kind": "manual", "payload": {"pipeline": [{"id": "paid", "uses": "flow.wait_for_event", "with": {"topic": "paid", "where": "data.n == 3"}}]}}`)
		run := read[service.Run](t, w.Do("task.run", `{"task": "wait", "wait_seconds": 1}`))
		if len(run.Steps) != 1 || run.Steps[0].Wait == nil || run.Steps[0].Wait.Event != "paid where data.n == 3" {
			t.Fatalf("got the steps %+v, want one that waits for an event", run.Steps)
		}
		tell(w, "paid", 2)
		tell(w, "paid", 3)
		ordinauttest.Pass(time.Second)
		run = read[service.Run](t, w.Do("run.get", fmt.Sprintf(`{"run": %q}`, run.ID)))
		var got struct{ Data struct{ N int } }
		if err := json.Unmarshal(run.Output, &got); err != nil || got.Data.N != 3 {
			t.Errorf("the run is %s with %s, want the third event", run.Status, run.Output)
		}
	})
}
