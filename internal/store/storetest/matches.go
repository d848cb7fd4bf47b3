package storetest

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ordinaut/ordinaut"
)

func matches() []promise {
	return []promise{
		{"an event becomes a run of a task that looks out for it", matchTriggers},
		{"of those that race to match a range one does, and nothing is made twice", matchOnce},
		{"what was published before a task began to look out is not its business", matchNotBefore},
		{"who began to look out beside a decision looks back", matchLooksBack},
		{"a lookout that has looked back is behind no more", matchCatchesUp},
		{"a task that is edited looks out anew, and goes on from where it was", matchAfterEdit},
		{"a task that is canceled looks out no more, and one that is paused does", matchAfterCancel},
		{"an event answers the step that waits for it, once", matchAnswers},
		{"a wait may look back to events before it", matchWaitLooksBack},
		{"a step that waits no longer looks out no more", matchAfterWait},
		{"a wait that begins beside an event never misses it", matchBesideEvents},
	}
}

// onEvents makes a task one that looks out for events.
func onEvents(expr string) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { t.ScheduleKind, t.ScheduleExpr = ordinaut.ScheduleEvent, expr }
}

// happen publishes an event and gives its position.
func (f *fixture) happen(topic string) int64 {
	f.Helper()
	e := ordinaut.Event{ID: newID(), Source: "test", Topic: topic, Data: json.RawMessage(`{"n":1}`)}
	get(f.store.Publish(f.ctx, []ordinaut.Event{e}, f.change("event.publish")))(f)
	_, last, err := f.store.EventEnds(f.ctx)
	f.must(err)
	return last
}

// lookouts lists all who look out.
func (f *fixture) lookouts() []ordinaut.Lookout {
	f.Helper()
	return get(f.store.Lookouts(f.ctx, 0))(f)
}

// lookoutOf is how a task looks out.
func (f *fixture) lookoutOf(id ordinaut.TaskID) ordinaut.Lookout {
	f.Helper()
	for _, l := range f.lookouts() {
		if l.TaskID == id {
			return l
		}
	}
	f.Fatalf("the task %s does not look out", id)
	return ordinaut.Lookout{}
}

// unmatched is what is to be matched, of all topics.
func (f *fixture) unmatched() ordinaut.Unmatched {
	f.Helper()
	return get(f.store.Unmatched(f.ctx, []string{">"}, 1000))(f)
}

// known is the greatest number of a lookout.
func (f *fixture) known() (n int64) {
	f.Helper()
	for _, l := range f.lookouts() {
		n = max(n, l.Number)
	}
	return n
}

// triggered is an event that is to make a run of a task.
func triggered(l ordinaut.Lookout, seq int64) ordinaut.Triggered {
	return ordinaut.Triggered{
		Lookout: l.Number, TaskID: l.TaskID, RunID: ordinaut.RunID(newID()), Seq: seq,
		At: time.Unix(seq, 0), Event: json.RawMessage(fmt.Sprintf(`{"seq": %d}`, seq)), Overlap: ordinaut.OverlapAllow,
	}
}

// match matches everything that there is, so that the events make these runs.
func (f *fixture) match(runs ...ordinaut.Triggered) bool {
	f.Helper()
	u := f.unmatched()
	return get(f.store.Match(f.ctx, ordinaut.Match{From: u.Cursor, To: u.Until, Known: f.known(), Runs: runs}))(f)
}

// runsOf are the runs of a task, oldest first.
func (f *fixture) runsOf(id ordinaut.TaskID) (runs []ordinaut.Run) {
	f.Helper()
	for _, r := range get(f.store.ListRuns(f.ctx, ordinaut.RunFilter{TaskID: id}))(f) {
		runs = append([]ordinaut.Run{r}, runs...)
	}
	return runs
}

