package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// undone is a step that calls the diary, and whose undo does.
func undone(id string, takes, undoTakes float64, undoFails int, more string) string {
	undo := fmt.Sprintf(`, "undo": {"uses": "script.work", "timeout_seconds": 3600, "with": {"name": "-%s", "takes": %g, "fails": %d}, "retry": {"max_retries": 1, "base_seconds": 30, "backoff_strategy": "fixed"}}`, id, undoTakes, undoFails)
	return errandStep(id, takes, 0, undo+more)
}

func TestAFailureUndoesWhatWasDone(t *testing.T) {
	happens(t, flow(`"max_retries": 0, `, undone("a", 1, 1, 0, "")+`,`+undone("b", 1, 1, 0, "")+`,`+errandStep("c", 1, 9, "")),
		"00:00 a, 00:01 b, 00:02 c, 00:03 -b, 00:04 -a", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			if r.Status != ordinaut.RunFailed || r.Failures != 1 || r.Failure.Step != "c" || r.Ending != nil {
				t.Errorf("got %+v, want the failure of c", r)
			}
			if steps["a.undo"].Status != ordinaut.StepSucceeded || steps["b.undo"].Status != ordinaut.StepSucceeded {
				t.Errorf("steps: %+v", steps)
			}
		})
}

func TestARetryUndoesNothing(t *testing.T) {
	happens(t, flow(`"backoff_strategy": "fixed", "backoff_base_seconds": 60, `, undone("a", 1, 1, 0, "")+`,`+errandStep("b", 1, 1, "")),
		"00:00 a, 00:01 b, 01:02 b", func(t *testing.T, r ordinaut.Run, _ map[string]ordinaut.StepResult) {
			if r.Status != ordinaut.RunSucceeded || r.Failures != 1 {
				t.Errorf("the run is %s after %d failures", r.Status, r.Failures)
			}
		})
}

func TestAnUndoThatFailsLetsTheOthersRun(t *testing.T) {
	happens(t, flow(`"max_retries": 0, `, undone("a", 1, 1, 0, "")+`,`+undone("b", 1, 1, 9, "")+`,`+errandStep("c", 1, 9, "")),
		"00:00 a, 00:01 b, 00:02 c, 00:03 -b, 00:34 -b, 00:35 -a", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			if r.Status != ordinaut.RunFailed || r.Failure.Step != "c" || !strings.Contains(r.Failure.Message, "undo") {
				t.Errorf("got %+v with %+v, want a failure that tells of the undo", r, r.Failure)
			}
			if steps["b.undo"].Status != ordinaut.StepFailed || steps["a.undo"].Status != ordinaut.StepSucceeded {
				t.Errorf("steps: %+v", steps)
			}
		})
}

func TestTheTimeOfTheRunIsNotThatOfItsUndo(t *testing.T) {
	happens(t, flow(`"timeout_seconds": 60, `, undone("a", 50, 55, 0, "")+`,`+errandStep("b", 50, 0, "")),
		"00:00 a, 00:50 b, 01:00 -a", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			if r.Status != ordinaut.RunFailed || r.Failure.Code != ordinaut.CodeRunTimeout || steps["a.undo"].Status != ordinaut.StepSucceeded {
				t.Errorf("got %+v with %+v; the undo is %s", r, r.Failure, steps["a.undo"].Status)
			}
		})
	t.Run("but it has no more either", func(t *testing.T) {
		happens(t, flow(`"timeout_seconds": 60, `, undone("a", 10, 10, 0, "")+`,`+undone("b", 10, 90, 0, "")+`,`+errandStep("c", 50, 0, "")),
			"00:00 a, 00:10 b, 00:20 c, 01:00 -b", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
				if r.Status != ordinaut.RunFailed || !strings.Contains(r.Failure.Message, "not everything was undone") || steps["b.undo"].Status != ordinaut.StepFailed {
					t.Errorf("got %+v with %+v; the undo is %s", r, r.Failure, steps["b.undo"].Status)
				}
			})
	})
}

