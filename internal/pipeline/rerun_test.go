package pipeline_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// failed is the result of a step that failed.
func failed(path string, class ordinaut.Class) ordinaut.StepResult {
	return ordinaut.StepResult{Path: path, Status: ordinaut.StepFailed, Failure: &ordinaut.Failure{Class: class, Code: "tool.failed"}}
}

// done are steps that have a result.
func done(paths ...string) (past []ordinaut.StepResult) {
	for _, path := range paths {
		past = append(past, succeeded(path, `1`))
	}
	return past
}

const (
	row      = `{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo"}, {"id": "c", "uses": "debug.echo"}]}`
	branches = `{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "b", "uses": "debug.echo", "needs": ["a"], "on_error": "continue"},
		{"id": "c", "uses": "debug.echo", "needs": ["a"]}, {"id": "d", "uses": "debug.echo", "needs": ["b", "c"]}]}`
	items = `{"pipeline": [{"id": "list", "uses": "debug.echo"}, {"id": "loop", "foreach": "steps.list", "steps": [{"id": "x", "uses": "debug.echo"}, {"id": "undo", "uses": "debug.echo"}]},
		{"id": "each", "foreach": "steps.list", "uses": "debug.echo", "on_error": "continue"}, {"id": "end", "uses": "debug.echo"}]}`
	ofParams = `{"pipeline": [{"id": "loop", "foreach": "params.list", "uses": "debug.echo"}, {"id": "end", "uses": "debug.echo"}]}`
)

func TestARunThatIsDoneOnceMoreKeepsWhatStands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		payload string
		how     pipeline.Repeat
		past    []ordinaut.StepResult
		want    []string
	}{
		{"the step and all that follows go", row, pipeline.Repeat{From: "b", Steady: true}, done("a", "b", "c"), []string{"a"}},
		{"from the first step nothing stays", row, pipeline.Repeat{From: "a", Steady: true}, done("a", "b", "c"), nil},
		{"without a step everything stays", row, pipeline.Repeat{Steady: true}, done("a", "b", "c"), []string{"a", "b", "c"}},
		{"a failure does not stand", row, pipeline.Repeat{Steady: true}, append(done("a"), failed("b", ordinaut.ClassTimeout)), []string{"a"}},
		{"a step that has no result yet does not stand", row, pipeline.Repeat{Steady: true},
			append(done("a"), ordinaut.StepResult{Path: "b", Status: ordinaut.StepWaiting}), []string{"a"}},
		{"what was skipped stays skipped", row, pipeline.Repeat{Steady: true},
			[]ordinaut.StepResult{{Path: "a", Status: ordinaut.StepSkipped}}, []string{"a"}},
		{"what does not wait for the step stays", branches, pipeline.Repeat{From: "b", Steady: true}, done("a", "b", "c", "d"), []string{"a", "c"}},
		{"a failure that the run went on from stands", branches, pipeline.Repeat{Steady: true},
			append(done("a", "c"), failed("b", ordinaut.ClassTimeout)), []string{"a", "c", "b"}},
		{"but not one that is nothing but the end of the run", branches, pipeline.Repeat{Steady: true},
			append(done("a", "c"), failed("b", ordinaut.ClassCanceled)), []string{"a", "c"}},
		{"rounds that were put aside go", row, pipeline.Repeat{Steady: true}, done("a~1", "a", "a~2", "b"), []string{"a", "b"}},
		{"what was undone goes, with what waits for it", branches, pipeline.Repeat{Steady: true}, done("a", "b", "c", "b.undo"), []string{"a", "c"}},
		{"what could not be undone stays", row, pipeline.Repeat{Steady: true}, append(done("a"), failed("a.undo", ordinaut.ClassTimeout)), []string{"a"}},
		{"items go with their foreach", items, pipeline.Repeat{From: "loop", Steady: true}, done("list", "loop[0].x", "loop[0].undo", "loop"), []string{"list"}},
		{"a step in an item leaves the other items", items, pipeline.Repeat{From: "loop[1].x", Steady: true},
			done("list", "loop[0].x", "loop[0].undo", "loop[1].x", "loop[1].undo", "loop", "each[0]", "each"), []string{"list", "loop[0].x", "loop[0].undo"}},
		{"and what comes before it in its own", items, pipeline.Repeat{From: "loop[1].undo", Steady: true},
			done("list", "loop[0].x", "loop[1].x", "loop[1].undo"), []string{"list", "loop[0].x", "loop[1].x"}},
		{"items of a foreach that failed stay", items, pipeline.Repeat{Steady: true},
			append(done("list", "loop[0].x", "loop[0].undo"), failed("loop[1].x", ordinaut.ClassTimeout)), []string{"list", "loop[0].x", "loop[0].undo"}},
		{"items that a foreach went on without stay so", items, pipeline.Repeat{From: "end", Steady: true},
			append(done("list", "loop", "each[0]", "each"), failed("each[1]", ordinaut.ClassTimeout)), []string{"list", "loop", "each[0]", "each", "each[1]"}},
		{"an item that was undone is done again, as is its list", items, pipeline.Repeat{Steady: true},
			done("list", "loop[0].x", "loop[0].undo", "loop[0].x.undo", "loop[1].x", "loop"), []string{"list", "loop[1].x"}},
		{"of a list that may be another one the items go, unless it was finished", items, pipeline.Repeat{},
			done("list", "loop[0].x", "loop", "each[0]"), []string{"list", "loop[0].x", "loop"}},
		{"and a step in an item means all of them", items, pipeline.Repeat{From: "loop[0].undo"},
			done("list", "loop[0].x", "loop[0].undo", "loop[1].x", "loop"), []string{"list"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := compile(t, c.payload).Keep(c.how, c.past)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARunIsNotDoneOnceMoreFromWhereItCannotBegin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, payload string
		how           pipeline.Repeat
		past          []ordinaut.StepResult
		want          string
	}{
		{"an unknown step", items, pipeline.Repeat{From: "lop"}, nil, `pipeline.unknown_step /from_step: the pipeline has no step "lop"; did you mean loop?`},
		{"a step with more behind it", row, pipeline.Repeat{From: "a[0].x"}, nil, `pipeline.unknown_step /from_step: the pipeline has no step "a[0].x"; use the path of a step as the run shows it, or failed for the one that failed`},
		{"an item that is no step", items, pipeline.Repeat{From: "loop[0]"}, done("loop[0].x"), `pipeline.unknown_step /from_step: the pipeline has no step "loop[0]"; did you mean loop[0].x?`},
		{"an item that is not closed", items, pipeline.Repeat{From: "loop[0"}, nil, `pipeline.unknown_step /from_step: the pipeline has no step "loop[0"; did you mean loop?`},
		{"behind a list that may be another one", ofParams, pipeline.Repeat{From: "end"}, done("loop[0]", "loop"),
			`run.wrong_state /from_step: the list of loop may be another one now, so the results of its items cannot be kept; begin at loop or before it, or leave params, version and now as they were`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keep, err := compile(t, c.payload).Keep(c.how, c.past)
			if err == nil {
				t.Fatalf("got %v, want an error", keep)
			}
			if got := told(ordinaut.AsError(err).All()); got[0] != c.want {
				t.Errorf("got  %s\nwant %s", got[0], c.want)
			}
		})
	}
}

