package schedule

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// dueTask draws a task of any kind under any policies, whose cursor lies about
// the changes of clocks in New York.
func dueTask(t *rapid.T) (ordinaut.DueTask, *Rule) {
	task := ordinaut.Task{ID: ordinaut.TaskID(rapid.StringN(1, 8, 16).Draw(t, "id")), Definition: ordinaut.NewDefinition()}
	expr := rapid.SampledFrom([]struct {
		kind ordinaut.ScheduleKind
		expr string
	}{
		{ordinaut.ScheduleCron, "*/15 * * * *"},
		{ordinaut.ScheduleCron, "*/7 1-3 * * *"},
		{ordinaut.ScheduleCron, "30 2 * * *"},
		{ordinaut.ScheduleCron, "30 1 * * *"},
		{ordinaut.ScheduleCron, "*/4 * * * * *"},
		{ordinaut.ScheduleCron, "0 9 L * FRIL"},
		{ordinaut.ScheduleInterval, "90m"},
		{ordinaut.ScheduleInterval, "7s"},
		{ordinaut.ScheduleOnce, "2026-03-08T02:30"},
		{ordinaut.ScheduleOnce, "2026-11-01T05:30:00Z"},
		{ordinaut.ScheduleRRule, "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30"},
		{ordinaut.ScheduleRRule, "FREQ=HOURLY;INTERVAL=5;COUNT=40"},
		{ordinaut.ScheduleManual, ""},
	}).Draw(t, "schedule")
	task.ScheduleKind, task.ScheduleExpr, task.Timezone = expr.kind, expr.expr, "America/New_York"
	task.Gap = rapid.SampledFrom([]ordinaut.GapPolicy{ordinaut.GapShift, ordinaut.GapNextValid, ordinaut.GapSkip}).Draw(t, "gap")
	task.Repeat = rapid.SampledFrom([]ordinaut.RepeatPolicy{ordinaut.RepeatFirst, ordinaut.RepeatLast, ordinaut.RepeatBoth}).Draw(t, "repeat")
	task.CatchUp = rapid.SampledFrom([]ordinaut.CatchUpPolicy{ordinaut.CatchUpLatest, ordinaut.CatchUpAll, ordinaut.CatchUpNone}).Draw(t, "catch_up")
	task.Overlap = rapid.SampledFrom([]ordinaut.OverlapPolicy{
		"", ordinaut.OverlapSkip, ordinaut.OverlapAllow, ordinaut.OverlapBufferOne, ordinaut.OverlapBufferAll, ordinaut.OverlapCancelRunning,
	}).Draw(t, "overlap")
	task.CatchUpWindowSeconds = rapid.SampledFrom([]int{0, 5, 600, 86400, 1 << 60}).Draw(t, "window")
	task.JitterSeconds = rapid.SampledFrom([]int{0, 0, 3, 600, 86400}).Draw(t, "jitter")
	task.RunIfPast = rapid.Bool().Draw(t, "run_if_past")
	task.Anchor = instant(rapid.SampledFrom([]string{"2026-03-06T00:00:00Z", "2026-10-30T12:00:00Z"}).Draw(t, "anchor"))
	task.Cursor = task.Anchor.Add(time.Duration(rapid.IntRange(0, 3*86400).Draw(t, "cursor")) * time.Second)
	if rapid.IntRange(0, 3).Draw(t, "bounded") == 0 {
		ends := task.Cursor.Add(12 * time.Hour)
		task.EndsAt = &ends
	}
	rule, err := Compile(task.Schedule(task.Anchor))
	if err != nil {
		task.EndsAt = nil // nothing lies before it
		if rule, err = Compile(task.Schedule(task.Anchor)); err != nil {
			t.Fatal(err)
		}
	}
	task.Snooze = drawSnooze(t, rule, task.Cursor)
	return ordinaut.DueTask{Task: task, Unfinished: rapid.IntRange(0, 2).Draw(t, "unfinished")}, rule
}

// drawSnooze puts one of the next occurrences off, or none.
func drawSnooze(t *rapid.T, rule *Rule, cursor time.Time) *ordinaut.Snooze {
	for range rapid.IntRange(0, 3).Draw(t, "snoozed") {
		o, ok, err := rule.Next(cursor)
		if err != nil || !ok {
			return nil
		}
		if o.Skip == "" && rapid.Bool().Draw(t, "snoozes") {
			return &ordinaut.Snooze{Nominal: o.At, Until: o.At.Add(time.Duration(rapid.IntRange(1, 20*3600).Draw(t, "until")) * time.Second)}
		}
		cursor = o.At
	}
	return nil
}

func drawNow(t *rapid.T, cursor time.Time) time.Time {
	most := rapid.SampledFrom([]int{20, 3600, 3 * 86400}).Draw(t, "within")
	return cursor.Add(time.Duration(rapid.IntRange(-5, most).Draw(t, "now")) * time.Second)
}

func TestDecideGivesEachNominalTimeOneOutcome(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		due, rule := dueTask(t)
		now := drawNow(t, due.Task.Cursor)
		first, err := Decide(rule, due, now, runIDs())
		if err != nil {
			t.Fatal(err)
		}
		checkOutcomes(t, rule, due.Task, first)
		checkPunctual(t, rule, due.Task, first, now)

		due.Task.Cursor = first.Advance
		if first.Awake {
			due.Task.Snooze = nil
		}
		again, err := Decide(rule, due, now, runIDs())
		if err != nil || len(again.Runs)+len(again.Gaps) != 0 || !again.Advance.Equal(first.Advance) {
			t.Fatalf("decided again at the same moment: got %+v, %v", again, err)
		}
		later, err := Decide(rule, due, drawNow(t, now), runIDs())
		if err != nil {
			t.Fatal(err)
		}
		checkOutcomes(t, rule, due.Task, later)
	})
}

