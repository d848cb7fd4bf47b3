package service_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// live lives through a test in virtual time, from midnight of 2000-01-01 UTC.
func live(t *testing.T, tell func(t *testing.T, w *ordinauttest.World)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { tell(t, ordinauttest.Start(t, ordinauttest.Options{})) })
}

// hello is a good task, with the fields that are laid over it.
func hello(fields string) string {
	var task map[string]json.RawMessage
	for _, text := range []string{`{"title": "Say hello", "schedule_kind": "cron", "schedule_expr": "0 9 * * *", "timezone": "UTC",
		"payload": {"params": {"name": "world"}, "pipeline": [{"id": "say", "uses": "debug.echo", "with": {"message": "Hello, ${params.name}"}}]}}`,
		"{" + strings.TrimPrefix(fields, ", ") + "}"} {
		if err := json.Unmarshal([]byte(text), &task); err != nil {
			panic(err)
		}
	}
	text, err := json.Marshal(task)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// read reads a result.
func read[T any](t *testing.T, result json.RawMessage) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(result, &v); err != nil {
		t.Fatalf("%v in %s", err, result)
	}
	return v
}

type shownTask struct {
	ID, Key, Status, Sentence, Title, Timezone string
	Version                                    int
	Priority                                   int
	NextFireAt                                 *time.Time `json:"next_fire_at"`
	LastRun                                    *shownRun  `json:"last_run"`
}

type shownRun struct {
	ID, Status, Trigger, Reason string
	Attempt                     int
	Success                     *bool
	Output                      json.RawMessage
	Steps                       []struct{ Path, Status string }
}

type page[T any] struct {
	Items      []T
	NextCursor *string `json:"next_cursor"`
	Total      int
	HasMore    bool `json:"has_more"`
}

// refused does an operation that must be refused with the code.
func refused(t *testing.T, w *ordinauttest.World, name, request string, want ordinaut.Code) *ordinaut.Error {
	t.Helper()
	result, err := w.Call(name, request)
	if !errors.Is(err, &ordinaut.Error{Code: want}) {
		t.Fatalf("%s %s: got %s, %v, want %s", name, request, result, err, want)
	}
	return ordinaut.AsError(err)
}

func TestATaskIsShownWithWhatItMeans(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(""))
		ordinauttest.Pass(10 * time.Hour)
		got := read[shownTask](t, w.Do("task.get", `{"task": "say-hello"}`))
		next := time.Date(2000, 1, 2, 9, 0, 0, 0, time.UTC)
		if got.Status != "active" || got.Sentence != "every day at 09:00" || !got.NextFireAt.Equal(next) {
			t.Errorf("got %+v", got)
		}
		if got.LastRun == nil || got.LastRun.Status != "succeeded" || string(got.LastRun.Output) != `{"message":"Hello, world"}` {
			t.Errorf("the last run is %+v", got.LastRun)
		}
		if byID := read[shownTask](t, w.Do("task.get", fmt.Sprintf(`{"task": %q}`, got.ID))); byID.Key != got.Key {
			t.Errorf("by its id it is %+v", byID)
		}
		refused(t, w, "task.get", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
	})
}

func TestKeysAreMadeFromTitles(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		first := read[shownTask](t, w.Do("task.create", hello("")))
		second := read[shownTask](t, w.Do("task.create", hello("")))
		if first.Key != "say-hello" || !strings.HasPrefix(second.Key, "say-hello-") {
			t.Errorf("the keys are %q and %q", first.Key, second.Key)
		}
		blank := read[shownTask](t, w.Do("task.create", strings.Replace(hello(""), "Say hello", "早上好", 1)))
		if !strings.HasPrefix(blank.Key, "task-") {
			t.Errorf("the key of a title without letters is %q", blank.Key)
		}
	})
}

func TestAKeyThatIsSentAgainChangesItsTask(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		first := read[shownTask](t, w.Do("task.create", hello(`, "key": "greeting"`)))
		same := read[shownTask](t, w.Do("task.create", hello(`, "key": "greeting"`)))
		if same.ID != first.ID || same.Version != 1 {
			t.Errorf("the same task again is %+v, want it unchanged", same)
		}
		other := read[shownTask](t, w.Do("task.create", hello(`, "key": "greeting", "priority": 8`)))
		if other.ID != first.ID || other.Version != 2 || other.Priority != 8 {
			t.Errorf("a changed task is %+v, want version 2 of the same", other)
		}
	})
}

