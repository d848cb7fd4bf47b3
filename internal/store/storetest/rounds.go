package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

func rounds() []promise {
	return []promise{
		{"the results of steps to be done again are kept as their rounds", roundsAreKept},
		{"what lies within a step is put aside with it, and what is named alike is not", roundsTakeBodies},
		{"a step that is put aside is open no more, and waits no more", roundsClose},
		{"a step that is put aside may ask for a run once more", roundsOfChildren},
		{"a run that was asked to end puts nothing aside", roundsOfCanceled},
	}
}

// redo settles a run so that steps are done again.
func (f *fixture) redo(c ordinaut.Claimed, paths []string, steps ...ordinaut.StepResult) ordinaut.Claimed {
	f.Helper()
	o := ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now(), Redo: paths, Steps: steps}
	f.must(f.store.Settle(f.ctx, c.Lease, o))
	return f.hold("w")
}

// paths are the paths of a run's steps, in the order they were started.
func (f *fixture) paths(id ordinaut.RunID) string {
	f.Helper()
	var paths []string
	for _, s := range get(f.store.Steps(f.ctx, id))(f) {
		paths = append(paths, s.Path)
	}
	return strings.Join(paths, " ")
}

func roundsAreKept(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	turn := func(n int) []ordinaut.StepResult {
		draft, ask := step("draft", ordinaut.StepSucceeded), step("ask", ordinaut.StepSucceeded)
		draft.Output, ask.Output = fmt.Appendf(nil, `"draft %d"`, n), fmt.Appendf(nil, `"no %d"`, n)
		return []ordinaut.StepResult{draft, ask}
	}
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("read", ordinaut.StepSucceeded)))
	for n := range 12 {
		c = f.redo(c, []string{"draft", "ask"}, turn(n)...)
	}
	f.must(f.store.SaveStep(f.ctx, c.Lease, turn(12)...))
	want := []ordinaut.StepResult{step("read", ordinaut.StepSucceeded)}
	for n := range 12 {
		for _, s := range turn(n) {
			s.Path = fmt.Sprintf("%s~%d", s.Path, n+1)
			want = append(want, s)
		}
	}
	same(f, "steps", get(f.store.Steps(f.ctx, c.Run.ID))(f), append(want, turn(12)...))
}

func roundsTakeBodies(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	var steps []ordinaut.StepResult
	for _, path := range []string{"loop", "loop[0].a", "loop[10].a.undo", "loop.undo", "loop2", "loop-a", "loop_a", "Loop", "a", "lo", "loop[0]"} {
		steps = append(steps, step(path, ordinaut.StepSucceeded))
	}
	c = f.redo(c, []string{"loop", "nothing"}, steps...)
	same(f, "paths", f.paths(c.Run.ID), "loop~1 loop~1[0].a loop~1[10].a.undo loop~1.undo loop2 loop-a loop_a Loop a lo loop~1[0]")
	c = f.redo(c, []string{"loop"}, step("loop[1].a", ordinaut.StepFailed))
	same(f, "paths", f.paths(c.Run.ID), "loop~1 loop~1[0].a loop~1[10].a.undo loop~1.undo loop2 loop-a loop_a Loop a lo loop~1[0] loop~2[1].a")
}

func roundsClose(f *fixture) {
	child := f.newRun(f.newTask().ID, dueAt(f.now().Add(time.Hour)))
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	c = f.redo(c, []string{"a", "child", "b"}, approval("a"), untilEnd("child", child), step("b", ordinaut.StepRunning), approval("other"))
	f.stepsEnded(c.Run.ID, "a~1 failed, child~1 failed, b~1 failed, other waiting")
	same(f, "waits", f.waiting(c.Run.ID), []string{"other"})
	f.endedAs(child, ordinaut.ReasonCanceled)
	for _, s := range get(f.store.Steps(f.ctx, c.Run.ID))(f)[:3] {
		if s.Failure == nil || s.FinishedAt == nil {
			f.Errorf("got step %+v, want its failure and its end", s)
		}
	}
	f.must(f.store.SaveStep(f.ctx, c.Lease, approval("a")))
	same(f, "waits anew", f.waiting(c.Run.ID), []string{"other", "a"})
}

func roundsOfChildren(f *fixture) {
	task := f.newTask()
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	for range 3 {
		for _, path := range []string{"child", "loop[0].child"} {
			f.newRun(task.ID, childOf(c.Run.ID, path))
			f.refused(f.create(task.ID, childOf(c.Run.ID, path)), ordinaut.ErrRunMade)
		}
		for _, child := range f.claim("v", 9) {
			f.succeed(child)
		}
		c = f.redo(c, []string{"child", "loop"})
	}
	var steps []string
	for _, r := range get(f.store.ListRuns(f.ctx, ordinaut.RunFilter{Parent: c.Run.ID}))(f) {
		steps = append(steps, r.ParentStep)
	}
	want := "loop~3[0].child child~3 loop~2[0].child child~2 loop~1[0].child child~1"
	same(f, "steps of the runs", strings.Join(steps, " "), want)
}

func roundsOfCanceled(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.cancel(c.Run.ID)
	o := ordinaut.Outcome{Status: ordinaut.RunQueued, Redo: []string{"a"}, Steps: []ordinaut.StepResult{step("a", ordinaut.StepSucceeded)}}
	f.must(f.store.Settle(f.ctx, c.Lease, o))
	f.endedAs(c.Run.ID, ordinaut.ReasonCanceled)
	same(f, "paths", f.paths(c.Run.ID), "a")
}
