package pipeline_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"pgregory.net/rapid"
)

// drawn is a random pipeline, and what the test knows of its steps by their
// paths without numbers. When several steps of an item fail, which of them comes
// first is a matter of timing, so no step reads more of an error than that there
// is one.
type drawn struct {
	payload  string
	retried  map[string]bool // has a budget of its own
	forgiven map[string]bool // its failure, or that of its item, is gone over
	random   uint64
}

func drawPipeline(t *rapid.T) drawn {
	d := drawn{retried: map[string]bool{}, forgiven: map[string]bool{}, random: rapid.Uint64().Draw(t, "random")}
	payload, err := json.Marshal(map[string]any{
		"params":   map[string]any{"list": rapid.SliceOfN(rapid.IntRange(0, 9), 0, 4).Draw(t, "list")},
		"pipeline": d.steps(t, "", 1, false),
		"output":   map[string]any{"steps": "${steps}", "errors": "${sort(keys(errors))}"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.payload = string(payload)
	return d
}

// steps is a random list of steps, of which each may wait for some above it.
func (d drawn) steps(t *rapid.T, prefix string, depth int, forgiven bool) (steps []any) {
	for i := range rapid.IntRange(1, 5).Draw(t, "steps") {
		id := fmt.Sprintf("s%d", i)
		step := map[string]any{"id": id, "uses": "debug.log"}
		var needs []string
		for j := range i {
			if rapid.Bool().Draw(t, "needs") {
				needs = append(needs, fmt.Sprintf("s%d", j))
			}
		}
		step["needs"] = append([]string{}, needs...)
		message := fmt.Sprintf("%s ${[params", id)
		for _, n := range needs {
			message += ", steps." + n + ", type(errors." + n + ")"
		}
		if rapid.Bool().Draw(t, "whole") {
			message += ", steps, sort(keys(errors))"
		}
		if len(needs) > 0 && rapid.IntRange(0, 3).Draw(t, "if") == 0 {
			step["if"] = "steps." + needs[0]
		}
		d.policies(t, step, prefix+id, depth, forgiven)
		if step["steps"] == nil {
			step["with"] = map[string]any{"message": message + "]}"}
		}
		steps = append(steps, step)
	}
	return steps
}

// policies gives a step a budget, an on_error and a list, or none of them.
func (d drawn) policies(t *rapid.T, step map[string]any, path string, depth int, forgiven bool) {
	if rapid.Bool().Draw(t, "retry") {
		step["retry"] = map[string]any{"max_retries": rapid.IntRange(0, 2).Draw(t, "max_retries")}
		d.retried[path] = true
	}
	switch rapid.IntRange(0, 3).Draw(t, "on_error") {
	case 0:
		step["on_error"] = "continue"
	case 1:
		step["on_error"] = map[string]any{"value": "instead of an ${type(errors." + step["id"].(string) + ")}"}
	}
	d.forgiven[path] = forgiven || step["on_error"] != nil
	if rapid.IntRange(0, 2).Draw(t, "foreach") > 0 {
		return
	}
	step["foreach"], step["max_parallel"] = "params.list", rapid.IntRange(1, 3).Draw(t, "max_parallel")
	if depth < 3 && rapid.Bool().Draw(t, "body") {
		delete(step, "retry")
		delete(step, "uses")
		delete(d.retried, path)
		step["steps"] = d.steps(t, path+".", depth+1, d.forgiven[path])
	}
}

var numbers = regexp.MustCompile(`\[\d+\]`)

// answers is what the world does with a call. Each step fails in its first none,
// one or two attempts; one that is gone over without a budget of its own, always
// or never, since which attempt of the run comes to it is a matter of timing.
func (d drawn) answers(c pipeline.Call) (output string, ok bool) {
	h := fnv.New64a()
	fmt.Fprint(h, d.random, c.Path)
	failures, path := max(int(h.Sum64()%5)-2, 0), numbers.ReplaceAllString(c.Path, "")
	if d.forgiven[path] && !d.retried[path] {
		ok = failures < 2
	} else {
		ok = c.Attempt > failures
	}
	h.Write(c.Args)
	return fmt.Sprint(h.Sum64() % 1000), ok
}

// life is a run that is carried out by processes which may end at any moment.
type life struct {
	*rapid.T
	drawn
	disturbed bool

	run     ordinaut.Run
	now     time.Time
	store   map[string]ordinaut.StepResult
	order   []string
	unsaved []ordinaut.StepResult
	under   []pipeline.Call
	crashes int
}

// live carries the run out to its end, and says how that was.
func (l *life) live(plan *pipeline.Plan, e pipeline.Env) string {
	for range 1000 {
		e.Run = l.run
		var past []ordinaut.StepResult
		for _, path := range l.order {
			past = append(past, l.store[path])
		}
		l.unsaved, l.under = nil, nil
		if end, ended := l.process(plan.Begin(e, past...)); ended {
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
		switch end := turn.End.(type) {
		case pipeline.Done:
			return "done " + string(end.Output), !l.crash()
		case pipeline.Failed:
			return l.failed(end)
		}
		if l.crash() {
			return "", false
		}
		for _, c := range turn.Begin {
			l.unsaved = append(l.unsaved, c.Started(l.now))
		}
		l.under = append(l.under, turn.Begin...)
		l.save()
		if len(l.under) == 0 {
			l.now = *turn.Until
			if rapid.Bool().Draw(l.T, "settle") {
				return "", false
			}
			continue
		}
		l.now = l.now.Add(time.Duration(rapid.IntRange(0, 3).Draw(l.T, "seconds")) * time.Second)
		i := rapid.IntRange(0, len(l.under)-1).Draw(l.T, "who answers")
		c := l.under[i]
		l.under = slices.Delete(l.under, i, i+1)
		l.unsaved = append(l.unsaved, g.Record(l.carriedOut(c)))
		if l.crash() {
			return "", false
		}
	}
}

// crash says whether the process ends now.
func (l *life) crash() bool {
	if !l.disturbed || l.crashes > 20 || rapid.IntRange(0, 7).Draw(l.T, "crash") > 0 {
		return false
	}
	l.crashes++
	return true
}

// failed settles a run that has failed: it is tried again, or that was its end.
func (l *life) failed(f pipeline.Failed) (string, bool) {
	if len(l.under) > 0 {
		l.Fatal("a run ends while calls are under way")
	}
	l.save()
	if _, again := pipeline.Again(ordinaut.NewDefinition(), l.run.Failures+1, f.Failure, 0); again && !f.Spent {
		l.run.Failures++
		return "", false
	}
	return "failed", true
}

// carriedOut makes a call, which nobody may have an answer of already.
func (l *life) carriedOut(c pipeline.Call) ordinaut.StepResult {
	had, path := l.store[c.Path], numbers.ReplaceAllString(c.Path, "")
	stands := l.forgiven[path] && !l.retried[path] || l.retried[path] && had.Attempt >= c.Attempt
	if had.Done() || had.Status == ordinaut.StepFailed && stands {
		l.Fatalf("%s, attempt %d, is carried out again although it is recorded as %s, attempt %d", c.Path, c.Attempt, had.Status, had.Attempt)
	}
	output, ok := l.answers(c)
	if !ok {
		return failing(c, ordinaut.ClassTimeout, l.now)
	}
	r, at := c.Started(l.now), l.now
	r.Status, r.Output, r.FinishedAt = ordinaut.StepSucceeded, json.RawMessage(output), &at
	return r
}

// save records what the store keeps: a result that stands is never replaced.
func (l *life) save() {
	for _, r := range l.unsaved {
		had, known := l.store[r.Path]
		if !known {
			l.order = append(l.order, r.Path)
		}
		if !had.Done() {
			l.store[r.Path] = r
		}
	}
	l.unsaved = nil
}

// A run that is cut off at random moments, and whose branches answer in any
// order, ends as one that nobody disturbs, and does nothing twice of which it had
// a record.
func TestAResumedRunEndsAsIfNothingHadHappened(t *testing.T) {
	t.Parallel()
	shelf, e := newShelf(t), env(t)
	ends := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := drawPipeline(t)
		plan, err := pipeline.Compile(json.RawMessage(d.payload), shelf)
		if err != nil {
			t.Fatalf("%v in %s", told(ordinaut.AsError(err).All()), d.payload)
		}
		run := e.Run
		run.Failures = 0
		calm := &life{T: t, drawn: d, run: run, now: *run.Now, store: map[string]ordinaut.StepResult{}}
		want := calm.live(plan, e)
		rough := &life{T: t, drawn: d, run: run, now: *run.Now, store: map[string]ordinaut.StepResult{}, disturbed: true}
		if got := rough.live(plan, e); got != want {
			t.Fatalf("got %s\nwant %s\nafter %d crashes of %s\nrecorded %v", got, want, rough.crashes, d.payload, slices.Sorted(maps.Keys(rough.store)))
		}
		ends[want[:4]]++
	})
	t.Logf("ends: %v", ends)
}
