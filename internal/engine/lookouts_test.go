package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// onEvents is a task that looks out for events.
func onEvents(number int64, expr string, edits ...func(*ordinaut.Task)) ordinaut.Lookout {
	t := ordinaut.Task{ID: ordinaut.TaskID(fmt.Sprint("task-", number)), Status: ordinaut.TaskActive, Definition: ordinaut.NewDefinition()}
	t.ScheduleKind, t.ScheduleExpr = ordinaut.ScheduleEvent, expr
	for _, edit := range edits {
		edit(&t)
	}
	return ordinaut.Lookout{Number: number, Expr: expr, TaskID: t.ID, Task: &t}
}

// aWait is a step that waits for an event.
func aWait(number int64, expr string) ordinaut.Lookout {
	return ordinaut.Lookout{Number: number, Expr: expr, RunID: ordinaut.RunID(fmt.Sprint("run-", number)), Path: "wait"}
}

func lookoutsOf(t *testing.T, all ...ordinaut.Lookout) *lookouts {
	t.Helper()
	x := newLookouts()
	for _, l := range all {
		if err := x.add(l); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// became is what an event became, in a line.
func became(t *testing.T, x *lookouts, e ordinaut.Event) (lines []string) {
	t.Helper()
	var d decision
	x.decide(e, &d, func(w *watcher, err error) { lines = append(lines, fmt.Sprintf("%d cannot tell", w.Number)) })
	for _, r := range d.runs {
		line := fmt.Sprintf("%d %s", r.Lookout, orRuns(r.Reason))
		if (r.RunID == "") != (r.Reason != "") {
			line += " with the wrong run"
		}
		lines = append(lines, line)
	}
	for _, a := range d.answers {
		lines = append(lines, fmt.Sprintf("%d answers %s", a.Lookout, a.RunID))
	}
	slices.Sort(lines)
	return lines
}

// orRuns is why an event makes no run, or that it does.
func orRuns(why ordinaut.Reason) string {
	if why == "" {
		return "runs"
	}
	return string(why)
}

func TestAnEventBecomesWhatEachLookoutMakesOfIt(t *testing.T) {
	t.Parallel()
	noon := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	later := noon.Add(time.Hour)
	paused := func(t *ordinaut.Task) { t.Status = ordinaut.TaskPaused }
	from := func(t *ordinaut.Task) { t.StartsAt = &later }
	to := func(t *ordinaut.Task) { t.EndsAt = &noon }
	over := aWait(11, "order.created")
	over.Until = &noon
	behind := onEvents(12, "order.created")
	behind.Since = 7
	x := lookoutsOf(t,
		onEvents(1, "order.created"), onEvents(2, "*.created"), onEvents(3, ">"), onEvents(4, "order.created where data.total > 100"),
		onEvents(5, "order.created where data.total > 1000"), onEvents(6, "shipment.created"), onEvents(7, "order.created", paused),
		onEvents(8, "order.created", from), onEvents(9, "order.created", to), aWait(10, "order.*"), over, behind,
		onEvents(13, "order.created where abs(data) > 1"),
	)
	e := ordinaut.Event{Seq: 7, Topic: "order.created", At: noon, Data: json.RawMessage(`{"total": 200}`)}
	want := []string{"1 runs", "10 answers run-10", "13 cannot tell", "2 runs", "3 runs", "4 runs", "7 paused", "9 runs"}
	if diff := cmp.Diff(want, became(t, x, e)); diff != "" {
		t.Errorf("what it became (-want +got):\n%s", diff)
	}
}

func TestATaskIsNotTriggeredByItsOwnRunsNorInALongChain(t *testing.T) {
	t.Parallel()
	x := lookoutsOf(t, onEvents(1, "task.run.*"))
	for _, c := range []struct {
		event ordinaut.Event
		want  string
	}{
		{ordinaut.Event{TaskID: "task-1", RunID: "r"}, "1 own_event"},
		{ordinaut.Event{TaskID: "task-1"}, "1 runs"},
		{ordinaut.Event{TaskID: "task-2", RunID: "r", Depth: limits.EventDepth - 1}, "1 runs"},
		{ordinaut.Event{TaskID: "task-2", RunID: "r", Depth: limits.EventDepth}, "1 too_deep"},
	} {
		c.event.Seq, c.event.Topic = 1, "task.run.failed"
		if got := became(t, x, c.event); len(got) != 1 || got[0] != c.want {
			t.Errorf("%+v: got %q, want %q", c.event, got, c.want)
		}
	}
}

func TestEventsAreGatheredAsTheTaskSays(t *testing.T) {
	t.Parallel()
	w := lookoutsOf(t, onEvents(1, "order.*", func(t *ordinaut.Task) {
		t.EventBatch = &ordinaut.EventBatch{Per: "data.customer", WindowSeconds: 60, Max: 10}
		t.EventDebounceSeconds = 1.5
	}), onEvents(2, "order.*", func(t *ordinaut.Task) { t.EventDebounceSeconds = 5 }))
	var d decision
	w.decide(ordinaut.Event{Seq: 1, Topic: "order.created", Data: json.RawMessage(`{"customer": "Ana"}`)}, &d, nil)
	slices.SortFunc(d.runs, func(a, b ordinaut.Triggered) int { return int(a.Lookout - b.Lookout) })
	want := []*ordinaut.Gather{
		{Per: `"Ana"`, Window: time.Minute, Quiet: 1500 * time.Millisecond, Most: 10, Bytes: limits.EventBatchBytes},
		{Window: limits.EventWindow, Quiet: 5 * time.Second, Most: limits.EventBatch, Bytes: limits.EventBatchBytes},
	}
	if diff := cmp.Diff(want, []*ordinaut.Gather{d.runs[0].Gather, d.runs[1].Gather}); diff != "" {
		t.Errorf("how they are gathered (-want +got):\n%s", diff)
	}
}

func TestALookoutThatWasChangedTakesThePlaceOfWhatItWas(t *testing.T) {
	t.Parallel()
	x := lookoutsOf(t, onEvents(1, "order.*"), aWait(2, "order.*"))
	changed := onEvents(3, "shipment.*")
	changed.TaskID = "task-1"
	if err := x.add(changed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"order.*", "shipment.*"}, x.topics()); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	x.drop(2)
	x.drop(2)
	if diff := cmp.Diff([]string{"shipment.*"}, x.topics()); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	if x.known != 3 {
		t.Errorf("got %d as the greatest number, want 3", x.known)
	}
	if err := x.add(onEvents(4, "no topic")); err == nil || x.known != 4 {
		t.Errorf("got %v for what is no lookout, and %d as the greatest number", err, x.known)
	}
}

func TestTheTopicsAskedForCoverEachThatIsLookedOutFor(t *testing.T) {
	t.Parallel()
	for _, many := range []int{0, 1, 60} {
		for _, wild := range []string{"", ">", "*.created", "*"} {
			x := newLookouts()
			topics := []string{}
			for i := range many {
				topics = append(topics, fmt.Sprintf("order%d.created", i))
			}
			expr := append([]string{"one"}, topics...)
			if wild != "" {
				expr = append(expr, wild)
			}
			for i, e := range expr {
				if err := x.add(onEvents(int64(i+1), e)); err != nil {
					t.Fatal(err)
				}
			}
			for _, topic := range append(topics, "one") {
				if !slices.ContainsFunc(x.topics(), func(p string) bool { return ordinaut.TopicMatches(p, topic) }) {
					t.Errorf("%d and %q: the topics %q leave out %s", many, wild, x.topics(), topic)
				}
			}
			if wild == "*.created" && !slices.ContainsFunc(x.topics(), func(p string) bool { return ordinaut.TopicMatches(p, "a.created") }) {
				t.Errorf("%d and %q: the topics %q leave out a.created", many, wild, x.topics())
			}
		}
	}
}