func TestAnUpdateChangesWhatIsSent(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting", "priority": 8`))
		got := read[shownTask](t, w.Do("task.update", `{"task": "greeting", "title": "Good day"}`))
		if got.Title != "Good day" || got.Priority != 8 || got.Version != 2 || got.Sentence != "every day at 09:00" {
			t.Errorf("got %+v", got)
		}
		got = read[shownTask](t, w.Do("task.update", `{"task": "greeting", "priority": null, "schedule_expr": "30 7 * * *", "starts_at": "2000-02-01T00:00:00Z"}`))
		if want := time.Date(2000, 2, 1, 7, 30, 0, 0, time.UTC); got.Priority != 5 || !got.NextFireAt.Equal(want) {
			t.Errorf("got %+v, want the default priority and %s", got, want)
		}
		got = read[shownTask](t, w.Do("task.update", `{"task": "greeting", "starts_at": null}`))
		if want := time.Date(2000, 1, 1, 7, 30, 0, 0, time.UTC); !got.NextFireAt.Equal(want) {
			t.Errorf("without a start it fires at %s, want %s", got.NextFireAt, want)
		}
		e := refused(t, w, "task.update", `{"task": "greeting", "priority": 12, "titel": "x", "schedule_expr": "61 * * * *"}`, ordinaut.CodeRequestInvalid)
		var places []string
		for _, f := range e.All() {
			places = append(places, f.At)
		}
		if len(places) != 2 {
			t.Errorf("faults at %v, want all that the schema finds", places)
		}
		refused(t, w, "task.update", `{"task": "greeting", "schedule_kind": "once", "schedule_expr": "1999-01-01T00:00:00Z"}`, ordinaut.CodeSchedulePast)
	})
}

func TestATaskGoesThroughItsStates(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting"`))
		do := func(verb, want string) {
			t.Helper()
			if got := read[shownTask](t, w.Do("task."+verb, `{"task": "greeting"}`)); got.Status != want {
				t.Errorf("after %s it is %s, want %s", verb, got.Status, want)
			}
		}
		do("pause", "paused")
		do("pause", "paused")
		refused(t, w, "task.run", `{"task": "greeting"}`, ordinaut.CodeTaskState)
		w.Do("task.run", `{"task": "greeting", "force": true}`)
		w.Do("task.update", `{"task": "greeting", "schedule_expr": "0 10 * * *"}`)
		do("resume", "active")
		do("resume", "active")
		do("cancel", "canceled")
		do("cancel", "canceled")
		for verb, request := range map[string]string{
			"pause": `{"task": "greeting"}`, "resume": `{"task": "greeting"}`, "run": `{"task": "greeting"}`,
			"update": `{"task": "greeting", "title": "x"}`,
		} {
			refused(t, w, "task."+verb, request, ordinaut.CodeTaskState)
		}
		again := read[shownTask](t, w.Do("task.create", hello(`, "key": "greeting"`)))
		if again.Status != "active" || again.Version != 1 {
			t.Errorf("the key of a canceled task gives %+v, want a new task", again)
		}
	})
}