func matchTriggers(f *fixture) {
	t := f.newTask(onEvents("order.*"))
	l := f.lookoutOf(t.ID)
	same(f, "expression", l.Expr, "order.*")
	same(f, "the key of its task", l.Task.Key, t.Key)
	seq := f.happen("order.created")
	u := f.unmatched()
	if last := u.Events[len(u.Events)-1]; last.Seq != seq || last.Topic != "order.created" {
		f.Errorf("got the event %+v last, want that at %d", last, seq)
	}
	r := triggered(l, seq)
	r.Depth = 2
	same(f, "matched", f.match(r), true)
	runs := f.runsOf(t.ID)
	if len(runs) != 1 {
		f.Fatalf("got %d runs, want 1", len(runs))
	}
	same(f, "trigger", runs[0].Trigger, ordinaut.TriggerEvent)
	same(f, "event", string(runs[0].Event), string(r.Event))
	same(f, "depth", runs[0].Depth, 2)
	same(f, "the event of the run that is claimed", string(f.hold("w").Run.Event), string(r.Event))
}

func matchOnce(f *fixture) {
	t := f.newTask(onEvents("order.*"))
	l := f.lookoutOf(t.ID)
	for range 20 {
		seq := f.happen("order.created")
		u, known := f.unmatched(), f.known()
		var won atomic.Int64
		together(8, func(int) {
			done, err := f.store.Match(f.ctx, ordinaut.Match{From: u.Cursor, To: u.Until, Known: known, Runs: []ordinaut.Triggered{triggered(l, seq)}})
			if err != nil {
				f.Error(err)
			}
			if done {
				won.Add(1)
			}
		})
		same(f, "how many matched", won.Load(), 1)
		same(f, "matched up to", f.unmatched().Cursor, u.Until)
	}
	same(f, "runs", len(f.runsOf(t.ID)), 20)
	seq := f.happen("order.created")
	same(f, "matched", f.match(triggered(l, seq), triggered(l, seq)), true)
	same(f, "runs when an event is brought twice", len(f.runsOf(t.ID)), 21)
}

func matchNotBefore(f *fixture) {
	f.newTask(onEvents("other"))
	before := f.happen("order.created")
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	if l.Since < before || l.Behind != nil {
		f.Errorf("got a lookout since %d, behind %v; want one since %d or later, behind nothing", l.Since, l.Behind, before)
	}
}

func matchLooksBack(f *fixture) {
	f.newTask(onEvents("other"))
	known, from := f.known(), f.unmatched()
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	seq := f.happen("order.created")
	m := ordinaut.Match{From: from.Cursor, To: f.unmatched().Until, Known: known}
	m.Runs = []ordinaut.Triggered{triggered(l, seq)}
	same(f, "matched", get(f.store.Match(f.ctx, m))(f), true)
	same(f, "runs made by who did not know of the task", len(f.runsOf(l.TaskID)), 0)
	u := f.unmatched()
	if len(u.Behind) != 1 || u.Behind[0].Number != l.Number || *u.Behind[0].Behind >= seq {
		f.Fatalf("got %+v that look back, want the task, to before %d", u.Behind, seq)
	}
	back := ordinaut.Match{Lookout: l.Number, From: *u.Behind[0].Behind, To: u.Cursor, Runs: m.Runs}
	same(f, "looked back", get(f.store.Match(f.ctx, back))(f), true)
	same(f, "looked back again", get(f.store.Match(f.ctx, back))(f), false)
	same(f, "runs", len(f.runsOf(l.TaskID)), 1)
}

