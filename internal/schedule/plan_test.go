package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

// A scene is a task at a moment, and what is decided about it. Times of day are
// those of Wednesday 4 March 2026, in UTC.
type scene struct {
	name       string
	expr       string // every 15 minutes when empty
	cursor     string
	now        string
	unfinished int
	parked     int // of the unfinished
	with       func(*ordinaut.Task)
	want       string
}

func TestDecide(t *testing.T) {
	t.Parallel()
	for _, s := range slices.Concat(onTimeScenes(), latestScenes(), allScenes(), overlapScenes(), bufferScenes(), supersedeScenes(), kindScenes(), snoozeScenes()) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			due := ordinaut.DueTask{Task: quarterHourly(s), Unfinished: s.unfinished, Parked: s.parked}
			rule := mustCompile(t, due.Task.Schedule(due.Task.Anchor))
			got, err := Decide(rule, due, ofDay(s.now), runIDs())
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSpace(strings.ReplaceAll(s.want, "\t", ""))
			if diff := cmp.Diff(want, drawn(got)); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
			if !got.Cursor.Equal(due.Task.Cursor) || got.PlanRev != due.Task.PlanRev || got.TaskID != due.Task.ID {
				t.Errorf("the decision does not say of which plan it is: %+v", got)
			}
		})
	}
}

// onTimeScenes are fires that are asked for early, on time, and a little late.
func onTimeScenes() []scene {
	return []scene{
		{
			name: "a fire on time runs", cursor: "09:00", now: "09:15",
			want: `
				run 09:15 at 09:15
				next 09:30`,
		},
		{
			name: "asked too early, nothing happens", cursor: "09:00", now: "09:14:59",
			want: `
				next 09:15`,
		},
		{
			name: "a clock that went back fires nothing twice", cursor: "09:30", now: "09:15",
			want: `
				next 09:45`,
		},
		{
			name: "a little late is on time under every policy", cursor: "09:00", now: "09:15:10", with: catchUp("none"),
			want: `
				run 09:15 at 09:15
				next 09:30`,
		},
	}
}

// latestScenes show what becomes of missed fires under latest and none.
func latestScenes() []scene {
	return []scene{
		{
			name: "latest makes one run for the newest, at once", cursor: "09:00", now: "10:05",
			want: `
				missed 09:15 to 09:45 (3)
				run 10:00 at 10:05
				next 10:15`,
		},
		{
			name: "latest makes up for nothing when a fire is on time", cursor: "09:00", now: "10:00:03",
			want: `
				missed 09:15 to 09:45 (3)
				run 10:00 at 10:00
				next 10:15`,
		},
		{
			name: "latest makes up for nothing outside the window", cursor: "09:00", now: "10:05", with: window(240),
			want: `
				missed 09:15 to 10:00 (4)
				next 10:15`,
		},
		{
			name: "latest reaches to the edge of the window", cursor: "09:00", now: "10:05", with: window(300),
			want: `
				missed 09:15 to 09:45 (3)
				run 10:00 at 10:05
				next 10:15`,
		},
		{
			name: "none makes up for nothing", cursor: "09:00", now: "10:05", with: catchUp("none"),
			want: `
				missed 09:15 to 10:00 (4)
				next 10:15`,
		},
	}
}

// allScenes show what becomes of missed fires under all.
func allScenes() []scene {
	return []scene{
		{
			name: "all makes up for each, one behind the other", cursor: "09:00", now: "10:05", with: catchUp("all"),
			want: `
				run 09:15 at 10:05
				run 09:30 at 10:05, parked
				run 09:45 at 10:05, parked
				run 10:00 at 10:05, parked
				next 10:15`,
		},
		{
			name: "all stands behind what is unfinished", cursor: "09:30", now: "10:05", unfinished: 1, with: catchUp("all"),
			want: `
				run 09:45 at 10:05, parked
				run 10:00 at 10:05, parked
				next 10:15`,
		},
		{
			name: "all lets the fire on time stand behind the others", cursor: "09:30", now: "10:00:05", with: catchUp("all"),
			want: `
				run 09:45 at 10:00:05
				run 10:00 at 10:00, parked
				next 10:15`,
		},
		{
			name: "all leaves out what is outside the window", cursor: "09:00", now: "10:05", with: both(catchUp("all"), window(1300)),
			want: `
				missed 09:15 to 09:30 (2)
				run 09:45 at 10:05
				run 10:00 at 10:05, parked
				next 10:15`,
		},
		{
			name: "all obeys an overlap policy that was sent: skip", cursor: "09:15", now: "10:05", with: both(catchUp("all"), overlap("skip")),
			want: `
				run 09:30 at 10:05
				overlap 09:45 to 10:00 (2)
				next 10:15`,
		},
		{
			name: "all obeys an overlap policy that was sent: allow", cursor: "09:30", now: "10:05", with: both(catchUp("all"), overlap("allow")),
			want: `
				run 09:45 at 10:05
				run 10:00 at 10:05
				next 10:15`,
		},
		{
			name: "all spreads many runs, ten in a second", expr: "*/5 * * * *", cursor: "09:00", now: "10:04", with: both(catchUp("all"), overlap("allow")),
			want: `
				run 09:05 at 10:04
				run 09:10 at 10:04
				run 09:15 at 10:04
				run 09:20 at 10:04
				run 09:25 at 10:04
				run 09:30 at 10:04
				run 09:35 at 10:04
				run 09:40 at 10:04
				run 09:45 at 10:04
				run 09:50 at 10:04
				run 09:55 at 10:04:01
				run 10:00 at 10:04:01
				next 10:05`,
		},
	}
}

