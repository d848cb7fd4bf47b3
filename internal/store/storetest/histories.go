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
			"create", "create", "claim", "claim", "claim", "renew", "save", "save", "finish", "retry", "retry", "reclaim", "pass", "cancel",
		}).Draw(t, "kind"),
		N: rapid.IntRange(0, 20).Draw(t, "n"),
		M: rapid.IntRange(1, 9).Draw(t, "m"),
	}
}

// modelRun is what the model knows of a run.
type modelRun struct {
	status   ordinaut.RunStatus
	slot     string
	limit    int
	cancel   bool
	priority int
	due      time.Time
	until    time.Time // of its lease
	lease    ordinaut.Lease
	failures int
	steps    []ordinaut.StepResult
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
		p.create(p.tasks[m.N%len(p.tasks)], m.M)
	case "claim":
		p.claimSome(fmt.Sprintf("worker %d", m.N%3), m.M%4)
	case "reclaim":
		p.reclaim()
	case "cancel":
		p.cancelOne(m.N)
	case "pass":
		p.pass(time.Duration(m.M) * 3 * time.Second)
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
	due := p.admissible(p.due(claim.Now), n)
	p.expect("number of claimed runs", len(claim.Runs), len(due))
	for i, c := range claim.Runs {
		r, known := p.model[c.Run.ID]
		if !known || r.status != ordinaut.RunQueued || i >= len(due) {
			p.expect("claimed run", c.Run.ID, "one that is due")
			return
		}
		// Runs of one priority that were due at one time may come in any order.
		p.expect("priority", r.priority, due[i].priority)
		p.expect("due at", r.due, due[i].due)
		if c.Lease.Fence <= r.lease.Fence {
			p.expect("fence", c.Lease.Fence, r.lease.Fence+1)
		}
	}
	for _, c := range claim.Runs {
		r := p.model[c.Run.ID]
		r.status, r.lease, r.until = ordinaut.RunRunning, c.Lease, claim.Now.Add(lease)
		p.leases = append(p.leases, c.Lease)
	}
	var next *time.Time
	for _, r := range p.model {
		if r.status == ordinaut.RunQueued && r.due.After(claim.Now) && (next == nil || r.due.Before(*next)) {
			next = &r.due
		}
	}
	p.expect("next", claim.Next, next)
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
	want, now := 0, p.now()
	for _, r := range p.model {
		if r.status == ordinaut.RunRunning && !r.until.After(now) {
			r.lease.Fence++
			if r.cancel {
				r.abandon()
				continue
			}
			want++
			r.status, r.due = ordinaut.RunQueued, now
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
	case "save":
		s := step(fmt.Sprint("step ", m.M%3), []ordinaut.StepStatus{ordinaut.StepRunning, ordinaut.StepFailed, ordinaut.StepSucceeded}[m.M/3%3])
		s.Attempt = m.N
		p.heard(held, p.store.SaveStep(p.ctx, l, s))
		if held {
			r.save(s)
		}
	case "finish":
		o := ordinaut.Outcome{Status: ordinaut.RunFailed, Failed: true, Steps: []ordinaut.StepResult{step("last", ordinaut.StepFailed)}}
		p.heard(held, p.store.Settle(p.ctx, l, o))
		if held {
			r.status = ordinaut.RunFailed
			r.failures++
			r.save(o.Steps[0])
		}
	case "retry":
		o := ordinaut.Outcome{Status: ordinaut.RunQueued, Failed: m.M%2 == 0, RunAt: now.Add(time.Duration(m.M%4) * 4 * time.Second)}
		p.heard(held, p.store.Settle(p.ctx, l, o))
		if held {
			r.status, r.due = ordinaut.RunQueued, o.RunAt
			if o.Failed {
				r.failures++
			}
			if r.cancel {
				r.abandon()
			}
		}
	}
	if held && m.Kind == "renew" {
		r.until = now.Add(lease)
	}
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

// save records a step as the store should.
func (r *modelRun) save(s ordinaut.StepResult) {
	i := slices.IndexFunc(r.steps, func(old ordinaut.StepResult) bool { return old.Path == s.Path })
	switch {
	case i < 0:
		r.steps = append(r.steps, s)
	case !r.steps[i].Done():
		r.steps[i] = s
	}
}

// compare compares every run of the store with the model.
func (p *player) compare() {
	unfinished := map[ordinaut.TaskID]int{}
	for _, id := range p.ids {
		run, r := p.readRun(id), p.model[id]
		p.expect("status", run.Status, r.status)
		p.expect("failures", run.Failures, r.failures)
		p.expect("steps", p.steps(run), r.steps)
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
