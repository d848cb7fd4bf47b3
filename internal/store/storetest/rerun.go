package storetest

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
)

func reruns() []promise {
	return []promise{
		{"a rerun begins as it is told, and is shown with the run that it repeats", rerunComesBack},
		{"a rerun begins with the results it is told to keep, and with no others", rerunKeepsResults},
		{"a rerun whose results are gone is not made", rerunNeedsResults},
		{"a rerun follows the version and has the now that it was given", rerunIsBound},
		{"a rerun is made whatever its dedupe key, which counts for the runs after it", rerunIsNoDuplicate},
		{"a failed run is a dead letter until it is dismissed, once", deadUntilDismissed},
		{"a failed run is no dead letter while a rerun goes its way, which then is one itself", deadUntilRerun},
		{"a rerun that is canceled has dealt with nothing", deadAfterCancel},
		{"dead letters are listed newest first, of a task, of a creator, and up to a limit", deadByFilter},
		{"runs are selected by statuses, reason, code, class, label and whether they were repeated", runsByMore},
	}
}

// failRun makes a run of the task that fails with a code, at a step.
func (f *fixture) failRun(id ordinaut.TaskID, code ordinaut.Code, steps ...ordinaut.StepResult) ordinaut.RunID {
	f.Helper()
	f.newRun(id)
	c := f.hold("w")
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{
		Status: ordinaut.RunFailed, Failed: true, Steps: steps,
		Failure: &ordinaut.Failure{Class: ordinaut.ClassTimeout, Code: code, Step: "b", Message: "no"},
	}))
	return c.Run.ID
}

// rerun makes a run that repeats another, with some of its results.
func (f *fixture) rerun(of ordinaut.RunID, keep ...string) ordinaut.RunID {
	f.Helper()
	r := f.repeating(of, keep...)
	f.must(f.store.Rerun(f.ctx, r, f.change("run.rerun")))
	return r.Run.ID
}

func (f *fixture) repeating(of ordinaut.RunID, keep ...string) ordinaut.Rerun {
	f.Helper()
	was := f.readRun(of)
	return ordinaut.Rerun{Keep: keep, Run: ordinaut.Run{
		ID: ordinaut.RunID(newID()), TaskID: was.TaskID, Trigger: ordinaut.TriggerRerun, RerunOf: of,
	}}
}

// results are three steps, of which the last has failed.
func (f *fixture) results() []ordinaut.StepResult {
	at := f.now()
	done := func(path string, output string) ordinaut.StepResult {
		return ordinaut.StepResult{
			Path: path, Status: ordinaut.StepSucceeded, Attempt: 2, Tool: "debug.echo", Input: json.RawMessage(`{"a": 1}`),
			Output: json.RawMessage(output), IdempotencyKey: "key/" + path, StartedAt: at, FinishedAt: &at, Undoable: path == "a",
		}
	}
	failed := ordinaut.StepResult{Path: "b", Status: ordinaut.StepFailed, Attempt: 1, Tool: "debug.echo", StartedAt: at, FinishedAt: &at,
		Failure: &ordinaut.Failure{Class: ordinaut.ClassTimeout, Code: "tool.timeout", Message: "no"}}
	return []ordinaut.StepResult{done("a", `1`), done("loop[0].x", `{"b": null}`), failed}
}

func rerunComesBack(f *fixture) {
	nominal := f.now().Add(-time.Hour).Truncate(time.Second)
	was := f.failRun(f.newTask(withPriority(7)).ID, "tool.timeout")
	r := f.repeating(was)
	r.Run.Nominal, r.Run.Params, r.Run.Depth = &nominal, json.RawMessage(`{"city": "Iași"}`), 2
	f.must(f.store.Rerun(f.ctx, r, f.change("run.rerun")))
	got := f.readRun(r.Run.ID)
	want := r.Run
	want.Status, want.Priority = ordinaut.RunQueued, 7
	want.ScheduledFor, want.EnqueuedAt, want.PlanRev = got.ScheduledFor, got.EnqueuedAt, got.PlanRev
	same(f, "rerun", got, want)
	second := f.rerun(was)
	f.rerun(r.Run.ID)
	ids := func(limit int) (ids []ordinaut.RunID) {
		for _, r := range get(f.store.RerunsOf(f.ctx, was, limit))(f) {
			ids = append(ids, r.ID)
		}
		return ids
	}
	same(f, "reruns", ids(0), []ordinaut.RunID{second, r.Run.ID})
	same(f, "the newest rerun", ids(1), []ordinaut.RunID{second})
	f.refused(f.store.Rerun(f.ctx, ordinaut.Rerun{Run: ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: "none", Trigger: ordinaut.TriggerRerun, RerunOf: was}}, f.change("run.rerun")), ordinaut.ErrNotFound)
}

