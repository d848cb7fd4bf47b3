package storetest

import (
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ordinaut/ordinaut"
)

func waits() []promise {
	return []promise{
		{"what a step waits for comes back with it", waitComesBack},
		{"a step cannot wait for nothing", waitNeedsWait},
		{"a wait lasts as long as its step stands at waiting", waitEnds},
		{"a step that is done does not wait any more", waitAfterDone},
		{"a waiting run holds no lease, no slot and no place in the queue, and is unfinished", waitHoldsNothing},
		{"a waiting run goes on when the moment has come", waitIsOver},
		{"a run that waits for an answer alone is not woken", waitForAnswer},
		{"waiting runs are woken in the order of their moments, no more than are asked for", wakeInOrder},
		{"an answer lets a waiting run go on at once", answerLetsGo},
		{"a wait is answered once, whoever races", answerOnce},
		{"nothing is answered where nothing waits, or after its time", answerToNothing},
		{"the worker of a run under way learns of an answer until it has recorded what follows", answerIsTold},
		{"an answer that came before the run was settled is not slept through", answerBeforeSettle},
		{"a step that goes on waiting keeps its answer, and a new wait has none", answerStays},
		{"waits are found by kind, run, task, creator and answer, oldest first", waitsByFilter},
		{"a run that was asked to end does not begin to wait", waitAfterCancel},
		{"the backlog tells of runs that wait", backlogOfWaits},
	}
}

// waitingFor is a step that waits.
func waitingFor(path string, w ordinaut.Wait) ordinaut.StepResult {
	s := step(path, ordinaut.StepWaiting)
	s.Wait = &w
	return s
}

// approval is a step that waits for a decision.
func approval(path string) ordinaut.StepResult {
	return waitingFor(path, ordinaut.Wait{Kind: ordinaut.WaitApproval})
}

// sleep is a step that waits for a moment.
func sleep(path string, until time.Time) ordinaut.StepResult {
	return waitingFor(path, ordinaut.Wait{Kind: ordinaut.WaitSleep, Until: &until})
}

// untilEnd is a step that waits for the end of a run.
func untilEnd(path string, id ordinaut.RunID) ordinaut.StepResult {
	return waitingFor(path, ordinaut.Wait{Kind: ordinaut.WaitRun, Key: string(id)})
}

// settleWaiting lets a run wait, until a moment if it is not zero.
func (f *fixture) settleWaiting(c ordinaut.Claimed, at time.Time, steps ...ordinaut.StepResult) {
	f.Helper()
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunWaiting, RunAt: at, Steps: steps}))
}

// newWaiting is a run of the task that waits in the steps.
func (f *fixture) newWaiting(id ordinaut.TaskID, steps ...ordinaut.StepResult) ordinaut.RunID {
	f.Helper()
	f.newRun(id)
	c := f.hold("w")
	f.settleWaiting(c, time.Time{}, steps...)
	return c.Run.ID
}

// answer answers a wait.
func (f *fixture) answer(id ordinaut.RunID, path, data string) error {
	a := ordinaut.Answer{RunID: id, Path: path, Data: json.RawMessage(data)}
	return f.store.Answer(f.ctx, a, f.change("approval.decide"))
}

// waiting are the paths at which a run waits.
func (f *fixture) waiting(id ordinaut.RunID) (paths []string) {
	f.Helper()
	for _, w := range get(f.store.ListWaits(f.ctx, ordinaut.WaitFilter{RunID: id}))(f) {
		paths = append(paths, w.Step.Path)
	}
	return paths
}

// answered are the runs of a worker of which a wait was answered.
func (f *fixture) answered(worker string) []ordinaut.RunID {
	f.Helper()
	return get(f.store.Answered(f.ctx, worker))(f)
}

// wake wakes up to limit runs.
func (f *fixture) wake(limit int) ordinaut.Woken {
	f.Helper()
	return get(f.store.Wake(f.ctx, limit))(f)
}

