package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

func logs() []promise {
	return []promise{
		{"the log of a run tells its story in order, with what tools said before the result of their step", logTellsStory},
		{"an attempt that failed is told with its cause and the time of the next", logTellsRetry},
		{"a step that waits is told with what it waits for", logTellsWait},
		{"a run that ends without a worker has its last line", logTellsCancel},
		{"a log is read page by page, by step, by time, and by task", logByFilter},
		{"positions only grow, and the end is the newest", logPositions},
		{"a log keeps so much, and says in its last line how much it left out", logIsBounded},
		{"lines of a run that is not there are left out", logNeedsRun},
		{"the log is pruned with the steps", logIsPruned},
		{"what is logged signals the log", logSignals},
	}
}

// said is what a tool said during a step.
func (f *fixture) said(id ordinaut.RunID, path, text string) ordinaut.LogLine {
	return ordinaut.LogLine{RunID: id, At: f.now(), Kind: ordinaut.LogSaid, Step: path, Attempt: 1, Tool: "script.say", Text: text}
}

// logged is the log that a filter finds, a line each.
func (f *fixture) logged(filter ordinaut.LogFilter) (told []string) {
	f.Helper()
	for _, l := range get(f.store.ListLog(f.ctx, filter))(f) {
		told = append(told, strings.TrimSpace(l.Step+" "+l.Words()))
	}
	return told
}

// story is the whole log of a run.
func (f *fixture) story(id ordinaut.RunID) []string {
	f.Helper()
	return f.logged(ordinaut.LogFilter{RunID: id})
}

func logTellsStory(f *fixture) {
	id := f.newRun(f.newTask().ID)
	c := f.hold("w")
	begun := step("a", ordinaut.StepRunning)
	f.must(f.store.SaveStep(f.ctx, c.Lease, begun))
	f.must(f.store.AppendLog(f.ctx, f.said(id, "a", "one"), f.said(id, "a", "two")))
	done := step("a", ordinaut.StepSucceeded)
	done.Log = []ordinaut.LogLine{f.said(id, "a", "three")}
	f.must(f.store.SaveStep(f.ctx, c.Lease, done, step("b", ordinaut.StepSkipped)))
	last := step("c", ordinaut.StepSucceeded)
	last.Log = []ordinaut.LogLine{f.said(id, "c", "four")}
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded, Steps: []ordinaut.StepResult{last}}))
	same(f, "story", f.story(id), []string{
		"queued", "started", "a started", "a one", "a two", "a three", "a succeeded", "b skipped", "c four", "c succeeded", "succeeded",
	})
	for _, l := range get(f.store.ListLog(f.ctx, ordinaut.LogFilter{RunID: id}))(f) {
		if l.At.IsZero() || l.At.After(f.now()) || l.RunID != id {
			f.Errorf("got a line of run %s at %v, want its own and the store's clock", l.RunID, l.At)
		}
	}
	same(f, "steps do not give the lines back", get(f.store.Steps(f.ctx, id))(f)[0].Log, nil)
}

func logTellsRetry(f *fixture) {
	id := f.newRun(f.newTask().ID)
	c := f.hold("w")
	failure := &ordinaut.Failure{Class: ordinaut.ClassUnavailable, Code: ordinaut.CodeToolUnavailable, Message: "nobody is there"}
	failed := step("a", ordinaut.StepFailed)
	failed.Failure = failure
	again := f.now().Add(time.Minute)
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{
		Status: ordinaut.RunQueued, RunAt: again, Failed: true, Failure: failure, Steps: []ordinaut.StepResult{failed},
	}))
	f.pass(time.Minute)
	c = f.hold("w")
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunFailed, Failed: true, Failure: failure}))
	same(f, "story", f.story(id), []string{
		"queued", "started", "a failed: nobody is there",
		"failed: nobody is there; tried again at " + again.Format(time.RFC3339), "started, attempt 2", "failed: nobody is there",
	})
}

func logTellsWait(f *fixture) {
	id := f.newRun(f.newTask().ID)
	c := f.hold("w")
	until := f.now().Add(time.Hour)
	waits := step("ask", ordinaut.StepWaiting)
	waits.Wait = &ordinaut.Wait{Kind: ordinaut.WaitApproval, Until: &until}
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunWaiting, RunAt: until, Steps: []ordinaut.StepResult{waits}}))
	at := until.Format(time.RFC3339)
	same(f, "story", f.story(id), []string{"queued", "started", "ask waits for an approval until " + at, "waits until " + at})
}

func logTellsCancel(f *fixture) {
	id := f.newRun(f.newTask().ID)
	f.must(f.store.CancelRun(f.ctx, id, ordinaut.ReasonCanceled, f.change("run.cancel")))
	same(f, "story", f.story(id), []string{"queued", "canceled: " + string(ordinaut.ReasonCanceled)})
}

