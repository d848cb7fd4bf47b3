package storetest

import (
	"errors"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// withSlots gives a task a concurrency key and limit.
func withSlots(key string, limit int) func(*ordinaut.Task) {
	return func(t *ordinaut.Task) { t.ConcurrencyKey, t.ConcurrencyLimit = key, limit }
}

// contenders are the tasks of a history: one that needs no slot, two that share
// slots and disagree about how many there are, and one with slots of its own.
func (p *player) contenders() []ordinaut.Task {
	return []ordinaut.Task{
		p.newTask(),
		p.newTask(withSlots("mail", 2)),
		p.newTask(withSlots("disk", 1)),
		p.newTask(withSlots("mail", 3)),
	}
}

// admission is what a claim is to give.
type admission struct {
	runs []*modelRun
	tied bool // a suspect and others are equal in the queue: what comes then is open
}

// admissible are the best of the runs that are due that find a slot, up to n, with
// one suspect among all that the worker holds.
func (p *player) admissible(due []*modelRun, worker string, n int) (a admission) {
	taken, free := p.suspects(worker) > 0, p.freeSlots()
	for _, r := range due {
		switch {
		case len(a.runs) == n:
			return a
		case taken && r.suspect():
			continue
		case !taken && isTied(r, due):
			a.tied = true
			return a
		}
		if r.slot != "" {
			if free[r.slot] <= 0 {
				continue
			}
			free[r.slot]--
		}
		taken = taken || r.suspect()
		a.runs = append(a.runs, r)
	}
	return a
}

// isTied says whether a suspect and others stand where a run stands in the queue,
// in any order.
func isTied(r *modelRun, due []*modelRun) bool {
	equal, suspects := 0, 0
	for _, o := range due {
		if o.priority != r.priority || !o.due.Equal(r.due) {
			continue
		}
		equal++
		if o.suspect() {
			suspects++
		}
	}
	return equal > 1 && suspects > 0
}

// freeSlots are the slots of each name that no run has.
func (p *player) freeSlots() map[string]int {
	free := map[string]int{}
	for _, r := range p.model {
		if left, known := free[r.slot]; !r.status.Final() && (!known || r.limit < left) {
			free[r.slot] = r.limit
		}
	}
	for _, r := range p.model {
		if r.status == ordinaut.RunRunning {
			free[r.slot]--
		}
	}
	return free
}

// suspects is how many suspects a worker holds.
func (p *player) suspects(worker string) (n int) {
	for _, r := range p.model {
		if r.status == ordinaut.RunRunning && r.lease.Worker == worker && r.suspect() {
			n++
		}
	}
	return n
}

// steps are the recorded steps of a run, without the words and times of those that
// were closed.
func (p *player) steps(run ordinaut.Run) []ordinaut.StepResult {
	steps := get(p.store.Steps(p.ctx, run.ID))(p.fixture)
	for i := range steps {
		steps[i].Failure, steps[i].FinishedAt = nil, nil
	}
	return steps
}

// recent is one of the runs that were made last; "" when there is none.
func (p *player) recent(n int) ordinaut.RunID {
	if len(p.ids) == 0 {
		return ""
	}
	recent := p.ids[max(0, len(p.ids)-6):]
	return recent[n%len(recent)]
}

// cancelOne cancels one of the last runs.
func (p *player) cancelOne(n int) {
	id := p.recent(n)
	if id == "" {
		return
	}
	r := p.model[id]
	err := p.store.CancelRun(p.ctx, id, ordinaut.ReasonCanceled, p.change("run.cancel"))
	switch {
	case r.status.Final(), r.ending:
		p.expect("that it has ended", errors.Is(err, ordinaut.ErrRunEnded), true)
		return
	case r.status == ordinaut.RunRunning:
		r.cancel = true
	default:
		r.stop(p.now())
	}
	p.expect("fault of a cancel", err, nil)
}

// answerOne answers a step of one of the last runs, which may not wait.
func (p *player) answerOne(m move) {
	id := p.recent(m.N)
	if id == "" {
		return
	}
	s := p.stepOf(m, p.now())
	want := p.model[id].answer(s.Path, p.now())
	got := p.answer(id, s.Path, `{}`)
	p.expect("fault of an answer", fmt.Sprint(errors.Unwrap(got)), fmt.Sprint(want))
}

// wakeAll wakes the runs that have waited long enough.
func (p *player) wakeAll() {
	var want ordinaut.Woken
	now := p.now()
	for _, r := range p.model {
		if r.status == ordinaut.RunWaiting && !r.due.IsZero() && !r.due.After(now) {
			r.status = ordinaut.RunQueued
			want.Runs++
		}
	}
	want.Next = p.earliest(func(r *modelRun) bool { return r.status == ordinaut.RunWaiting && !r.due.IsZero() })
	p.expect("woken", p.wake(1000), want)
}

// crashOne lets the worker of a run that is held die in the middle of a call.
func (p *player) crashOne() {
	for _, id := range p.ids {
		r := p.model[id]
		if r.status != ordinaut.RunRunning || !r.until.After(p.now()) {
			continue
		}
		s := step("call", ordinaut.StepRunning)
		p.heard(true, p.store.SaveStep(p.ctx, r.lease, s))
		r.save(s)
		p.pass(lease)
		p.reclaim()
		return
	}
}
