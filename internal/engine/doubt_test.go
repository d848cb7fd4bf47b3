package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

func doubted(onDoubt string) string {
	return flow(`"max_retries": 0, `, errandStep("a", 60, 0, fmt.Sprintf(`, "on_doubt": %q`, onDoubt))+`,`+errandStep("b", 1, 0, ""))
}

// cutOff is a world whose process has died in the middle of the call of step a.
func cutOff(t *testing.T, onDoubt string, then func(t *testing.T, w *ordinauttest.World, d *diary, run func() (ordinaut.Run, map[string]ordinaut.StepResult))) {
	t.Helper()
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(doubted(onDoubt))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		w.Crash()
		w.Restart()
		ordinauttest.Pass(5 * time.Second)
		then(t, w, d, func() (ordinaut.Run, map[string]ordinaut.StepResult) { return newest(t, w, id) })
	})
}

func TestACallThatWasCutOffIsMadeAgain(t *testing.T) {
	cutOff(t, "retry", func(t *testing.T, _ *ordinauttest.World, d *diary, run func() (ordinaut.Run, map[string]ordinaut.StepResult)) {
		ordinauttest.Pass(2 * time.Minute)
		if r, _ := run(); r.Status != ordinaut.RunSucceeded || d.told() != "00:00 a, 00:10 a, 01:10 b" {
			t.Errorf("the run is %s; calls: %s", r.Status, d.told())
		}
	})
}

func TestACallThatWasCutOffFailsWhenThatIsWanted(t *testing.T) {
	cutOff(t, "fail", func(t *testing.T, _ *ordinauttest.World, d *diary, run func() (ordinaut.Run, map[string]ordinaut.StepResult)) {
		if r, _ := run(); r.Status != ordinaut.RunFailed || r.Failure.Code != ordinaut.CodeStepInDoubt || d.told() != "00:00 a" {
			t.Errorf("the run is %s with %+v; calls: %s", r.Status, r.Failure, d.told())
		}
	})
}

func TestSomebodyIsAskedAboutACallThatWasCutOff(t *testing.T) {
	for said, want := range map[string]string{
		`{"decision": "retry", "by": "ana"}`:                          "succeeded: 00:00 a, 00:15 a, 01:15 b",
		`{"decision": "done", "output": {"sent": true}, "by": "ana"}`: "succeeded: 00:00 a, 00:15 b",
		`{"decision": "fail", "by": "ana"}`:                           "failed: 00:00 a",
	} {
		t.Run(said, func(t *testing.T) {
			cutOff(t, "ask", func(t *testing.T, w *ordinauttest.World, d *diary, run func() (ordinaut.Run, map[string]ordinaut.StepResult)) {
				r, steps := run()
				if r.Status != ordinaut.RunWaiting || steps["a"].Wait == nil || steps["a"].Wait.Kind != ordinaut.WaitDoubt {
					t.Fatalf("the run is %s, and its step %+v", r.Status, steps["a"])
				}
				answer(t, w, r.ID, "a", said)
				ordinauttest.Pass(2 * time.Minute)
				r, _ = run()
				if got := fmt.Sprintf("%s: %s", r.Status, d.told()); got != want {
					t.Errorf("got %s, want %s (%+v)", got, want, r.Failure)
				}
			})
		})
	}
}

func TestSomebodyIsAskedAboutACallWithoutAnAnswer(t *testing.T) {
	for name, act := range map[string]ordinauttest.Act{
		"it took too long": func(ctx context.Context, _ int, _ json.RawMessage) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"its connection broke": func(context.Context, int, json.RawMessage) (any, error) {
			return nil, tool.InDoubt(&ordinaut.Error{Code: ordinaut.CodeUnavailable, Message: "it broke off", Fix: "try again"})
		},
		"and it failed": func(context.Context, int, json.RawMessage) (any, error) {
			return nil, &ordinaut.Error{Code: ordinaut.CodeUnavailable, Message: "nobody is there", Fix: "try again"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			script := new(ordinauttest.Script).On("work", act)
			story(t, &faulty{}, script, nil, func(t *testing.T, w *ordinauttest.World) {
				id := w.Create(flow(`"max_retries": 0, `, `{"id": "a", "uses": "script.work", "on_doubt": "ask", "timeout_seconds": 5}`))
				ordinauttest.Pass(time.Hour + time.Minute)
				want := ordinaut.RunWaiting
				if name == "and it failed" {
					want = ordinaut.RunFailed // nothing was sent
				}
				if run, _ := newest(t, w, id); run.Status != want {
					t.Errorf("the run is %s with %+v, want %s", run.Status, run.Failure, want)
				}
			})
		})
	}
}

// TestARunThatTakesTheProcessDownIsGivenUp crashes whenever a certain run is at
// work.
func TestARunThatTakesTheProcessDownIsGivenUp(t *testing.T) {
	d := &diary{}
	tune := func(o *engine.Options) { o.Slots = 50 }
	story(t, &faulty{}, d.script(), tune, func(t *testing.T, w *ordinauttest.World) {
		bad := w.Create(flow(`"key": "bad", `, errandStep("bad", 60, 0, "")))
		good := w.Create(`{"title": "Good", "schedule_kind": "interval", "schedule_expr": "1h", "timezone": "UTC", "payload": {"pipeline": [` + errandStep("g1", 20, 0, "") + `,` + errandStep("g2", 20, 0, "") + `]}}`)
		ordinauttest.Pass(time.Hour + 10*time.Second)
		for range 2 { // with both at work
			w.Crash()
			w.Restart()
			ordinauttest.Pass(10 * time.Second)
		}
		// Now each is a suspect, and they take turns.
		d.most = 0
		for range 120 {
			run, _ := newest(t, w, bad)
			if run.Status == ordinaut.RunRunning && run.Crashes == 2 {
				w.Crash()
				w.Restart()
			}
			ordinauttest.Pass(time.Second)
		}
		if d.most != 1 {
			t.Errorf("%d suspects were at work at once", d.most)
		}
		ordinauttest.Pass(5 * time.Minute)
		run, _ := newest(t, w, bad)
		if run.Status != ordinaut.RunFailed || run.Reason != ordinaut.ReasonQuarantined || run.Failure.Code != ordinaut.CodeRunQuarantined {
			t.Errorf("the bad run is %s (%s) with %+v", run.Status, run.Reason, run.Failure)
		}
		if run, _ = newest(t, w, good); run.Status != ordinaut.RunSucceeded || run.Crashes != 0 {
			t.Errorf("the good run is %s after %d crashes", run.Status, run.Crashes)
		}
	})
}