func matchCatchesUp(f *fixture) {
	f.newTask(onEvents("other"))
	known := f.known()
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	first := f.happen("order.created")
	u := f.unmatched()
	same(f, "matched", get(f.store.Match(f.ctx, ordinaut.Match{From: u.Cursor, To: first, Known: known}))(f), true)
	behind := *f.lookoutOf(l.TaskID).Behind
	second := f.happen("order.created")
	same(f, "matched", f.match(triggered(l, second)), true)
	same(f, "runs while it is behind", len(f.runsOf(l.TaskID)), 0)
	half := ordinaut.Match{Lookout: l.Number, From: behind, To: first, Runs: []ordinaut.Triggered{triggered(l, first)}}
	same(f, "looked back half the way", get(f.store.Match(f.ctx, half))(f), true)
	same(f, "it is behind up to", *f.lookoutOf(l.TaskID).Behind, first)
	u = f.unmatched()
	rest := ordinaut.Match{Lookout: l.Number, From: first, To: u.Cursor, Runs: []ordinaut.Triggered{triggered(l, second)}}
	same(f, "looked back", get(f.store.Match(f.ctx, rest))(f), true)
	if b := f.lookoutOf(l.TaskID).Behind; b != nil {
		f.Errorf("it is still behind, up to %d", *b)
	}
	same(f, "runs", len(f.runsOf(l.TaskID)), 2)
}

func matchAfterEdit(f *fixture) {
	t := f.newTask(onEvents("order.*"))
	l := f.lookoutOf(t.ID)
	f.edit(t.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Version++; t.ScheduleExpr = "order.created" })
	edited := f.lookoutOf(t.ID)
	same(f, "expression", edited.Expr, "order.created")
	same(f, "since", edited.Since, l.Since)
	if edited.Number <= l.Number {
		f.Errorf("got the number %d after %d", edited.Number, l.Number)
	}
	seq := f.happen("order.created")
	same(f, "matched", f.match(triggered(l, seq)), true)
	same(f, "runs of what was before", len(f.runsOf(t.ID)), 0)
	f.edit(t.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Version++; t.ScheduleKind, t.ScheduleExpr = ordinaut.ScheduleManual, "" })
	same(f, "lookouts of a manual task", f.lookouts(), nil)
}

func matchAfterCancel(f *fixture) {
	t := f.newTask(onEvents("order.*"))
	f.edit(t.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskPaused })
	l := f.lookoutOf(t.ID)
	same(f, "status", l.Task.Status, ordinaut.TaskPaused)
	f.edit(t.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskCanceled })
	same(f, "lookouts", f.lookouts(), nil)
	seq := f.happen("order.created")
	same(f, "matched", f.match(triggered(l, seq)), true)
	same(f, "runs", len(f.runsOf(t.ID)), 0)
}

// forEvent is a step that waits for an event.
func forEvent(path, expr string) ordinaut.StepResult {
	return waitingFor(path, ordinaut.Wait{Kind: ordinaut.WaitEvent, Key: expr})
}

// given is the event that answers a wait.
func given(l ordinaut.Lookout, event string) ordinaut.EventAnswer {
	return ordinaut.EventAnswer{Lookout: l.Number, RunID: l.RunID, Path: l.Path, Event: json.RawMessage(event)}
}

func matchAnswers(f *fixture) {
	id := f.newWaiting(f.newTask().ID, forEvent("a", "paid where data.n == 1"), approval("b"))
	all := f.lookouts()
	if len(all) != 1 || all[0].RunID != id || all[0].Path != "a" || all[0].Expr != "paid where data.n == 1" {
		f.Fatalf("got the lookouts %+v, want that of step a", all)
	}
	f.happen("paid")
	u := f.unmatched()
	m := ordinaut.Match{From: u.Cursor, To: u.Until, Known: f.known(), Answers: []ordinaut.EventAnswer{given(all[0], `{"seq":1}`), given(all[0], `{"seq":2}`)}}
	same(f, "matched", get(f.store.Match(f.ctx, m))(f), true)
	f.statusIs(id, ordinaut.RunQueued)
	same(f, "lookouts", f.lookouts(), nil)
	for _, w := range get(f.store.ListWaits(f.ctx, ordinaut.WaitFilter{RunID: id, Kinds: []ordinaut.WaitKind{ordinaut.WaitEvent}}))(f) {
		same(f, "answer", string(w.Step.Wait.Answer), `{"seq":1}`)
		same(f, "key", w.Step.Wait.Key, "paid where data.n == 1")
	}
}

