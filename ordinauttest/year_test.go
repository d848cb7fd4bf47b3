package ordinauttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// TestEveryNominalTimeOfAYearHasOneOutcome lets 200 tasks of every kind live
// through a virtual year with crashes, downtime, pauses, edits, snoozes, cancels,
// slow and failing tools, and compares the ledger with the times of a slow
// expander.
func TestEveryNominalTimeOfAYearHasOneOutcome(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv("ORDINAUT_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("ORDINAUT_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	synctest.Test(t, func(t *testing.T) {
		y := &year{t: t, random: random, w: ordinauttest.Start(t, ordinauttest.Options{Script: moody(random.Uint64())})}
		for i := range tasksOfAYear {
			y.lives = append(y.lives, y.born(i))
		}
		end := time.Now().AddDate(1, 0, 0)
		for time.Now().Before(end) {
			ordinauttest.Pass(time.Duration(random.Int64N(int64(36 * time.Hour))))
			y.something()
		}
		for _, l := range y.lives {
			y.w.Do("task.unsnooze", fmt.Sprintf(`{"task": %q}`, l.id))
		}
		ordinauttest.Pass(time.Hour)
		y.check()
	})
}

// moody is a tool that is mostly quick, sometimes takes hours, and sometimes
// fails.
func moody(seed uint64) *ordinauttest.Script {
	return new(ordinauttest.Script).On("moody", func(ctx context.Context, n int, _ json.RawMessage) (any, error) {
		switch mood := rand.New(rand.NewPCG(seed, uint64(n))).IntN(50); {
		case mood == 0:
			return nil, &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "no", Fix: "again"}
		case mood < 3:
			select {
			case <-time.After(time.Duration(mood) * 25 * time.Minute):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return n, nil
	})
}

// year is the world and what was asked of it.
type year struct {
	t      *testing.T
	random *rand.Rand
	w      *ordinauttest.World
	lives  []*life

	crashes, pauses, edits, snoozes, cancels int
}

// life is one task with every schedule it has had.
type life struct {
	id       ordinaut.TaskID
	chapters []chapter
	paused   bool
	canceled bool
}

// chapter is a schedule, and since when it was in force.
type chapter struct {
	calendar
	since time.Time
	until time.Time // zero while it lasts
}

// calendar is a schedule together with a slow and obvious way to expand it.
type calendar struct {
	kind, expr, zone string
	repeat           string
	gap              string
	anchored         bool // it begins in the instant in which it was made
	on               func(day time.Time) bool
	hour, minute     int
	every            time.Duration // of an interval, in place of on
	at               time.Time     // of a once, in place of on
}

func (y *year) born(i int) *life {
	c := y.anyCalendar()
	l := &life{chapters: []chapter{{calendar: c, since: time.Now()}}}
	l.id = y.w.Create(task(y.fields(c, fmt.Sprintf(`"title": "Task %d", "catch_up": %q, "overlap": %q, "max_retries": 2`, i,
		pick(y.random, "latest", "all", "none"), pick(y.random, "skip", "allow", "buffer_one", "buffer_all", "cancel_running")))))
	return l
}

// fields are the fields of a task with the calendar, and more.
func (y *year) fields(c calendar, more string) string {
	return fmt.Sprintf(`{"schedule_kind": %q, "schedule_expr": %q, "timezone": %q, "gap": %q, "repeat": %q, %s,
		"payload": {"pipeline": [{"id": "a", "uses": "script.moody", "timeout_seconds": 3600}]}}`, c.kind, c.expr, c.zone, c.gap, c.repeat, more)
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// anyCalendar invents a schedule.
func (y *year) anyCalendar() calendar {
	r := y.random
	c := calendar{
		zone: pick(r, "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "America/Sao_Paulo"),
		gap:  pick(r, "shift", "skip"), repeat: pick(r, "first", "last"),
		hour: r.IntN(24), minute: pick(r, 0, 15, 30, 45),
	}
	day := time.Weekday(r.IntN(7))
	name := strings.ToUpper(day.String()[:2])
	step := 1 + r.IntN(9)
	clock := fmt.Sprintf("BYHOUR=%d;BYMINUTE=%d", c.hour, c.minute)
	start := time.Date(1999, time.Month(1+r.IntN(12)), 1+r.IntN(28), c.hour, c.minute, 0, 0, time.UTC)
	daily := func(time.Time) bool { return true }
	switch r.IntN(10) {
	case 0:
		c.kind, c.expr, c.on = "cron", fmt.Sprintf("%d %d * * *", c.minute, c.hour), daily
	case 1:
		c.kind, c.expr = "cron", fmt.Sprintf("%d %d * * %d", c.minute, c.hour, day)
		c.on = func(d time.Time) bool { return d.Weekday() == day }
	case 2:
		c.kind, c.expr = "cron", fmt.Sprintf("%d %d L * *", c.minute, c.hour)
		c.on = func(d time.Time) bool { return d.AddDate(0, 0, 1).Day() == 1 }
	case 3:
		c.kind, c.expr = "cron", fmt.Sprintf("%d %d %d * %s", c.minute, c.hour, step, name[:2]+strings.ToUpper(day.String()[2:3]))
		c.on = func(d time.Time) bool { return d.Weekday() == day || d.Day() == step }
	case 4:
		c.kind, c.expr, c.on = "rrule", "FREQ=DAILY;"+clock, daily
	case 5:
		c.kind, c.expr = "rrule", fmt.Sprintf("DTSTART:%s\nRRULE:FREQ=DAILY;INTERVAL=%d", start.Format("20060102T150405"), step)
		first := midnight(start)
		c.on = func(d time.Time) bool { return int(d.Sub(first).Hours()/24)%step == 0 }
	case 6:
		c.kind, c.expr = "rrule", fmt.Sprintf("FREQ=MONTHLY;BYDAY=-1%s;%s", name, clock)
		c.on = func(d time.Time) bool { return d.Weekday() == day && d.AddDate(0, 0, 7).Month() != d.Month() }
	case 7:
		c.kind, c.expr = "rrule", fmt.Sprintf("FREQ=YEARLY;BYMONTH=3,10,11;BYDAY=SU;%s", clock)
		c.on = func(d time.Time) bool {
			return d.Weekday() == time.Sunday && slices.Contains([]time.Month{3, 10, 11}, d.Month())
		}
	case 8:
		c.every = time.Duration(3+r.IntN(60)) * time.Hour
		c.kind, c.expr, c.anchored = "interval", fmt.Sprintf("%dh", int(c.every.Hours())), true
	default:
		c.at = time.Now().Add(time.Duration(1+r.IntN(4000)) * time.Hour).Truncate(time.Second)
		c.kind, c.expr = "once", c.at.UTC().Format(time.RFC3339)
	}
	return c
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// something happens to the world, or to one of its tasks.
func (y *year) something() {
	l := y.lives[y.random.IntN(len(y.lives))]
	name := fmt.Sprintf(`{"task": %q}`, l.id)
	switch what := y.random.IntN(14); {
	case what < 3:
		y.crashes++
		y.w.Crash()
		ordinauttest.Pass(time.Duration(y.random.Int64N(int64(40 * time.Hour))))
		y.w.Restart()
	case l.canceled:
	case what < 6:
		y.pauses++
		verb := "task.pause"
		if l.paused {
			verb = "task.resume"
		}
		if _, err := y.w.Call(verb, name); err == nil {
			l.paused = !l.paused
		}
	case what < 11:
		y.edit(l)
	case what < 13:
		// It is refused where nothing is to come, or comes later than that.
		if _, err := y.w.Call("task.snooze", fmt.Sprintf(`{"task": %q, "for": "%dm"}`, l.id, 1+y.random.IntN(15*24*60))); err == nil {
			y.snoozes++
		}
	case y.cancels < 10:
		y.cancels++
		y.w.Do("task.cancel", name)
		l.canceled = true
		l.last().until = time.Now()
	}
}

func (l *life) last() *chapter { return &l.chapters[len(l.chapters)-1] }

func (y *year) edit(l *life) {
	c := y.anyCalendar()
	y.edits++
	y.w.Do("task.update", strings.Replace(y.fields(c, fmt.Sprintf(`"task": %q`, l.id)), `"overlap"`, `"overlap"`, 1))
	l.last().until = time.Now()
	l.chapters = append(l.chapters, chapter{calendar: c, since: time.Now()})
}

// check compares each ledger with the slow expander.
func (y *year) check() {
	y.t.Helper()
	nominal, runs, gaps := 0, 0, 0
	for _, l := range y.lives {
		want := l.expand(time.Now())
		nominal += len(want)
		for _, e := range y.w.Entries(l.id) {
			n := 1
			if e.Gap != nil {
				gaps++
				n = covered(want, e.Gap.Last)
				if n != e.Gap.Count || e.Gap.More {
					y.t.Errorf("task %s: the gap %s to %s counts %d, want %d", l.id, e.Gap.First, e.Gap.Last, e.Gap.Count, n)
				}
			} else {
				runs++
			}
			if n == 0 || n > len(want) || !want[0].Equal(e.At) {
				y.t.Fatalf("task %s %+v: an outcome at %s (%+v), want the next at %v", l.id, l.chapters, e.At, e.Gap, want[:min(3, len(want))])
			}
			want = want[n:]
		}
		// What came while the task is paused is recorded when it is resumed.
		if len(want) > 0 && !l.paused {
			y.t.Errorf("task %s: %d nominal times have no outcome, the first is %s", l.id, len(want), want[0])
		}
	}
	y.t.Logf("%d nominal times: %d runs, %d gaps; %d crashes, %d pauses and resumes, %d edits, %d snoozes, %d cancels",
		nominal, runs, gaps, y.crashes, y.pauses, y.edits, y.snoozes, y.cancels)
}

// covered is how many of the times lie up to the last.
func covered(times []time.Time, last time.Time) int {
	n := 0
	for n < len(times) && !times[n].After(last) {
		n++
	}
	return n
}

// expand lists the nominal times of a life, in the slow way.
func (l *life) expand(now time.Time) []time.Time {
	var all []time.Time
	for _, c := range l.chapters {
		until := c.until
		if until.IsZero() {
			until = now
		}
		for _, at := range c.slowly(c.since, until) {
			if at.After(c.since) && !at.After(until) {
				all = append(all, at)
			}
		}
	}
	return all
}

func (c calendar) slowly(since, until time.Time) (all []time.Time) {
	switch {
	case !c.at.IsZero():
		return []time.Time{c.at.UTC()}
	case c.every > 0:
		for at := since.Truncate(time.Second).Add(c.every); !at.After(until); at = at.Add(c.every) {
			all = append(all, at.UTC())
		}
		return all
	}
	zone, err := time.LoadLocation(c.zone)
	if err != nil {
		panic(errors.Join(errors.New("no zone"), err))
	}
	for d := midnight(since).AddDate(0, 0, -2); d.Before(until.AddDate(0, 0, 2)); d = d.AddDate(0, 0, 1) {
		if c.on(d) {
			all = append(all, c.place(d.Add(time.Duration(c.hour)*time.Hour+time.Duration(c.minute)*time.Minute), zone))
		}
	}
	return all
}

// place tries every offset that the zone has around a wall-clock time. When none
// reads back, the time does not exist, and the offset before the gap is used.
func (c calendar) place(wall time.Time, zone *time.Location) time.Time {
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(wall.Add(-26*time.Hour)), offset(wall.Add(26*time.Hour))
	var found []time.Time
	for _, o := range []time.Duration{before, after} {
		if at := wall.Add(-o); offset(at) == o {
			found = append(found, at)
		}
	}
	switch {
	case len(found) == 0:
		return wall.Add(-before)
	case c.repeat == "last":
		return found[len(found)-1]
	}
	return found[0]
}