// overlapScenes are fires that meet an unfinished run.
func overlapScenes() []scene {
	return []scene{
		{
			name: "overlap skip leaves out a fire while a run is unfinished", cursor: "09:00", now: "09:15", unfinished: 1,
			want: `
				overlap 09:15 (1)
				next 09:30`,
		},
		{
			name: "overlap skip also holds for what is made up for", cursor: "09:00", now: "10:05", unfinished: 2,
			want: `
				missed 09:15 to 09:45 (3)
				overlap 10:00 (1)
				next 10:15`,
		},
		{
			name: "overlap allow runs beside the unfinished", cursor: "09:00", now: "09:15", unfinished: 3, with: overlap("allow"),
			want: `
				run 09:15 at 09:15
				next 09:30`,
		},
		{
			name: "of two fires on time, the second overlaps the first", expr: "*/5 * * * * *", cursor: "09:00", now: "09:00:11",
			want: `
				run 09:00:05 at 09:00:05
				overlap 09:00:10 (1)
				next 09:00:15`,
		},
	}
}

// kindScenes are schedules that end, and the kinds that fire once or never.
func kindScenes() []scene {
	return []scene{
		{
			name: "the last occurrence completes the task", cursor: "09:00", now: "09:15", with: endsAt("09:20"),
			want: `
				run 09:15 at 09:15
				complete`,
		},
		{
			name: "a once that was missed runs by catch-up", expr: "2026-03-04T09:10", cursor: "09:00", now: "10:05", with: kindOnce,
			want: `
				run 09:10 at 10:05
				complete`,
		},
		{
			name: "a once that is too old is missed", expr: "2026-03-04T09:10", cursor: "09:00", now: "10:05", with: both(kindOnce, window(60)),
			want: `
				missed 09:10 (1)
				complete`,
		},
		{
			name: "a once that may lie in the past runs whatever its age", expr: "2026-03-04T09:10", cursor: "09:00", now: "10:05",
			with: both(both(kindOnce, window(60)), both(catchUp("none"), runIfPast)),
			want: `
				run 09:10 at 10:05
				complete`,
		},
		{
			name: "a manual task is never due and never complete", cursor: "09:00", now: "10:05", with: kindManual,
			want: "",
		},
	}
}

// quarterHourly is the task of a scene.
func quarterHourly(s scene) ordinaut.Task {
	task := ordinaut.Task{ID: "task-1", Definition: ordinaut.NewDefinition()}
	task.ScheduleKind, task.ScheduleExpr, task.Timezone = ordinaut.ScheduleCron, "*/15 * * * *", "UTC"
	if s.expr != "" {
		task.ScheduleExpr = s.expr
	}
	task.Anchor, task.Cursor, task.PlanRev = ofDay(s.cursor), ofDay(s.cursor), 7
	if s.with != nil {
		s.with(&task)
	}
	return task
}

func catchUp(policy ordinaut.CatchUpPolicy) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { t.CatchUp = policy }
}

func overlap(policy ordinaut.OverlapPolicy) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { t.Overlap = policy }
}

func window(seconds int) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { t.CatchUpWindowSeconds = seconds }
}

func endsAt(text string) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { at := ofDay(text); t.EndsAt = &at }
}

func kindOnce(t *ordinaut.Task) { t.ScheduleKind = ordinaut.ScheduleOnce }

func kindManual(t *ordinaut.Task) { t.ScheduleKind, t.ScheduleExpr = ordinaut.ScheduleManual, "" }

func runIfPast(t *ordinaut.Task) { t.RunIfPast = true }

func both(a, b func(*ordinaut.Task)) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { a(t); b(t) }
}

// ofDay is a time of day on 4 March 2026.
func ofDay(clock string) time.Time {
	if len(clock) == len("15:04") {
		clock += ":00"
	}
	return instant("2026-03-04T" + clock + "Z")
}