func TestACanceledRunIsUndone(t *testing.T) {
	for name, steps := range map[string]string{
		"that works":              undone("a", 1, 5, 0, "") + `,` + errandStep("b", 60, 0, ""),
		"that waits":              undone("a", 1, 5, 0, "") + `,` + ask("ask", ""),
		"that is to work later":   undone("a", 1, 5, 0, "") + `,` + errandStep("b", 0, 9, `, "retry": {"base_seconds": 600}`),
		"with a branch that does": undone("a", 1, 5, 0, "") + `,` + ask("ask", "") + `,` + errandStep("b", 60, 0, `, "needs": []`),
	} {
		t.Run(name, func(t *testing.T) {
			d := &diary{}
			story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
				id := w.Create(flow("", steps))
				ordinauttest.Pass(time.Hour + 10*time.Second)
				run, _ := newest(t, w, id)
				cancelRun(w, run.ID)
				ordinauttest.Pass(3 * time.Second)
				if _, err := w.Call("run.cancel", fmt.Sprintf(`{"run": %q}`, run.ID)); err == nil {
					t.Error("a run that is undone was canceled again")
				}
				ordinauttest.Pass(time.Minute)
				run, steps := newest(t, w, id)
				if run.Status != ordinaut.RunCanceled || run.Reason != ordinaut.ReasonCanceled || run.Failures != 0 || run.Failure != nil {
					t.Errorf("got %+v with %+v, want it canceled", run, run.Failure)
				}
				if d.count["-a"] != 1 || steps["a.undo"].Status != ordinaut.StepSucceeded {
					t.Errorf("calls: %s; the undo is %+v", d.told(), steps["a.undo"])
				}
				for _, s := range steps {
					if s.Status == ordinaut.StepRunning || s.Status == ordinaut.StepWaiting {
						t.Errorf("step %s is %s", s.Path, s.Status)
					}
				}
			})
		})
	}
}

func TestAnUndoSurvivesTheProcess(t *testing.T) {
	for name, end := range map[string]func(*ordinauttest.World){"crash": (*ordinauttest.World).Crash, "abort": (*ordinauttest.World).Abort} {
		t.Run(name, func(t *testing.T) {
			d := &diary{}
			story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
				id := w.Create(flow(`"max_retries": 0, `, undone("a", 1, 10, 0, "")+`,`+undone("b", 1, 10, 0, "")+`,`+errandStep("c", 1, 9, "")))
				ordinauttest.Pass(time.Hour + 18*time.Second) // in the middle of -a
				end(w)
				w.Restart()
				ordinauttest.Pass(time.Minute)
				run, _ := newest(t, w, id)
				if got := d.told(); got != "00:00 a, 00:01 b, 00:02 c, 00:03 -b, 00:13 -a, 00:18 -a" {
					t.Errorf("calls: %s", got)
				}
				if run.Status != ordinaut.RunFailed || run.Failure.Step != "c" || run.Failures != 1 {
					t.Errorf("got %+v with %+v", run, run.Failure)
				}
			})
		})
	}
}

// A run is undone by its plan, and there is none when one of its tools is gone.
func TestARunThatCannotBeUndoneSaysSo(t *testing.T) {
	script := new(ordinauttest.Script).
		On("work", func(context.Context, int, json.RawMessage) (any, error) { return "done", nil }).
		On("gone", func(context.Context, int, json.RawMessage) (any, error) { return "done", nil })
	gone := false
	tune := func(o *engine.Options) {
		if !gone {
			return
		}
		var err error
		if o.Tools, err = tool.New(t.Context(), builtin.Tools(builtin.Options{})...); err != nil {
			t.Fatal(err)
		}
	}
	story(t, &faulty{}, script, tune, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow(`"max_retries": 0, `, undone("a", 1, 1, 0, "")+`,{"id": "s", "uses": "system.sleep", "with": {"seconds": 600}}, {"id": "g", "uses": "script.gone"}`))
		ordinauttest.Pass(time.Hour + time.Minute)
		gone = true
		w.Stop()
		w.Restart()
		ordinauttest.Pass(20 * time.Minute)
		run, _ := newest(t, w, id)
		if run.Status != ordinaut.RunFailed || run.Failure.Code != ordinaut.CodeToolNotFound && run.Failure.Code != ordinaut.CodeRequestInvalid || !strings.Contains(run.Failure.Message, "not everything was undone") {
			t.Errorf("got %s with %+v, want that nothing could be undone", run.Status, run.Failure)
		}
	})
}
