package storetest

import (
	"errors"

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

// admissible are the best of the runs that are due that find a slot, up to n.
func (p *player) admissible(due []*modelRun, n int) (admitted []*modelRun) {
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
	for _, r := range due {
		switch {
		case len(admitted) == n:
			return admitted
		case r.slot == "":
		case free[r.slot] <= 0:
			continue
		default:
			free[r.slot]--
		}
		admitted = append(admitted, r)
	}
	return admitted
}

// abandon ends a run that was to end, and of which its worker said no more.
func (r *modelRun) abandon() {
	r.status = ordinaut.RunCanceled
	for i := range r.steps {
		if r.steps[i].Status == ordinaut.StepRunning {
			r.steps[i].Status = ordinaut.StepFailed
		}
	}
}

// steps are the recorded steps of a run, without the words and times of those that
// were closed because it was abandoned.
func (p *player) steps(run ordinaut.Run) []ordinaut.StepResult {
	steps := get(p.store.Steps(p.ctx, run.ID))(p.fixture)
	for i := range steps {
		if run.Status == ordinaut.RunCanceled {
			steps[i].Failure, steps[i].FinishedAt = nil, nil
		}
	}
	return steps
}

// cancelOne cancels one of the last runs.
func (p *player) cancelOne(n int) {
	if len(p.ids) == 0 {
		return
	}
	recent := p.ids[max(0, len(p.ids)-6):]
	id := recent[n%len(recent)]
	r := p.model[id]
	err := p.store.CancelRun(p.ctx, id, ordinaut.ReasonCanceled, p.change("run.cancel"))
	switch {
	case r.status.Final():
		p.expect("that it has ended", errors.Is(err, ordinaut.ErrRunEnded), true)
		return
	case r.status == ordinaut.RunRunning:
		r.cancel = true
	default:
		r.status = ordinaut.RunCanceled
	}
	p.expect("fault of a cancel", err, nil)
}
