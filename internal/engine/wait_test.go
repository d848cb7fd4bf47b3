package engine_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// answer answers what a step waits for.
func answer(t *testing.T, w *ordinauttest.World, run ordinaut.RunID, path, said string) {
	t.Helper()
	a := ordinaut.Answer{RunID: run, Path: path, Data: json.RawMessage(said)}
	if err := w.Store.Answer(t.Context(), a, ordinaut.Change{Actor: "test", Action: "approval.decide"}); err != nil {
		t.Fatal(err)
	}
}

// backlog is what waits and is under way.
func backlog(t *testing.T, w *ordinauttest.World) ordinaut.Backlog {
	t.Helper()
	b, err := w.Store.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ask is a step that asks for approval.
func ask(id, more string) string {
	return fmt.Sprintf(`{"id": %q, "uses": "orchestrator.request_approval", "with": {"message": "Go on?"}%s}`, id, more)
}

const approved = `{"decision": "approved", "by": "ana", "at": "2000-01-01T02:00:00Z"}`

func TestAShortSleepStaysWithItsWorker(t *testing.T) {
	happens(t, flow("", errandStep("a", 1, 0, "")+`,{"id": "s", "uses": "system.sleep", "with": {"seconds": 0.5}},`+errandStep("b", 1, 0, "")),
		"00:00 a, 00:01 b", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			succeeds(t, r, steps)
			if !r.ClaimedAt.Equal(*r.StartedAt) || r.Worked != 2500*time.Millisecond {
				t.Errorf("claimed at %v and worked %v, want it held until its end", r.ClaimedAt, r.Worked)
			}
		})
}

func TestWaitingIsNoWorkingTime(t *testing.T) {
	happens(t, flow(`"timeout_seconds": 60, `, errandStep("a", 30, 0, "")+`,{"id": "s", "uses": "system.sleep", "with": {"seconds": 600}},`+errandStep("b", 29, 0, "")),
		"00:00 a, 10:30 b", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
			succeeds(t, r, steps)
			if r.Worked != 59*time.Second {
				t.Errorf("worked %v, want 59 s", r.Worked)
			}
		})
	t.Run("but what came before it is", func(t *testing.T) {
		happens(t, flow(`"timeout_seconds": 60, `, errandStep("a", 30, 0, "")+`,{"id": "s", "uses": "system.sleep", "with": {"seconds": 600}},`+errandStep("b", 31, 0, "")),
			"00:00 a, 10:30 b", func(t *testing.T, r ordinaut.Run, steps map[string]ordinaut.StepResult) {
				if r.Status != ordinaut.RunFailed || r.Failure.Code != ordinaut.CodeRunTimeout || r.Worked != time.Minute {
					t.Errorf("the run is %s with %+v after %v", r.Status, r.Failure, r.Worked)
				}
			})
	})
}

func TestAnAnswerIsHeardWhileOtherBranchesWork(t *testing.T) {
	d, f := &diary{}, &faulty{}
	story(t, f, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", ask("ask", "")+`,`+errandStep("then", 1, 0, "")+`,`+errandStep("long", 600, 0, `, "needs": []`)))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		run, _ := newest(t, w, id)
		f.have(func(b *faults) { b.answered = func() error { return errDisk } })
		answer(t, w, run.ID, "ask", approved)
		ordinauttest.Pass(5 * time.Second)
		f.have(func(b *faults) { b.answered = nil }) // the next heartbeat hears of it
		ordinauttest.Pass(20 * time.Minute)
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if got := d.told(); got != "00:00 long, 00:20 then" {
			t.Errorf("calls: %s", got)
		}
		if !run.ClaimedAt.Equal(*run.StartedAt) {
			t.Error("the run was given back while a branch worked")
		}
	})
}

func TestAnAnswerThatComesWhileTheRunLetsGoIsNotLost(t *testing.T) {
	d, f := &diary{}, &faulty{}
	story(t, f, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", ask("ask", "")+`,`+errandStep("short", 5, 0, `, "needs": []`)+`,`+errandStep("then", 1, 0, `, "needs": ["ask"]`)))
		f.have(func(b *faults) {
			b.settle = func() error { // after the last look, before the run is put aside
				f.have(func(b *faults) { b.settle = nil })
				run, _ := newest(t, w, id)
				answer(t, w, run.ID, "ask", approved)
				return nil
			}
		})
		ordinauttest.Pass(time.Hour + time.Minute)
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if got := d.told(); got != "00:00 short, 00:05 then" {
			t.Errorf("calls: %s", got)
		}
	})
}

func TestAWaitingRunHoldsNothing(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", errandStep("a", 1, 0, "")+`,`+ask("ask", "")+`,`+errandStep("b", 1, 0, "")))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		run, _ := newest(t, w, id)
		if b := backlog(t, w); run.Status != ordinaut.RunWaiting || b.Waiting != 1 || b.Running+b.Due+b.Later != 0 {
			t.Errorf("the run is %s, and the backlog %+v", run.Status, b)
		}
		answer(t, w, run.ID, "ask", approved)
		ordinauttest.Pass(10 * time.Second)
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if got := d.told(); got != "00:00 a, 00:10 b" || run.Worked != 2*time.Second {
			t.Errorf("calls: %s; worked %v", got, run.Worked)
		}
	})
}