func runIDs() func() ordinaut.RunID {
	n := 0
	return func() ordinaut.RunID {
		n++
		return ordinaut.RunID(fmt.Sprint("run-", n))
	}
}

// drawn writes a decision as people read a ledger, in the order of its nominal
// times.
func drawn(m ordinaut.Materialization) string {
	var lines []string
	runs, gaps := m.Runs, m.Gaps
	for len(runs)+len(gaps) > 0 {
		if len(runs) == 0 || len(gaps) > 0 && gaps[0].First.Before(runs[0].Nominal) {
			lines = append(lines, drawnGap(gaps[0]))
			gaps = gaps[1:]
			continue
		}
		line := fmt.Sprintf("run %s at %s", clockTime(runs[0].Nominal), clockTime(runs[0].ScheduledFor))
		if runs[0].Parked {
			line += ", parked"
		}
		lines = append(lines, line)
		runs = runs[1:]
	}
	if m.NextFire != nil {
		lines = append(lines, "next "+clockTime(*m.NextFire))
	}
	if m.Complete {
		lines = append(lines, "complete")
	}
	if m.Awake {
		lines = append(lines, "awake")
	}
	if m.Supersede {
		lines = append(lines, "supersede")
	}
	return strings.Join(lines, "\n")
}

func drawnGap(g ordinaut.Gap) string {
	line := fmt.Sprintf("%s %s", g.Reason, clockTime(g.First))
	if g.Last.After(g.First) {
		line += " to " + clockTime(g.Last)
	}
	if g.More {
		return line + fmt.Sprintf(" (more than %d)", g.Count)
	}
	return line + fmt.Sprintf(" (%d)", g.Count)
}

// A search that reaches its limit decides nothing, at whichever question.
func TestDecideStopsWhereASearchStops(t *testing.T) {
	t.Parallel()
	for _, s := range []scene{{cursor: "09:00"}, {cursor: "09:00", with: snoozed("09:30", "09:50")}} {
		task := quarterHourly(s)
		task.CatchUp, task.JitterSeconds, task.CatchUpWindowSeconds = ordinaut.CatchUpAll, 5, 1800
		rule := mustCompile(t, task.Schedule(task.Anchor))
		stops(t, 10, func(answers int) error {
			got, err := Decide(haltingRule(rule, answers), ordinaut.DueTask{Task: task}, ofDay("10:05"), runIDs())
			if err != nil && len(got.Runs)+len(got.Gaps) > 0 {
				t.Errorf("after %d answers: got %s and %v", answers, drawn(got), err)
			}
			return err
		})
		stops(t, 2, func(answers int) error {
			_, _, _, err := Upcoming(haltingRule(rule, answers), task, ofDay("09:20"))
			return err
		})
	}
}

// stops asks with ever more answers, until they are enough, which takes at least
// so many. Before that the error is that of the search.
func stops(t *testing.T, least int, ask func(answers int) error) {
	t.Helper()
	for answers := range 40 {
		switch err := ask(answers); {
		case err == nil && answers < least:
			t.Errorf("%d answers were enough", answers)
			return
		case err == nil:
			return
		case !errors.Is(err, errHalt):
			t.Errorf("after %d answers: got %v", answers, err)
		}
	}
	t.Error("more than 40 answers are needed")
}

func TestElapseAndPreviewStopWhereASearchStops(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "0 * * * *"})
	for answers := range 2 {
		if _, err := Elapse(haltingRule(rule, answers), elapsing(ofDay("09:00")), ofDay("12:00"), ordinaut.ReasonPaused); !errors.Is(err, errHalt) {
			t.Errorf("elapse after %d answers: got %v, want the error", answers, err)
		}
	}
	if list, err := Preview(haltingRule(rule, 2), ofDay("09:00"), 5); len(list) != 2 || !errors.Is(err, errHalt) {
		t.Errorf("preview: got %d occurrences and %v, want 2 and the error", len(list), err)
	}
}

var errHalt = errors.New("the search halts")

// haltingRule is the rule, whose searches reach their limit after some answers.
func haltingRule(rule *Rule, answers int) *Rule {
	r := *rule
	r.calendar = &halting{calendar: rule.calendar, answers: answers}
	return &r
}

// halting gives some answers, and then none.
type halting struct {
	calendar
	answers int
}

func (h *halting) next(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	if h.answers--; h.answers < 0 {
		return ordinaut.Occurrence{}, false, errHalt
	}
	return h.calendar.next(t, b)
}

func (h *halting) prev(t time.Time, b *budget) (ordinaut.Occurrence, bool, error) {
	if h.answers--; h.answers < 0 {
		return ordinaut.Occurrence{}, false, errHalt
	}
	return h.calendar.prev(t, b)
}
