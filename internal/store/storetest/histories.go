package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
)

// histories draws histories of the queue, plays each on a fresh store, and
// compares every answer with what a small model in memory says.
func histories(t *testing.T, h Harness) {
	rapid.Check(t, func(rt *rapid.T) {
		moves := rapid.SliceOfN(rapid.Custom(drawMove), 15, 40).Draw(rt, "moves")
		h.Around(t, func(t *testing.T) {
			p := player{fixture: open(t, h), model: map[ordinaut.RunID]*modelRun{}}
			p.tasks = p.contenders()
			for i, m := range moves {
				if p.play(m); p.fault != "" {
					rt.Errorf("move %d, %+v: %s", i, m, p.fault)
					return
				}
			}
			if p.compare(); p.fault != "" {
				rt.Errorf("in the end: %s", p.fault)
			}
		})
	})
}

// A move is one thing that happens to a queue. What N and M mean depends on the
// kind: which run, which lease, how long.
type move struct {
	Kind string
	N, M int
}

func drawMove(t *rapid.T) move {
	return move{
		Kind: rapid.SampledFrom([]string{
			"create", "create", "claim", "claim", "claim", "claim", "renew", "save", "save", "save", "finish", "retry", "retry",
			"reclaim", "pass", "pass", "cancel", "rest", "rest", "answer", "answer", "wake", "undo", "crash", "crash",
		}).Draw(t, "kind"),
		N: rapid.IntRange(0, 20).Draw(t, "n"),
		M: rapid.IntRange(1, 12).Draw(t, "m"),
	}
}

// modelRun is what the model knows of a run.
type modelRun struct {
	status   ordinaut.RunStatus
	slot     string
	limit    int
	cancel   bool
	ending   bool
	waited   bool // a step of it has waited
	crashes  int
	priority int
	due      time.Time // zero when it waits for an answer alone
	until    time.Time // of its lease
	lease    ordinaut.Lease
	failures int
	steps    []ordinaut.StepResult
	waits    []string // the paths of those that wait, in the order they began to
}

// A player plays moves on a store and on the model of it.
type player struct {
	*fixture
	tasks  []ordinaut.Task
	model  map[ordinaut.RunID]*modelRun
	ids    []ordinaut.RunID // in the order they were made
	leases []ordinaut.Lease // every lease there ever was
	fault  string
}

// expect notes the first fault of a history.
func (p *player) expect(what string, got, want any) {
	if diff := cmp.Diff(want, got); diff != "" && p.fault == "" {
		p.fault = fmt.Sprintf("%s (-want +got):\n%s", what, diff)
	}
}

func (p *player) play(m move) {
	switch m.Kind {
	case "create":
		p.create(p.tasks[m.N%len(p.tasks)], 1+m.M%9)
	case "claim":
		p.claimSome(fmt.Sprintf("worker %d", m.N%3), m.M%4)
	case "reclaim":
		p.reclaim()
	case "cancel":
		p.cancelOne(m.N)
	case "answer":
		p.answerOne(m)
	case "wake":
		p.wakeAll()
	case "pass":
		p.pass(time.Duration(1+m.M%9) * 3 * time.Second)
	case "crash":
		p.crashOne()
	default:
		p.use(m)
	}
}

func (p *player) create(task ordinaut.Task, priority int) {
	now := p.now()
	id := p.newRun(task.ID, dueAt(now), func(r *ordinaut.Run) { r.Priority = priority })
	p.ids = append(p.ids, id)
	r := &modelRun{status: ordinaut.RunQueued, priority: priority, due: now, lease: ordinaut.Lease{RunID: id}}
	r.slot, r.limit = task.Slot()
	p.model[id] = r
}

// claimSome claims and checks that the best of what was due was given.
func (p *player) claimSome(worker string, n int) {
	claim := get(p.store.Claim(p.ctx, worker, n, lease))(p.fixture)
	due := p.admissible(p.due(claim.Now), worker, n)
	p.expect("that the best were claimed", len(claim.Runs) >= len(due.runs), true)
	if !due.tied {
		p.expect("number of claimed runs", len(claim.Runs), len(due.runs))
	}
	for i, c := range claim.Runs {
		r, known := p.model[c.Run.ID]
		if !known || r.status != ordinaut.RunQueued || r.due.After(claim.Now) || i >= len(due.runs) && !due.tied {
			p.expect("claimed run", c.Run.ID, "one that is due")
			return
		}
		if i < len(due.runs) { // runs of one priority that were due at one time may come in any order
			p.expect("priority", r.priority, due.runs[i].priority)
			p.expect("due at", r.due, due.runs[i].due)
		}
		p.expect("crashes", c.Run.Crashes, r.crashes)
		p.expect("ending", c.Run.Ending != nil, r.ending)
		if c.Lease.Fence <= r.lease.Fence {
			p.expect("fence", c.Lease.Fence, r.lease.Fence+1)
		}
	}
	for _, c := range claim.Runs {
		r := p.model[c.Run.ID]
		r.status, r.lease, r.until = ordinaut.RunRunning, c.Lease, claim.Now.Add(lease)
		p.leases = append(p.leases, c.Lease)
	}
	p.expect("one suspect at most", p.suspects(worker) <= 1, true)
	p.expect("next", claim.Next, p.earliest(func(r *modelRun) bool {
		return r.status == ordinaut.RunQueued && r.due.After(claim.Now)
	}))
}

