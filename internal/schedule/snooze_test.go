package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// snoozeScenes are tasks of which one occurrence is put off.
func snoozeScenes() []scene {
	return []scene{
		{
			name: "what is put off runs later and keeps its nominal time", cursor: "09:00", now: "09:25", with: snoozed("09:15", "09:25"),
			want: `
				run 09:15 at 09:25
				next 09:30
				awake`,
		},
		{
			name: "what follows before then is snoozed, and the series goes on", cursor: "09:00", now: "09:50", with: snoozed("09:15", "09:50"),
			want: `
				run 09:15 at 09:50
				snoozed 09:30 to 09:45 (2)
				next 10:00
				awake`,
		},
		{
			name: "asked before then, nothing happens", cursor: "09:00", now: "09:40", with: snoozed("09:15", "09:50"),
			want: `
				next 09:50`,
		},
		{
			name: "what comes before it fires as always", cursor: "09:00", now: "09:15", with: snoozed("09:30", "09:50"),
			want: `
				run 09:15 at 09:15
				next 09:50`,
		},
		{
			name: "an occurrence at the very time until which another was put off overlaps it", cursor: "09:00", now: "09:30", with: snoozed("09:15", "09:30"),
			want: `
				run 09:15 at 09:30
				overlap 09:30 (1)
				next 09:45
				awake`,
		},
		{
			name: "what was put off meets the overlap policy when it runs", cursor: "09:00", now: "09:35", unfinished: 1, with: snoozed("09:15", "09:35"),
			want: `
				overlap 09:15 (1)
				snoozed 09:30 (1)
				next 09:45
				awake`,
		},
		{
			name: "after an interruption the newest is made up for, and what was put off is missed", cursor: "09:00", now: "11:05", with: snoozed("09:15", "09:50"),
			want: `
				missed 09:15 (1)
				snoozed 09:30 to 09:45 (2)
				missed 10:00 to 10:45 (4)
				run 11:00 at 11:05
				next 11:15
				awake`,
		},
		{
			name: "what was put off is made up for when it is the newest", cursor: "09:00", now: "09:55", with: snoozed("09:15", "09:50"),
			want: `
				run 09:15 at 09:55
				snoozed 09:30 to 09:45 (2)
				next 10:00
				awake`,
		},
		{
			name: "all makes up for what was put off, and not for what was left out", cursor: "09:00", now: "10:10", with: both(catchUp("all"), snoozed("09:15", "09:50")),
			want: `
				run 09:15 at 10:10
				snoozed 09:30 to 09:45 (2)
				run 10:00 at 10:10, parked
				next 10:15
				awake`,
		},
		{
			name: "how old a snoozed fire is counts from when it was to run", cursor: "09:00", now: "10:10", with: both(both(catchUp("all"), window(1300)), snoozed("09:15", "09:50")),
			want: `
				run 09:15 at 10:10
				snoozed 09:30 to 09:45 (2)
				run 10:00 at 10:10, parked
				next 10:15
				awake`,
		},
		{
			name: "what was put off can be too old", cursor: "09:00", now: "10:10", with: both(both(catchUp("all"), window(900)), snoozed("09:15", "09:50")),
			want: `
				missed 09:15 (1)
				snoozed 09:30 to 09:45 (2)
				run 10:00 at 10:10
				next 10:15
				awake`,
		},
		{
			name: "the last occurrence completes the task when it runs", expr: "2026-03-04T09:10", cursor: "09:00", now: "09:40", with: both(kindOnce, snoozed("09:10", "09:40")),
			want: `
				run 09:10 at 09:40
				complete
				awake`,
		},
		{
			name: "a snooze of a time that the schedule has no more is none", cursor: "09:00", now: "09:31", with: snoozed("09:16", "10:00"),
			want: `
				missed 09:15 (1)
				run 09:30 at 09:31
				next 09:45
				awake`,
		},
	}
}

func snoozed(nominal, until string) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { t.Snooze = &ordinaut.Snooze{Nominal: ofDay(nominal), Until: ofDay(until)} }
}

