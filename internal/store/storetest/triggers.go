package storetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

func triggers() []promise {
	return []promise{
		{"events gather in a run that has not started, and put it off", gatherAndPutOff},
		{"a run that gathers starts when it is full", gatherUntilFull},
		{"events gather by what they have in common", gatherPer},
		{"a run that has started gathers no more", gatherBeforeStart},
		{"an event that makes no run leaves a gap that says why", triggerGaps},
		{"a triggered run heeds the overlap policy of its task", triggerOverlap},
		{"a triggered run takes the place of those before it", triggerSupersedes},
		{"a triggered run with the dedupe key of another is a gap", triggerDuplicate},
		{"a run that somebody asked for may be about an event, too", runAboutEvent},
	}
}

// gathering is an event that joins others.
func gathering(l ordinaut.Lookout, seq int64, g ordinaut.Gather) ordinaut.Triggered {
	r := triggered(l, seq)
	if g.Bytes == 0 {
		g.Bytes = 1 << 20
	}
	if g.Most == 0 {
		g.Most = 1000
	}
	r.Gather = &g
	return r
}

// seqs are the events of a run that has gathered them.
func (f *fixture) seqs(r ordinaut.Run) (all []int64) {
	f.Helper()
	var events []struct{ Seq int64 }
	f.must(json.Unmarshal(r.Event, &events))
	for _, e := range events {
		all = append(all, e.Seq)
	}
	return all
}

// occur publishes an event and matches it with the task.
func (f *fixture) occur(l ordinaut.Lookout, edit func(*ordinaut.Triggered)) int64 {
	f.Helper()
	seq := f.happen("order.created")
	r := triggered(l, seq)
	edit(&r)
	same(f, "matched", f.match(r), true)
	return seq
}

func (f *fixture) gather(l ordinaut.Lookout, g ordinaut.Gather) int64 {
	f.Helper()
	return f.occur(l, func(r *ordinaut.Triggered) { r.Gather = gathering(l, r.Seq, g).Gather })
}

func gatherAndPutOff(f *fixture) {
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	debounce := ordinaut.Gather{Window: time.Hour, Quiet: time.Minute}
	began := f.now()
	first := f.gather(l, debounce)
	f.pass(40 * time.Second)
	second := f.gather(l, debounce)
	runs := f.runsOf(l.TaskID)
	same(f, "runs", len(runs), 1)
	same(f, "events", f.seqs(runs[0]), []int64{first, second})
	if got, want := runs[0].ScheduledFor.Sub(began), 100*time.Second; got < want || got > want+time.Second {
		f.Errorf("the run is due after %v, want %v", got, want)
	}
	f.pass(40 * time.Second)
	same(f, "claimed before it is due", len(f.claim("w", 1)), 0)
	f.pass(21 * time.Second)
	same(f, "events of the run that is claimed", f.seqs(f.hold("w").Run), []int64{first, second})
}

func gatherUntilFull(f *fixture) {
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	batch := ordinaut.Gather{Window: time.Hour, Most: 3}
	for range 7 {
		f.gather(l, batch)
	}
	var sizes []int
	for _, r := range f.runsOf(l.TaskID) {
		sizes = append(sizes, len(f.seqs(r)))
	}
	same(f, "events of the runs", sizes, []int{3, 3, 1})
	same(f, "runs that are due", len(f.claim("w", 10)), 2)
	large := ordinaut.Gather{Window: time.Hour, Bytes: 20}
	f.gather(l, large)
	f.gather(l, large)
	same(f, "runs when there is no room for another event", len(f.runsOf(l.TaskID)), 5)
}

func gatherPer(f *fixture) {
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	for i := range 6 {
		f.gather(l, ordinaut.Gather{Window: time.Hour, Per: fmt.Sprint(i % 2)})
	}
	for _, r := range f.runsOf(l.TaskID) {
		same(f, "events", len(f.seqs(r)), 3)
	}
	same(f, "runs", len(f.runsOf(l.TaskID)), 2)
}

func gatherBeforeStart(f *fixture) {
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	batch := ordinaut.Gather{Window: time.Second}
	f.gather(l, batch)
	f.pass(time.Second)
	c := f.hold("w")
	f.gather(l, batch)
	same(f, "runs", len(f.runsOf(l.TaskID)), 2)
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: f.now().Add(time.Hour)}))
	f.gather(l, batch)
	same(f, "events of the run that is tried again", len(f.seqs(f.readRun(c.Run.ID))), 1)
	same(f, "runs", len(f.runsOf(l.TaskID)), 2)
}