// earliest is when the first of some runs is due.
func (p *player) earliest(of func(*modelRun) bool) (next *time.Time) {
	for _, r := range p.model {
		if of(r) && (next == nil || r.due.Before(*next)) {
			next = &r.due
		}
	}
	return next
}

// due are the runs that may be claimed, best first.
func (p *player) due(now time.Time) (due []*modelRun) {
	for _, id := range p.ids {
		if r := p.model[id]; r.status == ordinaut.RunQueued && !r.due.After(now) {
			due = append(due, r)
		}
	}
	slices.SortStableFunc(due, func(a, b *modelRun) int {
		if a.priority != b.priority {
			return b.priority - a.priority
		}
		return a.due.Compare(b.due)
	})
	return due
}

func (p *player) reclaim() {
	want, now, blamed := 0, p.now(), map[string]bool{}
	var lost []*modelRun
	for _, r := range p.model {
		if r.status == ordinaut.RunRunning && !r.until.After(now) {
			lost = append(lost, r)
			blamed[r.lease.Worker] = blamed[r.lease.Worker] || r.suspect() && r.atWork()
		}
	}
	for _, r := range lost {
		r.lease.Fence++
		if r.isReclaimed(now, blamed[r.lease.Worker]) {
			want++
		}
	}
	p.expect("reclaimed", get(p.store.Reclaim(p.ctx))(p.fixture), want)
}

// use does something with one of the last leases, which may have been lost.
func (p *player) use(m move) {
	if len(p.leases) == 0 {
		return
	}
	recent := p.leases[max(0, len(p.leases)-6):]
	l, now := recent[m.N%len(recent)], p.now()
	r := p.model[l.RunID]
	held := r.status == ordinaut.RunRunning && r.lease == l && r.until.After(now)
	switch m.Kind {
	case "renew":
		lost := get(p.store.Renew(p.ctx, []ordinaut.Lease{l}, lease))(p.fixture)
		p.expect("lost", len(lost) == 0, held)
		if held {
			r.until = now.Add(lease)
		}
	case "save":
		s := p.stepOf(m, now)
		p.heard(held, p.store.SaveStep(p.ctx, l, s))
		if held {
			r.save(s)
		}
	default:
		o := p.outcomeOf(m, now)
		p.heard(held, p.store.Settle(p.ctx, l, o))
		if held {
			r.settle(o, now)
		}
	}
}

// stepOf is what a move says of a step.
func (p *player) stepOf(m move, now time.Time) ordinaut.StepResult {
	path := fmt.Sprint("step ", m.M%3)
	s := approval(path)
	switch s.Status = []ordinaut.StepStatus{ordinaut.StepRunning, ordinaut.StepFailed, ordinaut.StepSucceeded, ordinaut.StepWaiting}[m.M/3%4]; {
	case s.Status != ordinaut.StepWaiting:
		s.Wait = nil
	case m.N%2 == 0:
		until := now.Add(time.Duration(m.N) * time.Second)
		s.Wait.Until = &until
	}
	s.Attempt, s.Undoable = m.N, m.N%3 == 0
	return s
}

// outcomeOf is what a move says of a run.
func (p *player) outcomeOf(m move, now time.Time) ordinaut.Outcome {
	later := now.Add(time.Duration(m.M%4) * 4 * time.Second)
	switch m.Kind {
	case "finish":
		return ordinaut.Outcome{Status: ordinaut.RunFailed, Failed: true, Steps: []ordinaut.StepResult{step("last", ordinaut.StepFailed)}}
	case "rest":
		if m.M%4 == 0 {
			later = time.Time{}
		}
		return ordinaut.Outcome{Status: ordinaut.RunWaiting, RunAt: later, Steps: []ordinaut.StepResult{p.stepOf(m, now)}}
	case "undo":
		return ordinaut.Outcome{Status: ordinaut.RunQueued, RunAt: now, Ending: &ordinaut.Ending{Status: ordinaut.RunFailed}}
	}
	return ordinaut.Outcome{Status: ordinaut.RunQueued, Failed: m.M%2 == 0, RunAt: later}
}

// heard expects that who holds the lease is heard, and nobody else.
func (p *player) heard(held bool, err error) {
	var want error
	if !held {
		want = ordinaut.ErrLeaseLost
	}
	if (err == nil) != held {
		p.expect("answer", fmt.Sprint(err), fmt.Sprint(want))
	}
}

// compare compares every run of the store with the model.
func (p *player) compare() {
	unfinished := map[ordinaut.TaskID]int{}
	for _, id := range p.ids {
		run, r := p.readRun(id), p.model[id]
		p.expect("status", run.Status, r.status)
		p.expect("failures", run.Failures, r.failures)
		p.expect("crashes", run.Crashes, r.crashes)
		p.expect("ending", run.Ending != nil, r.ending)
		p.expect("steps", p.steps(run), r.steps)
		p.expect("waits", fmt.Sprint(p.waiting(id)), fmt.Sprint(r.waits))
		if !run.Status.Final() {
			unfinished[run.TaskID]++
		}
	}
	next := p.now()
	for _, t := range p.tasks {
		p.edit(t.ID, ordinaut.Withdrawal{}, func(t *ordinaut.Task) { t.NextFireAt = &next })
	}
	for _, d := range get(p.store.Due(p.ctx, len(p.tasks)))(p.fixture).Tasks {
		p.expect("unfinished", d.Unfinished, unfinished[d.Task.ID])
	}
}