func TestATaskWithoutAFutureIsCompleted(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "late", "schedule_kind": "once", "schedule_expr": "1999-12-31T00:00:00Z", "run_if_past": true`))
		w.Do("task.create", hello(`, "key": "thrice", "schedule_kind": "rrule", "schedule_expr": "FREQ=DAILY;COUNT=3"`))
		ordinauttest.Pass(5 * 24 * time.Hour)
		for _, key := range []string{"late", "thrice"} {
			got := read[shownTask](t, w.Do("task.get", fmt.Sprintf(`{"task": %q}`, key)))
			if got.Status != "completed" || got.LastRun == nil || got.LastRun.Status != "succeeded" {
				t.Errorf("%s: got %+v", key, got)
			}
		}
		w.Do("task.update", `{"task": "late", "title": "A new title needs no future"}`)
		w.Do("task.run", `{"task": "late"}`)
		if got := read[shownTask](t, w.Do("task.update", `{"task": "thrice", "schedule_expr": "FREQ=DAILY"}`)); got.Status != "active" {
			t.Errorf("with a new schedule it is %s, want active", got.Status)
		}
	})
}

func TestARunThatIsAskedForIsAwaited(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting"`))
		got := read[shownRun](t, w.Do("task.run", `{"task": "greeting", "params": {"name": "Ada"}, "wait_seconds": 10}`))
		if got.Status != "succeeded" || got.Trigger != "manual" || !*got.Success || string(got.Output) != `{"message":"Hello, Ada"}` || len(got.Steps) != 1 {
			t.Errorf("got %+v", got)
		}
		again := read[shownRun](t, w.Do("run.get", fmt.Sprintf(`{"run": %q}`, got.ID)))
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("asked for again (-want +got):\n%s", diff)
		}
		refused(t, w, "task.run", `{"task": "greeting", "params": [1]}`, ordinaut.CodeFieldType)
		refused(t, w, "run.get", `{"run": "none"}`, ordinaut.CodeRunNotFound)
	})
}

func TestListsComeInPages(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for i := range 5 {
			w.Do("task.create", hello(fmt.Sprintf(`, "key": "task-%d"`, i)))
			w.Do("task.run", fmt.Sprintf(`{"task": "task-%d", "wait_seconds": 5}`, i))
		}
		var keys []string
		request := `{"limit": 2}`
		for pages := 0; request != ""; pages++ {
			p := read[page[shownTask]](t, w.Do("task.list", request))
			for _, task := range p.Items {
				keys = append(keys, task.Key)
			}
			if request = ""; p.NextCursor != nil {
				request = fmt.Sprintf(`{"limit": 2, "cursor": %q}`, *p.NextCursor)
			}
			if pages > 5 {
				t.Fatal("the pages do not end")
			}
		}
		if diff := cmp.Diff([]string{"task-4", "task-3", "task-2", "task-1", "task-0"}, keys); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
		runs := read[page[shownRun]](t, w.Do("run.list", `{"status": ["succeeded"], "limit": 3}`))
		if len(runs.Items) != 3 || runs.NextCursor == nil {
			t.Errorf("got %d runs, cursor %v", len(runs.Items), runs.NextCursor)
		}
		of := read[page[shownRun]](t, w.Do("run.list", `{"task_id": "task-3"}`))
		if len(of.Items) != 1 || of.NextCursor != nil {
			t.Errorf("one task has %d runs, cursor %v", len(of.Items), of.NextCursor)
		}
		refused(t, w, "task.list", `{"cursor": "7"}`, ordinaut.CodeCursorInvalid)
		refused(t, w, "run.list", `{"cursor": "7"}`, ordinaut.CodeCursorInvalid)
		if e := refused(t, w, "run.list", `{"task_id": "none"}`, ordinaut.CodeTaskNotFound); e.At != "/task_id" {
			t.Errorf("the fault lies at %s, want /task_id", e.At)
		}
	})
}

func TestTheLedgerIsShown(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting"`))
		ordinauttest.Pass(34 * time.Hour)
		w.Do("task.pause", `{"task": "greeting"}`)
		ordinauttest.Pass(48 * time.Hour)
		w.Do("task.resume", `{"task": "greeting"}`)
		type fire struct {
			Outcome, Status, Reason string
			Count                   int
		}
		got := read[page[fire]](t, w.Do("task.fires", `{"task": "greeting"}`)).Items
		want := []fire{
			{Outcome: "run", Status: "succeeded", Count: 1},
			{Outcome: "run", Status: "succeeded", Count: 1},
			{Outcome: "gap", Reason: "paused", Count: 2},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		later := read[page[fire]](t, w.Do("task.fires", `{"task": "greeting", "from": "2000-01-02T00:00:00Z", "to": "2000-01-03T00:00:00Z"}`)).Items
		if diff := cmp.Diff(want[1:2], later); diff != "" {
			t.Errorf("within bounds (-want +got):\n%s", diff)
		}
	})
}