func TestAnotherVersionNamesTheResultsItHasNoPlaceFor(t *testing.T) {
	t.Parallel()
	past := done("a", "loop[0].x", "loop[0].gone", "gone")
	past[0].Tool = "debug.log"
	got := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.echo"}, {"id": "loop", "foreach": "steps.a", "steps": [{"id": "x", "uses": "debug.echo"}]}]}`).Missing(past)
	if want := []string{"a", "loop[0].gone", "gone"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestWhatIsKeptIsNotCalledAgain goes on from what is kept, and counts the calls.
func TestWhatIsKeptIsNotCalledAgain(t *testing.T) {
	t.Parallel()
	plan := compile(t, items)
	past := append(done("loop[0].x", "loop[0].undo", "loop[2].x"), failed("loop[1].x", ordinaut.ClassTimeout))
	past = append(past, succeeded("list", `[1, 2, 3]`))
	keep, err := plan.Keep(pipeline.Repeat{Steady: true}, past)
	if err != nil {
		t.Fatal(err)
	}
	past = slices.DeleteFunc(past, func(r ordinaut.StepResult) bool { return !slices.Contains(keep, r.Path) })
	e := env(t)
	g := plan.Begin(e, past...)
	var calls []string
	for {
		turn := g.Next(*e.Run.Now)
		if turn.End != nil {
			if _, ok := turn.End.(pipeline.Done); !ok {
				t.Errorf("ends as %+v", turn.End)
			}
			break
		}
		for _, c := range turn.Begin {
			calls = append(calls, c.Path)
			g.Record(ordinaut.StepResult{Path: c.Path, Status: ordinaut.StepSucceeded, Output: json.RawMessage(`1`)})
		}
	}
	want := []string{"loop[1].x", "loop[1].undo", "loop[2].undo", "each[0]", "each[1]", "each[2]", "end"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}