func rerunKeepsResults(f *fixture) {
	past := f.results()
	was := f.failRun(f.newTask().ID, "tool.timeout", past...)
	got := get(f.store.Steps(f.ctx, f.rerun(was, "loop[0].x", "a")))(f)
	same(f, "kept", got, past[:2])
	same(f, "of the run itself", get(f.store.Steps(f.ctx, was))(f), past)
	same(f, "without any", get(f.store.Steps(f.ctx, f.rerun(was)))(f), nil)
}

func rerunNeedsResults(f *fixture) {
	was := f.failRun(f.newTask().ID, "tool.timeout", f.results()...)
	r := f.repeating(was, "a", "never")
	f.refused(f.store.Rerun(f.ctx, r, f.change("run.rerun")), ordinaut.ErrNotFound)
	_, err := f.store.Run(f.ctx, r.Run.ID)
	f.refused(err, ordinaut.ErrNotFound)
	same(f, "reruns", get(f.store.RerunsOf(f.ctx, was, 0))(f), nil)
}

func rerunIsBound(f *fixture) {
	task := f.newTask()
	was := f.failRun(task.ID, "tool.timeout")
	f.edit(task.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Version, t.Title = 2, "Another" })
	now := f.now().Add(-time.Hour)
	r := f.repeating(was)
	r.Run.TaskVersion, r.Run.Now = 1, &now
	f.must(f.store.Rerun(f.ctx, r, f.change("run.rerun")))
	same(f, "is bound before it starts", f.readRun(r.Run.ID).TaskVersion, 1)
	c := f.hold("w")
	same(f, "version", c.Run.TaskVersion, 1)
	same(f, "now", *c.Run.Now, now)
	f.succeed(c)
	f.rerun(was)
	c = f.hold("w")
	same(f, "version of one that names none", c.Run.TaskVersion, 2)
	if c.Run.Now.Before(now.Add(time.Minute)) {
		f.Errorf("got now %v, want that of the claim", c.Run.Now)
	}
}

func rerunIsNoDuplicate(f *fixture) {
	task := f.newTask(func(t *ordinaut.Task) { t.DedupeKey, t.DedupeWindowSeconds = "once", 60 })
	was := f.failRun(task.ID, "tool.timeout")
	f.pass(50 * time.Second)
	f.rerun(was)
	f.pass(50 * time.Second)
	r := ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: ordinaut.TriggerManual}
	f.refused(f.store.CreateRun(f.ctx, r, f.change("task.run_now")), ordinaut.ErrDuplicate)
}

// dead are the runs that are dead letters.
func (f *fixture) dead(filter ordinaut.DeadLetterFilter) (ids []ordinaut.RunID) {
	f.Helper()
	for _, l := range get(f.store.DeadLetters(f.ctx, filter))(f) {
		ids = append(ids, l.RunID)
	}
	return ids
}

func deadUntilDismissed(f *fixture) {
	task := f.newTask()
	f.newRun(task.ID)
	f.succeed(f.hold("w"))
	id := f.failRun(task.ID, "tool.timeout")
	run := f.readRun(id)
	same(f, "dead letters", get(f.store.DeadLetters(f.ctx, ordinaut.DeadLetterFilter{}))(f),
		[]ordinaut.DeadLetter{{RunID: id, TaskID: task.ID, Failure: *run.Failure, FinishedAt: *run.FinishedAt}})
	dismiss := func(ids ...ordinaut.RunID) []ordinaut.RunID {
		return get(f.store.Dismiss(f.ctx, ids, f.change("run.dismiss")))(f)
	}
	same(f, "dismissed", dismiss(id, f.newRun(task.ID), "none"), []ordinaut.RunID{id})
	same(f, "dismissed again", dismiss(id), nil)
	same(f, "dead letters then", f.dead(ordinaut.DeadLetterFilter{}), nil)
	same(f, "the run itself", f.readRun(id), run)
}