func logByFilter(f *fixture) {
	task, other := f.newTask(), f.newTask()
	id := f.newRun(task.ID)
	f.pass(time.Second)
	then := f.now()
	lines := []ordinaut.LogLine{f.said(id, "loop", "a"), f.said(id, "loop[3].x", "b"), f.said(id, "loops", "c"), f.said(id, "loop.undo", "d")}
	f.must(f.store.AppendLog(f.ctx, lines...))
	f.newRun(other.ID)
	all := []string{"queued", "loop a", "loop[3].x b", "loops c", "loop.undo d"}
	same(f, "of the run", f.story(id), all)
	same(f, "of its task", f.logged(ordinaut.LogFilter{TaskID: task.ID}), all)
	same(f, "of all", f.logged(ordinaut.LogFilter{}), append(all, "queued"))
	same(f, "below a step", f.logged(ordinaut.LogFilter{RunID: id, Step: "loop"}), []string{"loop a", "loop[3].x b", "loop.undo d"})
	same(f, "of an item", f.logged(ordinaut.LogFilter{RunID: id, Step: "loop[3]"}), []string{"loop[3].x b"})
	same(f, "since", f.logged(ordinaut.LogFilter{RunID: id, From: then}), all[1:])
	page := get(f.store.ListLog(f.ctx, ordinaut.LogFilter{RunID: id, Limit: 2}))(f)
	same(f, "second page", f.logged(ordinaut.LogFilter{RunID: id, After: page[1].Seq, Limit: 2}), all[2:4])
}

func logPositions(f *fixture) {
	same(f, "end of an empty log", get(f.store.LogEnd(f.ctx))(f), 0)
	a, b := f.newRun(f.newTask().ID), f.newRun(f.newTask().ID)
	for n := range 5 {
		f.must(f.store.AppendLog(f.ctx, f.said(a, "s", fmt.Sprint(n)), f.said(b, "s", fmt.Sprint(n))))
	}
	last := int64(0)
	for _, l := range get(f.store.ListLog(f.ctx, ordinaut.LogFilter{}))(f) {
		if l.Seq <= last {
			f.Errorf("got position %d after %d", l.Seq, last)
		}
		last = l.Seq
	}
	same(f, "end", get(f.store.LogEnd(f.ctx))(f), last)
}

func logIsBounded(f *fixture) {
	id := f.newRun(f.newTask().ID)
	long := strings.Repeat("x", limits.LogLineBytes)
	for range limits.RunLogBytes/limits.LogLineBytes + 5 {
		f.must(f.store.AppendLog(f.ctx, f.said(id, "s", long)))
	}
	seen := get(f.store.LogEnd(f.ctx))(f)
	f.must(f.store.AppendLog(f.ctx, f.said(id, "s", long), f.said(id, "s", long)))
	c := f.hold("w")
	f.succeed(c)
	kept, full, left := 0, "", 0
	for _, l := range get(f.store.ListLog(f.ctx, ordinaut.LogFilter{RunID: id}))(f) {
		switch l.Kind {
		case ordinaut.LogSaid:
			kept += len(l.Text)
		case ordinaut.LogFull:
			full = l.Text
			if l.Seq <= seen {
				f.Errorf("got the count at position %d, want it behind what readers have seen, %d", l.Seq, seen)
			}
		}
	}
	if kept > limits.RunLogBytes || kept < limits.RunLogBytes*9/10 {
		f.Errorf("got %d bytes kept, want nearly %d", kept, limits.RunLogBytes)
	}
	if _, err := fmt.Sscanf(full, "… %d lines left out", &left); err != nil || left+kept/len(long) != limits.RunLogBytes/limits.LogLineBytes+7 {
		f.Errorf("got %q with %d lines kept", full, kept/len(long))
	}
	story := f.story(id)
	same(f, "the end is told all the same", story[len(story)-1], "succeeded")
}

func logNeedsRun(f *fixture) {
	id := f.newRun(f.newTask().ID)
	f.must(f.store.AppendLog(f.ctx, f.said("nobody", "s", "lost"), f.said(id, "s", "kept")))
	same(f, "log", f.logged(ordinaut.LogFilter{}), []string{"queued", "s kept"})
}

func logIsPruned(f *fixture) {
	old := f.finished()
	f.must(f.store.AppendLog(f.ctx, f.said(old, "a", "late")))
	f.pass(time.Hour)
	young := f.finished()
	end := get(f.store.LogEnd(f.ctx))(f)
	keep := forever()
	keep.Steps = time.Minute
	f.prune(keep)
	same(f, "old log", f.story(old), nil)
	same(f, "young log", len(f.story(young)), 5)
	keep.Steps = 0
	f.pass(time.Second)
	f.prune(keep)
	f.newRun(f.newTask().ID)
	if got := get(f.store.LogEnd(f.ctx))(f); got <= end {
		f.Errorf("got position %d after all was pruned, want one behind %d", got, end)
	}
}

func logSignals(f *fixture) {
	var id ordinaut.RunID
	task := f.newTask()
	f.expectSignal(ordinaut.SignalLog, "a new run", true, func() { id = f.newRun(task.ID) })
	f.expectSignal(ordinaut.SignalLog, "what a tool said", true, func() { f.must(f.store.AppendLog(f.ctx, f.said(id, "s", "hello"))) })
	var c ordinaut.Claimed
	f.expectSignal(ordinaut.SignalLog, "a claim", true, func() { c = f.hold("w") })
	f.expectSignal(ordinaut.SignalLog, "a step", true, func() { f.must(f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepRunning))) })
	f.expectSignal(ordinaut.SignalLog, "a claim of nothing", false, func() { f.claim("v", 1) })
}