func waitComesBack(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	c := f.hold("w")
	until := f.now().Add(time.Hour)
	a := waitingFor("a", ordinaut.Wait{Kind: ordinaut.WaitApproval, Until: &until, Then: json.RawMessage(`[{"step": "send"}]`)})
	b := waitingFor("loop[1].b", ordinaut.Wait{Kind: ordinaut.WaitRun, Key: "nothing"})
	want := []ordinaut.StepResult{a, step("c", ordinaut.StepSucceeded), b}
	f.must(f.store.SaveStep(f.ctx, c.Lease, want...))
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), want)
	listed := get(f.store.ListWaits(f.ctx, ordinaut.WaitFilter{}))(f)
	same(f, "waits", listed, []ordinaut.Waiting{
		{RunID: c.Run.ID, TaskID: task.ID, Step: a},
		{RunID: c.Run.ID, TaskID: task.ID, Step: b},
	})
}

func waitNeedsWait(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	if err := f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepWaiting)); err == nil {
		f.Error("got no error, want one")
	}
	same(f, "steps", f.stepCount(c.Run.ID), 0)
}

func waitEnds(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, approval("b")))
	for _, status := range []ordinaut.StepStatus{ordinaut.StepRunning, ordinaut.StepFailed, ordinaut.StepSucceeded} {
		f.must(f.store.SaveStep(f.ctx, c.Lease, approval("a")))
		same(f, "waits", f.waiting(c.Run.ID), []string{"b", "a"})
		f.must(f.store.SaveStep(f.ctx, c.Lease, step("a", status)))
		same(f, "waits left", f.waiting(c.Run.ID), []string{"b"})
		f.refused(f.answer(c.Run.ID, "a", `{}`), ordinaut.ErrNotFound)
	}
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), []ordinaut.StepResult{approval("b"), step("a", ordinaut.StepSucceeded)})
	ended := approval("b")
	ended.Status = ordinaut.StepSucceeded
	f.must(f.store.SaveStep(f.ctx, c.Lease, ended))
	same(f, "waits in the end", f.waiting(c.Run.ID), nil)
}

func waitAfterDone(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepSucceeded)))
	f.must(f.store.SaveStep(f.ctx, c.Lease, approval("a")))
	same(f, "waits", f.waiting(c.Run.ID), nil)
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), []ordinaut.StepResult{step("a", ordinaut.StepSucceeded)})
}

func waitHoldsNothing(f *fixture) {
	task := f.newTask(withSlots("mail", 1), firing(f.now()))
	f.newRun(task.ID)
	c := f.hold("w")
	behind, beside := f.newRun(task.ID, parked), f.newRun(f.newTask(withSlots("mail", 1)).ID)
	same(f, "while the slot is taken", f.claim("w", 9), nil)
	f.expectSignal(ordinaut.SignalWaits, "a wait that ends by itself", true, func() {
		f.settleWaiting(c, f.now().Add(time.Hour), approval("a"))
	})
	f.statusIs(c.Run.ID, ordinaut.RunWaiting)
	same(f, "claimed", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{beside})
	f.statusIs(behind, ordinaut.RunParked)
	same(f, "unfinished", get(f.store.Due(f.ctx, 9))(f).Tasks[0].Unfinished, 2)
	f.refused(f.store.SaveStep(f.ctx, c.Lease, step("b", ordinaut.StepSucceeded)), ordinaut.ErrLeaseLost)
	f.pass(30 * 24 * time.Hour)
	same(f, "reclaimed", get(f.store.Reclaim(f.ctx))(f), 1)
	f.statusIs(c.Run.ID, ordinaut.RunWaiting)
}

func waitIsOver(f *fixture) {
	f.newRun(f.newTask(withPriority(9)).ID)
	c := f.hold("w")
	at := f.now().Add(time.Minute)
	f.settleWaiting(c, at, sleep("a", at))
	same(f, "before", f.wake(9), ordinaut.Woken{Next: &at})
	f.pass(time.Minute)
	same(f, "claimed before it is woken", f.claim("w", 9), nil)
	f.expectSignal(ordinaut.SignalQueue, "the moment", true, func() { same(f, "woken", f.wake(9), ordinaut.Woken{Runs: 1}) })
	again := f.hold("v")
	same(f, "run", again.Run.ID, c.Run.ID)
	same(f, "waits", f.waiting(c.Run.ID), []string{"a"})
	same(f, "woken again", f.wake(9), ordinaut.Woken{})
	f.must(f.store.Settle(f.ctx, again.Lease, ordinaut.Outcome{
		Status: ordinaut.RunSucceeded, Steps: []ordinaut.StepResult{step("a", ordinaut.StepSucceeded)},
	}))
}