func deadUntilRerun(f *fixture) {
	first := f.failRun(f.newTask().ID, "tool.timeout")
	second := f.rerun(first)
	same(f, "while the rerun waits", f.dead(ordinaut.DeadLetterFilter{}), nil)
	same(f, "dismissed", get(f.store.Dismiss(f.ctx, []ordinaut.RunID{first}, f.change("run.dismiss")))(f), nil)
	f.must(f.store.Settle(f.ctx, f.hold("w").Lease, ordinaut.Outcome{
		Status: ordinaut.RunFailed, Failed: true, Failure: &ordinaut.Failure{Class: ordinaut.ClassTimeout, Code: "tool.timeout"},
	}))
	same(f, "when it has failed", f.dead(ordinaut.DeadLetterFilter{}), []ordinaut.RunID{second})
	f.rerun(second)
	f.succeed(f.hold("w"))
	same(f, "when its own has succeeded", f.dead(ordinaut.DeadLetterFilter{}), nil)
}

func deadAfterCancel(f *fixture) {
	id := f.failRun(f.newTask().ID, "tool.timeout")
	f.must(f.store.CancelRun(f.ctx, f.rerun(id), ordinaut.ReasonCanceled, f.change("run.cancel")))
	same(f, "dead letters", f.dead(ordinaut.DeadLetterFilter{}), []ordinaut.RunID{id})
}

func deadByFilter(f *fixture) {
	grace := f.newAgent("grace")
	mine, theirs := f.newTask(), f.newTask(func(t *ordinaut.Task) { t.CreatedBy = grace.ID })
	a, b, c := f.failRun(mine.ID, "x"), f.failRun(theirs.ID, "y"), f.failRun(mine.ID, "z")
	same(f, "all", f.dead(ordinaut.DeadLetterFilter{}), []ordinaut.RunID{c, b, a})
	same(f, "of a task", f.dead(ordinaut.DeadLetterFilter{TaskID: mine.ID}), []ordinaut.RunID{c, a})
	same(f, "of a creator", f.dead(ordinaut.DeadLetterFilter{CreatedBy: grace.ID}), []ordinaut.RunID{b})
	same(f, "up to a limit", f.dead(ordinaut.DeadLetterFilter{Limit: 2}), []ordinaut.RunID{c, b})
}

func runsByMore(f *fixture) {
	labeled, plain := f.newTask(func(t *ordinaut.Task) { t.Labels = map[string]string{"team": "ops", "tier": "1"} }), f.newTask()
	a, b := f.failRun(labeled.ID, "tool.timeout"), f.failRun(plain.ID, "run.timeout")
	c := f.newRun(plain.ID)
	f.must(f.store.CancelRun(f.ctx, c, ordinaut.ReasonSuperseded, f.change("run.cancel")))
	d := f.rerun(a)
	f.must(f.store.CancelRun(f.ctx, f.rerun(b), ordinaut.ReasonCanceled, f.change("run.cancel")))
	for name, test := range map[string]struct {
		filter ordinaut.RunFilter
		want   []ordinaut.RunID
	}{
		"statuses":          {ordinaut.RunFilter{Statuses: []ordinaut.RunStatus{ordinaut.RunFailed, ordinaut.RunQueued}}, []ordinaut.RunID{d, b, a}},
		"reason":            {ordinaut.RunFilter{Reason: ordinaut.ReasonSuperseded}, []ordinaut.RunID{c}},
		"code":              {ordinaut.RunFilter{Code: "run.timeout"}, []ordinaut.RunID{b}},
		"class":             {ordinaut.RunFilter{Class: ordinaut.ClassTimeout}, []ordinaut.RunID{b, a}},
		"class of nobody":   {ordinaut.RunFilter{Class: ordinaut.ClassDenied}, nil},
		"label":             {ordinaut.RunFilter{Label: map[string]string{"team": "ops"}}, []ordinaut.RunID{d, a}},
		"labels":            {ordinaut.RunFilter{Label: map[string]string{"team": "ops", "tier": "2"}}, nil},
		"not repeated":      {ordinaut.RunFilter{Unrerun: true, Statuses: []ordinaut.RunStatus{ordinaut.RunFailed}}, []ordinaut.RunID{b}},
		"task and the rest": {ordinaut.RunFilter{TaskID: plain.ID, Unrerun: true, Class: ordinaut.ClassTimeout}, []ordinaut.RunID{b}},
	} {
		same(f, "by "+name, f.listRuns(test.filter), test.want)
		same(f, "count by "+name, get(f.store.CountRuns(f.ctx, test.filter))(f), len(test.want))
	}
}
