package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// story is a pipeline, and what its tools answer call after call.
type story struct {
	Steps   []map[string]any
	Answers map[string][]map[string]any // by tool
}

// stories draws pipelines whose steps read each other, are skipped, fail for a
// while or for good, and cannot be rendered.
func stories() *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		s := story{Answers: map[string][]map[string]any{}}
		for i := range rapid.IntRange(1, 5).Draw(t, "steps") {
			address := fmt.Sprintf("script.t%d", i)
			step := map[string]any{"id": fmt.Sprintf("s%d", i), "uses": address, "with": map[string]any{"attempt": "${run.attempt}"}}
			if i > 0 {
				from := fmt.Sprintf("steps.s%d", rapid.IntRange(0, i-1).Draw(t, "from"))
				step["with"] = map[string]any{"value": "${" + from + "}", "text": "n is ${" + from + rapid.SampledFrom([]string{".n?", ".n || 0", ".n"}).Draw(t, "path") + "}"}
				if rapid.IntRange(0, 3).Draw(t, "conditional") == 0 {
					step["if"] = from + ".n > 2"
				}
			}
			s.Steps = append(s.Steps, step)
			for range 5 { // more than a run is tried
				s.Answers[address] = append(s.Answers[address], drawAnswer(t))
			}
		}
		return s
	})
}

func drawAnswer(t *rapid.T) map[string]any {
	if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
		class := rapid.SampledFrom([]string{"unavailable", "timeout", "tool_error", "denied", "invalid_output"}).Draw(t, "class")
		return map[string]any{"error": map[string]any{"class": class, "message": "no"}}
	}
	return map[string]any{"output": map[string]any{"n": rapid.IntRange(0, 5).Draw(t, "n")}}
}

// script is the tools of the story in a world that carries runs out.
func (s story) script() *ordinauttest.Script {
	script := &ordinauttest.Script{}
	for address, list := range s.Answers {
		script.On(strings.TrimPrefix(address, "script."), func(_ context.Context, n int, _ json.RawMessage) (any, error) {
			if failure, fails := list[n-1]["error"].(map[string]any); fails {
				return nil, &tool.Failure{Class: ordinaut.Class(failure["class"].(string)), Err: &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "no"}}
			}
			return list[n-1]["output"], nil
		})
	}
	return script
}

// ending is what became of a run, wherever it was carried out.
type ending struct {
	Status   string
	Attempts int
	Output   any
	Failure  string
	Steps    map[string]string
	Calls    string
}

// TestARehearsalIsLikeTheRun carries the same pipelines out with mocks, and by
// the engine with tools that answer the same, and compares everything.
func TestARehearsalIsLikeTheRun(t *testing.T) {
	t.Parallel()
	for seed := range 40 {
		s := stories().Example(seed)
		t.Run(fmt.Sprintf("story %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				script := s.script()
				w := ordinauttest.Start(t, ordinauttest.Options{Script: script})
				task, err := json.Marshal(map[string]any{
					"key": "story", "title": "Story", "schedule_kind": "manual", "payload": map[string]any{"pipeline": s.Steps},
				})
				if err != nil {
					t.Fatal(err)
				}
				tried := rehearsed(t, w, task, s)
				w.Do("task.create", string(task))
				w.Do("task.run", `{"task": "story"}`)
				ordinauttest.Pass(time.Hour)
				ran := carriedOut(t, w, script)
				if diff := cmp.Diff(ran, tried); diff != "" {
					t.Errorf("%s %v: the rehearsal differs (-run +rehearsal):\n%s", task, s.Answers, diff)
				}
			})
		})
	}
}

// carriedOut is the ending of the newest run of the story.
func carriedOut(t *testing.T, w *ordinauttest.World, script *ordinauttest.Script) ending {
	t.Helper()
	run := read[struct {
		Status  string
		Attempt int
		Output  any
		Error   *ordinaut.Failure
		Steps   []struct {
			Path, Status  string
			Input, Output json.RawMessage
		}
	}](t, w.Do("run.latest", `{"task": "story"}`))
	e := ending{Status: run.Status, Attempts: run.Attempt, Output: run.Output, Steps: map[string]string{}, Calls: script.Calls()}
	if run.Error != nil && run.Status == "failed" {
		e.Failure = fmt.Sprint(run.Error.Class, run.Error.Step, run.Error.At, run.Error.Message)
	}
	for _, s := range run.Steps {
		e.Steps[s.Path] = fmt.Sprintf("%s %s %s", s.Status, bare(s.Input), bare(s.Output))
	}
	return e
}

// rehearsed is the ending of the story with mocks.
func rehearsed(t *testing.T, w *ordinauttest.World, task json.RawMessage, s story) ending {
	t.Helper()
	request, err := json.Marshal(map[string]any{"task": task, "script": map[string]any{"mocks": s.Answers}})
	if err != nil {
		t.Fatal(err)
	}
	report := read[struct {
		Cases []struct {
			Status   string
			Attempts int
			Output   any
			Error    *ordinaut.Failure
			Steps    []struct {
				ID, Status    string
				Called        int
				Input, Output json.RawMessage
			}
			Calls []struct {
				Step, Tool string
				Attempt    int
				Input      json.RawMessage
			}
		}
	}](t, w.Do("pipeline.test", string(request))).Cases[0]
	e := ending{Status: report.Status, Attempts: report.Attempts, Output: report.Output, Steps: map[string]string{}}
	if report.Error != nil {
		e.Failure = fmt.Sprint(report.Error.Class, report.Error.Step, report.Error.At, report.Error.Message)
	}
	for _, s := range report.Steps {
		if s.Status != "not_run" { // a run records no step that was not begun
			e.Steps[s.ID] = fmt.Sprintf("%s %s %s", s.Status, bare(s.Input), bare(s.Output))
		}
	}
	for _, c := range report.Calls {
		e.Calls += fmt.Sprintf("%s %s %s attempt %d\n", c.Step, c.Tool, c.Input, c.Attempt)
	}
	return e
}

// bare is JSON without null, which stands for nothing.
func bare(raw json.RawMessage) string {
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}

func TestARehearsalSaysWhereAFaultLies(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for request, want := range map[string]string{
			`{"task": {"payload": {"pipeline": [{"uses": "debug.echo", "if": "("}]}}}`:                     "/task/payload/pipeline/0/if",
			`{"task": {"payload": {"pipeline": [{"uses": "debug.echo"}]}}, "script": {"cases": []}}`:       "/script/cases",
			`{"task": {"timezone": "Europe/Chisinaw", "payload": {"pipeline": [{"uses": "debug.echo"}]}}}`: "/task/timezone",
			`{"task": {"title": 7}}`: "/task",
			`{"script": {}}`:         "/task",
		} {
			_, err := w.Call("pipeline.test", request)
			if err == nil || ordinaut.AsError(err).At != want {
				t.Errorf("%s: got %v, want a fault at %s", request, err, want)
			}
		}
	})
}