func matchWaitLooksBack(f *fixture) {
	f.newTask(onEvents("paid"))
	f.happen("paid")
	f.pass(time.Minute)
	start := f.now()
	seq := f.happen("paid")
	same(f, "matched", f.match(), true)
	f.pass(time.Minute)
	late := forEvent("a", "paid")
	late.Wait.From = &start
	f.newWaiting(f.newTask().ID, late, forEvent("b", "paid"))
	behind := f.unmatched().Behind
	if len(behind) != 1 || behind[0].Path != "a" || *behind[0].Behind != seq-1 {
		f.Fatalf("got %+v that look back, want step a, to before %d", behind, seq)
	}
}

func matchAfterWait(f *fixture) {
	f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, forEvent("a", "paid"), forEvent("b", "paid")))
	same(f, "lookouts", len(f.lookouts()), 2)
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepFailed)))
	same(f, "lookouts when one step has failed", len(f.lookouts()), 1)
	f.must(f.store.SaveStep(f.ctx, c.Lease, forEvent("a", "other")))
	same(f, "lookouts when it waits again", len(f.lookouts()), 2)
	f.succeed(c)
	same(f, "lookouts when the run has ended", f.lookouts(), nil)
}

// matchBesideEvents has steps begin to wait beside events that are published and
// matched by two who know late of new lookouts. An event that was published after
// a wait had begun ends it.
func matchBesideEvents(f *fixture) {
	f.newTask(onEvents("something.else"))
	t := f.newTask()
	const waits = 30
	var done atomic.Bool
	var matching sync.WaitGroup
	for range 2 {
		matching.Go(func() {
			for !done.Load() {
				f.sequence("paid")
			}
		})
	}
	together(4, func(i int) {
		for n := range waits {
			id := f.newRun(t.ID)
			c := f.claimOne(fmt.Sprint("w", i))
			f.settleWaiting(c, time.Time{}, forEvent("a", "paid"))
			if n%2 == 0 {
				f.happen("paid")
			}
			_ = id
		}
	})
	f.happen("paid")
	done.Store(true)
	matching.Wait()
	f.sequence("paid")
	f.sequence("paid")
	for _, r := range f.runsOf(t.ID) {
		if r.Status == ordinaut.RunWaiting {
			f.Errorf("run %s has missed its event", r.ID)
		}
	}
	same(f, "those that are behind", f.unmatched().Behind, nil)
}

// claimOne leases one run, whichever.
func (f *fixture) claimOne(worker string) ordinaut.Claimed {
	for {
		if c := f.claim(worker, 1); len(c) == 1 {
			return c[0]
		}
	}
}

// sequence matches everything with the lookouts for one topic, of which it knows
// before it reads the events.
func (f *fixture) sequence(topic string) {
	m := f.store
	all, known := f.lookouts(), f.known()
	u := get(m.Unmatched(f.ctx, []string{topic}, 1000))(f)
	for _, l := range u.Behind {
		events := get(m.ListEvents(f.ctx, ordinaut.EventFilter{Topics: []string{topic}, After: *l.Behind, Until: u.Cursor}))(f)
		back := ordinaut.Match{Lookout: l.Number, From: *l.Behind, To: u.Cursor}
		if len(events) > 0 && l.RunID != "" {
			back.Answers = []ordinaut.EventAnswer{given(l, fmt.Sprint(events[0].Seq))}
		}
		get(m.Match(f.ctx, back))(f)
	}
	next := ordinaut.Match{From: u.Cursor, To: u.Until, Known: known}
	for _, l := range all {
		for _, e := range u.Events {
			if l.RunID != "" && l.Number <= known && e.Seq > l.Since {
				next.Answers = append(next.Answers, given(l, fmt.Sprint(e.Seq)))
			}
		}
	}
	get(m.Match(f.ctx, next))(f)
}