func waitForAnswer(f *fixture) {
	f.expectSignal(ordinaut.SignalWaits, "a wait without a moment", false, func() { f.newWaiting(f.newTask().ID, approval("a")) })
	f.pass(366 * 24 * time.Hour)
	same(f, "woken", f.wake(9), ordinaut.Woken{})
	same(f, "claimed", f.claim("w", 9), nil)
}

func wakeInOrder(f *fixture) {
	task, now := f.newTask(), f.now()
	var ids []ordinaut.RunID
	for _, d := range []time.Duration{3, 1, 4, 2} {
		f.newRun(task.ID)
		c := f.hold("w")
		at := now.Add(d * time.Minute)
		f.settleWaiting(c, at, sleep("a", at))
		ids = append(ids, c.Run.ID)
	}
	f.pass(3 * time.Minute)
	third, fourth := now.Add(3*time.Minute), now.Add(4*time.Minute)
	same(f, "woken", f.wake(2), ordinaut.Woken{Runs: 2, Next: &third})
	same(f, "claimed", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{ids[1], ids[3]})
	same(f, "woken then", f.wake(2), ordinaut.Woken{Runs: 1, Next: &fourth})
	same(f, "claimed then", claimedIDs(f.claim("w", 9)), []ordinaut.RunID{ids[0]})
}

func answerLetsGo(f *fixture) {
	at := f.now().Add(time.Hour)
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.settleWaiting(c, at, approval("a"), sleep("b", at))
	f.expectSignal(ordinaut.SignalQueue, "an answer", true, func() { f.must(f.answer(c.Run.ID, "a", `{"decision": "approved"}`)) })
	again := f.hold("w")
	same(f, "run", again.Run.ID, c.Run.ID)
	same(f, "started", again.Run.StartedAt, c.Run.StartedAt)
	want := []ordinaut.StepResult{approval("a"), sleep("b", at)}
	want[0].Wait.Answer = json.RawMessage(`{"decision": "approved"}`)
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), want)
	audit := get(f.store.Audit(f.ctx, 0, 0))(f)
	same(f, "action", audit[len(audit)-1].Action, "approval.decide")
	same(f, "woken", f.wake(9), ordinaut.Woken{})
}

func answerOnce(f *fixture) {
	id := f.newWaiting(f.newTask().ID, approval("a"))
	var taken atomic.Int32
	together(8, func(int) {
		switch err := f.answer(id, "a", `{}`); {
		case err == nil:
			taken.Add(1)
		case !errors.Is(err, ordinaut.ErrAnswered):
			f.Errorf("got error %v, want %v", err, ordinaut.ErrAnswered)
		}
	})
	same(f, "taken", taken.Load(), 1)
	f.refused(f.answer(id, "a", `{}`), ordinaut.ErrAnswered)
	f.statusIs(id, ordinaut.RunQueued)
}

func answerToNothing(f *fixture) {
	at := f.now().Add(time.Minute)
	late := waitingFor("late", ordinaut.Wait{Kind: ordinaut.WaitApproval, Until: &at})
	id := f.newWaiting(f.newTask().ID, late, approval("a"))
	before := get(f.store.Audit(f.ctx, 0, 0))(f)
	f.refused(f.answer("nothing", "a", `{}`), ordinaut.ErrNotFound)
	f.refused(f.answer(id, "b", `{}`), ordinaut.ErrNotFound)
	if f.answer(id, "a", "") == nil {
		f.Error("an empty answer: got no error, want one")
	}
	f.pass(time.Minute)
	f.refused(f.answer(id, "late", `{}`), ordinaut.ErrNotFound)
	same(f, "audit", get(f.store.Audit(f.ctx, 0, 0))(f), before)
	f.statusIs(id, ordinaut.RunWaiting)
}

func answerIsTold(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, approval("a"), step("b", ordinaut.StepRunning)))
	same(f, "before", f.answered("w"), nil)
	f.expectSignal(ordinaut.SignalAnswers, "an answer", true, func() { f.must(f.answer(c.Run.ID, "a", `{}`)) })
	f.statusIs(c.Run.ID, ordinaut.RunRunning)
	same(f, "answered", f.answered("w"), []ordinaut.RunID{c.Run.ID})
	same(f, "of another", f.answered("v"), nil)
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepSucceeded)))
	same(f, "after", f.answered("w"), nil)
}

