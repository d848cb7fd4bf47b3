package service_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// kept is everything that the store keeps of tasks and of what was done to them.
func kept(t *testing.T, w *ordinauttest.World) string {
	t.Helper()
	tasks, err := w.Store.ListTasks(t.Context(), ordinaut.TaskFilter{})
	if err != nil {
		t.Fatal(err)
	}
	audit, err := w.Store.Audit(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{tasks, len(audit)})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestADryRunSaysWhatWouldBe asks for each change twice, dry and in earnest: the
// answers are the same, and the dry one leaves everything as it was.
func TestADryRunSaysWhatWouldBe(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "hi"`))
		for _, c := range [][2]string{
			{"task.create", hello(`, "key": "new", "priority": 7`)},
			{"task.create", hello(`, "key": "hi", "schedule_expr": "0 10 * * *"`)},
			{"task.create", hello(`, "key": "hi", "schedule_expr": "0 10 * * *"`)},
			{"task.update", `{"task": "hi", "priority": 7, "labels": {"app": "home"}}`},
			{"task.rollback", `{"task": "hi", "version": 1}`},
			{"task.snooze", `{"task": "hi", "for": "12h"}`},
			{"task.unsnooze", `{"task": "hi"}`},
			{"task.pause", `{"task": "hi"}`},
			{"task.resume", `{"task": "hi"}`},
			{"task.cancel", `{"task": "hi"}`},
		} {
			var request map[string]any
			if err := json.Unmarshal([]byte(c[1]), &request); err != nil {
				t.Fatal(err)
			}
			request["dry_run"] = true
			dry, err := json.Marshal(request)
			if err != nil {
				t.Fatal(err)
			}
			ordinauttest.Pass(time.Minute)
			was := kept(t, w)
			would := w.Do(c[0], string(dry))
			if diff := cmp.Diff(was, kept(t, w)); diff != "" {
				t.Errorf("%s %s changed something (-before +after):\n%s", c[0], dry, diff)
			}
			is := w.Do(c[0], c[1])
			a, b := read[map[string]any](t, would), read[map[string]any](t, is)
			if a["id"] == "" {
				delete(a, "id")
				delete(b, "id")
			}
			if diff := cmp.Diff(b, a); diff != "" {
				t.Errorf("%s %s: the dry answer differs (-earnest +dry):\n%s", c[0], dry, diff)
			}
		}
	})
}

func TestADryRunRefusesWhatWouldBeRefused(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		refused(t, w, "task.create", hello(`, "schedule_expr": "nonsense", "dry_run": true`), ordinaut.CodeScheduleCron)
		refused(t, w, "task.create", hello(`, "dry_run": "yes"`), ordinaut.CodeFieldType)
		refused(t, w, "task.run", `{"task": "hi", "dry_run": true}`, ordinaut.CodeFieldUnknown)
		w.Do("task.create", hello(`, "key": "t0"`))
		w.Do("task.cancel", `{"task": "t0"}`)
		if would := read[shownTask](t, w.Do("task.create", hello(`, "key": "t0", "dry_run": true`))); would.ID != "" {
			t.Errorf("a task that is not there has the id %s", would.ID)
		}
	})
}

// TestAnotherSpellingIsNoChange sends the same payload with other white space and
// other escapes.
func TestAnotherSpellingIsNoChange(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for _, text := range []string{`"<a> & \u00e4"`, `"\u003ca\u003e \u0026 ä"`, ` "<a> \u0026 ä" `} {
			task := `{"key": "hi", "title": "Hi", "schedule_kind": "manual", "payload": {"pipeline": [{"uses": "debug.echo", "with": {"text": ` + text + `}}]}}`
			if got := read[shownTask](t, w.Do("task.create", task)); got.Version != 1 {
				t.Errorf("%s made version %d", text, got.Version)
			}
		}
	})
}

func TestVersionsAreKeptAndComeBack(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "hi"`))
		w.Do("task.update", `{"task": "hi", "priority": 7, "labels": {"app": "home"}}`)
		w.Do("task.update", `{"task": "hi", "schedule_expr": "0 10 * * *"}`)
		type versions struct {
			Items []struct {
				Version  int
				Current  bool
				Changed  []string
				Priority int
			}
			NextBefore *int `json:"next_before"`
		}
		got := read[versions](t, w.Do("task.versions", `{"task": "hi"}`))
		var lines []string
		for _, v := range got.Items {
			lines = append(lines, fmt.Sprintf("%d %v %v %d", v.Version, v.Current, v.Changed, v.Priority))
		}
		if diff := cmp.Diff([]string{"3 true [schedule_expr] 7", "2 false [labels priority] 7", "1 false [] 5"}, lines); diff != "" || got.NextBefore != nil {
			t.Errorf("(-want +got):\n%s", diff)
		}
		first := read[versions](t, w.Do("task.versions", `{"task": "hi", "limit": 2}`))
		if len(first.Items) != 2 || first.NextBefore == nil || *first.NextBefore != 2 {
			t.Fatalf("the first page is %+v", first)
		}
		if last := read[versions](t, w.Do("task.versions", `{"task": "hi", "limit": 2, "before": 2}`)); len(last.Items) != 1 || last.Items[0].Version != 1 {
			t.Errorf("the last page is %+v", last)
		}
		back := read[shownTask](t, w.Do("task.rollback", `{"task": "hi", "version": 1}`))
		if back.Version != 4 || back.Priority != 5 || back.Sentence != "every day at 09:00" {
			t.Errorf("got %+v", back)
		}
		if again := read[shownTask](t, w.Do("task.rollback", `{"task": "hi", "version": 1}`)); again.Version != 4 {
			t.Errorf("what the task is already made version %d", again.Version)
		}
		e := refused(t, w, "task.rollback", `{"task": "hi", "version": 9}`, ordinaut.CodeTaskVersion)
		if e.Kind() != ordinaut.KindNotFound || e.At != "/version" {
			t.Errorf("got %v", e)
		}
		refused(t, w, "task.versions", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
		refused(t, w, "task.rollback", `{"task": "nobody", "version": 1}`, ordinaut.CodeTaskNotFound)
	})
}