// gapsOf are the reasons of a task's gaps, each as often as it counts.
func (f *fixture) gapsOf(id ordinaut.TaskID) (reasons []ordinaut.Reason) {
	f.Helper()
	for _, e := range get(f.store.Ledger(f.ctx, id, time.Unix(0, 0), f.now().Add(time.Hour), 0))(f) {
		if e.Gap == nil {
			continue
		}
		for range e.Gap.Count {
			reasons = append(reasons, e.Gap.Reason)
		}
	}
	return reasons
}

func triggerGaps(f *fixture) {
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	at := f.now()
	var want []ordinaut.Reason
	for i, why := range []ordinaut.Reason{ordinaut.ReasonPaused, ordinaut.ReasonPaused, ordinaut.ReasonOwnEvent, ordinaut.ReasonTooDeep} {
		f.occur(l, func(r *ordinaut.Triggered) {
			r.Reason, r.At = why, at.Add(time.Duration(max(i, 1))*time.Second) // the first two are of one instant
		})
		want = append(want, why)
	}
	same(f, "gaps", f.gapsOf(l.TaskID), want)
	same(f, "runs", len(f.runsOf(l.TaskID)), 0)
}

func (f *fixture) overlapping(l ordinaut.Lookout, p ordinaut.OverlapPolicy) {
	f.Helper()
	f.occur(l, func(r *ordinaut.Triggered) { r.Overlap = p })
}

func (f *fixture) statuses(id ordinaut.TaskID) (all []ordinaut.RunStatus) {
	f.Helper()
	for _, r := range f.runsOf(id) {
		all = append(all, r.Status)
	}
	return all
}

func triggerOverlap(f *fixture) {
	const queued, parked, ended = ordinaut.RunQueued, ordinaut.RunParked, ordinaut.RunSucceeded
	for policy, want := range map[ordinaut.OverlapPolicy][]ordinaut.RunStatus{
		ordinaut.OverlapAllow:     {queued, queued, queued},
		ordinaut.OverlapSkip:      {queued},
		ordinaut.OverlapBufferOne: {queued, parked},
		ordinaut.OverlapBufferAll: {queued, parked, parked},
	} {
		l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
		for range 3 {
			f.overlapping(l, policy)
		}
		same(f, string(policy), f.statuses(l.TaskID), want)
		same(f, "gaps of "+string(policy), len(f.gapsOf(l.TaskID)), 3-len(want))
		if policy != ordinaut.OverlapBufferAll {
			f.edit(l.TaskID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Manual: true, Started: true}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskCanceled })
			continue
		}
		for _, c := range f.claim("w", 10) {
			if c.Run.TaskID == l.TaskID {
				f.succeed(c)
			}
		}
		same(f, "after the first has ended", f.statuses(l.TaskID), []ordinaut.RunStatus{ended, queued, parked})
		f.edit(l.TaskID, ordinaut.Withdrawal{Reason: ordinaut.ReasonCanceled, Manual: true, Started: true}, func(t *ordinaut.Task) { t.Status = ordinaut.TaskCanceled })
	}
}

func triggerSupersedes(f *fixture) {
	l := f.lookoutOf(f.newTask(onEvents("order.*")).ID)
	f.overlapping(l, ordinaut.OverlapCancelRunning)
	f.overlapping(l, ordinaut.OverlapCancelRunning)
	same(f, "runs", f.statuses(l.TaskID), []ordinaut.RunStatus{ordinaut.RunCanceled, ordinaut.RunQueued})
	f.hold("w")
	f.overlapping(l, ordinaut.OverlapCancelRunning)
	same(f, "runs", f.statuses(l.TaskID), []ordinaut.RunStatus{ordinaut.RunCanceled, ordinaut.RunRunning, ordinaut.RunParked})
}

func triggerDuplicate(f *fixture) {
	l := f.lookoutOf(f.newTask(onEvents("order.*"), func(t *ordinaut.Task) { t.DedupeKey, t.DedupeWindowSeconds = "orders", 60 }).ID)
	at := f.now()
	for range 2 {
		f.occur(l, func(r *ordinaut.Triggered) { r.At = at })
	}
	same(f, "runs", len(f.runsOf(l.TaskID)), 1)
	same(f, "gaps", f.gapsOf(l.TaskID), []ordinaut.Reason{ordinaut.ReasonDuplicate})
}

func runAboutEvent(f *fixture) {
	t := f.newTask()
	for range 2 {
		id := f.newRun(t.ID, func(r *ordinaut.Run) { r.Event = json.RawMessage(`{"data":1}`) })
		same(f, "event", string(f.readRun(id).Event), `{"data":1}`)
	}
}