func TestClientsOfTheOriginalAreAnswered(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting", "created_by": "00000000-0000-0000-0000-000000000001", "dedupe_key": null, "dedupe_window_seconds": 0`))
		w.Do("task.create", hello(`, "key": "broken", "max_retries": 0, "payload": {"pipeline": [{"uses": "flow.fail", "with": {"message": "on purpose"}}]}`))
		type done struct {
			Success bool
			Message string
			Details map[string]string
		}
		for _, key := range []string{"greeting", "broken"} {
			got := read[done](t, w.Do("legacy.run_now", fmt.Sprintf(`{"task": %q}`, key)))
			if !got.Success || got.Details["due_work_id"] == "" || got.Details["task_id"] == "" {
				t.Errorf("run_now answers %+v", got)
			}
		}
		ordinauttest.Pass(time.Minute)
		tasks := read[page[shownTask]](t, w.Do("legacy.tasks", `{"status": "active", "limit": 1}`))
		if len(tasks.Items) != 1 || tasks.Total != 2 || !tasks.HasMore {
			t.Errorf("the tasks are %+v", tasks)
		}
		type run struct {
			Success *bool
			Error   *string
		}
		hidden := read[page[run]](t, w.Do("legacy.runs", `{"success": false}`))
		shown := read[page[run]](t, w.Do("legacy.runs", `{"success": false, "include_errors": true}`))
		if hidden.Total != 1 || strings.Contains(*hidden.Items[0].Error, "purpose") || !strings.Contains(*shown.Items[0].Error, "on purpose") {
			t.Errorf("errors are %+v without and %+v with include_errors", hidden, shown)
		}
		if good := read[page[run]](t, w.Do("legacy.runs", `{"success": true, "task_id": "greeting"}`)); good.Total != 1 || good.Items[0].Error != nil {
			t.Errorf("the good runs are %+v", good)
		}
		for _, step := range []struct{ verb, want string }{
			{"pause", "paused"}, {"pause", "paused"}, {"resume", "active"}, {"cancel", "canceled"},
		} {
			got := read[done](t, w.Do("legacy."+step.verb, `{"task": "greeting"}`))
			if got.Details["new_status"] != step.want {
				t.Errorf("%s answers %+v", step.verb, got)
			}
		}
		refused(t, w, "legacy.pause", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
	})
}

func TestThingsThatNeedNoStore(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		v := read[struct {
			Valid    bool
			Sentence string
			Fires    []time.Time
		}](t, w.Do("task.validate", hello("")))
		if !v.Valid || v.Sentence != "every day at 09:00" || len(v.Fires) != 5 {
			t.Errorf("validate answers %+v", v)
		}
		refused(t, w, "task.validate", hello(`, "priority": 0`), ordinaut.CodeFieldValue)
		type preview struct {
			Canonical, Sentence, Timezone string
			Fires, Skipped                []struct{ UTC, Local, Note, Reason string }
		}
		p := read[preview](t, w.Do("schedule.preview", `{"schedule_kind": "cron", "schedule_expr": "30 2 * * *", "timezone": "Europe/Chisinau", "gap": "skip", "after": "2026-03-28T12:00:00Z", "count": 2}`))
		if len(p.Fires) != 2 || len(p.Skipped) != 1 || p.Skipped[0].Reason != "dst_gap" {
			t.Errorf("preview answers %+v", p)
		}
		tools := read[page[struct{ Address string }]](t, w.Do("tool.list", ``))
		if echo := struct{ Address string }{"debug.echo"}; len(tools.Items) < 5 || !slices.Contains(tools.Items, echo) {
			t.Errorf("the tools are %+v", tools)
		}
		if got := read[map[string]string](t, w.Do("system.version", ``)); got["version"] != "test" || got["zone_database"] == "" {
			t.Errorf("the version is %v", got)
		}
	})
}

func TestEveryChangeIsAudited(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hello(`, "key": "greeting"`))
		w.Do("task.update", `{"task": "greeting", "priority": 6}`)
		w.Do("task.update", `{"task": "greeting", "priority": 6}`) // changes nothing
		w.Do("task.pause", `{"task": "greeting"}`)
		entries, err := w.Store.Audit(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, e := range entries {
			if e.Subject != string(id) || e.Actor == "" {
				t.Errorf("entry %+v, want the task and who did it", e)
			}
			actions = append(actions, e.Action)
		}
		if diff := cmp.Diff([]string{"task.create", "task.update", "task.pause"}, actions); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
