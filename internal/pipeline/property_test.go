package pipeline_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"pgregory.net/rapid"
)

// life is a run that is carried out by processes which may end at any moment.
type life struct {
	*rapid.T
	drawn
	ledger
	plan      *pipeline.Plan
	disturbed bool
	cancels   bool // somebody cancels the run at some time

	run     ordinaut.Run
	now     time.Time
	unsaved []ordinaut.StepResult
	under   []pipeline.Call
	crashes int
	doubts  int
	undone  []time.Time // when the steps had finished that are undone, in that order
}

func newLife(t *rapid.T, d drawn, plan *pipeline.Plan, e pipeline.Env) *life {
	e.Run.Failures = 0
	return &life{T: t, drawn: d, plan: plan, run: e.Run, now: *e.Run.Now}
}

// live carries the run out to its end, and says how that was.
func (l *life) live(e pipeline.Env) string {
	for range 2000 {
		e.Run = l.run
		l.unsaved, l.under = nil, nil
		if end, ended := l.process(l.plan.Begin(e, l.past()...)); ended {
			return end
		}
	}
	l.Fatal("the run has no end")
	return ""
}

// process is one process that holds the run. It may end without a word.
func (l *life) process(g *pipeline.Progress) (end string, ended bool) {
	for {
		turn := g.Next(l.now)
		l.unsaved = append(l.unsaved, turn.Settled...)
		if turn.End != nil {
			return l.end(g, turn.End)
		}
		if l.crash() {
			return "", false
		}
		for _, c := range turn.Begin {
			l.begin(c)
		}
		l.write()
		if l.canceled(g) {
			return l.ending(g, ordinaut.Ending{Status: ordinaut.RunCanceled})
		}
		if !l.goOn(g, turn) || l.crash() {
			return "", false
		}
	}
}

// end is what becomes of the run when the pipeline says that it ends here.
func (l *life) end(g *pipeline.Progress, end pipeline.Ending) (string, bool) {
	if len(l.under) > 0 {
		l.Fatal("a run ends while calls are under way")
	}
	if _, failed := end.(pipeline.Failed); !failed && l.crash() {
		return "", false
	}
	l.write()
	switch end := end.(type) {
	case pipeline.Back:
		l.putAside(end.Paths)
		return "", false
	case pipeline.Undone:
		l.allUndone(end.Ending)
		return "failed", true
	case pipeline.Failed:
		if _, again := pipeline.Again(ordinaut.NewDefinition(), l.run.Failures+1, end.Failure, 0); again && !end.Spent {
			l.run.Failures++
			return "", false
		}
		return l.ending(g, ordinaut.Ending{Status: ordinaut.RunFailed, Failure: &end.Failure})
	case pipeline.Done:
		return "done " + string(steady(end.Output)), true
	}
	return "", true
}

// ending ends a run otherwise than well: it is undone first.
func (l *life) ending(g *pipeline.Progress, e ordinaut.Ending) (string, bool) {
	if !g.Undoable() {
		return "failed", true
	}
	l.run.Ending = &e
	return "", false
}

// canceled says whether the run is canceled now. What is under way still answers.
func (l *life) canceled(g *pipeline.Progress) bool {
	if !l.cancels || l.run.Ending != nil || rapid.IntRange(0, 9).Draw(l.T, "cancel") > 0 {
		return false
	}
	for _, c := range l.under {
		if r := l.carriedOut(c); r.Done() {
			l.unsaved = append(l.unsaved, g.Record(r))
		}
	}
	l.under = nil
	l.write()
	return true
}

// begin notes a call that the pipeline begins.
func (l *life) begin(c pipeline.Call) {
	if slices.ContainsFunc(l.under, func(other pipeline.Call) bool { return other.Path == c.Path }) {
		l.Fatalf("%s begins while it is under way", c.Path)
	}
	l.under = append(l.under, c)
	l.unsaved = append(l.unsaved, c.Started(l.now))
	if of, undo := strings.CutSuffix(c.Path, ".undo"); undo && l.steps[c.Path].Path == "" {
		l.undone = append(l.undone, *l.steps[of].FinishedAt)
	}
}

// goOn has something happen: a call answers, somebody answers a wait, or time
// goes by. It says whether the process goes on.
func (l *life) goOn(g *pipeline.Progress, turn pipeline.Turn) bool {
	waits := l.people()
	switch {
	case len(waits) > 0 && (len(l.under) == 0 && turn.Until.After(l.now.Add(24*time.Hour)) || rapid.IntRange(0, 3).Draw(l.T, "somebody") == 0):
		path := rapid.SampledFrom(waits).Draw(l.T, "whom")
		l.answer(path, l.said(path))
		if l.disturbed && rapid.IntRange(0, 3).Draw(l.T, "unheard") == 0 {
			return false
		}
		g.Answer(path, l.steps[path].Wait.Answer)
	case len(l.under) == 0:
		l.now = *turn.Until
		return !l.disturbed || rapid.Bool().Draw(l.T, "settle")
	default:
		l.now = l.now.Add(time.Duration(rapid.IntRange(0, 3).Draw(l.T, "seconds")) * time.Second)
		i := rapid.IntRange(0, len(l.under)-1).Draw(l.T, "who answers")
		c := l.under[i]
		l.under = slices.Delete(l.under, i, i+1)
		l.unsaved = append(l.unsaved, g.Record(l.carriedOut(c)))
	}
	return true
}

