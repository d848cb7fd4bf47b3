package ordinaut_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

func TestALineOfALogSaysWhatHappened(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC)
	failure := &ordinaut.Failure{Message: "nobody is there"}
	run := func(s ordinaut.RunStatus) ordinaut.LogLine {
		return ordinaut.LogLine{Kind: ordinaut.LogRun, Status: string(s), Attempt: 1}
	}
	step := func(s ordinaut.StepStatus) ordinaut.LogLine {
		return ordinaut.LogLine{Kind: ordinaut.LogStep, Status: string(s), Attempt: 1, Step: "a"}
	}
	with := func(l ordinaut.LogLine, edits ...func(*ordinaut.LogLine)) ordinaut.LogLine {
		for _, edit := range edits {
			edit(&l)
		}
		return l
	}
	failed := func(l *ordinaut.LogLine) { l.Failure = failure }
	until := func(l *ordinaut.LogLine) { l.Until = &at }
	text := func(text string) func(*ordinaut.LogLine) { return func(l *ordinaut.LogLine) { l.Text = text } }
	again := func(l *ordinaut.LogLine) { l.Attempt = 2 }
	for want, line := range map[string]ordinaut.LogLine{
		"queued":                            run(ordinaut.RunQueued),
		"queued until 2027-07-01T08:00:00Z": with(run(ordinaut.RunQueued), until),
		"failed: nobody is there; tried again at 2027-07-01T08:00:00Z": with(run(ordinaut.RunQueued), failed, until),
		"its steps are to be undone":                                   with(run(ordinaut.RunQueued), failed, text(ordinaut.LogUndo)),
		"undoes its steps":                                             with(run(ordinaut.RunRunning), text(ordinaut.LogUndo)),
		"waits for the runs before it":                                 run(ordinaut.RunParked),
		"started":                                                      run(ordinaut.RunRunning),
		"started, attempt 2":                                           with(run(ordinaut.RunRunning), again),
		"waits":                                                        run(ordinaut.RunWaiting),
		"succeeded":                                                    run(ordinaut.RunSucceeded),
		"failed: nobody is there":                                      with(run(ordinaut.RunFailed), failed, again),
		"canceled: superseded":                                         with(run(ordinaut.RunCanceled), text("superseded")),
		"skipped":                                                      step(ordinaut.StepSkipped),
		"waits for an approval until 2027-07-01T08:00:00Z": with(step(ordinaut.StepWaiting), text("approval"), until),
		"waits for a word on what became of the call":      with(step(ordinaut.StepWaiting), text("doubt")),
		"waits for its time":                               with(step(ordinaut.StepWaiting), text("sleep")),
		"waits for another run":                            with(step(ordinaut.StepWaiting), text("run")),
		"waits for rain":                                   with(step(ordinaut.StepWaiting), text("rain")),
		"INFO the inbox is empty":                          {Kind: ordinaut.LogSaid, Text: "INFO the inbox is empty"},
		"… 7 lines left out":                               {Kind: ordinaut.LogFull, Text: "… 7 lines left out"},
	} {
		if got := line.Words(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, line := range []ordinaut.LogLine{step(ordinaut.StepRunning), with(step(ordinaut.StepRunning), failed)} {
		if got := line.Words(); got != "started" {
			t.Errorf("got %q, want that a step has started", got)
		}
	}
}

func TestALineOfALogIsAnEvent(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		line        ordinaut.LogLine
		topic, data string
	}{
		{
			ordinaut.LogLine{Kind: ordinaut.LogRun, Status: "running", Attempt: 1},
			"task.run.started", `{"run_id":"r","task_id":"t","status":"running","attempt":1}`,
		},
		{
			ordinaut.LogLine{Kind: ordinaut.LogRun, Status: "canceled", Attempt: 1, Text: "superseded"},
			"task.run.canceled", `{"run_id":"r","task_id":"t","status":"canceled","reason":"superseded","attempt":1}`,
		},
		{
			ordinaut.LogLine{Kind: ordinaut.LogRun, Status: "queued", Attempt: 1, Text: ordinaut.LogUndo},
			"task.run.queued", `{"run_id":"r","task_id":"t","status":"queued","attempt":1,"undo":true}`,
		},
		{
			ordinaut.LogLine{Kind: ordinaut.LogStep, Status: "running", Attempt: 2, Step: "a", Tool: "x.y"},
			"task.step.started", `{"run_id":"r","task_id":"t","status":"running","attempt":2,"step":"a","tool":"x.y"}`,
		},
		{
			ordinaut.LogLine{Kind: ordinaut.LogStep, Status: "waiting", Attempt: 1, Step: "a", Text: "sleep", Until: &at},
			"task.step.waiting", `{"run_id":"r","task_id":"t","status":"waiting","attempt":1,"step":"a","waits_for":"sleep","until":"2027-07-01T08:00:00Z"}`,
		},
		{
			ordinaut.LogLine{Kind: ordinaut.LogStep, Status: "waiting", Attempt: 1, Step: "a", Text: "approval"},
			"approval.requested", `{"run_id":"r","task_id":"t","status":"waiting","attempt":1,"step":"a","waits_for":"approval"}`,
		},
		{
			ordinaut.LogLine{Kind: ordinaut.LogStep, Status: "failed", Attempt: 1, Step: "a", Failure: &ordinaut.Failure{Code: "c", Message: "m"}},
			"task.step.failed", `{"run_id":"r","task_id":"t","status":"failed","attempt":1,"step":"a","error":{"class":"","code":"c","message":"m"}}`,
		},
	} {
		c.line.Seq, c.line.RunID, c.line.At = 7, "r", at
		got, err := c.line.Event("t")
		want := ordinaut.Event{
			Seq: 7, ID: "7", Source: ordinaut.SourceOrdinaut, Topic: c.topic, Subject: "r", At: at,
			Data: []byte(c.data), TaskID: "t", RunID: "r",
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: got error %v (-want +got):\n%s", c.topic, err, diff)
		}
	}
	if topic := (ordinaut.LogLine{Kind: ordinaut.LogSaid, Text: "hello"}).Topic(); topic != "" {
		t.Errorf("got topic %q for what a tool said, want none", topic)
	}
}
