package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// bufferScenes are fires that wait for the runs before them.
func bufferScenes() []scene {
	return []scene{
		{
			name: "buffer_one runs at once when nothing is unfinished", cursor: "09:00", now: "09:15", with: overlap("buffer_one"),
			want: `
				run 09:15 at 09:15
				next 09:30`,
		},
		{
			name: "buffer_one parks the first fire that overlaps", cursor: "09:00", now: "09:15", unfinished: 1, with: overlap("buffer_one"),
			want: `
				run 09:15 at 09:15, parked
				next 09:30`,
		},
		{
			name: "buffer_one leaves out the next ones while one is parked", cursor: "09:00", now: "09:15", unfinished: 2, parked: 1, with: overlap("buffer_one"),
			want: `
				overlap 09:15 (1)
				next 09:30`,
		},
		{
			name: "buffer_one counts what it has parked itself", cursor: "09:00", now: "10:05", with: both(overlap("buffer_one"), catchUp("all")),
			want: `
				run 09:15 at 10:05
				run 09:30 at 10:05, parked
				overlap 09:45 to 10:00 (2)
				next 10:15`,
		},
		{
			name: "buffer_all parks every fire that overlaps", cursor: "09:00", now: "09:15", unfinished: 3, parked: 2, with: overlap("buffer_all"),
			want: `
				run 09:15 at 09:15, parked
				next 09:30`,
		},
		{
			name: "buffer_all parks up to its limit", cursor: "09:00", now: "09:15", unfinished: limits.BufferedRuns, parked: limits.BufferedRuns - 1, with: overlap("buffer_all"),
			want: `
				run 09:15 at 09:15, parked
				next 09:30`,
		},
		{
			name: "buffer_all parks no more than its limit", cursor: "09:00", now: "09:15", unfinished: limits.BufferedRuns + 1, parked: limits.BufferedRuns, with: overlap("buffer_all"),
			want: `
				limit 09:15 (1)
				next 09:30`,
		},
		{
			name: "what was put off waits like any other", cursor: "09:00", now: "09:35", unfinished: 1, with: both(overlap("buffer_all"), snoozed("09:15", "09:35")),
			want: `
				run 09:15 at 09:35, parked
				snoozed 09:30 (1)
				next 09:45
				awake`,
		},
	}
}

// supersedeScenes are fires that take the place of the runs before them.
func supersedeScenes() []scene {
	return []scene{
		{
			name: "cancel_running cancels nothing when nothing is unfinished", cursor: "09:00", now: "09:15", with: overlap("cancel_running"),
			want: `
				run 09:15 at 09:15
				next 09:30`,
		},
		{
			name: "cancel_running waits until the unfinished have let go", cursor: "09:00", now: "09:15", unfinished: 2, parked: 1, with: overlap("cancel_running"),
			want: `
				run 09:15 at 09:15, parked
				next 09:30
				supersede`,
		},
		{
			name: "cancel_running makes but one run of many that are made up for", cursor: "09:00", now: "10:05", with: both(overlap("cancel_running"), catchUp("all")),
			want: `
				overlap 09:15 to 09:45 (3)
				run 10:00 at 10:05
				next 10:15`,
		},
		{
			name: "of two fires on time, the second takes the place of the first", expr: "*/5 * * * * *", cursor: "09:00", now: "09:00:11", unfinished: 1, with: overlap("cancel_running"),
			want: `
				overlap 09:00:05 (1)
				run 09:00:10 at 09:00:10, parked
				next 09:00:15
				supersede`,
		},
	}
}

// TestOverlapHoldsBackNoMoreThanItSays checks what each policy says of any task at
// any moment.
func TestOverlapHoldsBackNoMoreThanItSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		due, rule := dueTask(t)
		policy := rapid.SampledFrom([]ordinaut.OverlapPolicy{
			ordinaut.OverlapSkip, ordinaut.OverlapAllow, ordinaut.OverlapBufferOne, ordinaut.OverlapBufferAll, ordinaut.OverlapCancelRunning,
		}).Draw(t, "policy")
		due.Task.Overlap = policy
		due.Parked = min(due.Unfinished, rapid.IntRange(0, 2).Draw(t, "parked"))
		m, err := Decide(rule, due, drawNow(t, due.Task.Cursor), runIDs())
		if err != nil {
			t.Fatal(err)
		}
		atOnce, parked := 0, due.Parked
		for _, r := range m.Runs {
			if r.Parked {
				parked++
			} else {
				atOnce++
			}
		}
		most := map[ordinaut.OverlapPolicy][2]int{ // at once when nothing is unfinished, and parked in all
			ordinaut.OverlapSkip:          {1, due.Parked},
			ordinaut.OverlapAllow:         {len(m.Runs), due.Parked},
			ordinaut.OverlapBufferOne:     {1, max(1, due.Parked)},
			ordinaut.OverlapBufferAll:     {1, limits.BufferedRuns},
			ordinaut.OverlapCancelRunning: {1, due.Parked + 1},
		}[policy]
		if due.Unfinished > 0 && policy != ordinaut.OverlapAllow {
			most[0] = 0
		}
		if atOnce > most[0] || parked > most[1] {
			t.Fatalf("%s beside %d unfinished: got %d at once and %d parked, want at most %v", policy, due.Unfinished, atOnce, parked, most)
		}
		if want := policy == ordinaut.OverlapCancelRunning && due.Unfinished > 0 && len(m.Runs) > 0; m.Supersede != want {
			t.Fatalf("got supersede %v, want %v", m.Supersede, want)
		}
	})
}

func TestCancelRunningRunsTheNewest(t *testing.T) {
	t.Parallel()
	got := []int{
		newestRun(nil),
		newestRun([]fire{{}, {}}),
		newestRun([]fire{{}, {Occurrence: ordinaut.Occurrence{At: time.Unix(1, 0), Skip: ordinaut.ReasonDSTGap}}}),
		newestRun([]fire{{Occurrence: ordinaut.Occurrence{Skip: ordinaut.ReasonDSTGap}}}),
	}
	if diff := cmp.Diff([]int{-1, 1, 0, -1}, got); diff != "" {
		t.Errorf("the newest that is to run (-want +got):\n%s", diff)
	}
}