// checkOutcomes enumerates the nominal times up to the new cursor, and finds
// each in exactly one run or range.
func checkOutcomes(t *rapid.T, rule *Rule, task ordinaut.Task, m ordinaut.Materialization) {
	counted := make([]int, len(m.Gaps))
	runs := m.Runs
	for at := task.Cursor; ; {
		o, ok, err := rule.Next(at)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || o.At.After(m.Advance) {
			break
		}
		at = o.At
		outcomes := 0
		if len(runs) > 0 && runs[0].Nominal.Equal(at) {
			outcomes++
			runs = runs[1:]
			if o.Skip != "" || task.Snooze.Covers(at) {
				t.Fatalf("%s does not fire, and runs", at)
			}
		}
		for i, g := range m.Gaps {
			if !at.Before(g.First) && !at.After(g.Last) {
				outcomes++
				counted[i]++
				if !g.More && (o.Skip != "" || g.Reason == ordinaut.ReasonDSTGap) && g.Reason != o.Skip {
					t.Fatalf("%s is recorded as %s, want %q", at, g.Reason, o.Skip)
				}
				if !g.More && o.Skip == "" && (g.Reason == ordinaut.ReasonSnoozed) != task.Snooze.Covers(at) {
					t.Fatalf("%s is recorded as %s, snoozed is %+v", at, g.Reason, task.Snooze)
				}
			}
		}
		if outcomes != 1 {
			t.Fatalf("%s has %d outcomes: %+v", at, outcomes, m)
		}
	}
	if len(runs) > 0 {
		t.Fatalf("runs at other than nominal times: %+v", runs)
	}
	for i, g := range m.Gaps {
		if !g.More && g.Count != counted[i] || g.More && g.Count >= counted[i] || g.Count > limits.LedgerCount {
			t.Fatalf("%+v holds %d nominal times", g, counted[i])
		}
	}
}

// checkPunctual finds nothing undecided that is due, nothing decided that is
// not, and the next look exactly when the next fire is due.
func checkPunctual(t *rapid.T, rule *Rule, task ordinaut.Task, m ordinaut.Materialization, now time.Time) {
	if m.Advance.After(now) && m.Advance.After(task.Cursor) {
		t.Fatalf("decided up to %s, now is %s", m.Advance, now)
	}
	for _, run := range m.Runs {
		if run.ScheduledFor.Before(run.Nominal) {
			t.Fatalf("%s runs before its time: %s", run.Nominal, run.ScheduledFor)
		}
		if task.Snooze != nil && run.Nominal.Equal(task.Snooze.Nominal) && run.ScheduledFor.Before(task.Snooze.Until) {
			t.Fatalf("%s is put off until %s, and runs at %s", run.Nominal, task.Snooze.Until, run.ScheduledFor)
		}
	}
	if m.Awake != (task.Snooze != nil && !m.Advance.Before(task.Snooze.Nominal)) {
		t.Fatalf("awake is %t after %s, snoozed is %+v", m.Awake, m.Advance, task.Snooze)
	}
	o, ok, err := rule.Next(m.Advance)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		if m.NextFire != nil || m.Complete != (task.ScheduleKind != ordinaut.ScheduleManual) {
			t.Fatalf("nothing follows: got %+v", m)
		}
		return
	}
	if m.Complete || m.NextFire == nil || !m.NextFire.After(now) || m.NextFire.Before(o.At) {
		t.Fatalf("%s follows at %s: got next fire %v, complete %t", o.At, now, m.NextFire, m.Complete)
	}
	if task.Snooze != nil && o.At.Equal(task.Snooze.Nominal) {
		if !m.NextFire.Equal(task.Snooze.Until) {
			t.Fatalf("%s is put off until %s: got next fire %s", o.At, task.Snooze.Until, m.NextFire)
		}
		return
	}
	if following, ok, _ := rule.Next(o.At); ok && !m.NextFire.Before(following.At) {
		t.Fatalf("the fire of %s at %s is not before %s", o.At, m.NextFire, following.At)
	}
}

func TestElapseIsOneRangeOfEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		due, rule := dueTask(t)
		due.Task.Snooze = nil
		until := drawNow(t, due.Task.Cursor)
		got, err := Elapse(rule, due.Task, until, ordinaut.ReasonPaused)
		if err != nil || len(got) > 1 {
			t.Fatalf("got %+v, %v, want at most one range", got, err)
		}
		count, last := 0, due.Task.Cursor
		for {
			o, ok, err := rule.Next(last)
			if err != nil {
				t.Fatal(err)
			}
			if !ok || o.At.After(until) {
				break
			}
			if count++; count == 1 && !got[0].First.Equal(o.At) {
				t.Fatalf("first: got %s, want %s", got[0].First, o.At)
			}
			last = o.At
		}
		switch {
		case count == 0 && len(got) == 0:
		case got[0].Reason != ordinaut.ReasonPaused, !got[0].Last.Equal(last),
			got[0].Count != min(count, limits.LedgerCount), got[0].More != (count > limits.LedgerCount):
			t.Fatalf("got %+v, want %d nominal times up to %s", got[0], count, last)
		}
	})
}