// However many occurrences a snooze leaves out, they are one range, and are not
// looked at one by one.
func TestALongSnoozeIsOneRange(t *testing.T) {
	t.Parallel()
	task := quarterHourly(scene{expr: "* * * * * *", cursor: "09:00", with: snoozed("09:00:01", "09:00:02")})
	task.Snooze.Until = task.Cursor.AddDate(1, 0, 0)
	rule := mustCompile(t, task.Schedule(task.Anchor))
	leftOut := ordinaut.Gap{
		TaskID: task.ID, First: ofDay("09:00:02"), Last: task.Snooze.Until.Add(-time.Second),
		Count: limits.LedgerCount, More: true, Reason: ordinaut.ReasonSnoozed,
	}
	for _, policy := range []ordinaut.CatchUpPolicy{ordinaut.CatchUpLatest, ordinaut.CatchUpAll, ordinaut.CatchUpNone} {
		task.CatchUp = policy
		got, err := Decide(rule, ordinaut.DueTask{Task: task}, task.Snooze.Until.Add(limits.LateGrace/2), runIDs())
		if err != nil || len(got.Runs) != 1 || !got.Runs[0].Nominal.Equal(task.Snooze.Nominal) {
			t.Errorf("%s: got %+v, %v, want the run of what was put off", policy, got.Runs, err)
		}
		if diff := cmp.Diff(leftOut, got.Gaps[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", policy, diff)
		}
	}
}

func TestUpcoming(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, cursor, now string
		with              func(*ordinaut.Task)
		want              string // nominal time, and when it fires
	}{
		{name: "the next one", cursor: "09:00", now: "09:05", want: "09:15 at 09:15"},
		{name: "not one that is due", cursor: "09:00", now: "09:15", want: "09:30 at 09:30"},
		{name: "not one that a slow scheduler has yet to see", cursor: "09:00", now: "10:20", want: "10:30 at 10:30"},
		{name: "one whose jitter has not passed", cursor: "09:00", now: "09:15:25", with: jitter(900), want: "09:15 at 09:15:25"},
		{name: "not one whose jitter has passed", cursor: "09:00", now: "09:15:26", with: jitter(900), want: "09:30 at 09:40:45"},
		{name: "the one that is put off", cursor: "09:00", now: "09:05", with: snoozed("09:15", "10:00"), want: "09:15 at 09:15"},
		{name: "the one that is put off, also after its own time", cursor: "09:00", now: "09:40", with: snoozed("09:15", "10:00"), want: "09:15 at 09:15"},
		{name: "none after the end", cursor: "09:00", now: "09:05", with: endsAt("09:10")},
		{name: "none of a manual task", cursor: "09:00", now: "09:05", with: kindManual},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			task := quarterHourly(scene{cursor: c.cursor, with: c.with})
			o, at, ok, err := Upcoming(mustCompile(t, task.Schedule(task.Anchor)), task, ofDay(c.now))
			got := ""
			if ok {
				got = clockTime(o.At) + " at " + clockTime(at)
			}
			if err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// What a clock change leaves out does not fire, so it cannot be put off.
func TestUpcomingLeavesOutWhatDoesNotFire(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "30 2 * * *", Timezone: "America/New_York", Gap: ordinaut.GapSkip})
	task := ordinaut.Task{ID: "task-1", Plan: ordinaut.Plan{Cursor: instant("2026-03-07T12:00:00Z")}}
	o, _, ok, err := Upcoming(rule, task, instant("2026-03-07T13:00:00Z"))
	if err != nil || !ok || !o.At.Equal(instant("2026-03-09T06:30:00Z")) {
		t.Errorf("got %s, %t, %v, want the day after", o.At, ok, err)
	}
	never := mustCompile(t, ordinaut.Schedule{
		Kind: ordinaut.ScheduleRRule, Expr: "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;BYHOUR=2;BYMINUTE=30;BYSECOND=0",
		Timezone: "America/New_York", Gap: ordinaut.GapSkip, Anchor: task.Cursor,
	})
	if o, _, ok, err := Upcoming(never, task, task.Cursor); ok {
		t.Errorf("got %s, %v of a rule that names only what clocks leave out", o.At, err)
	}
}

func TestElapseTellsWhatASnoozeHadLeftOut(t *testing.T) {
	t.Parallel()
	task := quarterHourly(scene{cursor: "09:00", with: snoozed("09:15", "09:50")})
	got, err := Elapse(mustCompile(t, task.Schedule(task.Anchor)), task, ofDay("09:40"), ordinaut.ReasonPaused)
	want := []ordinaut.Gap{
		{TaskID: "task-1", First: ofDay("09:15"), Last: ofDay("09:15"), Count: 1, Reason: ordinaut.ReasonPaused},
		{TaskID: "task-1", First: ofDay("09:30"), Last: ofDay("09:30"), Count: 1, Reason: ordinaut.ReasonSnoozed},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func jitter(seconds int) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { t.JitterSeconds = seconds }
}
