package ordinauttest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/ordinauttest"
)

// carriedOut runs a task once, and tells what became of it.
func carriedOut(t *testing.T, w *ordinauttest.World, task string) string {
	t.Helper()
	id := w.Create(task)
	w.Do("task.run", fmt.Sprintf(`{"task": %q}`, id))
	ordinauttest.Pass(time.Minute)
	var run struct {
		Status string
		Output json.RawMessage
		Error  json.RawMessage
		Steps  []struct {
			Path, Status string
			Attempt      int
			Output       json.RawMessage
		}
	}
	if err := json.Unmarshal(w.Do("run.latest", fmt.Sprintf(`{"task": %q}`, id)), &run); err != nil {
		t.Fatal(err)
	}
	var steps []string // which of two branches answers first is nobody's promise
	for _, s := range run.Steps {
		steps = append(steps, fmt.Sprintf("- %s %s in attempt %d %s\n", s.Path, s.Status, s.Attempt, s.Output))
	}
	slices.Sort(steps)
	return fmt.Sprintf("%s %s\n%s", run.Status, run.Output, strings.Join(steps, ""))
}

// TestTheExamplesDoWhatTheySay runs those that need no tools but the built-in
// ones.
func TestTheExamplesDoWhatTheySay(t *testing.T) {
	for _, name := range []string{"hello", "branches", "foreach", "fallback"} {
		t.Run(name, func(t *testing.T) {
			story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
				task, err := os.ReadFile(filepath.Join("../examples", name+".json"))
				if err != nil {
					t.Fatal(err)
				}
				ledger(t, "example_"+name, carriedOut(t, w, string(task)))
			})
		})
	}
}

var jsonBlock = regexp.MustCompile("(?s)```json\n(.*?)```")

// TestTheTasksOfThePageAboutPipelinesRun runs what people copy from there.
func TestTheTasksOfThePageAboutPipelinesRun(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		page, err := os.ReadFile("../docs/learn/pipelines.md")
		if err != nil {
			t.Fatal(err)
		}
		blocks := jsonBlock.FindAllStringSubmatch(string(page), -1)
		for _, block := range blocks {
			if told := carriedOut(t, w, block[1]); !strings.HasPrefix(told, "succeeded ") {
				t.Errorf("got %s\nof %s", told, block[1])
			}
		}
		if len(blocks) < 4 {
			t.Errorf("%d tasks are on the page, want at least 4", len(blocks))
		}
	})
}
