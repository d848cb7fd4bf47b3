package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

func TestARunThatWaitsIsCanceledAtOnce(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(hello(`"schedule_kind": "manual", "schedule_expr": "", "key": "hi", "backoff_strategy": "fixed", "backoff_base_seconds": 300,
			"payload": {"pipeline": [{"uses": "flow.fail", "with": {"message": "no"}}]}`))
		run := read[service.Run](t, w.Do("task.run", `{"task": "hi", "wait_seconds": 1}`))
		name := fmt.Sprintf(`{"run": %q}`, run.ID)
		for range 2 { // to say it again changes nothing
			got := read[service.Run](t, w.Do("run.cancel", name))
			if got.Status != ordinaut.RunCanceled || got.Reason != ordinaut.ReasonCanceled || got.Canceling {
				t.Errorf("got %s (%s), canceling %v, want that it was canceled", got.Status, got.Reason, got.Canceling)
			}
		}
		ordinauttest.Pass(time.Hour)
		if got := read[service.Run](t, w.Do("run.get", name)); got.Status != ordinaut.RunCanceled || got.Attempt != 2 {
			t.Errorf("got %s at attempt %d an hour later, want canceled at 2", got.Status, got.Attempt)
		}
	})
}

func TestARunThatHasEndedIsNotCanceled(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(hello(`"schedule_kind": "manual", "schedule_expr": "", "key": "hi"`))
		run := read[service.Run](t, w.Do("task.run", `{"task": "hi", "wait_seconds": 1}`))
		e := refused(t, w, "run.cancel", fmt.Sprintf(`{"run": %q}`, run.ID), ordinaut.CodeRunState)
		if want := "a run that has ended cannot be canceled; it has succeeded"; e.Message != want {
			t.Errorf("got %q, want %q", e.Message, want)
		}
		refused(t, w, "run.cancel", `{"run": "none"}`, ordinaut.CodeRunNotFound)
	})
}
