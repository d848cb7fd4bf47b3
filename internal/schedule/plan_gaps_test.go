package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// An occurrence that a clock change leaves out stands in the ledger under its
// own reason, between the ranges around it.
func TestDecideRecordsWhatAClockChangeLeavesOut(t *testing.T) {
	t.Parallel()
	task := ordinaut.Task{ID: "task-1", Definition: ordinaut.NewDefinition()}
	task.ScheduleKind, task.ScheduleExpr, task.Timezone = ordinaut.ScheduleCron, "30 2 * * *", "America/New_York"
	task.Gap, task.CatchUp = ordinaut.GapSkip, ordinaut.CatchUpNone
	task.Anchor, task.Cursor = instant("2026-03-01T00:00:00Z"), instant("2026-03-05T12:00:00Z")
	rule := mustCompile(t, task.Schedule(task.Anchor))

	got, err := Decide(rule, ordinaut.DueTask{Task: task}, instant("2026-03-12T00:00:00Z"), runIDs())
	if err != nil {
		t.Fatal(err)
	}
	want := []ordinaut.Gap{
		{TaskID: "task-1", First: instant("2026-03-06T07:30:00Z"), Last: instant("2026-03-07T07:30:00Z"), Count: 2, Reason: ordinaut.ReasonMissed},
		{TaskID: "task-1", First: instant("2026-03-08T07:30:00Z"), Last: instant("2026-03-08T07:30:00Z"), Count: 1, Reason: ordinaut.ReasonDSTGap},
		{TaskID: "task-1", First: instant("2026-03-09T06:30:00Z"), Last: instant("2026-03-11T06:30:00Z"), Count: 3, Reason: ordinaut.ReasonMissed},
	}
	if diff := cmp.Diff(want, got.Gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}

	task.Cursor = instant("2026-03-07T12:00:00Z")
	next, _, err := First(rule, hourlyJitter(task.ID, "2026-03-07T12:00:00Z"))
	if err != nil || next == nil || !next.Equal(instant("2026-03-08T07:30:00Z")) {
		t.Errorf("what is left out is looked at, without jitter: got %v, %v", next, err)
	}
	got, err = Decide(rule, ordinaut.DueTask{Task: task}, *next, runIDs())
	if err != nil || len(got.Runs) != 0 {
		t.Errorf("what is left out does not run: got %+v, %v", got.Runs, err)
	}
	if diff := cmp.Diff(want[1:2], got.Gaps); diff != "" {
		t.Errorf("gaps when it is looked at in time (-want +got):\n%s", diff)
	}
}

func TestDecideBoundsWhatItMakesAndCounts(t *testing.T) {
	t.Parallel()
	task := quarterHourly(scene{expr: "* * * * *", cursor: "09:00"})
	task.CatchUp, task.CatchUpWindowSeconds = ordinaut.CatchUpAll, 30*86400
	rule := mustCompile(t, task.Schedule(task.Anchor))
	now := task.Cursor.AddDate(0, 0, 60).Add(30 * time.Second)

	got, err := Decide(rule, ordinaut.DueTask{Task: task}, now, runIDs())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Runs) != limits.CatchUpRuns {
		t.Errorf("runs: got %d, want %d", len(got.Runs), limits.CatchUpRuns)
	}
	newest := now.Truncate(time.Minute)
	if first, last := got.Runs[0].Nominal, got.Runs[limits.CatchUpRuns-1].Nominal; !last.Equal(newest) || newest.Sub(first) != 999*time.Minute {
		t.Errorf("runs from %s to %s, want the newest", first, last)
	}
	inside := now.AddDate(0, 0, -30).Truncate(time.Minute)
	want := []ordinaut.Gap{
		{TaskID: "task-1", First: task.Cursor.Add(time.Minute), Last: inside, Count: limits.LedgerCount, More: true, Reason: ordinaut.ReasonMissed},
		{TaskID: "task-1", First: inside.Add(time.Minute), Last: newest.Add(-1000 * time.Minute), Count: limits.LedgerCount, More: true, Reason: ordinaut.ReasonLimit},
	}
	if diff := cmp.Diff(want, got.Gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func TestGapsCountExactlyUpToTheLimit(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "* * * * *"})
	after := ofDay("09:00")
	for _, c := range []struct {
		minutes, count int
		more           bool
	}{
		{1, 1, false},
		{limits.LedgerCount, limits.LedgerCount, false},
		{limits.LedgerCount + 1, limits.LedgerCount, true},
		{3 * limits.LedgerCount, limits.LedgerCount, true},
	} {
		until := after.Add(time.Duration(c.minutes) * time.Minute)
		got, err := Elapse(rule, elapsing(after), until.Add(59*time.Second), ordinaut.ReasonPaused)
		want := []ordinaut.Gap{{
			TaskID: "task-1", First: after.Add(time.Minute), Last: until, Count: c.count, More: c.more, Reason: ordinaut.ReasonPaused,
		}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%d minutes, %v (-want +got):\n%s", c.minutes, err, diff)
		}
	}
	if got, err := Elapse(rule, elapsing(after), after.Add(59*time.Second), ordinaut.ReasonPaused); got != nil || err != nil {
		t.Errorf("no nominal time: got %v, %v, want nothing", got, err)
	}
	if got, err := Elapse(rule, elapsing(after), after.Add(-time.Hour), ordinaut.ReasonPaused); got != nil || err != nil {
		t.Errorf("an empty range: got %v, %v, want nothing", got, err)
	}
}

// elapsing is a task whose nominal times up to the cursor have their outcome.
func elapsing(cursor time.Time) ordinaut.Task {
	return ordinaut.Task{ID: "task-1", Plan: ordinaut.Plan{Cursor: cursor}}
}