func TestAPushBackDoesStepsAgain(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", errandStep("first", 1, 0, "")+`,
			{"id": "draft", "uses": "debug.echo", "with": {"told": "${run.feedback.comment || 'nothing'}"}},`+ask("ask", "")+`,
			{"id": "end", "uses": "debug.echo", "with": {"sent": "${steps.draft.told}"}}`))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		run, _ := newest(t, w, id)
		answer(t, w, run.ID, "ask", `{"decision": "changes", "to": "draft", "comment": "shorter", "by": "ana", "at": "2000-01-01T02:00:00Z"}`)
		ordinauttest.Pass(10 * time.Second)
		if run, _ = newest(t, w, id); run.Status != ordinaut.RunWaiting {
			t.Fatalf("the run is %s with %+v, want it to ask again", run.Status, run.Failure)
		}
		answer(t, w, run.ID, "ask", approved)
		ordinauttest.Pass(10 * time.Second)
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if string(run.Output) != `{"sent":"shorter"}` || d.count["first"] != 1 {
			t.Errorf("output %s after %v", run.Output, d.count)
		}
		if string(steps["draft~1"].Output) != `{"told":"nothing"}` || steps["ask~1"].Status != ordinaut.StepSucceeded {
			t.Errorf("the first round is %+v", steps)
		}
		if a, b := steps["draft~1"].IdempotencyKey, steps["draft"].IdempotencyKey; a == b {
			t.Errorf("both rounds have the key %q", a)
		}
	})
}

func TestTheWorkingTimeEndsAnOpenWait(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow(`"timeout_seconds": 60, `, ask("ask", "")+`,`+errandStep("long", 600, 0, `, "needs": []`)))
		ordinauttest.Pass(time.Hour + 10*time.Minute)
		run, steps := newest(t, w, id)
		if run.Status != ordinaut.RunFailed || run.Failure.Code != ordinaut.CodeRunTimeout {
			t.Errorf("the run is %s with %+v", run.Status, run.Failure)
		}
		waits, err := w.Store.ListWaits(t.Context(), ordinaut.WaitFilter{RunID: run.ID})
		if err != nil || len(waits) > 0 || steps["ask"].Status != ordinaut.StepFailed {
			t.Errorf("%d waits are left, %v; the step is %s", len(waits), err, steps["ask"].Status)
		}
	})
}

func TestAFailureDoesNotWaitForAWait(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow(`"max_retries": 0, `, ask("ask", "")+`,`+errandStep("bad", 5, 9, `, "needs": []`)))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		run, steps := newest(t, w, id)
		if run.Status != ordinaut.RunFailed || run.Failure.Step != "bad" || steps["ask"].Status != ordinaut.StepFailed {
			t.Errorf("the run is %s with %+v; the open step is %s", run.Status, run.Failure, steps["ask"].Status)
		}
	})
}

func TestAWaitingRunIsCanceled(t *testing.T) {
	story(t, &faulty{}, (&diary{}).script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", ask("ask", "")))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		run, _ := newest(t, w, id)
		cancelRun(w, run.ID)
		run, steps := newest(t, w, id)
		if run.Status != ordinaut.RunCanceled || steps["ask"].Status != ordinaut.StepFailed {
			t.Errorf("the run is %s, its step %s", run.Status, steps["ask"].Status)
		}
	})
}

func TestALinkLeadsToAnApproval(t *testing.T) {
	tune := func(o *engine.Options) {
		o.Link = func(run ordinaut.RunID, step string) string { return "https://example.com/" + step }
	}
	story(t, &faulty{}, (&diary{}).script(), tune, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", `{"id": "tell", "needs": [], "uses": "debug.echo", "with": {"link": "${run.links.ask}"}},`+ask("ask", "")))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		if _, steps := newest(t, w, id); string(steps["tell"].Output) != `{"link":"https://example.com/ask"}` {
			t.Errorf("told %s", steps["tell"].Output)
		}
	})
}

func TestAWakerThatCannotLookTriesAgain(t *testing.T) {
	d := &diary{}
	f := &faulty{}
	story(t, f, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", `{"id": "s", "uses": "system.sleep", "with": {"seconds": 60}},`+errandStep("a", 1, 0, "")))
		ordinauttest.Pass(time.Hour + 10*time.Second)
		f.have(func(b *faults) { b.wake = until(time.Now().Add(time.Minute)) })
		ordinauttest.Pass(5 * time.Minute)
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if got := d.told(); got != "01:10 a" {
			t.Errorf("calls: %s", got)
		}
	})
}

func TestAnAbortEndsAShortSleep(t *testing.T) {
	d := &diary{}
	story(t, &faulty{}, d.script(), nil, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(flow("", `{"id": "s", "uses": "system.sleep", "with": {"seconds": 1}},`+errandStep("a", 1, 0, "")))
		ordinauttest.Pass(time.Hour + 500*time.Millisecond)
		w.Abort()
		w.Restart()
		ordinauttest.Pass(time.Minute)
		run, steps := newest(t, w, id)
		succeeds(t, run, steps)
		if got := d.told(); got != "00:01 a" {
			t.Errorf("calls: %s", got)
		}
	})
}