// people lists the waits that somebody is to answer.
func (l *life) people() []string {
	return slices.DeleteFunc(l.waiting(), func(path string) bool { return l.steps[path].Wait.Kind == ordinaut.WaitSleep })
}

// said is what somebody answers: to an approval, or to a doubt.
func (l *life) said(path string) string {
	r := l.steps[path]
	if r.Wait.Kind == ordinaut.WaitApproval {
		_, again := l.steps[path+"~1"]
		return l.decision(l.plan, path, again)
	}
	if l.doubts++; l.doubts < 5 && rapid.Bool().Draw(l.T, "retry") {
		return `{"decision": "retry"}`
	}
	output, _ := l.answers(pipeline.Call{Path: path, Args: r.Input, Attempt: r.Attempt})
	return fmt.Sprintf(`{"decision": "done", "output": %s}`, output)
}

// crash says whether the process ends now.
func (l *life) crash() bool {
	if !l.disturbed || l.crashes > 20 || rapid.IntRange(0, 7).Draw(l.T, "crash") > 0 {
		return false
	}
	l.crashes++
	return true
}

// carriedOut makes a call, which nobody may have an answer of already.
func (l *life) carriedOut(c pipeline.Call) ordinaut.StepResult {
	had, path := l.steps[c.Path], numbers.ReplaceAllString(c.Path, "")
	stands := l.forgiven[path] && !l.retried[path] || l.retried[path] && had.Attempt >= c.Attempt
	if had.Done() || had.Status == ordinaut.StepFailed && stands {
		l.Fatalf("%s, attempt %d, is carried out again although it is recorded as %s, attempt %d", c.Path, c.Attempt, had.Status, had.Attempt)
	}
	output, ok := l.answers(c)
	if !ok || l.asked[path] && l.doubts < 5 && rapid.IntRange(0, 2).Draw(l.T, "doubt") == 0 {
		return failing(c, ordinaut.ClassTimeout, l.now)
	}
	r, at := c.Started(l.now), l.now
	r.Status, r.Output, r.FinishedAt = ordinaut.StepSucceeded, json.RawMessage(output), &at
	return r
}

// write records what was not recorded yet.
func (l *life) write() {
	l.save(l.unsaved...)
	l.unsaved = nil
}

// allUndone checks that everything was undone, or given up for good, the last
// first.
func (l *life) allUndone(e ordinaut.Ending) {
	failed := false
	for path, r := range l.steps {
		undo := l.steps[path+".undo"]
		switch {
		case !r.Undoable || r.Status != ordinaut.StepSucceeded:
			if undo.Path != "" {
				l.Errorf("%s is undone, and was %s", path, r.Status)
			}
		case undo.Status == ordinaut.StepFailed && undo.Attempt == 4:
			failed = true
		case undo.Status != ordinaut.StepSucceeded || !strings.Contains(string(undo.Input), fmt.Sprintf(`"of":%s,`, r.Output)):
			l.Errorf("%s gave %s and is not undone: %+v", path, r.Output, undo)
		}
	}
	if !slices.IsSortedFunc(l.undone, func(a, b time.Time) int { return b.Compare(a) }) {
		l.Errorf("undone in the order in which they had finished at %v", l.undone)
	}
	if told := e.Failure != nil && strings.Contains(e.Failure.Message, "could not be done"); told != failed {
		l.Errorf("the end tells %v of what could not be undone, want %v", told, failed)
	}
}

// compiled is a random pipeline, compiled.
func compiled(t *rapid.T, s shelf) (drawn, *pipeline.Plan) {
	d := drawPipeline(t)
	plan, err := pipeline.Compile(json.RawMessage(d.payload), s)
	if err != nil {
		t.Fatalf("%v in %s", told(ordinaut.AsError(err).All()), d.payload)
	}
	return d, plan
}

// A run that is cut off at random moments, and whose branches and people answer in
// any order, ends as one that nobody disturbs, and does nothing twice of which it
// had a record.
func TestAResumedRunEndsAsIfNothingHadHappened(t *testing.T) {
	t.Parallel()
	shelf, e := newShelf(t), env(t)
	ends := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d, plan := compiled(t, shelf)
		want := newLife(t, d, plan, e).live(e)
		rough := newLife(t, d, plan, e)
		rough.disturbed = true
		if got := rough.live(e); got != want {
			t.Fatalf("got %s\nwant %s\nafter %d crashes of %s\nrecorded %v", got, want, rough.crashes, d.payload, rough.order)
		}
		ends[want[:4]]++
		for path := range rough.steps {
			if strings.Contains(path, "~") {
				ends["back"]++
				break
			}
		}
		if rough.run.Ending != nil {
			ends["undone"]++
		}
	})
	t.Logf("ends: %v", ends)
}

// Whenever a run is canceled, what it has done is undone, each once.
func TestACanceledRunIsUndone(t *testing.T) {
	t.Parallel()
	shelf, e := newShelf(t), env(t)
	undone := 0
	rapid.Check(t, func(t *rapid.T) {
		d, plan := compiled(t, shelf)
		l := newLife(t, d, plan, e)
		l.disturbed, l.cancels = true, true
		l.live(e)
		undone += len(l.undone)
	})
	t.Logf("%d steps were undone", undone)
}