func answerBeforeSettle(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, approval("a"), approval("b")))
	f.must(f.answer(c.Run.ID, "a", `{}`))
	f.expectSignal(ordinaut.SignalQueue, "a run with an answer", true, func() { f.settleWaiting(c, f.now().Add(time.Hour), approval("a")) })
	f.statusIs(c.Run.ID, ordinaut.RunQueued)

	c = f.hold("w")
	f.settleWaiting(c, time.Time{}, step("a", ordinaut.StepSucceeded)) // now it has taken it in
	f.statusIs(c.Run.ID, ordinaut.RunWaiting)
}

func answerStays(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, approval("a")))
	f.must(f.answer(c.Run.ID, "a", `{}`))
	f.must(f.store.SaveStep(f.ctx, c.Lease, approval("a")))
	same(f, "answered", f.answered("w"), []ordinaut.RunID{c.Run.ID})
	f.must(f.store.SaveStep(f.ctx, c.Lease, waitingFor("a", ordinaut.Wait{Kind: ordinaut.WaitDoubt})))
	same(f, "answered in a new wait", f.answered("w"), nil)
}

func waitsByFilter(f *fixture) {
	grace := f.newAgent("grace")
	mine, theirs := f.newTask(), f.newTask(func(t *ordinaut.Task) { t.CreatedBy = grace.ID })
	one := f.newWaiting(mine.ID, approval("a"), sleep("s", f.now().Add(time.Hour)))
	two := f.newWaiting(theirs.ID, approval("b"), waitingFor("d", ordinaut.Wait{Kind: ordinaut.WaitDoubt}))
	f.must(f.answer(two, "b", `{}`))
	approvals := []ordinaut.WaitKind{ordinaut.WaitApproval}
	for name, test := range map[string]struct {
		filter ordinaut.WaitFilter
		want   []string
	}{
		"nothing":          {ordinaut.WaitFilter{}, []string{"a", "s", "b", "d"}},
		"limit":            {ordinaut.WaitFilter{Limit: 2}, []string{"a", "s"}},
		"kind":             {ordinaut.WaitFilter{Kinds: approvals}, []string{"a", "b"}},
		"kinds":            {ordinaut.WaitFilter{Kinds: []ordinaut.WaitKind{ordinaut.WaitDoubt, ordinaut.WaitSleep}}, []string{"s", "d"}},
		"run":              {ordinaut.WaitFilter{RunID: one}, []string{"a", "s"}},
		"run and kind":     {ordinaut.WaitFilter{RunID: one, Kinds: approvals}, []string{"a"}},
		"task":             {ordinaut.WaitFilter{TaskID: theirs.ID}, []string{"b", "d"}},
		"creator":          {ordinaut.WaitFilter{CreatedBy: grace.ID}, []string{"b", "d"}},
		"another's run":    {ordinaut.WaitFilter{RunID: one, CreatedBy: grace.ID}, nil},
		"answer":           {ordinaut.WaitFilter{Open: true}, []string{"a", "s", "d"}},
		"answer and run":   {ordinaut.WaitFilter{Open: true, RunID: two}, []string{"d"}},
		"all of them":      {ordinaut.WaitFilter{Open: true, RunID: two, Kinds: approvals, TaskID: theirs.ID, CreatedBy: grace.ID, Limit: 1}, nil},
		"kinds of nothing": {ordinaut.WaitFilter{Kinds: []ordinaut.WaitKind{ordinaut.WaitRun}}, nil},
	} {
		var got []string
		for _, w := range get(f.store.ListWaits(f.ctx, test.filter))(f) {
			got = append(got, w.Step.Path)
		}
		same(f, "by "+name, got, test.want)
	}
}

func waitAfterCancel(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.cancel(c.Run.ID)
	f.settleWaiting(c, f.now().Add(time.Hour), approval("a"))
	f.endedAs(c.Run.ID, ordinaut.ReasonCanceled)
	f.stepsEnded(c.Run.ID, "a failed")
	same(f, "waits", f.waiting(c.Run.ID), nil)
}

func backlogOfWaits(f *fixture) {
	task := f.newTask()
	f.newWaiting(task.ID, approval("a"))
	f.newRun(task.ID)
	c := f.hold("w")
	f.settleWaiting(c, f.now().Add(time.Hour), sleep("s", f.now().Add(time.Hour)))
	got := get(f.store.Backlog(f.ctx))(f)
	same(f, "backlog", got, ordinaut.Backlog{Now: got.Now, Waiting: 2})
}
